package httpcall_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

var (
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	errReset   = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
)

func cutShort(code int) transport {
	return func(r *http.Request) (*http.Response, error) {
		return (&body{Reader: strings.NewReader(`{"_id`), err: errReset}).answer(code)(r)
	}
}

// The retry table, row by row, with the requests counted.
func TestRetryTable(t *testing.T) {
	tests := []struct {
		name                 string
		service              transport
		repeatable, once     int // requests
		reason               httpcall.Reason
		maybeApplied, inTime bool
	}{
		{"refused", fails(errRefused), 4, 4, httpcall.NoAnswer, false, true},
		{"no such host", fails(&net.DNSError{Name: "chat.example.com"}), 4, 4, httpcall.NoAnswer, false, true},
		{"reset", fails(errReset), 4, 1, httpcall.NoAnswer, true, true},
		{"answer cut short", cutShort(200), 4, 1, httpcall.CutShort, true, true},
		{"refusal cut short", cutShort(400), 4, 1, httpcall.CutShort, false, true},
		{"no answer in time", stalls, 3, 1, httpcall.NoAnswer, true, false},
		{"answer stalls", thenSilent(200, "{"), 3, 1, httpcall.CutShort, true, false},
		{"502", status(502), 4, 1, httpcall.Refused, true, true},
		{"504", status(504), 4, 1, httpcall.Refused, true, true},
		{"503", status(503), 4, 4, httpcall.Refused, false, true},
		{"429", status(429), 4, 4, httpcall.Refused, false, true},
		{"500", status(500), 2, 1, httpcall.Refused, true, true},
		{"400", status(400), 1, 1, httpcall.Refused, false, true},
		{"401", status(401), 1, 1, httpcall.Refused, false, true},
		{"407", status(407), 1, 1, httpcall.Refused, false, true},
		{"408", status(408), 4, 1, httpcall.Refused, true, true},
		{"425", status(425), 4, 4, httpcall.Refused, false, true},
		{"519", status(519), 1, 1, httpcall.Refused, true, true},
		{"520", status(520), 4, 1, httpcall.Refused, true, true},
		{"521", status(521), 4, 1, httpcall.Refused, true, true},
		{"522", status(522), 4, 1, httpcall.Refused, true, true},
		{"523", status(523), 4, 1, httpcall.Refused, true, true},
		{"524", status(524), 4, 1, httpcall.Refused, true, true},
		{"525", status(525), 1, 1, httpcall.Refused, true, true},
		{"501", status(501), 1, 1, httpcall.Refused, true, true},
		{"redirect", status(302, "Location", "https://evil.example.com/"), 1, 1, httpcall.Redirected, false, true},
		{"redirect to nowhere", status(302, "Location", "http://[::1"), 1, 1, httpcall.Redirected, false, true},
		{"redirect after the work", status(303), 1, 1, httpcall.Redirected, true, true},
	}
	for _, test := range tests {
		for _, row := range []struct {
			name     string
			call     func() *httpcall.Call
			requests int
		}{{"safe to send twice", updateUser, test.repeatable}, {"not safe", createMessage, test.once}} {
			t.Run(test.name+"/"+row.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					service := scripted(test.service)

					_, failure := newClient(t, service).Do(t.Context(), within(30*time.Second, row.call()))

					require.NotNil(t, failure)
					assert.Equal(t, test.reason, failure.Reason)
					assert.Equal(t, row.requests, service.sent(), "requests")
					assert.Equal(t, row.requests, failure.Attempts, "Attempts")
					assert.Equal(t, test.maybeApplied, failure.MaybeApplied, "MaybeApplied")
					assert.Zero(t, failure.RetryAfter, "RetryAfter")
					assert.Equal(t, !test.inTime, errors.Is(failure.Err, context.DeadlineExceeded), "%v", failure.Err)
				})
			})
		}
	}
}

// A read changes nothing, whatever comes of it.
func TestRetryTable_reads(t *testing.T) {
	for _, service := range []transport{fails(errReset), cutShort(200), status(500), status(303), answer(200, "too long")} {
		_, failure := newClient(t, service, quickly, func(c *httpcall.Config) { c.MaxResponseBytes = 7 }).Do(t.Context(), getUser())
		require.NotNil(t, failure)
		assert.False(t, failure.MaybeApplied)
	}
}

func TestRetry_succeedsAfterFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := scripted(fails(errReset), status(502), status(500), answer(200, "done"))
		got, failure := newClient(t, service).Do(t.Context(), updateUser())
		require.Nil(t, failure)
		assert.Equal(t, "done", string(got.Body))
		assert.Equal(t, 4, got.Attempts)
		for _, body := range service.bodies {
			assert.Equal(t, `{"a":1}`, body)
		}
	})
}

// An attempt in doubt is not forgotten when a later one was refused.
func TestRetry_doubtStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, later := range []transport{status(409), fails(errRefused)} {
			_, failure := newClient(t, scripted(fails(errReset), later)).Do(t.Context(), updateUser())
			assert.True(t, failure.MaybeApplied)
		}
	})
}

// The Verdict decides, not the status, and comes back to the caller.
func TestRetry_verdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := scripted(answer(400, "slow down"))
		call := createMessage()
		call.Judge = func(status int, header http.Header, body []byte) httpcall.Verdict {
			return httpcall.Verdict{Status: 429, RetryAfter: 3 * time.Second, HasRetryAfter: true, Refusal: string(body)}
		}
		began := time.Now()
		_, failure := newClient(t, service).Do(t.Context(), call)
		assert.Equal(t, 4, failure.Attempts)
		assert.Equal(t, 9*time.Second, time.Since(began))
		assert.Equal(t, 400, failure.StatusCode)
		assert.Equal(t, 3*time.Second, failure.RetryAfter)
		assert.Equal(t, "slow down", failure.Verdict.Refusal)
	})
}

func TestRetryAfter(t *testing.T) {
	in := func(d time.Duration) func() string {
		return func() string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	}
	always := func(s string) func() string { return func() string { return s } }
	tests := []struct {
		name       string
		value      func() string
		wait       time.Duration // the only wait, after which the call succeeds
		retryAfter time.Duration // RetryAfter of the failure that ends the call at once
	}{
		{name: "seconds", value: always("3"), wait: 3 * time.Second},
		{name: "none", value: always("0"), wait: 0},
		{name: "as much as MaxBackoff", value: always("10"), wait: 10 * time.Second},
		{name: "date", value: in(5 * time.Second), wait: 5 * time.Second},
		{name: "date that is past", value: in(-time.Hour), wait: 0},
		{name: "malformed", value: always("soon"), wait: 0}, // the first backoff is less than a second
		{name: "more than MaxBackoff", value: always("11"), retryAfter: 11 * time.Second},
		{name: "a year", value: always("31536000"), retryAfter: 365 * 24 * time.Hour},
		{name: "more than a number holds", value: always("99999999999999999999999"), retryAfter: 10 * 365 * 24 * time.Hour},
		{name: "a date in a year", value: in(365 * 24 * time.Hour), retryAfter: 365 * 24 * time.Hour},
	}
	for _, code := range []int{429, 503} {
		for _, test := range tests {
			t.Run(http.StatusText(code)+"/"+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					began := time.Now()
					service := scripted(status(code, "Retry-After", test.value()), status(200))

					_, failure := newClient(t, service).Do(t.Context(), getUser())

					assert.Equal(t, test.wait, time.Since(began).Truncate(time.Second))
					if test.retryAfter == 0 {
						require.Nil(t, failure)
						return
					}
					require.NotNil(t, failure)
					assert.Equal(t, test.retryAfter, failure.RetryAfter)
					assert.Equal(t, 1, failure.Attempts)
				})
			})
		}
	}
}

// A date is the service's: the clock of this host may be an hour ahead or behind.
func TestRetryAfter_dateByTheClockOfTheService(t *testing.T) {
	for _, ahead := range []time.Duration{-time.Hour, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			theirs := time.Now().Add(-ahead).UTC()
			service := scripted(status(503, "Retry-After", theirs.Add(3*time.Second).Format(http.TimeFormat), "Date", theirs.Format(http.TimeFormat)), status(200))
			began := time.Now()
			_, failure := newClient(t, service).Do(t.Context(), getUser())
			require.Nil(t, failure)
			assert.Equal(t, 3*time.Second, time.Since(began))
		})
	}
}

// A date before the response's own, whose clock may be a proxy's, is no invitation
// to send all attempts at once.
func TestRetryAfter_pastDateIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		proxys := time.Now().Add(time.Hour).UTC()
		service := scripted(status(503, "Retry-After", time.Now().Add(2*time.Second).UTC().Format(http.TimeFormat), "Date", proxys.Format(http.TimeFormat)))
		var took time.Duration
		for range 20 { // each pause is random
			began := time.Now()
			_, failure := newClient(t, service).Do(t.Context(), getUser())
			assert.Equal(t, 4, failure.Attempts)
			took += time.Since(began)
		}
		assert.Greater(t, took, 5*time.Second)
	})
}

func TestRetryAfter_beyondTheDeadlineEndsTheCallAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := status(429, "Retry-After", "8")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		for name, do := range map[string]func(*httpcall.Client) *httpcall.Failure{
			"the context's": func(c *httpcall.Client) *httpcall.Failure { _, f := c.Do(ctx, getUser()); return f },
			"the call's": func(c *httpcall.Client) *httpcall.Failure {
				_, f := c.Do(t.Context(), within(5*time.Second, getUser()))
				return f
			},
		} {
			failure := do(newClient(t, service))
			assert.Equal(t, 429, failure.StatusCode, name)
			assert.Equal(t, 8*time.Second, failure.RetryAfter, name)
		}
		assert.Zero(t, time.Since(began))
	})
}

func TestRetry_waitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := scripted(status(503, "Retry-After", "9"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()

		_, failure := newClient(t, service).Do(ctx, getUser())

		require.ErrorIs(t, failure.Err, context.Canceled)
		assert.Equal(t, 503, failure.StatusCode, "the last answer is not hidden")
		assert.Equal(t, time.Second, time.Since(began))
		assert.Equal(t, 1, service.sent())
	})
}

func TestRetry_number(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{1, 2, 20} {
			service := scripted(status(503))
			client := newClient(t, service, attempts(n), func(c *httpcall.Config) { c.MaxBackoff = 200 * time.Millisecond })
			began := time.Now()
			_, failure := client.Do(t.Context(), getUser())
			assert.Equal(t, n, failure.Attempts)
			assert.Equal(t, n, service.sent())
			assert.LessOrEqual(t, time.Since(began), time.Duration(n-1)*200*time.Millisecond)
		}
	})
}

// The pauses grow with the attempts that failed.
func TestRetry_pausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, status(503), attempts(8), func(c *httpcall.Config) { c.MinBackoff, c.MaxBackoff = time.Second, time.Hour })
		began := time.Now()
		for range 20 { // each pause is random
			_, failure := client.Do(t.Context(), getUser())
			assert.Equal(t, 8, failure.Attempts)
		}
		assert.Greater(t, time.Since(began), 20*7*time.Second, "seven pauses of a second at most, if they did not grow")
	})
}
