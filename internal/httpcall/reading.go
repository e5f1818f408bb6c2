package httpcall

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"time"
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

// reading reads the response: a 2xx into a *wholeBody, or a *Stream if the call is
// for one; any other into a *Failure.
type reading struct {
	limit int64
	next  http.RoundTripper
}

func (s reading) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	ctx := req.Context()
	p := progressOf(ctx)
	class := resp.StatusCode / 100
	if class == 2 && p.call.Stream {
		resp.Body = &Stream{ctx: ctx, status: resp.StatusCode, body: moving{ReadCloser: resp.Body}, limit: s.limit, left: s.limit}
		return resp, nil
	}
	limit := s.limit
	if class != 2 {
		limit = min(limit, maxErrorBytes)
	}
	if p.call.ListTimeout > 0 {
		resp.Body = newUnhurried(resp.Body, p.timer, p.client.cfg.AttemptTimeout)
	}
	body, err := readBody(ctx, resp, limit)
	if err == errTooLarge && class != 2 {
		err = nil // an error page may be of any length; its beginning is enough
	}
	switch {
	case err == errTooLarge:
		f := p.failAnswered(TooLarge, resp, err)
		f.MaybeApplied = p.call.Write
		return nil, f
	case err != nil:
		// The status says no more about the outcome than the rest of a broken response.
		err = reasonOf(ctx, err)
		silent := p.call.ListTimeout > 0 && timedOut(err)
		if silent {
			err = errSilence
		}
		f := p.failAnswered(CutShort, resp, err)
		f.final = silent
		f.MaybeApplied = p.call.Write && !deniesEffect(resp.StatusCode)
		return nil, f
	case class == 3:
		f := p.failAnswered(Redirected, resp, nil)
		f.MaybeApplied = p.call.Write && !deniesEffect(resp.StatusCode)
		return nil, f
	case class != 2:
		return nil, p.refused(resp, body)
	}
	resp.Body = &wholeBody{http.NoBody, body}
	return resp, nil
}

// refused returns the failure of an attempt that was answered with an error.
func (p *progress) refused(resp *http.Response, body []byte) *Failure {
	verdict := p.call.Judge(resp.StatusCode, resp.Header, body)
	if !verdict.HasRetryAfter {
		verdict.RetryAfter, verdict.HasRetryAfter = retryAfterOf(resp.Header)
	}
	f := p.failAnswered(Refused, resp, nil)
	f.Verdict, f.RetryAfter = verdict, verdict.RetryAfter
	f.MaybeApplied = p.call.Write && !deniesEffect(verdict.Status)
	return f
}

// refusedByProxy returns the failure of an attempt that a proxy on the way did not
// let pass for want of credentials, as the proxy says it itself where it sees the
// request.
func (p *progress) refusedByProxy() *Failure {
	return p.refused(&http.Response{StatusCode: http.StatusProxyAuthRequired, Header: http.Header{}}, nil)
}

// wholeBody is a body of which nothing is left to read.
type wholeBody struct {
	io.ReadCloser
	bytes []byte
}

// readBody reads a whole response, up to limit bytes, until ctx ends.
func readBody(ctx context.Context, resp *http.Response, limit int64) ([]byte, error) {
	defer resp.Body.Close()
	limit = min(limit, math.MaxInt64-1) // one more byte is read to detect that there are more
	size := int64(512)
	if n := resp.ContentLength; n >= 0 {
		size = min(n, trustedLength) + 1 // one more byte detects the end without growing
	}
	buf := make([]byte, 0, min(size, limit+1))
	body := moving{ReadCloser: resp.Body}
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := body.Read(buf[len(buf):min(int64(cap(buf)), limit+1)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			buf = buf[:limit]
			_, _ = io.CopyN(io.Discard, &moving{ReadCloser: resp.Body}, maxDrain)
			return buf, errTooLarge
		}
		if err == io.EOF {
			return buf, nil
		}
		if err == nil {
			err = ctx.Err() // a transport's body need not know of it
		}
		if err != nil {
			return buf, err
		}
	}
}

// unhurried is a body that may take as long as it likes, if it is never silent
// for longer than maxSilence.
type unhurried struct {
	io.ReadCloser
	timer      *time.Timer // ends the attempt
	maxSilence time.Duration
}

func newUnhurried(body io.ReadCloser, timer *time.Timer, maxSilence time.Duration) *unhurried {
	timer.Reset(maxSilence)
	return &unhurried{body, timer, maxSilence}
}

func (u *unhurried) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	if n > 0 {
		u.timer.Reset(u.maxSilence)
	}
	return n, err
}

// moving is a body that fails when reading it has yielded nothing, and no error
// either, too many times in a row.
type moving struct {
	io.ReadCloser
	empty int
}

const maxEmptyReads = 100

func (m *moving) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	switch {
	case n > 0 || err != nil:
		m.empty = 0
	default:
		if m.empty++; m.empty == maxEmptyReads {
			return 0, io.ErrNoProgress
		}
	}
	return n, err
}
