package modelcheck_test

import (
	"context"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// flaky is a transport to the fake that fails for a share of the requests.
type flaky struct {
	fake  http.RoundTripper
	seed  uint64
	share float64

	mu     sync.Mutex
	nth    map[string]uint64 // requests by request id
	faults int
	off    bool
}

// A mishap is what happens to one request. next is the fake's own response.
type mishap func(r *http.Request, next func() (*http.Response, error)) (*http.Response, error)

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	next := func() (*http.Response, error) { return f.fake.RoundTrip(r) }
	happens := f.draw(r)
	if happens == nil {
		return next()
	}
	return happens(r, next)
}

// draw decides by seed, request id and the number of earlier requests with that
// id. A token request has none.
func (f *flaky) draw(r *http.Request) mishap {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.off {
		return nil
	}
	id := r.Header.Get("X-Request-Id")
	f.nth[id]++
	h := fnv.New64a()
	_, _ = io.WriteString(h, id)
	random := rand.New(rand.NewPCG(f.seed, h.Sum64()+f.nth[id]*0x9E3779B97F4A7C15)) //nolint:gosec // it is to be repeatable
	if random.Float64() >= f.share {
		return nil
	}
	f.faults++
	return mishaps[random.IntN(len(mishaps))]
}

func (f *flaky) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.off = true
}

// mishaps are faults before and after the service has carried out the operation.
var mishaps = []mishap{
	fails(refused), fails(reset), lost(reset()), lost(io.EOF), lost(io.ErrUnexpectedEOF),
	silent(false), silent(true),
	answers(429, "1", ""), answers(503, "", ""), answers(503, "2", ""), answers(503, "3600", ""),
	answers(500, "", serverError), answers(502, "", htmlPage), answers(504, "", ""), answers(507, "", ""),
	answers(400, "", htmlPage), answers(403, "", htmlPage), answers(404, "", htmlPage), answers(408, "", ""), answers(302, "", ""),
	answers(200, "", htmlPage),
	after(500, serverError), after(502, htmlPage), after(504, ""), after(520, ""), after(303, ""), after(200, htmlPage), after(200, "null"), after(201, "{"),
	cut(0), cut(1), cut(2), cut(2),
}

const (
	htmlPage    = "<html><body>Sign in</body></html>"
	serverError = `{"statusCode":500,"message":"Internal server error"}`
)

func refused() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

func reset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

func fails(with func() error) mishap {
	return func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, with()
	}
}

// lost is a lost response to an operation that was carried out.
func lost(with error) mishap {
	return func(_ *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
		if resp, err := next(); err != nil {
			return nil, err
		} else if err := resp.Body.Close(); err != nil {
			return nil, err
		}
		return nil, with
	}
}

func silent(done bool) mishap {
	return func(r *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
		if done {
			if resp, err := next(); err != nil {
				return nil, err
			} else if err := resp.Body.Close(); err != nil {
				return nil, err
			}
		}
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	}
}

func answers(status int, retryAfter, body string) mishap {
	return func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		header := http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}
		if retryAfter != "" {
			header.Set("Retry-After", retryAfter)
		}
		if status/100 == 3 {
			header.Set("Location", "https://elsewhere.test/")
		}
		return &http.Response{
			StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: header,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	}
}

// after replaces the service's response after the operation was carried out.
func after(status int, body string) mishap {
	return func(r *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
		if _, err := lost(nil)(r, next); err != nil {
			return nil, err
		}
		return answers(status, "", body)(r, nil)
	}
}

// cut truncates the service's own response: to nothing, after one byte, in the middle.
func cut(place int) mishap {
	return func(_ *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
		resp, err := next()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		at := min(place, len(data))
		if place == 2 {
			at = len(data) / 2
		}
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(string(data[:at])), broken{}))
		return resp, nil
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, reset() }
