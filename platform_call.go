package messembed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// Call is one call of a [Client] method on its way through a [Platform]: its
// request options, its deadline, and its errors. It is for implementers of a
// Platform; applications do not need it.
type Call struct {
	client    *Client
	op        string // the client's method, named in errors and logs
	options   callOptions
	began     time.Time
	deadline  time.Time
	lookup    bool
	checkSize bool // of the body to create a user, which is not sent at once
	attempts  int  // of the last request

	onRefusal func(status int) // called for each error response, including those that are retried
}

const noContext = "ctx: must not be nil"

// begin starts a call of the method op.
func (c *Client) begin(ctx context.Context, op string, opts []RequestOption) (*Call, error) {
	if ctx == nil {
		return nil, newInvalid(op, noContext)
	}
	call := &Call{client: c, op: op, began: time.Now()}
	for _, opt := range opts {
		if opt == nil {
			return nil, newInvalid(op, "opts: nil RequestOption")
		}
		if err := opt(&call.options); err != nil {
			return nil, newInvalid(op, err.Error())
		}
	}
	if call.options.requestID == "" {
		call.options.requestID = newRequestID()
	}
	if m := call.options.meta; m != nil {
		m.RequestID = call.options.requestID // all there is to report if nothing is sent
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

// streamed turns a walk into a sequence that yields its error last.
func streamed[T any](ctx context.Context, c *Client, op string, opts []RequestOption, walk func(*Call, func(*T) bool) error) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		call, err := c.begin(ctx, op, opts)
		if err != nil {
			yield(nil, err)
			return
		}
		stopped := false
		err = walk(call, func(item *T) bool {
			stopped = !yield(item, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// Details reports whether the call was given [WithDetails].
func (call *Call) Details() bool { return call.options.details }

// PollInterval returns the call's [WithPollInterval], 10 s by default.
func (call *Call) PollInterval() time.Duration {
	if call.options.pollInterval == 0 {
		return 10 * time.Second
	}
	return call.options.pollInterval
}

// Flag reports whether the call was given this value with [WithPlatformFlag].
func (call *Call) Flag(flag any) bool { return slices.Contains(call.options.flags, flag) }

// Lookup returns the same call for reading something on the side: its requests
// count neither as attempts nor in Meta.
func (call *Call) Lookup() *Call {
	other := *call
	other.lookup = true
	return &other
}

// Renew restarts the call's [WithTimeout], for the next page or step of a long
// operation.
func (call *Call) Renew() {
	if call.client.cfg.timeout > 0 {
		call.deadline = time.Now().Add(call.client.cfg.timeout)
	}
}

// Transport returns the client's transport, for protocols other than HTTP
// calls. It adds no credentials.
func (call *Call) Transport() http.RoundTripper { return call.client.cfg.transport }

// AttemptTimeout returns the client's [WithAttemptTimeout], for protocols other
// than HTTP calls.
func (call *Call) AttemptTimeout() time.Duration { return call.client.cfg.attemptTimeout }

// Send sends the operation, with retries, and reads its whole response.
func (call *Call) Send(ctx context.Context, op Operation, r Request) (Answer, error) {
	answer, err := call.do(ctx, op, r, false)
	if err != nil {
		return Answer{}, err
	}
	return Answer{answer.StatusCode, answer.Header, answer.Body, answer.Attempts}, nil
}

// Decode sends the operation like [Call.Send] and unmarshals its response
// into v.
func (call *Call) Decode(ctx context.Context, op Operation, r Request, v any) (Answer, error) {
	answer, err := call.Send(ctx, op, r)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(answer.Body, v); err != nil {
		return answer, call.Unreadable(op, answer, err)
	}
	return answer, nil
}

// stream sends the operation and reads its response as it arrives.
func (call *Call) stream(ctx context.Context, op Operation, r Request, read func(*httpcall.Stream) error) error {
	answer, err := call.do(ctx, op, r, true)
	if err != nil {
		return err
	}
	stream := answer.Stream
	defer func() { _ = stream.Close() }() // it was read, or is not wanted
	err = read(stream)
	if failed := stream.Failure(); failed != nil {
		return call.failed(failed)
	}
	if err != nil {
		return call.Unreadable(op, Answer{StatusCode: answer.StatusCode, Attempts: answer.Attempts}, err)
	}
	return nil
}

func (call *Call) do(ctx context.Context, op Operation, r Request, stream bool) (httpcall.Answer, error) {
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
	listTimeout := time.Duration(0)
	if op.WholeList {
		listTimeout = c.cfg.listTimeout
	}
	answer, failure := c.http.Do(ctx, &httpcall.Call{
		Op: call.op, Method: op.Method, Route: op.Route, Args: r.Args, Query: r.Query,
		Header: header, Body: body, Type: contentType, Deadline: call.deadline,
		Repeatable: op.Repeatable, Write: op.Write, Stream: stream, ListTimeout: listTimeout,
		RequestID: call.options.requestID, Judge: call.judge,
	})
	if failure != nil {
		call.note(failure.StatusCode, failure.Header, failure.Attempts)
		return answer, call.failed(failure)
	}
	call.note(answer.StatusCode, answer.Header, answer.Attempts)
	return answer, nil
}

// judge reads an error response.
func (call *Call) judge(status int, header http.Header, body []byte) httpcall.Verdict {
	refusal := call.client.platform.ReadRefusal(status, header, body)
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
		Unauthenticated: refusal.Kind == ErrUnauthenticated, Refusal: refusal,
	}
}

// note fills in the caller's Meta.
func (call *Call) note(status int, header http.Header, attempts int) {
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

func (call *Call) marshal(op Operation, body any) ([]byte, error) {
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
			return nil, call.Invalid("parameters cannot be marshalled as JSON")
		}
		data = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	}
	if op.MaxBody > 0 && len(data) > op.MaxBody {
		return nil, &Error{
			Op: call.op, RequestID: call.options.requestID, Kind: ErrTooLarge,
			Message: fmt.Sprintf("the request body has %d bytes; the service accepts at most %d", len(data), op.MaxBody),
		}
	}
	return data, nil
}
