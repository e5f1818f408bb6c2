package messembed

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

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
		e.kind = ErrUnavailable
	case httpcall.TokenRefused:
		e.kind = ErrUnauthenticated
	case httpcall.TooLarge:
		e.kind = ErrTooLarge
		e.Err = nil
		e.Message = "the response, or one item of its list, exceeds " +
			strconv.FormatInt(call.client.cfg.maxResponseBytes, 10) + " bytes; see WithMaxResponseBytes"
	case httpcall.Redirected:
		e.kind = ErrInvalidResponse
		e.Message = "the service redirects; check the base URL"
	case httpcall.Refused:
		r := f.Verdict.Refusal.(Refusal) // call.judge put it there
		e.kind, e.Code = r.Kind, codeText(f.ConcealCode(r.Code))
		e.Message = serviceText(f.Conceal(r.Message))
		for _, detail := range r.Details[:min(len(r.Details), maxDetails)] {
			e.Details = append(e.Details, serviceText(f.Conceal(detail)))
		}
		if e.Message == "" && len(e.Details) > 0 {
			e.Message = shortened(strings.Join(e.Details, "; "))
		}
		if r.Kind == ErrUnsupported {
			e.Message = strings.TrimPrefix(e.Message+"; ", "; ") +
				"no such route; check the base URL, including its path"
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
		MaybeApplied: op.Write, kind: ErrInvalidResponse,
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

// Unsupported returns the ErrUnsupported for what the service does not have.
func (call *Call) Unsupported(message string) error {
	return &Error{Op: call.op, Message: message, RequestID: call.options.requestID, kind: ErrUnsupported}
}

// Fail returns an error of the given kind about a response. It is never nil.
func (call *Call) Fail(kind error, a Answer, message string) *Error {
	return &Error{
		Op: call.op, StatusCode: a.StatusCode, Message: message, RequestID: call.options.requestID,
		Attempts: a.Attempts, kind: kind,
	}
}

// failLast returns an error about the most recent 2xx response.
func (call *Call) failLast(kind error, message string) *Error {
	return call.Fail(kind, Answer{StatusCode: http.StatusOK, Attempts: call.attempts}, message)
}

func newInvalid(op string, problems ...string) *Error {
	e := &Error{Op: op, Message: strings.Join(problems, "; "), kind: ErrInvalidArgument}
	if len(problems) > 1 {
		e.Details = problems
	}
	return e
}
