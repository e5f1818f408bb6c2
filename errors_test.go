package messembed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// answering returns a client whose every request gets the same response.
func answering(t *testing.T, responder httpmock.Responder, opts ...messembed.Option) *messembed.Client {
	t.Helper()
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(responder)
	opts = append([]messembed.Option{
		messembed.WithTransport(mock), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}),
		messembed.WithBasicAuth("admin", "pw-canary"),
	}, opts...)
	client, err := messembed.New("https://chat.example.com/api", opts...)
	require.NoError(t, err)
	return client
}

func TestErrorMapping(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   error
		code   string
		says   string
	}{
		{"credentials", 401, `{"statusCode":401,"message":"Unauthorized"}`, messembed.ErrUnauthenticated, "", "Unauthorized"},
		{"credentials by code", 401, `{"statusCode":401,"code":"UNAUTHORIZED"}`, messembed.ErrUnauthenticated, "UNAUTHORIZED", ""},
		{"blocked user", 401, `{"statusCode":401,"code":"BLOCK_STATUS_DOES_NOT_ALLOW","message":"You current block status"}`, messembed.ErrUserBlocked, "BLOCK_STATUS_DOES_NOT_ALLOW", "block status"},
		{"chat creation", 401, `{"statusCode":401,"code":"CHAT_CREATION_IS_DISALLOWED"}`, messembed.ErrPermissionDenied, "CHAT_CREATION_IS_DISALLOWED", ""},
		{"another business code with 401", 401, `{"statusCode":401,"code":"NEW_RULE"}`, messembed.ErrPermissionDenied, "NEW_RULE", ""},
		{"forbidden", 403, `{}`, messembed.ErrPermissionDenied, "", ""},
		{"not found", 404, `{"statusCode":404,"code":"USER_NOT_FOUND"}`, messembed.ErrNotFound, "USER_NOT_FOUND", ""},
		{"no such route", 404, `{"statusCode":404,"message":"Cannot GET /x","error":"Not Found"}`, messembed.ErrUnsupported, "", "base URL"},
		{"somebody else's 404", 404, `<html>nginx</html>`, messembed.ErrUnsupported, "", "base URL"},
		{"inactive chat", 406, `{"statusCode":406,"code":"CHAT_IS_INACTIVE"}`, messembed.ErrChatInactive, "CHAT_IS_INACTIVE", ""},
		{"another 406", 406, `{}`, messembed.ErrInvalidArgument, "", ""},
		{"taken", 409, `{"statusCode":409,"code":"USER_ID_IS_NOT_UNIQUE"}`, messembed.ErrAlreadyExists, "USER_ID_IS_NOT_UNIQUE", ""},
		{"too large", 413, ``, messembed.ErrTooLarge, "", ""},
		{"rate limited", 429, ``, messembed.ErrRateLimited, "", ""},
		{"bad request", 400, `{"statusCode":400,"message":["content must be a string","userId must be a string"],"error":"Bad Request"}`, messembed.ErrInvalidArgument, "", "content must be a string; userId must be a string"},
		{"invalid input", 400, `{"statusCode":400,"code":"INVALID_INPUT","validationErrors":[{"property":"id","constraints":{"isString":"id must be a string"}}]}`, messembed.ErrInvalidArgument, "INVALID_INPUT", "id must be a string"},
		{"unprocessable", 422, `{}`, messembed.ErrInvalidArgument, "", ""},
		{"teapot", 418, `{}`, messembed.ErrInvalidArgument, "", ""},
		{"internal", 500, `{"statusCode":500,"message":"Internal server error"}`, messembed.ErrUnavailable, "", "Internal server error"},
		{"bad gateway page", 502, `<html>pw-canary</html>`, messembed.ErrUnavailable, "", ""},
		{"unavailable", 503, ``, messembed.ErrUnavailable, "", ""},
		{"gateway timeout", 504, ``, messembed.ErrUnavailable, "", ""},
		{"odd 5xx", 599, ``, messembed.ErrUnavailable, "", ""},
		{"redirect", 301, ``, messembed.ErrInvalidResponse, "", "redirects"},
		{"not modified", 304, ``, messembed.ErrInvalidResponse, "", ""},
		{"HTML with 200", 200, "\n <!doctype html><p>pw-canary</p>", messembed.ErrInvalidResponse, "", "HTML"},
		{"broken JSON", 200, `{"_id":"pw-canary`, messembed.ErrInvalidResponse, "", "not JSON"},
		{"another shape", 200, `"pw-canary"`, messembed.ErrInvalidResponse, "", "unexpected JSON"},
		{"no id", 200, `{}`, messembed.ErrInvalidResponse, "", "_id"},
		{"an id that is no text", 200, `{"_id":5}`, messembed.ErrInvalidResponse, "", "_id"},
		{"a null id", 200, `{"_id":null}`, messembed.ErrInvalidResponse, "", "_id"},
		{"empty", 200, ``, messembed.ErrInvalidResponse, "", "empty"},
		{"no date", 200, `{"_id":"ada","createdAt":"pw-canary"}`, messembed.ErrInvalidResponse, "", "createdAt: not a date"},
		{"a number for a date", 200, `{"_id":"ada","blockStatusUpdatedAt":5}`, messembed.ErrInvalidResponse, "", "blockStatusUpdatedAt: not a date"},
	}
	sentinels := []error{
		messembed.ErrInvalidArgument, messembed.ErrUnauthenticated, messembed.ErrPermissionDenied, messembed.ErrNotFound,
		messembed.ErrAlreadyExists, messembed.ErrUserBlocked, messembed.ErrChatInactive, messembed.ErrRateLimited, messembed.ErrUnavailable,
		messembed.ErrTooLarge, messembed.ErrInvalidResponse, messembed.ErrTooManyFailures, messembed.ErrUnsupported,
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := answering(t, httpmock.NewStringResponder(test.status, test.body))

			_, err := client.GetUser(t.Context(), "ada")

			for _, sentinel := range sentinels {
				assert.Equal(t, sentinel == test.kind, errors.Is(err, sentinel), sentinel)
			}
			failure, ok := errors.AsType[*messembed.Error](err)
			require.True(t, ok)
			assert.Equal(t, "GetUser", failure.Op)
			assert.Equal(t, test.status, failure.StatusCode)
			assert.Equal(t, test.code, failure.Code)
			assert.Contains(t, failure.Error(), test.says)
			assert.False(t, failure.MaybeApplied)
			assert.NotEmpty(t, failure.RequestID)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestErrUnsupported_isTheStandardLibrarysToo(t *testing.T) {
	assert.ErrorIs(t, messembed.ErrUnsupported, errors.ErrUnsupported)
}

func TestError_detailsOfValidation(t *testing.T) {
	client := answering(t, httpmock.NewStringResponder(400, `{"statusCode":400,"message":["a","b"]}`))
	_, err := client.GetUser(t.Context(), "ada")
	failure, _ := errors.AsType[*messembed.Error](err)
	assert.Equal(t, []string{"a", "b"}, failure.Details)
}

// The service repeats the request: the query must not appear in the error.
func TestError_cutsTheQueryOff(t *testing.T) {
	client := answering(t, httpmock.NewStringResponder(404, `{"message":"Cannot GET /admin-api/messages?after=canary&x=1"}`))
	_, err := client.ListMessages(t.Context(), messembed.ListMessagesParams{})
	assert.Contains(t, err.Error(), "Cannot GET /admin-api/messages")
	assert.NotContains(t, err.Error(), "canary")
}

func TestError_boundsTheServicesText(t *testing.T) {
	client := answering(t, httpmock.NewStringResponder(400, `{"code":"`+strings.Repeat("C", 9000)+`","message":"`+strings.Repeat("ä", 9000)+`\n\u0000"}`))
	_, err := client.GetUser(t.Context(), "ada")
	assert.Less(t, len(err.Error()), 1000)
	assert.NotContains(t, err.Error(), "\n")
}

// Transport errors are reported without URLs and without quotations.
func TestError_causeIsSafeAndReachable(t *testing.T) {
	own := errors.New(`dialing https://admin:pw-canary@chat.example.com/?q=pw-canary failed: "pw-canary"`)
	client := answering(t, func(*http.Request) (*http.Response, error) { return nil, own })

	_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})

	require.ErrorIs(t, err, own)
	require.ErrorIs(t, err, messembed.ErrUnavailable)
	failure, _ := errors.AsType[*messembed.Error](err)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", err, "cause", failure.Err)
	for _, text := range []string{
		err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%#v", failure.Err), fmt.Sprintf("%+v", *failure), log.String(),
	} {
		assert.NotContains(t, text, "canary")
		assert.NotContains(t, text, "://")
	}
}

func TestError_logValue(t *testing.T) {
	client := answering(t, httpmock.NewStringResponder(409, `{"code":"USER_ID_IS_NOT_UNIQUE"}`))
	_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"}, messembed.WithRequestID("r1"))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).LogAttrs(context.Background(), slog.LevelInfo, "x", slog.Any("err", err))
	assert.Contains(t, log.String(), "err.op=CreateUser")
	assert.Contains(t, log.String(), "err.status=409")
	assert.Contains(t, log.String(), "err.code=USER_ID_IS_NOT_UNIQUE")
	assert.Contains(t, log.String(), "err.request_id=r1")
}
