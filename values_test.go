package messembed_test

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestCreateUserParams_hideThePassword(t *testing.T) {
	p := messembed.CreateUserParams{ID: "ada", Password: "pw-canary"}
	failure := messembed.ImportFailure{Row: 1, Params: p}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{p, &p, failure, []messembed.CreateUserParams{p}} {
			assert.NotContains(t, fmt.Sprintf(verb, value), "canary")
		}
	}
	assert.Contains(t, fmt.Sprintf("%+v", p), "ID:ada")
	assert.NotContains(t, slog.AnyValue(p).Resolve().String(), "canary")
	assert.Equal(t, "pw-canary", p.Password)
}

func TestValues_printShort(t *testing.T) {
	raw := []byte(`{"_id":"x"}`)
	user := &messembed.User{ID: "ada", ExternalMetadata: md{"name": "Ada"}, Raw: raw}
	assert.Equal(t, `User{ID:"ada" ExternalMetadata:map[name:Ada] BlockStatus:""}`, fmt.Sprint(user))
	assert.Equal(t, `Chat{ID:1 Active:true Companions:"ada",""}`, fmt.Sprint(&messembed.Chat{ID: "1", Active: true, FirstCompanion: user, Raw: raw}))
	assert.Equal(t, `Message{ID:2 ChatID:1 UserID:"ada" Content:"hi"}`, fmt.Sprint(&messembed.Message{ID: "2", ChatID: "1", UserID: "ada", Content: "hi", Raw: raw}))
}

// The largest number means "unlimited".
func TestLargestNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t, messembed.WithMaxResponseBytes(math.MaxInt64), messembed.WithTimeout(0),
			messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: math.MaxInt, MinBackoff: math.MaxInt64, MaxBackoff: math.MaxInt64}))
		fake.FailNext(messembedtest.Fault{Status: 503, RetryAfter: "1"})
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
		require.NoError(t, err)
	})
}

func TestEnsureUser_tooLargeIsNotSent(t *testing.T) {
	fake := messembedtest.New(t)
	_, _, err := fake.Client(t).EnsureUser(t.Context(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: md{"x": strings.Repeat("x", 110_000)}})
	require.ErrorIs(t, err, messembed.ErrTooLarge)
	assert.Empty(t, fake.Requests())
}

// The user at the end of a page is gone, and others were created in its millisecond.
func TestListUsers_cursorWithinOneMillisecond(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	fake := messembedtest.New(t, messembedtest.WithDeleteRoute(), messembedtest.WithClock(func() time.Time { return at }))
	client := fake.Client(t)
	for _, id := range []string{"a", "b", "c", "d"} {
		fake.AddUser(messembed.User{ID: id})
	}
	page, err := client.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 2})
	require.NoError(t, err)
	require.NoError(t, client.DeleteUser(t.Context(), "b"))
	page, err = client.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 3, Cursor: page.NextCursor})
	require.NoError(t, err)
	require.Len(t, page.Users, 3, "rather again than not at all")
	assert.Equal(t, "d", page.Users[2].ID)
}

func TestUsers_emptyAnswer(t *testing.T) {
	fake := messembedtest.New(t)
	for _, body := range []string{"", `{"data":[{"_id":"a"}`} {
		fake.FailNext(messembedtest.Fault{Op: "Users", Status: 200, Body: body})
		var last error
		for _, last = range fake.Client(t).Users(t.Context()) {
		}
		require.ErrorIs(t, last, messembed.ErrInvalidResponse)
	}
}

func TestMeta_ofWhatIsNotSent(t *testing.T) {
	var meta messembed.Meta
	_, err := messembedtest.New(t).Client(t).GetUser(t.Context(), "", messembed.WithMeta(&meta), messembed.WithRequestID("r1"))
	require.ErrorIs(t, err, messembed.ErrInvalidArgument)
	assert.Equal(t, messembed.Meta{RequestID: "r1"}, meta)
}

func TestWithHeader_thatWouldChangeTheAnswer(t *testing.T) {
	for _, name := range []string{"Accept", "accept-encoding", "If-None-Match", "Range", "Upgrade"} {
		err := messembedtest.New(t).Client(t).Ping(t.Context(), messembed.WithHeader(name, "x"))
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, name)
	}
}
