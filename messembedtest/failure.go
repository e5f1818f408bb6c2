package messembedtest

import (
	"errors"
	"net/http"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// A failure is a response that is not a success.
type failure struct {
	status int
	body   *js.Object
}

// The failures of the framework. Those of the service are made by codeFailure.
func internalError() *failure {
	return &failure{http.StatusInternalServerError, js.NewObject("statusCode", 500.0, "message", js.String("Internal server error"))}
}

func unauthorized() *failure {
	return &failure{http.StatusUnauthorized, js.NewObject("statusCode", 401.0, "message", js.String("Unauthorized"))}
}

// unreadable is what the service makes of a body that cannot be parsed:
// anything but malformed JSON is its own failure.
func unreadable(err error) *failure {
	if malformed, ok := errors.AsType[js.SyntaxError](err); ok {
		return badRequest(js.String(malformed))
	}
	return internalError()
}

// badRequest takes a text as the message, or a list of what validation found.
func badRequest(message js.Value) *failure {
	return &failure{http.StatusBadRequest, js.NewObject("statusCode", 400.0, "message", message, "error", js.String("Bad Request"))}
}

func noRoute(method, target string) *failure {
	return &failure{http.StatusNotFound, js.NewObject("statusCode", 404.0,
		"message", js.String("Cannot "+method+" "+target), "error", js.String("Not Found"))}
}

// codeFailure is an error of the service's own; the message is optional.
func codeFailure(status int, code string, message ...string) *failure {
	body := js.NewObject("statusCode", float64(status), "code", js.String(code))
	for _, m := range message {
		body.Set("message", js.String(m))
	}
	return &failure{status, body}
}
