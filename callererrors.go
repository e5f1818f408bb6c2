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

// maxDetails is how many of a service's details an error keeps.
const maxDetails = 50

// failed makes the call's error of what httpcall reports.
func (call *Caller) failed(f *httpcall.Failure, r Refusal) error {
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
		e.Message = "the answer, or an item of its list, has more than " +
			strconv.FormatInt(call.client.cfg.maxResponseBytes, 10) + " bytes; see WithMaxResponseBytes"
	case httpcall.Redirected:
		e.kind = ErrInvalidResponse
		e.Message = "the service redirects; is the base URL right?"
	case httpcall.Refused:
		e.kind, e.Code = r.Kind, codeText(f.Conceal(r.Code))
		e.Message = serviceText(f.Conceal(r.Message))
		for _, detail := range r.Details[:min(len(r.Details), maxDetails)] {
			e.Details = append(e.Details, serviceText(f.Conceal(detail)))
		}
		if e.Message == "" && len(e.Details) > 0 {
			e.Message = shortened(strings.Join(e.Details, "; "))
		}
		if r.Kind == ErrUnsupported {
			e.Message = strings.TrimPrefix(e.Message+"; ", "; ") +
				"the service has no such route: is the base URL, with its path, right?"
		}
	}
	return e
}

// Unreadable is the error for a 2xx answer that is not what the operation
// answers. Of err only the text of an encoding/json error about types, or of
// the SDK's own, is shown.
func (call *Caller) Unreadable(op Operation, a Answer, err error) error {
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
		e.Message = "the answer is JSON of another shape"
		if kind.Field != "" {
			e.Message += ", at " + serviceText(kind.Field)
		}
	case a.Body != nil && len(trimmed) == 0:
		e.Message = "the answer is empty"
	case len(trimmed) > 0 && trimmed[0] == '<':
		e.Message = "the answer is an HTML page; is the base URL right?"
	default:
		e.Message = "the answer is not JSON"
	}
	return e
}

// shapeError says what of an answer is not as it should be, without quoting it.
type shapeError struct{ text string }

func (e *shapeError) Error() string { return e.text }

// BadField is the error of an answer whose field cannot be read; give it to
// [Caller.Unreadable].
func BadField(field, problem string) error { return &shapeError{field + ": " + problem} }

// Invalid is the ErrInvalidArgument for parameters that this service cannot
// take. Each problem begins with the field's name and a colon. With no problem
// it is nil.
func (call *Caller) Invalid(problems ...string) error {
	if len(problems) == 0 {
		return nil
	}
	e := newInvalid(call.op, problems...)
	e.RequestID = call.options.requestID
	return e
}

// Unsupported is the ErrUnsupported for what this service does not have.
func (call *Caller) Unsupported(message string) error {
	return &Error{Op: call.op, Message: message, RequestID: call.options.requestID, kind: ErrUnsupported}
}

// Fail is an error of the given kind about an answer. It is never nil.
func (call *Caller) Fail(kind error, a Answer, message string) *Error {
	return &Error{
		Op: call.op, StatusCode: a.StatusCode, Message: message, RequestID: call.options.requestID,
		Attempts: a.Attempts, kind: kind,
	}
}

// failLast is an error about the 2xx answer that came last.
func (call *Caller) failLast(kind error, message string) *Error {
	return call.Fail(kind, Answer{StatusCode: http.StatusOK, Attempts: call.attempts}, message)
}

func newInvalid(op string, problems ...string) *Error {
	e := &Error{Op: op, Message: strings.Join(problems, "; "), kind: ErrInvalidArgument}
	if len(problems) > 1 {
		e.Details = problems
	}
	return e
}
