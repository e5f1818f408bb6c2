package chatkittytest_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func TestSetOnline(t *testing.T) {
	for name, c := range map[string]struct {
		opts []chatkittytest.Option
		word string
	}{"by itself": {nil, "AVAILABLE"}, "by hand": {[]chatkittytest.Option{chatkittytest.WithManualStatus()}, "UNAVAILABLE"}} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t, c.opts...)
			id := fake.AddUser(messembed.User{})
			fake.SetOnline(id, true)
			fake.SetOnline(id, true)
			u, _ := fake.User(id)
			assert.True(t, u.Presence.Online)
			assert.Equal(t, c.word, u.Presence.Raw)
			fake.SetOnline(id, false)
			u, _ = fake.User(id)
			assert.False(t, u.Presence.Online)
			assert.Equal(t, "UNAVAILABLE", u.Presence.Raw)
		})
	}
}

func TestAddUser_keepsWhatItIsGiven(t *testing.T) {
	fake := chatkittytest.New(t)
	given := messembed.User{
		ID:      "40",
		Profile: messembed.Profile{Username: "jane", DisplayName: "Jane", AvatarURL: "https://example.com/j.png", Type: messembed.UserBot, Guest: true},
		Presence: &messembed.Presence{
			UserID: "40", Status: messembed.PresenceAway, Online: true, CallStatus: "IN_CALL", Raw: "BRB",
		},
		ExternalMetadata: messembed.Metadata{"a": map[string]any{"b": nil}},
	}
	assert.Equal(t, "40", fake.AddUser(given))
	got, ok := fake.User("40")
	require.True(t, ok)
	read, err := fake.Client(t).GetUser(t.Context(), "40")
	require.NoError(t, err)
	assert.JSONEq(t, string(got.Raw), string(read.Raw))
	got.Raw, read.Raw = nil, nil
	assert.Equal(t, given, got)
	assert.Equal(t, given, *read)
	assert.Equal(t, "41", fake.AddUser(messembed.User{Presence: &messembed.Presence{Status: messembed.PresenceBusy}}))
	busy, _ := fake.User("41")
	assert.Equal(t, messembed.PresenceAway, busy.Presence.Status)
	_, ok = fake.User("jane")
	assert.False(t, ok)
}

// A user with an existing id replaces the other.
func TestAddUser_replaces(t *testing.T) {
	fake := chatkittytest.New(t)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "jane"}, Presence: &messembed.Presence{Online: true}})
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "other"}})

	assert.Equal(t, id, fake.AddUser(messembed.User{ID: id, Profile: messembed.Profile{Username: "jane", DisplayName: "Jane"}}))
	assert.Equal(t, id, fake.AddUser(messembed.User{ID: id, Profile: messembed.Profile{Username: "ada"}}))
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "jane"}}) // the name is free

	users := fake.Users()
	require.Len(t, users, 3)
	assert.Equal(t, "ada", users[0].Profile.Username, "in the same place")
	assert.False(t, users[0].Presence.Online)
	read, err := fake.Client(t).GetUser(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, "ada", read.Profile.Username)
}

// failing records that a test would have failed.
type failing struct {
	testing.TB
	problems []string
}

func (f *failing) Helper()        {}
func (f *failing) Cleanup(func()) {}
func (f *failing) FailNow()       {}
func (f *failing) Errorf(format string, args ...any) {
	f.problems = append(f.problems, fmt.Sprintf(format, args...))
}

func TestMistakesOfATestFailIt(t *testing.T) {
	tb := new(failing)
	fake := chatkittytest.New(tb)
	fake.AddUser(messembed.User{ID: "1", Profile: messembed.Profile{Username: "jane"}})
	for says, u := range map[string]messembed.User{
		"not a 64-bit integer":     {ID: "jane"},
		`"jane" is already taken`:  {Profile: messembed.Profile{Username: "jane"}},
		"cannot be marshalled":     {ExternalMetadata: messembed.Metadata{"a": func() {}}},
		"Raw is not a JSON object": {Raw: json.RawMessage(`[]`)},
	} {
		tb.problems = nil
		assert.Empty(t, fake.AddUser(u))
		require.Len(t, tb.problems, 1)
		assert.Contains(t, tb.problems[0], says)
	}
	fake.SetOnline("99", true)
	assert.Len(t, tb.problems, 2)
	assert.Len(t, fake.Users(), 1)
}
