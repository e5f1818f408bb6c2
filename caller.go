package messembed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// Caller is one call of a method of [Client] on its way through a [Platform]:
// what its request options ask for, how long it may take, and how it fails.
type Caller struct {
	client   *Client
	op       string // the client's method, which is what errors and logs name
	options  requestConfig
	began    time.Time
	deadline time.Time
	lookup   bool
	thorough bool // the body is not sent at once: checking it includes its size
	attempts int  // of what was sent last

	onRefusal func(status int) // hears of each answer that is an error, those that are retried too
}

const noContext = "ctx: must not be nil"

// begin starts a call of the method op.
func (c *Client) begin(ctx context.Context, op string, opts []RequestOption) (*Caller, error) {
	if ctx == nil {
		return nil, newInvalid(op, noContext)
	}
	call := &Caller{client: c, op: op, began: time.Now()}
	for _, opt := range opts {
		if opt == nil {
			return nil, newInvalid(op, "opts: a nil RequestOption")
		}
		if err := opt(&call.options); err != nil {
			return nil, newInvalid(op, err.Error())
		}
	}
	if call.options.requestID == "" {
		call.options.requestID = newRequestID()
	}
	if m := call.options.meta; m != nil {
		m.RequestID = call.options.requestID // all there is to say should nothing be sent
	}
	if c.cfg.timeout > 0 {
		call.deadline = call.began.Add(c.cfg.timeout)
	}
	return call, nil
}

func newRequestID() string {
	const hex = "0123456789abcdef"
	var id [24]byte
	for i := 0; i < len(id); {
		for v, n := rand.Uint64(), 0; n < 12; i, n = i+1, n+1 {
			id[i] = hex[v&15]
			v >>= 4
		}
	}
	return string(id[:])
}

// Details tells whether the call asks for [WithDetails].
func (call *Caller) Details() bool { return call.options.details }

// PollInterval is the call's [WithPollInterval], 10 s if it has none.
func (call *Caller) PollInterval() time.Duration {
	if call.options.pollInterval == 0 {
		return 10 * time.Second
	}
	return call.options.pollInterval
}

// Flag tells whether the call was given this value with [WithPlatformFlag].
func (call *Caller) Flag(flag any) bool { return slices.Contains(call.options.flags, flag) }

// Lookup is the same call for reading something on the side: what it sends
// counts neither as an attempt nor in Meta.
func (call *Caller) Lookup() *Caller {
	other := *call
	other.lookup = true
	return &other
}

// Renew gives the call WithTimeout anew, for the next page or step of what lasts.
func (call *Caller) Renew() {
	if call.client.cfg.timeout > 0 {
		call.deadline = time.Now().Add(call.client.cfg.timeout)
	}
}

// Transport is what the client sends through, for protocols other than HTTP
// calls. It adds no credentials.
func (call *Caller) Transport() http.RoundTripper { return call.client.cfg.transport }

// AttemptTimeout is the client's [WithAttemptTimeout], for protocols other than
// HTTP calls.
func (call *Caller) AttemptTimeout() time.Duration { return call.client.cfg.attemptTimeout }

// Send sends the operation, again where it may be, and reads its answer whole.
func (call *Caller) Send(ctx context.Context, op Operation, r Request) (Answer, error) {
	answer, err := call.do(ctx, op, r, false)
	if err != nil {
		return Answer{}, err
	}
	return Answer{answer.StatusCode, answer.Header, answer.Body, answer.Attempts}, nil
}

// Decode sends the operation and unmarshals its answer into v.
func (call *Caller) Decode(ctx context.Context, op Operation, r Request, v any) (Answer, error) {
	answer, err := call.Send(ctx, op, r)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(answer.Body, v); err != nil {
		return answer, call.Unreadable(op, answer, err)
	}
	return answer, nil
}

func (call *Caller) do(ctx context.Context, op Operation, r Request, stream bool) (httpcall.Answer, error) {
	c := call.client
	body, err := call.marshal(op, r.Body)
	if err != nil {
		return httpcall.Answer{}, err
	}
	header := call.options.header
	if len(r.Header) > 0 {
		header = header.Clone()
		if header == nil {
			header = make(http.Header, len(r.Header))
		}
		for name, values := range r.Header {
			header[name] = values
		}
	}
	contentType := r.Type
	if contentType == "" && body != nil {
		contentType = httpcall.TypeJSON
	}
	var refusal Refusal
	request := httpcall.Request{
		Op: call.op, Method: op.Method, Route: op.Route, Args: r.Args, Query: r.Query,
		Header: header, Body: body, Type: contentType, Deadline: call.deadline,
		Repeatable: op.Repeatable, Write: op.Write, Stream: stream,
		RequestID: call.options.requestID,
		Judge: func(status int, header http.Header, body []byte) httpcall.Verdict {
			refusal = c.platform.ReadRefusal(status, header, body)
			if refusal.Status == 0 {
				refusal.Status = status
			}
			if refusal.Kind == nil {
				refusal.Kind = kindOfStatus(refusal.Status, refusal.Code)
			}
			if call.onRefusal != nil {
				call.onRefusal(refusal.Status)
			}
			return httpcall.Verdict{
				Status: refusal.Status, RetryAfter: refusal.RetryAfter, HasRetryAfter: refusal.HasRetryAfter,
				Unauthenticated: refusal.Kind == ErrUnauthenticated,
			}
		},
	}
	answer, failure := c.http.Do(ctx, &request)
	if failure != nil {
		call.note(failure.StatusCode, failure.Header, failure.Attempts)
		return answer, call.failed(failure, refusal)
	}
	call.note(answer.StatusCode, answer.Header, answer.Attempts)
	return answer, nil
}

// note fills the caller's Meta in.
func (call *Caller) note(status int, header http.Header, attempts int) {
	call.attempts = attempts
	m := call.options.meta
	if m == nil || call.lookup {
		return
	}
	*m = Meta{
		StatusCode: status, Header: header.Clone(), RequestID: call.options.requestID,
		Attempts: attempts, Duration: time.Since(call.began),
	}
}

func (call *Caller) marshal(op Operation, body any) ([]byte, error) {
	var data []byte
	switch body := body.(type) {
	case nil:
		return nil, nil
	case []byte:
		data = body
	default:
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false) // the escapes would count against the service's limit
		if err := enc.Encode(body); err != nil {
			return nil, call.Invalid("the parameters cannot be marshalled as JSON")
		}
		data = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	}
	if op.MaxBody > 0 && len(data) > op.MaxBody {
		return nil, &Error{
			Op: call.op, RequestID: call.options.requestID, kind: ErrTooLarge,
			Message: fmt.Sprintf("the request's body has %d bytes, the service takes %d", len(data), op.MaxBody),
		}
	}
	return data, nil
}
