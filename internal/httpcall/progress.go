package httpcall

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// progress is how far a call has come. It is a value of the context of the
// call's requests, where the stages and go-retryablehttp's callbacks find it.
type progress struct {
	client   *Client
	call     *Call
	deadline time.Time // of the whole call; zero if none

	began  time.Time   // the present attempt
	timer  *time.Timer // ends it
	sent   int         // how often the request was handed to the transport
	header http.Header // that was handed to it last, with the credentials

	renewed    bool // a rejected token was dropped
	failures   int  // attempts that failed, as the retry table counts them
	retried500 bool
	doubt      bool          // an attempt may have been carried out although nothing says so
	wait       time.Duration // before the next attempt
	last       *Failure

	values *repeated // for Conceal; nil until needed
}

type progressKey struct{}

func withProgress(ctx context.Context, p *progress) context.Context {
	return context.WithValue(ctx, progressKey{}, p)
}

func progressOf(ctx context.Context) *progress { return ctx.Value(progressKey{}).(*progress) }

// fail returns the failure of an attempt.
func (p *progress) fail(reason Reason, err error) *Failure {
	f := &Failure{Reason: reason, Attempts: p.sent, MaybeApplied: p.doubt, of: p}
	f.Err = newCause(err, f.Conceal)
	return f
}

// failNotSent returns the failure of an attempt that the transport has not seen.
func (p *progress) failNotSent(err error) *Failure {
	f := p.fail(NoAnswer, err)
	f.notSent = true
	return f
}

// failAnswered returns the failure of an attempt that got a response.
func (p *progress) failAnswered(reason Reason, resp *http.Response, err error) *Failure {
	f := p.fail(reason, err)
	f.StatusCode, f.Header = resp.StatusCode, resp.Header
	return f
}

// failure returns what the call failed with, given go-retryablehttp's error.
func (p *progress) failure(ctx context.Context, err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		p.log(ctx, f.StatusCode, f)
		return f
	}
	// The context ended before the next attempt. What the last one failed with
	// was logged.
	p.last.Err = NewCause(err)
	return p.last
}
