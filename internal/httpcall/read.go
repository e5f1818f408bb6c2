package httpcall

import (
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
)

const (
	// maxErrorBytes is how much of an error response is read.
	maxErrorBytes = 64 << 10
	// trustedLength is how much memory is allocated for a Content-Length before
	// its bytes have arrived.
	trustedLength = 256 << 10
	// maxDrain is how much of an unwanted body is read so that its connection
	// can be reused.
	maxDrain = 64 << 10
)

var errTooLarge = errors.New("the response is too large")

// readBody reads a whole response, up to limit bytes, and ends the attempt.
func (a *attempts) readBody(resp *http.Response, limit int64) ([]byte, error) {
	defer a.end()
	defer resp.Body.Close()
	limit = min(limit, math.MaxInt64-1) // one more byte is read to detect that there are more
	size := int64(512)
	if n := resp.ContentLength; n >= 0 {
		size = min(n, trustedLength) + 1 // one more byte detects the end without growing
	}
	buf := make([]byte, 0, min(size, limit+1))
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := resp.Body.Read(buf[len(buf):min(int64(cap(buf)), limit+1)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			buf = buf[:limit]
			_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)
			return buf, errTooLarge
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, a.inTime(err)
		}
	}
}

// Stream is the body of a response that is read as it arrives. Reading fails if
// nothing arrives for AttemptTimeout, or if an item exceeds MaxResponseBytes.
type Stream struct {
	a     *attempts
	body  io.ReadCloser
	limit int64
	left  int64
	ended *Failure
}

// NextItem reports that an item of this size, in bytes, was read completely:
// the next may be as large as the limit again. What is read ahead counts for
// the next.
func (s *Stream) NextItem(size int) error {
	if int64(size) > s.limit {
		return s.end(TooLarge, errTooLarge)
	}
	s.left = s.limit
	return nil
}

func (s *Stream) Read(p []byte) (int, error) {
	if s.ended != nil {
		return 0, s.ended.Err
	}
	if s.left <= 0 {
		return 0, s.end(TooLarge, errTooLarge)
	}
	if int64(len(p)) > s.left {
		p = p[:s.left]
	}
	s.a.timer.Reset(s.a.client.cfg.AttemptTimeout)
	n, err := s.body.Read(p)
	s.a.timer.Stop()
	s.left -= int64(n)
	if err != nil && err != io.EOF {
		err = s.end(CutShort, err)
	}
	return n, err
}

func (s *Stream) end(reason Reason, err error) error {
	if reason == CutShort {
		switch {
		case s.a.Context.Err() != nil:
			reason, err = NoAnswer, s.a.Context.Err()
		case s.a.ctx.Err() != nil:
			reason, err = NoAnswer, &timeoutError{errSilence}
		}
	}
	s.ended = s.a.fail(reason, err)
	s.ended.StatusCode = http.StatusOK
	return s.ended.Err
}

var errSilence = errors.New("the service stopped sending in the middle of its response")

// Failure returns why reading ended; nil if it did not fail.
func (s *Stream) Failure() *Failure { return s.ended }

// Close ends the response. If it was read to its end, the connection is reused;
// otherwise it is closed.
func (s *Stream) Close() error {
	err := s.body.Close()
	s.a.end()
	return err
}

// unwrapClientError removes http.Client's wrapper, which contains the URL.
func unwrapClientError(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
