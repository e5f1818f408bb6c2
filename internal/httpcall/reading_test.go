package httpcall_test

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

func limited(n int64) func(*httpcall.Config) {
	return func(c *httpcall.Config) { c.MaxResponseBytes = n }
}

func TestReading(t *testing.T) {
	for name, test := range map[string]struct {
		length int64 // Content-Length
		text   string
		limit  int64
		reason httpcall.Reason // NoAnswer: none
	}{
		"nothing":                                {0, "", 10, 0},
		"as long as allowed":                     {10, "0123456789", 10, 0},
		"as long as allowed, length not told":    {-1, "0123456789", 10, 0},
		"one byte too long":                      {10, "0123456789", 9, httpcall.TooLarge},
		"one byte too long, length not told":     {-1, "0123456789", 9, httpcall.TooLarge},
		"long":                                   {-1, strings.Repeat("x", 100_000), 100_000, 0},
		"no limit":                               {-1, "0123456789", math.MaxInt64, 0},
		"a length of which nothing much arrives": {1 << 40, "0123456789", math.MaxInt64, 0},
	} {
		t.Run(name, func(t *testing.T) {
			read := &body{Reader: strings.NewReader(test.text)}
			client := newClient(t, transport(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"X-Trace": {"t1"}}, ContentLength: test.length, Body: read}, nil
			}), limited(test.limit))

			got, failure := client.Do(t.Context(), updateUser())

			assert.True(t, read.closed)
			if test.reason == 0 {
				require.Nil(t, failure)
				assert.Equal(t, test.text, string(got.Body))
				return
			}
			assert.Equal(t, test.reason, failure.Reason)
			assert.Equal(t, 200, failure.StatusCode)
			assert.Equal(t, "t1", failure.Header.Get("X-Trace"))
			assert.Equal(t, 1, failure.Attempts)
			assert.True(t, failure.MaybeApplied)
		})
	}
}

// An error page may be of any length; its beginning is enough.
func TestReading_longErrorPage(t *testing.T) {
	page := strings.Repeat("x", 200<<10)
	for _, limit := range []int64{100, 32 << 20} {
		_, failure := newClient(t, answer(400, page), limited(limit)).Do(t.Context(), createMessage())
		assert.Equal(t, httpcall.Refused, failure.Reason)
		assert.Len(t, failure.Verdict.Refusal, int(min(limit, 64<<10)))
		assert.False(t, failure.MaybeApplied)
	}
}

func TestReading_closesEveryBody(t *testing.T) {
	for _, code := range []int{200, 302, 400, 503} {
		for _, err := range []error{io.EOF, errReset} {
			read := &body{Reader: strings.NewReader("x"), err: err}
			newClient(t, read.answer(code), attempts(1)).Do(t.Context(), getUser())
			assert.True(t, read.closed, "%d, %v", code, err)
		}
	}
}

// What is not wanted of a body is read all the same, up to a bound, so that the
// connection can be used again.
func TestReading_keepsConnections(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		length, _ := strconv.Atoi(r.URL.Query().Get("length"))
		code, _ := strconv.Atoi(r.URL.Query().Get("code"))
		w.WriteHeader(code)
		_, _ = io.WriteString(w, strings.Repeat("x", length))
	}))
	defer server.Close()
	for name, test := range map[string]struct {
		query  string
		reused bool
	}{
		"a whole answer":            {"code=200&length=1000", true},
		"an answer too long":        {"code=200&length=9000", true},
		"an error page":             {"code=400&length=1000", true},
		"a long error page":         {"code=400&length=60000", true},
		"an error page without end": {"code=400&length=9000000", false},
		"a redirect":                {"code=302&length=1000", true},
	} {
		t.Run(name, func(t *testing.T) {
			var reused []bool
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = append(reused, info.Reused) }})
			client := clientFor(t, server.URL, httpcall.NewTransport(1, 10*time.Second), limited(4096))
			for range 2 {
				call := getUser()
				call.Query = test.query
				client.Do(ctx, call)
			}
			assert.Equal(t, []bool{false, test.reused}, reused)
		})
	}
}

// A transport's body that never comes to an end outlives no deadline, though it
// ignores the request's context.
func TestHostile_bodiesThatNeverEnd(t *testing.T) {
	type readFunc = func([]byte) (int, error)
	for name, read := range map[string]readFunc{
		"nothing, at once": func([]byte) (int, error) { return 0, nil },
		"nothing, slowly": func([]byte) (int, error) {
			time.Sleep(time.Second)
			return 0, nil
		},
		"a byte now and then": func(p []byte) (int, error) {
			time.Sleep(time.Second)
			return copy(p, " "), nil
		},
	} {
		for _, code := range []int{200, 400} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					began := time.Now()
					client := newClient(t, (&body{Reader: readerFunc(read)}).answer(code), limited(1<<10), attempts(1))
					_, failure := client.Do(t.Context(), within(30*time.Second, updateUser()))
					require.NotNil(t, failure)
					assert.Equal(t, httpcall.CutShort, failure.Reason)
					assert.LessOrEqual(t, time.Since(began), 11*time.Second)
				})
			})
		}
	}
	t.Run("behind what is too large", func(t *testing.T) {
		large := true
		service := (&body{Reader: readerFunc(func(p []byte) (int, error) {
			if large {
				large = false
				return len(p), nil
			}
			return 0, nil
		})}).answer(200)
		_, failure := newClient(t, service, limited(10)).Do(t.Context(), getUser())
		assert.Equal(t, httpcall.TooLarge, failure.Reason)
	})
	t.Run("a stream", func(t *testing.T) {
		got, failure := newClient(t, (&body{Reader: readerFunc(func([]byte) (int, error) { return 0, nil })}).answer(200)).Do(t.Context(), listUsers())
		require.Nil(t, failure)
		defer got.Stream.Close()
		read, err := io.ReadAll(got.Stream)
		require.ErrorIs(t, err, io.ErrNoProgress)
		assert.Empty(t, read)
	})
}

// A read that brings nothing is no end, nor is a single byte no progress.
func TestReading_littleAtATime(t *testing.T) {
	want := strings.Repeat("0123456789", 30)
	for name, empty := range map[string]int{"byte by byte": 0, "now and then nothing": 99} {
		t.Run(name, func(t *testing.T) {
			text, nothing := strings.NewReader(want), 0
			little := func(p []byte) (int, error) {
				if nothing++; nothing <= empty {
					return 0, nil
				}
				nothing = 0
				return text.Read(p[:1])
			}
			got, failure := newClient(t, (&body{Reader: readerFunc(little)}).answer(200), attempts(1)).Do(t.Context(), getUser())
			require.Nil(t, failure)
			assert.Equal(t, want, string(got.Body))
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
