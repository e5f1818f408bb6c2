package adapter

import (
	"errors"

	messembed "github.com/messembed/messembed-go"
)

// As is the same refusal, of another kind.
func As(call *messembed.Caller, kind error, refused *messembed.Error) *messembed.Error {
	e := call.Fail(kind, messembed.Answer{StatusCode: refused.StatusCode, Attempts: refused.Attempts}, refused.Message)
	e.Code, e.Details, e.RetryAfter, e.MaybeApplied = refused.Code, refused.Details, refused.RetryAfter, refused.MaybeApplied
	return e
}

// Unsettled is the error for a create that was sent twice and then refused, of which it cannot be
// told whether the first had been carried out: looking whether the key is taken failed with err.
func Unsettled(refused *messembed.Error, err error, key string) error {
	failed, ok := errors.AsType[*messembed.Error](err)
	if !ok {
		return err
	}
	e := *failed
	e.Attempts, e.MaybeApplied = refused.Attempts, true
	e.Message = "a response was lost, and looking whether the " + key + " is taken failed too"
	return &e
}

// Hopeless tells a failure that a watch does not wait out: refused credentials and a wrong address.
// An answer that makes no sense is a wrong address too, unless answers made sense before, which is
// settled.
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
