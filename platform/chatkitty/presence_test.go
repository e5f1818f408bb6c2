package chatkitty_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func TestGetPresence_readsTheServicesWords(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	for body, want := range map[string]messembed.Presence{
		`{"id":1,"presence":{"status":"AVAILABLE","online":true}}`:                          {Status: messembed.PresenceOnline, Online: true, Raw: "AVAILABLE"},
		`{"id":1,"presence":{"status":"UNAVAILABLE","online":true},"callStatus":"IN_CALL"}`: {Status: messembed.PresenceAway, Online: true, Raw: "UNAVAILABLE", CallStatus: "IN_CALL"},
		`{"id":1,"presence":{"status":"BRB","online":true},"call_status":"AVAILABLE"}`:      {Status: messembed.PresenceAway, Online: true, Raw: "BRB", CallStatus: "AVAILABLE"},
		`{"id":1,"presence":{"status":"AVAILABLE","online":false}}`:                         {Status: messembed.PresenceOffline, Raw: "AVAILABLE"},
		`{"id":1,"presence":{}}`: {Status: messembed.PresenceOffline},
	} {
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 200, Body: body})
		got, err := client.GetPresence(t.Context(), "1")
		require.NoError(t, err)
		want.UserID = "1"
		assert.Equal(t, &want, got, body)
	}
	fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 200, Body: `{"id":1}`})
	_, err := client.GetPresence(t.Context(), "1")
	require.ErrorIs(t, err, messembed.ErrInvalidResponse)
	_, err = client.GetPresence(t.Context(), "1")
	require.ErrorIs(t, err, messembed.ErrNotFound)
}

func TestSetPresence(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{})
	for status, word := range map[messembed.PresenceStatus]string{
		messembed.PresenceOnline: "AVAILABLE", messembed.PresenceAway: "UNAVAILABLE", messembed.PresenceBusy: "UNAVAILABLE", messembed.PresenceOffline: "UNAVAILABLE",
	} {
		require.NoError(t, client.SetPresence(t.Context(), id, messembed.SetPresenceParams{Status: status}))
		requests := fake.Requests()
		sent := requests[len(requests)-1]
		assert.JSONEq(t, `{"presence":{"status":"`+word+`"}}`, string(sent.Body))
		assert.Equal(t, "application/json+merge-patch", sent.Header.Get("Content-Type"))
		u, _ := fake.User(id)
		assert.Equal(t, word, u.Presence.Raw)
		assert.False(t, u.Presence.Online, "this puts nobody online")
	}
	fake.SetOnline(id, true)
	require.NoError(t, client.SetPresence(t.Context(), id, messembed.SetPresenceParams{Status: messembed.PresenceBusy}))
	p, err := client.GetPresence(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, messembed.PresenceAway, p.Status)
	require.ErrorIs(t, client.SetPresence(t.Context(), "99", messembed.SetPresenceParams{Status: messembed.PresenceAway}), messembed.ErrNotFound)
}

func TestSetPresence_refusesWhatThereIsNoPlaceFor(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	for field, p := range map[string]messembed.SetPresenceParams{
		"Text:":      {Status: messembed.PresenceBusy, Text: "in a meeting"},
		"ExpiresAt:": {Status: messembed.PresenceBusy, ExpiresAt: time.Now().Add(time.Hour)},
	} {
		err := client.SetPresence(t.Context(), "1", p)
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		assert.ErrorContains(t, err, field)
	}
	assert.Empty(t, fake.Requests())
}
