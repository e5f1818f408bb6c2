package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// The whole program, in a bubble, where waiting takes no time.
func TestLogin_embedded(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), &out, ""))
		assert.Contains(t, out.String(), `When the chat is up, after 0s: 200 {"id":"42","name":"Ada Lovelace","chat":{"available":true,"token":"…"}}`)
		assert.Contains(t, out.String(), `When the chat does not answer, after 2s: 200 {"id":"42","name":"Ada Lovelace","chat":{"available":false}}`)
		assert.Regexp(t, `When the chat is down, after [0-9.]+m?s: 200 .*"available":false`, out.String())
		assert.Contains(t, out.String(), "logged in without the chat")
	})
}

func TestLogin(t *testing.T) {
	for _, test := range []struct {
		name      string
		fault     messembedtest.Fault
		available bool
		longest   time.Duration
	}{
		{"up", messembedtest.Fault{}, true, 0},
		{"a passing fault", messembedtest.Fault{Op: "CreateUser", Status: 503}, true, 10 * time.Millisecond},
		{"a lost response", messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true}, true, 10 * time.Millisecond},
		{"no response about the user", messembedtest.Fault{Op: "GetUser", Stall: true}, false, 2 * time.Second},
		{"no response about the token", messembedtest.Fault{Op: "CreateAccessToken", Stall: true}, false, 2 * time.Second},
		{"slow, but in time", messembedtest.Fault{Op: "GetUser", Delay: time.Second}, true, time.Second},
		{"wrong credentials", messembedtest.Fault{Op: "CreateUser", Status: 401, Body: `{"statusCode":401,"message":"Unauthorized"}`}, false, 0},
		{"an hour's pause", messembedtest.Fault{Op: "CreateUser", Status: 429, RetryAfter: "3600"}, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				if test.fault.Op != "" {
					fake.FailNext(test.fault)
				}
				var log bytes.Buffer
				began := time.Now()

				status, answer := logIn(t, fake.Client(t), &log, "lovelace")

				assert.Equal(t, http.StatusOK, status)
				assert.Equal(t, "Ada Lovelace", answer.Name)
				assert.Equal(t, test.available, answer.Chat.Available)
				assert.LessOrEqual(t, time.Since(began), test.longest)
				if !test.available {
					assert.Empty(t, answer.Chat.Token)
					assert.Contains(t, log.String(), "logged in without the chat")
					return
				}
				signer, err := messembed.NewTokenSigner(fake.JWTSecret())
				require.NoError(t, err)
				userID, err := signer.Verify(answer.Chat.Token)
				require.NoError(t, err)
				assert.Equal(t, "42", userID)
				assert.Empty(t, log.String())
			})
		})
	}
}

func TestLogin_wrongPassword(t *testing.T) {
	fake := messembedtest.New(t)
	status, _ := logIn(t, fake.Client(t), &bytes.Buffer{}, "wrong")
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Empty(t, fake.Requests(), "only users who are logged in reach the chat")
}

// The second login finds the existing user.
func TestLogin_again(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	for range 2 {
		status, answer := logIn(t, client, &bytes.Buffer{}, "lovelace")
		assert.Equal(t, http.StatusOK, status)
		assert.True(t, answer.Chat.Available)
	}
	require.Len(t, fake.Users(), 1)
	assert.Equal(t, messembed.Metadata{"name": "Ada Lovelace", "avatar": "https://pics.example.com/ada.png"}, fake.Users()[0].ExternalMetadata)
}

func logIn(t *testing.T, chat chatUsers, log *bytes.Buffer, password string) (int, loginAnswer) {
	t.Helper()
	h := &loginHandler{
		check: checkPassword, session: setSession, chat: chat, patience: 2 * time.Second,
		log: slog.New(slog.NewTextHandler(log, nil)),
	}
	form := url.Values{"username": {"ada"}, "password": {password}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/login", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var answer loginAnswer
	if w.Code == http.StatusOK {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	}
	return w.Code, answer
}
