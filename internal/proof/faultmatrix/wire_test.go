package faultmatrix_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A wire is between the fake and the client, and may change or replace the fake's response.
type wire = func(*http.Request, func() (*http.Response, error)) (*http.Response, error)

// instead fails before the fake receives the request.
func instead(err error) wire {
	return func(*http.Request, func() (*http.Response, error)) (*http.Response, error) { return nil, err }
}

// afterwards lets the fake carry out the operation and then fails.
func afterwards(err error) wire {
	return func(_ *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
		resp, failed := next()
		if failed != nil {
			return nil, failed
		}
		_ = resp.Body.Close()
		return nil, err
	}
}

func cutAt(place func(n int) int) wire {
	return func(_ *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
		resp, err := next()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		broken := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
		resp.Body = &scriptedBody{data: data[:place(len(data))], end: broken}
		return resp, nil
	}
}

// dripping sends the response one byte at a time.
func dripping(every time.Duration) wire {
	return func(r *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
		resp, err := next()
		if err == nil {
			resp.Body = &drippingBody{ReadCloser: resp.Body, request: r, every: every, closing: make(chan struct{})}
		}
		return resp, err
	}
}

// changingBody changes the service's own response in transit.
func changingBody(change func([]byte) []byte) wire {
	return func(_ *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
		resp, err := next()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		data = change(data)
		resp.Body, resp.ContentLength = &scriptedBody{data: data, end: io.EOF}, int64(len(data))
		return resp, nil
	}
}

// packedBomb is the response of a server that compresses 64 MiB of spaces: the
// SDK neither requests nor undoes compression.
func packedBomb(_ *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
	resp, err := next()
	if err != nil {
		return nil, err
	}
	resp.Header.Set("Content-Encoding", "gzip")
	resp.Body, resp.ContentLength = &scriptedBody{data: gzipBomb(), end: io.EOF}, -1
	return resp, nil
}

// echoed turns an error response into one whose texts repeat the whole request,
// as services in debug mode do.
func echoed(r *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := next()
	if err != nil {
		return nil, err
	}
	_, password, _ := r.BasicAuth()
	authorization := r.Header.Get("Authorization")
	said := []string{
		"password " + password + " of " + authorization, "query " + r.URL.RawQuery, string(body), fmt.Sprint(r.URL.Query(), r.Header),
		strings.Repeat("x", 290) + authorization + password, // would be truncated in the middle
	}
	data, err := json.Marshal(map[string]any{"code": "ECHO" + authorization, "message": said})
	if err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = &scriptedBody{data: data, end: io.EOF}, int64(len(data))
	return resp, nil
}

var gzipBomb = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.CopyN(z, zeros{}, 8<<20)
	_ = z.Close()
	return b.Bytes()
})

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// endlessText begins with start and repeats fill forever.
func endlessText(start string, fill byte) wire {
	return func(r *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
		resp, err := next()
		if err == nil {
			resp.Body, resp.ContentLength = &endless{request: r, start: start, fill: fill}, -1
		}
		return resp, err
	}
}

// scriptedBody returns its data and then its end.
type scriptedBody struct {
	data []byte
	end  error
}

func (b *scriptedBody) Read(p []byte) (int, error) {
	if len(b.data) == 0 {
		return 0, b.end
	}
	n := copy(p, b.data)
	b.data = b.data[n:]
	return n, nil
}

func (*scriptedBody) Close() error { return nil }

// endless is a body that never ends. It counts what is read, since a client
// that reads on forever would hang.
type endless struct {
	request *http.Request
	start   string
	fill    byte
	given   int
}

func (b *endless) Read(p []byte) (int, error) {
	if err := b.request.Context().Err(); err != nil {
		return 0, err
	}
	if b.given > 4<<20 {
		panic("the client reads an endless body forever")
	}
	n := copy(p, b.start)
	b.start = b.start[n:]
	for ; n < len(p); n++ {
		p[n] = b.fill
	}
	b.given += n
	return n, nil
}

func (*endless) Close() error { return nil }

// drippingBody returns one byte at a time.
type drippingBody struct {
	io.ReadCloser
	request *http.Request
	every   time.Duration
	closing chan struct{}
	close   sync.Once
}

func (b *drippingBody) Read(p []byte) (int, error) {
	timer := time.NewTimer(b.every)
	defer timer.Stop()
	select {
	case <-timer.C:
		return b.ReadCloser.Read(p[:min(1, len(p))])
	case <-b.closing:
		return 0, http.ErrBodyReadAfterClose
	case <-b.request.Context().Done():
		return 0, b.request.Context().Err()
	}
}

func (b *drippingBody) Close() error {
	b.close.Do(func() { close(b.closing) })
	return b.ReadCloser.Close()
}
