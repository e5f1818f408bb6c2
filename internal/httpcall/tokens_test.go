package httpcall_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/messembed/messembed-go/internal/httpcall"
)

type tokenFunc func() (*oauth2.Token, error)

func (f tokenFunc) Token() (*oauth2.Token, error) { return f() }

func neverAsked(t *testing.T) tokenFunc {
	return func() (*oauth2.Token, error) {
		t.Error("a token was asked for")
		return nil, errors.New("no")
	}
}

// numbered gives token-1, token-2 and so on.
type numbered struct {
	calls    atomic.Int32
	lifetime time.Duration // 0: for ever
}

func (s *numbered) Token() (*oauth2.Token, error) {
	token := &oauth2.Token{AccessToken: fmt.Sprint("token-", s.calls.Add(1))}
	if s.lifetime != 0 {
		token.Expiry = time.Now().Add(s.lifetime)
	}
	return token, nil
}

const tokenURL = "https://login.example.com/token"

func clientCredentials(url string, rt http.RoundTripper) httpcall.Authenticator {
	return httpcall.ClientCredentials(clientcredentials.Config{ClientID: "shop", ClientSecret: "secret-canary", TokenURL: url}, rt, 10*time.Second)
}

// gateway is a service with a token endpoint.
type gateway struct{ tokens, service *script }

func newGateway(tokens ...transport) *gateway {
	return &gateway{tokens: scripted(tokens...), service: scripted(status(200))}
}

func (g *gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.String() == tokenURL {
		return g.tokens.RoundTrip(r)
	}
	return g.service.RoundTrip(r)
}

func (g *gateway) client(t *testing.T, change ...func(*httpcall.Config)) *httpcall.Client {
	return newClient(t, g, append(change, auth(clientCredentials(tokenURL, g)))...)
}

var grants = answer(200, `{"access_token":"granted","token_type":"bearer"}`, "Content-Type", "application/json")

func after(d time.Duration, next transport) transport {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(d):
			return next(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

func TestClientCredentials_oneFetchForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(after(time.Second, grants))
		client := g.client(t)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, failure := client.Do(t.Context(), updateUser())
				assert.Nil(t, failure)
			})
		}
		wg.Wait()
		assert.Equal(t, 1, g.tokens.sent())
		require.ErrorIs(t, g.tokens.requests[0].Context().Err(), context.Canceled, "the fetch ends")
		assert.Equal(t, "Bearer granted", g.service.requests[0].Header.Get("Authorization"))
	})
}

func TestClientCredentials_eachWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(after(5*time.Second, grants))
		client := g.client(t)
		var wg sync.WaitGroup
		wg.Go(func() { // starts the fetch
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, failure := client.Do(ctx, updateUser())
			assert.ErrorIs(t, failure.Err, context.DeadlineExceeded)
			assert.Zero(t, failure.Attempts)
			assert.False(t, failure.MaybeApplied)
		})
		synctest.Wait()
		wg.Go(func() {
			_, failure := client.Do(t.Context(), updateUser())
			assert.Nil(t, failure)
		})
		wg.Wait()
		assert.Equal(t, 1, g.tokens.sent())
	})
}

// A fetch ends when nobody waits for it any more, and is not waited for again.
func TestClientCredentials_abandonedFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		g := newGateway(func(r *http.Request) (*http.Response, error) {
			defer func() { ended = true }()
			return stalls(r)
		}, grants)
		client := g.client(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, failure := client.Do(ctx, getUser())
		require.ErrorIs(t, failure.Err, context.DeadlineExceeded)
		_, failure = client.Do(t.Context(), getUser())
		require.Nil(t, failure)
		synctest.Wait()
		assert.True(t, ended)
	})
}

// A transport that does not notice that its fetch was given up keeps nobody else
// waiting.
func TestClientCredentials_abandonedFetchThatGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Minute)
			return nil, errReset
		}, grants)
		client, began := g.client(t), time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, failure := client.Do(ctx, getUser())
		require.ErrorIs(t, failure.Err, context.DeadlineExceeded)
		_, failure = client.Do(t.Context(), getUser())
		require.Nil(t, failure)
		assert.Equal(t, time.Second, time.Since(began))
		time.Sleep(time.Hour) // until the first fetch has ended too
	})
}

// The token endpoint's response is trusted no more than the service's.
func TestClientCredentials_hostileTransports(t *testing.T) {
	nothing := &body{Reader: readerFunc(func([]byte) (int, error) { return 0, nil })}
	moved := &body{Reader: strings.NewReader("")}
	for text, endpoint := range map[string]transport{
		"neither a response": func(*http.Request) (*http.Response, error) { return nil, nil }, //nolint:nilnil // that is the point
		"no data or error":   nothing.answer(200),
		"status 302":         moved.answer(302),
		"switched protocols": status(101),
		"a response without": func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, ContentLength: 5}, nil
		},
	} {
		t.Run(text, func(t *testing.T) {
			g := newGateway(endpoint)
			_, failure := g.client(t, attempts(1)).Do(t.Context(), createMessage())
			require.NotNil(t, failure)
			require.ErrorContains(t, failure.Err, text)
			assert.False(t, failure.MaybeApplied)
			assert.Zero(t, g.service.sent())
		})
	}
	assert.True(t, moved.closed)
}

func TestClientCredentials_refused(t *testing.T) {
	for _, code := range []int{400, 401, 403, 302, 304} {
		g := newGateway(answer(code, `{"error":"invalid_client","error_description":"secret-canary"}`))
		_, failure := g.client(t).Do(t.Context(), updateUser())
		assert.Equal(t, httpcall.TokenRefused, failure.Reason)
		require.EqualError(t, failure.Err, fmt.Sprint("the token endpoint returned status ", code))
		assert.Zero(t, failure.Attempts)
		assert.False(t, failure.MaybeApplied)
		assert.Zero(t, g.service.sent())
		assert.LessOrEqual(t, g.tokens.sent(), 2, "x/oauth2 tries the header and then the form")
	}
}

func TestClientCredentials_otherFailuresAreRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unavailable := answer(503, "secret-canary")
		busy, early := status(408), status(425)
		for name, g := range map[string]*gateway{
			"status":     newGateway(unavailable, unavailable, grants),
			"rate limit": newGateway(status(429), status(429), grants),
			"408":        newGateway(busy, busy, grants),
			"425":        newGateway(early, early, grants),
			"reset":      newGateway(fails(errReset), fails(errReset), grants),
			"101":        newGateway(status(101), status(101), grants),
			"no answer":  newGateway(stalls, grants),
		} {
			_, failure := g.client(t).Do(t.Context(), createMessage())
			assert.Nil(t, failure, name)
		}
		g := newGateway(unavailable)
		_, failure := g.client(t).Do(t.Context(), createMessage())
		assert.Equal(t, httpcall.NoAnswer, failure.Reason)
		require.EqualError(t, failure.Err, "the token endpoint returned status 503")
		assert.Equal(t, 8, g.tokens.sent(), "four times, each by header and by form")
		assert.Zero(t, failure.Attempts)
		assert.False(t, failure.MaybeApplied)
	})
}

// Some endpoints refuse with status 200.
func TestClientCredentials_refusedWithStatus200(t *testing.T) {
	g := newGateway(answer(200, `{"error":"invalid_client","error_description":"secret-canary"}`, "Content-Type", "application/json"))
	_, failure := g.client(t).Do(t.Context(), updateUser())
	assert.Equal(t, httpcall.TokenRefused, failure.Reason)
	require.EqualError(t, failure.Err, "the token endpoint refused the credentials")
	assert.LessOrEqual(t, g.tokens.sent(), 2, "x/oauth2 tries the header and then the form")
}

func TestClientCredentials_rateLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := status(429, "Retry-After", "7")
		g, began := newGateway(busy, busy, grants), time.Now()
		_, failure := g.client(t).Do(t.Context(), createMessage())
		require.Nil(t, failure)
		assert.Equal(t, 7*time.Second, time.Since(began))

		_, failure = newGateway(status(429, "Retry-After", "11")).client(t).Do(t.Context(), createMessage())
		assert.Equal(t, httpcall.TokenRateLimited, failure.Reason)
		assert.Equal(t, 11*time.Second, failure.RetryAfter)
		assert.Zero(t, failure.Attempts)
		assert.False(t, failure.MaybeApplied)
	})
}

// A token that no header can hold is not sent, and not kept.
func TestTokens_thatNoHeaderCanHold(t *testing.T) {
	for _, bad := range []string{"granted\n", "gran\rted", "gran\x00ted", "gran\x7fted"} {
		token, service := bad, scripted(status(200))
		client := newClient(t, service, auth(httpcall.TokenSource(tokenFunc(func() (*oauth2.Token, error) { return &oauth2.Token{AccessToken: token}, nil }))))
		_, failure := client.Do(t.Context(), createMessage())
		require.NotNil(t, failure, "%q", bad)
		assert.Equal(t, httpcall.TokenRefused, failure.Reason)
		require.ErrorContains(t, failure.Err, "no header can hold")
		assert.Zero(t, failure.Attempts)
		assert.False(t, failure.MaybeApplied)
		assert.Zero(t, service.sent())

		token = "good"
		_, failure = client.Do(t.Context(), createMessage())
		assert.Nil(t, failure)
	}
}

// A token that lives long is renewed half a minute before its end, and one that
// lives short after three quarters.
func TestTokens_refreshedEarly(t *testing.T) {
	for lifetime, used := range map[time.Duration]time.Duration{10 * time.Minute: 570 * time.Second, 40 * time.Second: 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			source := &numbered{lifetime: lifetime}
			client := newClient(t, status(200), auth(httpcall.TokenSource(source)))
			get := func() {
				_, failure := client.Do(t.Context(), getUser())
				require.Nil(t, failure)
			}
			get()
			time.Sleep(used - time.Second)
			get()
			assert.EqualValues(t, 1, source.calls.Load(), "%v", lifetime)
			time.Sleep(time.Second)
			get()
			assert.EqualValues(t, 2, source.calls.Load(), "%v", lifetime)
		})
	}
}

// Several calls are refused with one token, and the first to say so renews it for
// all, whether the next one has come by the time of the others' refusals or not.
func TestTokens_onlyTheRejectedOneIsDropped(t *testing.T) {
	for _, takes := range []time.Duration{0, 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			source := &numbered{}
			slow := tokenFunc(func() (*oauth2.Token, error) {
				time.Sleep(takes)
				return source.Token()
			})
			service := transport(func(r *http.Request) (*http.Response, error) {
				if r.Header.Get("Authorization") == "Bearer token-1" {
					time.Sleep(time.Second) // both are sent with the first token
					if strings.HasSuffix(r.URL.Path, "bob") {
						time.Sleep(time.Second) // and this one is refused later
					}
					return status(401)(r)
				}
				return status(200)(r)
			})
			client := newClient(t, service, auth(httpcall.TokenSource(slow)))
			var wg sync.WaitGroup
			for _, id := range []string{"ada", "bob"} {
				wg.Go(func() {
					call := getUser()
					call.Args = []string{id}
					got, failure := client.Do(t.Context(), call)
					assert.Nil(t, failure)
					assert.Equal(t, 2, got.Attempts)
				})
			}
			wg.Wait()
			assert.EqualValues(t, 2, source.calls.Load())
		})
	}
}

func TestTokenSource_withoutAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, token := range []*oauth2.Token{nil, {}} {
			client := newClient(t, status(200), auth(httpcall.TokenSource(tokenFunc(func() (*oauth2.Token, error) { return token, nil }))))
			_, failure := client.Do(t.Context(), getUser())
			assert.ErrorContains(t, failure.Err, "no access token")
		}
	})
}

// A token source that hangs is waited for again, not asked again.
func TestTokenSource_thatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		hang := make(chan struct{})
		client := newClient(t, status(200), auth(httpcall.TokenSource(tokenFunc(func() (*oauth2.Token, error) {
			asked.Add(1)
			<-hang
			return &oauth2.Token{AccessToken: "late"}, nil
		}))))
		for range 10 {
			_, failure := client.Do(t.Context(), getUser())
			require.ErrorIs(t, failure.Err, context.DeadlineExceeded)
		}
		assert.EqualValues(t, 1, asked.Load())
		close(hang)
		synctest.Wait()
		_, failure := client.Do(t.Context(), getUser())
		assert.Nil(t, failure)
	})
}

// What panics in a goroutine of ours panics in the caller's, where a server's
// handler recovers.
func TestTokens_panicsComeBackToTheCaller(t *testing.T) {
	breaks := transport(func(*http.Request) (*http.Response, error) { panic("broken") })
	for name, a := range map[string]httpcall.Authenticator{
		"token source":                    httpcall.TokenSource(tokenFunc(func() (*oauth2.Token, error) { panic("broken") })),
		"transport to the token endpoint": clientCredentials(tokenURL, breaks),
	} {
		client := newClient(t, status(200), auth(a), slots(1))
		for range 2 { // the client stays usable
			assert.PanicsWithValue(t, "broken", func() { client.Do(t.Context(), within(time.Second, getUser())) }, name)
		}
	}
}

func TestTokenSource_thatEndsItsGoroutine(t *testing.T) {
	client := newClient(t, status(200), auth(httpcall.TokenSource(tokenFunc(func() (*oauth2.Token, error) {
		runtime.Goexit()
		return nil, nil
	}))))
	returned := false
	var caller sync.WaitGroup
	caller.Go(func() {
		client.Do(t.Context(), getUser())
		returned = true
	})
	caller.Wait()
	assert.False(t, returned, "runtime.Goexit is the caller's")
}
