package adapter

import (
	"encoding/json"
	"errors"
	"net/http"

	messembed "github.com/messembed/messembed-go"
)

// As returns the same refusal with another kind.
func As(call *messembed.Call, kind error, refused *messembed.Error) *messembed.Error {
	e := call.Fail(kind, messembed.Answer{StatusCode: refused.StatusCode, Attempts: refused.Attempts}, refused.Message)
	e.Code, e.Details, e.RetryAfter, e.MaybeApplied = refused.Code, refused.Details, refused.RetryAfter, refused.MaybeApplied
	return e
}

// Hopeless reports whether a watch should end with this failure: rejected
// credentials or a wrong address. An unintelligible response also means a wrong
// address, unless an earlier response made sense, which is settled.
func Hopeless(err error, settled bool) bool {
	for _, kind := range []error{
		messembed.ErrUnauthenticated, messembed.ErrPermissionDenied, messembed.ErrUnsupported, messembed.ErrInvalidArgument,
		messembed.ErrTooLarge,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return !settled && errors.Is(err, messembed.ErrInvalidResponse)
}

// Deleted checks the response to a delete, of which nothing is known but that it
// is no refusal, which a proxy may have sent on with another status.
func Deleted(call *messembed.Call, op messembed.Operation, answer messembed.Answer) error {
	var said struct {
		Success Loose[*bool]           `json:"success"`
		Error   Loose[json.RawMessage] `json:"error"`
		Status  Loose[int]             `json:"statusCode"`
	}
	if json.Unmarshal(answer.Body, &said) != nil {
		return nil
	}
	failed := said.Success.Value != nil && !*said.Success.Value
	if failed || said.Error.Given || said.Status.Value >= http.StatusMultipleChoices {
		return call.Unreadable(op, answer, messembed.BadField("response", "unexpected for a delete"))
	}
	return nil
}
