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
			assert.Equal(t, armedFault{armed[0].Key, "CreateUser", want.words, 1}, armed[0])

			_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
			assert.Equal(t, want.fails, err != nil, err)
			assert.Equal(t, want.applied, len(show[shownUsers](t, url, "users").Users) == 1)
			state := liveOf(t, url).next()
			assert.Empty(t, state.Faults)
			require.Len(t, state.Requests, 1)
			assert.Equal(t, want.status, state.Requests[0].Status)
			assert.Equal(t, want.words, state.Requests[0].Fault)
		})
	}
	send(t, url, "faults/arm", `{"kind":"hang","times":3}`)
	send(t, url, "faults/arm", `{"kind":"reset","times":2}`)
	armed := liveOf(t, url).next().Faults
	require.Len(t, armed, 2)
	assert.Equal(t, armedFault{armed[0].Key, "", "hangs", 3}, armed[0])
	send(t, url, "faults/disarm", fmt.Sprintf(`{"key":%q}`, armed[0].Key))
	assert.Equal(t, armed[1:], liveOf(t, url).next().Faults)
	send(t, url, "faults/disarm", `{}`)
	assert.Empty(t, liveOf(t, url).next().Faults)
}
