package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// Each fault of the form has the effect on a client that its name says.
func TestPage_faults(t *testing.T) {
	url := startFake(t)
	client := clientOf(t, url, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	for form, want := range map[string]struct {
		words   string
		applied bool
		status  int
		fails   bool
	}{
		`"kind":"status","status":503,"retryAfter":"7"`: {"503, Retry-After 7", false, 503, true},
		`"kind":"status","status":502,"applied":true`:   {"done, but 502", true, 502, true},
		`"kind":"reset"`:             {"connection reset", false, 0, true},
		`"kind":"lost"`:              {"response lost", true, 0, true},
		`"kind":"cut"`:               {"response cut short", true, 201, true},
		`"kind":"slow","delay":0.01`: {"10ms late", true, 201, false},
	} {
		t.Run(want.words, func(t *testing.T) {
			send(t, url, "clear", `{}`)
			status, answer := send(t, url, "faults/arm", `{"op":"CreateUser","times":1,`+form+`}`)
			require.Equal(t, http.StatusOK, status, answer)
			armed := liveOf(t, url).next().Faults
			require.Len(t, armed, 1)
			assert.Equal(t, armedFault{armed[0].Key, "CreateUser", "", want.words, 1, false}, armed[0])

			_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
			assert.Equal(t, want.fails, err != nil, err)
			assert.Equal(t, want.applied, len(show[shownUsers](t, url, "users").Users) == 1)
			assert.Empty(t, liveOf(t, url).next().Faults)
			requests := show[shownRequests](t, url, "requests").Requests
			require.Len(t, requests, 1)
			assert.Equal(t, want.status, requests[0].Status)
			assert.Equal(t, want.words, requests[0].Fault)
		})
	}
	send(t, url, "faults/arm", `{"kind":"hang","times":3}`)
	send(t, url, "faults/arm", `{"kind":"reset","times":2}`)
	armed := liveOf(t, url).next().Faults
	require.Len(t, armed, 2)
	assert.Equal(t, armedFault{armed[0].Key, "", "", "hangs", 3, false}, armed[0])
	send(t, url, "faults/disarm", fmt.Sprintf(`{"key":%q}`, armed[0].Key))
	assert.Equal(t, armed[1:], liveOf(t, url).next().Faults)
	send(t, url, "faults/disarm", `{}`)
	assert.Empty(t, liveOf(t, url).next().Faults)
}

func TestPage_standingFaults(t *testing.T) {
	url := startFake(t)
	client := clientOf(t, url, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	for form, words := range map[string]string{`"kind":"status","status":503`: "503", `"kind":"refuse"`: "connection refused"} {
		status, answer := send(t, url, "faults/arm", `{"op":"Ping","standing":true,`+form+`}`)
		require.Equal(t, http.StatusOK, status, answer)
		armed := liveOf(t, url).next().Faults
		require.Len(t, armed, 1)
		assert.Equal(t, armedFault{armed[0].Key, "Ping", "", words, 1, true}, armed[0])
		for range 3 {
			require.Error(t, client.Ping(t.Context()))
		}
		send(t, url, "faults/disarm", fmt.Sprintf(`{"key":%q}`, armed[0].Key))
		require.NoError(t, client.Ping(t.Context()))
	}
	send(t, url, "faults/arm", `{"kind":"reset","times":1}`)
	send(t, url, "faults/arm", `{"kind":"reset","standing":true}`)
	armed := liveOf(t, url).next().Faults
	require.Len(t, armed, 2, "once, and until disarmed")
	send(t, url, "faults/disarm", fmt.Sprintf(`{"key":%q}`, armed[1].Key))
	assert.Equal(t, armed[:1], liveOf(t, url).next().Faults)
}

func TestPage_presets(t *testing.T) {
	url := startFake(t)
	client := clientOf(t, url, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	for name, words := range map[string]string{
		"lost": "response lost", "slow": "2s late", "share": "20 % fail", "refuse": "connection refused",
	} {
		t.Run(name, func(t *testing.T) {
			status, _ := send(t, url, "faults/preset", fmt.Sprintf(`{"name":%q}`, name))
			require.Equal(t, http.StatusOK, status)
			armed := liveOf(t, url).next().Faults
			require.Len(t, armed, 1)
			assert.Equal(t, words, armed[0].Words)
			assert.Equal(t, name != "lost", armed[0].Standing)
			send(t, url, "faults/disarm", fmt.Sprintf(`{"key":%q}`, armed[0].Key))
			assert.Empty(t, liveOf(t, url).next().Faults)
			require.NoError(t, client.Ping(t.Context()))
		})
	}
	send(t, url, "faults/preset", `{"name":"share"}`)
	failed := 0
	for range 200 {
		if client.Ping(t.Context()) != nil {
			failed++
		}
	}
	assert.InDelta(t, 40, failed, 30)
	send(t, url, "faults/disarm", `{}`)
	assert.Empty(t, liveOf(t, url).next().Faults)
	status, _ := send(t, url, "faults/preset", `{"name":"earthquake"}`)
	assert.Equal(t, http.StatusBadRequest, status)
}

// A fault can be limited to the requests that name a user or a chat.
func TestPage_faultsOfOne(t *testing.T) {
	url := startFake(t)
	client := clientOf(t, url, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	for _, about := range []string{"a/b", "ada"} {
		status, answer := send(t, url, "faults/arm", fmt.Sprintf(`{"kind":"status","status":503,"standing":true,"about":%q}`, " "+about+" "))
		require.Equal(t, http.StatusOK, status, answer)
	}
	armed := liveOf(t, url).next().Faults
	require.Len(t, armed, 2)
	assert.Equal(t, armedFault{armed[0].Key, "", "a/b", "503", 1, true}, armed[0])
	assert.Equal(t, "ada", armed[1].About)

	for _, id := range []string{"a/b", "ada"} {
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: id})
		require.ErrorIs(t, err, messembed.ErrUnavailable, id)
		_, err = client.GetUser(t.Context(), id)
		require.ErrorIs(t, err, messembed.ErrUnavailable, id)
	}
	_, err := client.GetChatByCompanions(t.Context(), "bob", "ada")
	require.ErrorIs(t, err, messembed.ErrUnavailable)
	_, err = client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "adam"})
	require.NoError(t, err)

	send(t, url, "faults/disarm", fmt.Sprintf(`{"key":%q}`, armed[0].Key))
	assert.Equal(t, armed[1:], liveOf(t, url).next().Faults)
	_, err = client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "a/b"})
	require.NoError(t, err)
}
