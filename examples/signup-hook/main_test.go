package main

import (
	"bytes"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestSignupHook_embedded(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, ""))
	assert.Equal(t, 3, strings.Count(out.String(), "-> 204"))
	assert.Contains(t, out.String(), "-> 422 the chat cannot store this account")
	assert.Contains(t, out.String(), "-> 503 the chat cannot be reached")
	assert.Contains(t, out.String(), `In the chat: "42", Ada Lovelace`)
}

const created, updated = "account.created", "account.updated"

func TestHook(t *testing.T) {
	type metadata = messembed.Metadata
	for _, test := range []struct {
		name  string
		calls []string
		fault messembedtest.Fault
		want  metadata
	}{
		{"created", []string{event(created, "Ada", 1)}, messembedtest.Fault{}, metadata{"name": "Ada", "avatar": "", "revision": 1.0}},
		{"created twice", []string{event(created, "Ada", 1), event(created, "Ada", 1)}, messembedtest.Fault{}, metadata{"name": "Ada", "avatar": "", "revision": 1.0}},
		{"a lost response", []string{event(created, "Ada", 1)}, messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true}, metadata{"name": "Ada", "avatar": "", "revision": 1.0}},
		{"updated", []string{event(created, "Ada", 1), event(updated, "Ada L.", 2)}, messembedtest.Fault{}, metadata{"name": "Ada L.", "avatar": "", "revision": 2.0}},
		{"updated first", []string{event(updated, "Ada L.", 2), event(created, "Ada", 1)}, messembedtest.Fault{}, metadata{"name": "Ada L.", "avatar": "", "revision": 2.0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake := messembedtest.New(t)
			if test.fault.Op != "" {
				fake.FailNext(test.fault)
			}
			h := newHook(fake.Client(t))
			for _, body := range test.calls {
				assert.Equal(t, http.StatusNoContent, send(t, h, body, sign(h.secret, []byte(body))).Code)
			}
			user, ok := fake.User("42")
			require.True(t, ok)
			assert.Equal(t, test.want, user.ExternalMetadata)
		})
	}
}

// Other metadata of the user survives a change of the account.
func TestHook_keepsTheRest(t *testing.T) {
	fake := messembedtest.New(t)
	fake.AddUser(messembed.User{ID: "42", ExternalMetadata: messembed.Metadata{"name": "Ada", "mood": "☕"}})
	h := newHook(fake.Client(t))
	body := event(updated, "Ada L.", 2)
	assert.Equal(t, http.StatusNoContent, send(t, h, body, sign(h.secret, []byte(body))).Code)
	user, _ := fake.User("42")
	assert.Equal(t, "☕", user.ExternalMetadata["mood"])
	assert.Equal(t, "Ada L.", user.ExternalMetadata["name"])
}

// A call that arrives after the deletion does not restore the user.
func TestHook_deleted(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	h := newHook(client)
	for _, body := range []string{event(created, "Ada", 1), event(updated, "Ada L.", 2)} {
		assert.Equal(t, http.StatusNoContent, send(t, h, body, sign(h.secret, []byte(body))).Code)
		require.NoError(t, client.DeleteUser(t.Context(), "42"))
	}
	_, err := client.GetUser(t.Context(), "42")
	assert.ErrorIs(t, err, messembed.ErrNotFound)
}

func TestHook_refusals(t *testing.T) {
	good := event(created, "Ada", 1)
	for _, test := range []struct {
		name       string
		body       string
		signature  string
		fault      messembedtest.Fault
		status     int
		retryAfter string
	}{
		{"not signed", good, "none", messembedtest.Fault{}, 403, ""},
		{"not an event", "hello", "", messembedtest.Fault{}, 400, ""},
		{"another event", `{"type":"account.viewed"}`, "", messembedtest.Fault{}, 204, ""},
		{"no id", `{"type":"account.created","account":{}}`, "", messembedtest.Fault{}, 422, ""},
		{"a pause", good, "", messembedtest.Fault{Op: "CreateUser", Status: 503, RetryAfter: "60"}, 503, "60"},
		{"silence", good, "", messembedtest.Fault{Op: "CreateUser", Stall: true}, 503, ""},
		{"wrong password", good, "", messembedtest.Fault{Op: "CreateUser", Status: 401, Body: `{"statusCode":401,"message":"Unauthorized"}`}, 503, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // where waiting takes no time
				fake := messembedtest.New(t)
				if test.fault.Op != "" {
					fake.FailNext(test.fault)
				}
				h := newHook(fake.Client(t))
				signature := sign(h.secret, []byte(test.body))
				if test.signature == "none" {
					signature = nil
				}
				w := send(t, h, test.body, signature)
				assert.Equal(t, test.status, w.Code)
				assert.Equal(t, test.retryAfter, w.Header().Get("Retry-After"))
				assert.Empty(t, fake.Users())
			})
		})
	}
}

func newHook(chat chatUsers) *hook {
	return &hook{chat: chat, secret: []byte("shared"), patience: 5 * time.Second, log: slog.New(slog.DiscardHandler)}
}

func send(t *testing.T, h *hook, body string, signature []byte) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/accounts", strings.NewReader(body))
	r.Header.Set(signatureHeader, hex.EncodeToString(signature))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func event(kind, name string, revision int) string {
	return `{"type":"` + kind + `","account":{"id":"42","name":"` + name + `","revision":` + string(rune('0'+revision)) + `}}`
}
