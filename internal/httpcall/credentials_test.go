package httpcall_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

func TestCredentials(t *testing.T) {
	tests := map[string]struct {
		auth httpcall.Authenticator
		sent map[string]string
	}{
		"basic":         {httpcall.Basic("admin", "pass:word"), map[string]string{"Authorization": "Basic YWRtaW46cGFzczp3b3Jk"}},
		"fixed headers": {httpcall.FixedHeaders(http.Header{"X-Auth-Token": {"t"}, "X-User-Id": {"u"}}), map[string]string{"X-Auth-Token": "t", "X-User-Id": "u"}},
		"token":         {httpcall.TokenSource(&numbered{}), map[string]string{"Authorization": "Bearer token-1"}},
		"none":          {nil, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := scripted(status(503), status(200))
				_, failure := newClient(t, service, auth(test.auth)).Do(t.Context(), getUser())
				require.Nil(t, failure)
				require.Equal(t, 2, service.sent())
				for _, request := range service.requests {
					assert.Len(t, request.Header, 3+len(test.sent))
					for name, value := range test.sent {
						assert.Equal(t, value, request.Header.Get(name))
					}
				}
			})
		})
	}
}

// A transport may send a header after it has answered, so no later attempt
// writes to it.
func TestCredentials_headerOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := scripted(status(503), status(200))
		_, failure := newClient(t, service, auth(httpcall.Basic("admin", "password"))).Do(t.Context(), getUser())
		require.Nil(t, failure)
		delete(service.requests[0].Header, "Authorization")
		assert.NotEmpty(t, service.requests[1].Header.Get("Authorization"))
	})
}

func TestCredentials_areNotPrinted(t *testing.T) {
	for _, a := range []httpcall.Authenticator{httpcall.Basic("admin", "canary"), httpcall.FixedHeaders(http.Header{"X-Auth-Token": {"canary"}})} {
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", a, a, a), "canary")
		assert.NotContains(t, fmt.Sprintf("%+v %#v", httpcall.Config{Auth: a}, httpcall.Config{Auth: a}), "canary")
	}
}

// stranger is a server to which nothing may be sent.
func stranger(t *testing.T) (url string, met *atomic.Int32) {
	t.Helper()
	met = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { met.Add(1) }))
	t.Cleanup(server.Close)
	return server.URL, met
}

func TestCredentialsStayHome_redirects(t *testing.T) {
	elsewhere, met := stranger(t)
	host := strings.TrimPrefix(elsewhere, "http://")
	var code atomic.Int32
	var location atomic.Value
	var asked, askedForToken atomic.Int32
	redirect := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location.Load().(string))
		w.WriteHeader(int(code.Load()))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) { askedForToken.Add(1); redirect(w, r) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { asked.Add(1); redirect(w, r) })
	server := httptest.NewServer(mux)
	defer server.Close()
	pool := httpcall.NewTransport(4)

	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, to := range map[string]string{
			"another port": elsewhere, "without a scheme": "//" + host + "/users", "itself": "/users/ada", "a path above": "../../admin",
			"with credentials": "http://admin:password@" + host + "/", "to nowhere": "http://[::1",
		} {
			t.Run(fmt.Sprint(status, "/", name), func(t *testing.T) {
				code.Store(int32(status))
				location.Store(to)
				asked.Store(0)
				askedForToken.Store(0)
				_, failure := clientFor(t, server.URL, pool, auth(httpcall.Basic("admin", "password"))).Do(t.Context(), createMessage())
				assert.Equal(t, httpcall.Redirected, failure.Reason)
				assert.Equal(t, status, failure.StatusCode)
				assert.EqualValues(t, 1, asked.Load())

				_, failure = clientFor(t, server.URL, pool, auth(clientCredentials(server.URL+"/token", pool))).Do(t.Context(), createMessage())
				assert.Equal(t, httpcall.TokenRefused, failure.Reason)
				assert.EqualValues(t, 1, asked.Load())
				assert.LessOrEqual(t, askedForToken.Load(), int32(2), "x/oauth2 tries the header and then the form")
				assert.Zero(t, met.Load())
			})
		}
	}
}
