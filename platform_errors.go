package messembed

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// maxDetails is the number of details that an error keeps.
const maxDetails = 50

// failed converts a failure of httpcall into the call's error.
func (call *Call) failed(f *httpcall.Failure) error {
	e := &Error{
		Op: call.op, StatusCode: f.StatusCode, RequestID: call.options.requestID,
		RetryAfter: f.RetryAfter, Attempts: f.Attempts, MaybeApplied: f.MaybeApplied, Err: f.Err,
	}
	switch f.Reason {
	case httpcall.NoAnswer, httpcall.CutShort:
		e.Kind = ErrUnavailable
	case httpcall.TokenRefused:
		e.Kind = ErrUnauthenticated
	case httpcall.TokenRateLimited:
		e.Kind = ErrRateLimited
	case httpcall.TooLarge:
		e.Kind = ErrTooLarge
		e.Err = nil
		e.Message = "the response, or one item of its list, exceeds " +
			strconv.FormatInt(call.client.cfg.maxResponseBytes, 10) + " bytes; see WithMaxResponseBytes"
	case httpcall.Redirected:
		e.Kind = ErrInvalidResponse
		e.Message = "the service redirects; check the base URL"
	case httpcall.Refused:
		r := f.Verdict.Refusal.(Refusal) // call.judge put it there
		e.Kind, e.Code, e.final = r.Kind, codeText(f.ConcealCode(r.Code)), r.Final
		e.Message = serviceText(f.Conceal(r.Message))
		for _, detail := range r.Details[:min(len(r.Details), maxDetails)] {
			e.Details = append(e.Details, serviceText(f.Conceal(detail)))
		}
		if e.Message == "" && len(e.Details) > 0 {
			e.Message = shortened(strings.Join(e.Details, "; "))
		}
		if r.Kind == ErrUnsupported {
			e.Message = strings.TrimSuffix("check the base URL, including its path; "+e.Message, "; ")
		}
		if f.StatusCode == http.StatusProxyAuthRequired {
			e.Message, e.Details = "a proxy wants credentials of its own, which belong into the proxy's URL, such as HTTPS_PROXY", nil
		}
	}
	return e
}

// Unreadable returns the error for a 2xx response that is not what the
// operation returns. Of err it shows only the text of an encoding/json error
// about types, or of an error made by [BadField].
func (call *Call) Unreadable(op Operation, a Answer, err error) error {
	e := &Error{
		Op: call.op, StatusCode: a.StatusCode, RequestID: call.options.requestID, Attempts: a.Attempts,
		MaybeApplied: op.Write, Kind: ErrInvalidResponse,
	}
	var own *shapeError
	var kind *json.UnmarshalTypeError
	trimmed := bytes.TrimLeft(a.Body, " \t\r\n")
	switch {
	case errors.As(err, &own):
		e.Message = own.Error()
	case errors.As(err, &kind):
		e.Message = "unexpected JSON"
		if kind.Field != "" {
			e.Message += " at " + serviceText(kind.Field)
		}
	case a.Body != nil && len(trimmed) == 0:
		e.Message = "the response is empty"
	case len(trimmed) > 0 && trimmed[0] == '<':
		e.Message = "the response is an HTML page; check the base URL"
	default:
		e.Message = "the response is not JSON"
	}
	return e
}

// shapeError says what is wrong with a response, without quoting it.
type shapeError struct{ text string }

func (e *shapeError) Error() string { return e.text }

// BadField returns an error that says what is wrong with a field of a response,
// for [Call.Unreadable]. It is for implementers of a [Platform].
func BadField(field, problem string) error { return &shapeError{field + ": " + problem} }

// Unsupported returns the ErrUnsupported for what the service does not have.
func (call *Call) Unsupported(message string) error {
	return &Error{Op: call.op, Message: message, RequestID: call.options.requestID, Kind: ErrUnsupported}
}

// Fail returns an error of the given kind about a response. It is never nil.
func (call *Call) Fail(kind error, a Answer, message string) *Error {
	return &Error{
		Op: call.op, StatusCode: a.StatusCode, Message: message, RequestID: call.options.requestID,
		Attempts: a.Attempts, Kind: kind,
	}
}

// failLast returns an error about the most recent 2xx response.
func (call *Call) failLast(kind error, message string) *Error {
	return call.Fail(kind, Answer{StatusCode: http.StatusOK, Attempts: call.attempts}, message)
}

// settleable returns err if it is the "already exists" of a create of which an
// earlier attempt may have created the object. After a 429, a 503 or a refused
// connection that cannot be.
func settleable(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ErrAlreadyExists && e.MaybeApplied {
		return e
	}
	return nil
}

// Unsettled returns the error for a create that was refused after a response
// was lost, if reading what is stored failed with err.
func (*Call) Unsettled(refused *Error, err error) error {
	failed, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	e := *failed
	e.Attempts, e.MaybeApplied = refused.Attempts, true
	e.Message = "a response was lost, and reading what is stored failed too"
	return &e
}

// Invalid returns the ErrInvalidArgument for parameters that the service cannot
// take. Each problem begins with the name of the field and a colon. Without
// problems it returns nil.
func (call *Call) Invalid(problems ...string) error {
	if len(problems) == 0 {
		return nil
	}
	e := newInvalid(call.op, problems...)
	e.RequestID = call.options.requestID
	return e
}

func newInvalid(op string, problems ...string) *Error {
	return &Error{Op: op, Message: strings.Join(problems, "; "), Details: problems, Kind: ErrInvalidArgument}
}

// requireID rejects an id that cannot identify anything.
func (call *Call) requireID(name, id string) error {
	if problem := idProblem(name, id); problem != "" {
		return call.Invalid(problem)
	}
	return nil
}

// maxIDBytes is the largest size of an id in a URL: a Node server accepts 16
// KiB of request line and headers. A user with a longer id could be created,
// since it is then in the body, but never be read, blocked or deleted.
const maxIDBytes = 15 << 10

func idProblem(name, id string) string {
	switch {
	case id == "":
		return name + ": must not be empty"
	case !utf8.ValidString(id):
		return name + ": must be valid UTF-8"
	case len(id) > maxIDBytes/3 && httpcall.EscapedLen(id) > maxIDBytes:
		return name + ": must not exceed " + strconv.Itoa(maxIDBytes) + " bytes in a URL"
	}
	return ""
}

// problems collects what is wrong with the parameters.
type problems []string

func (p *problems) add(problem string) {
	if problem != "" {
		*p = append(*p, problem)
	}
}
