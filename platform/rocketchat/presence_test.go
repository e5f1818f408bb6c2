package rocketchat_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestPresence(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{})
	fake.SetConnected(id, true)
	for _, status := range []messembed.PresenceStatus{messembed.PresenceAway, messembed.PresenceBusy, messembed.PresenceOnline, messembed.PresenceOffline} {
		require.NoError(t, client.SetPresence(t.Context(), id, messembed.SetPresenceParams{Status: status, Text: "as " + string(status)}))

		presence, err := client.GetPresence(t.Context(), id)

		require.NoError(t, err)
		assert.Equal(t, &messembed.Presence{
			UserID: id, Status: status, Online: status != messembed.PresenceOffline, Text: "as " + string(status), Raw: string(status),
		}, presence)
	}
	// Without a text the previous one is cleared.
	require.NoError(t, client.SetPresence(t.Context(), id, messembed.SetPresenceParams{Status: messembed.PresenceBusy}))
	presence, err := client.GetPresence(t.Context(), id)
	require.NoError(t, err)
	assert.Empty(t, presence.Text)
}

// A person without a connection is shown as offline, whatever was set.
func TestSetPresence_withoutConnection(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	person := fake.AddUser(messembed.User{})
	bot := fake.AddUser(messembed.User{Profile: messembed.Profile{Type: messembed.UserBot}})
	for id, want := range map[string]messembed.PresenceStatus{person: messembed.PresenceOffline, bot: messembed.PresenceBusy} {
		require.NoError(t, client.SetPresence(t.Context(), id, messembed.SetPresenceParams{Status: messembed.PresenceBusy}))
		presence, err := client.GetPresence(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, want, presence.Status)
	}
}

func TestSetPresence_expires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		client := fake.Client(t)
		id := fake.AddUser(messembed.User{Presence: &messembed.Presence{Status: messembed.PresenceOnline}})
		require.NoError(t, client.SetPresence(t.Context(), id, messembed.SetPresenceParams{
			Status: messembed.PresenceBusy, Text: "lunch", ExpiresAt: time.Now().Add(time.Hour),
		}))
		assert.Equal(t, "2000-01-01T01:00:00.000Z", sent(t, fake, "SetPresence")["expiresAt"])
		time.Sleep(59 * time.Minute)
		presence, err := client.GetPresence(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, messembed.PresenceBusy, presence.Status)
		time.Sleep(2 * time.Minute)
		presence, err = client.GetPresence(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, messembed.PresenceOnline, presence.Status)
		assert.Empty(t, presence.Text)
	})
}

func TestSetPresence_refused(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	later := time.Now().Add(time.Hour)
	for says, p := range map[string]messembed.SetPresenceParams{
		"Text: must not be longer": {Status: messembed.PresenceBusy, Text: strings.Repeat("ü", 121)},
		"Text: must be valid":      {Status: messembed.PresenceBusy, Text: "\xff"},
		"ExpiresAt:":               {Status: messembed.PresenceOnline, ExpiresAt: later},
		"Status:":                  {Status: "dancing"},
	} {
		assert.Contains(t, failure(t, client.SetPresence(t.Context(), "u", p), messembed.ErrInvalidArgument).Message, says)
	}
	assert.Empty(t, fake.Requests())

	id := fake.AddUser(messembed.User{})
	e := failure(t, client.SetPresence(t.Context(), id, messembed.SetPresenceParams{Status: messembed.PresenceBusy, ExpiresAt: time.Now().Add(-time.Hour)}), messembed.ErrInvalidArgument)
	assert.Equal(t, "error-invalid-date", e.Code)
	failure(t, client.SetPresence(t.Context(), "nobody", messembed.SetPresenceParams{Status: messembed.PresenceBusy}), messembed.ErrNotFound)

	fake.FailNext(messembedtest.Fault{Op: "SetPresence", Status: 200, Body: `{"success":false}`})
	failure(t, client.SetPresence(t.Context(), id, messembed.SetPresenceParams{Status: messembed.PresenceBusy}), messembed.ErrInvalidResponse)

	// Servers before 8.6 have no expiry.
	fake = rocketchattest.New(t, rocketchattest.WithServerVersion("8.5"))
	id = fake.AddUser(messembed.User{})
	failure(t, fake.Client(t).SetPresence(t.Context(), id, messembed.SetPresenceParams{Status: messembed.PresenceBusy, ExpiresAt: later}), messembed.ErrInvalidArgument)
}

// A user without a status is offline.
func TestGetPresence_noStatus(t *testing.T) {
	fake := rocketchattest.New(t)
	fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 200, Body: `{"user":{"_id":"u"}}`})
	presence, err := fake.Client(t).GetPresence(t.Context(), "u")
	require.NoError(t, err)
	assert.Equal(t, &messembed.Presence{UserID: "u", Status: messembed.PresenceOffline, Raw: "offline"}, presence)
}
