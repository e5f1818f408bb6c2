package rightech_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

func TestRefusals(t *testing.T) {
	ric := func(code, rest string) string {
		return `{"success":false,"name":"RicError","code":` + code + `,"message":"It says"` + rest + `}`
	}
	for name, c := range map[string]struct {
		status  int
		body    string
		kind    error
		code    string
		details []string
	}{
		"404":                {404, ric(`"404"`, `,"tags":["error_not_found","error_users"]`), messembed.ErrNotFound, "error_not_found", nil},
		"404, older":         {404, ric(`"404"`, `,"codes":["error_not_found","error_users"]`), messembed.ErrNotFound, "error_not_found", nil},
		"404, no tags":       {404, ric(`"404"`, ``), messembed.ErrNotFound, "404", nil},
		"404, code a number": {404, ric(`404`, ``), messembed.ErrNotFound, "404", nil},
		"404, name only":     {404, `{"name":"RicError"}`, messembed.ErrNotFound, "RicError", nil},
		"404 of nginx":       {404, "<html><head><title>404 Not Found</title></head></html>", messembed.ErrUnsupported, "", nil},
		"401":                {401, ric(`"401"`, `,"tags":["error_unauthorized"]`), messembed.ErrUnauthenticated, "error_unauthorized", nil},
		"403":                {403, ric(`"403"`, `,"tags":["error_licence"],"helper":{"message":"Buy more","links":[]}`), messembed.ErrPermissionDenied, "error_licence", []string{"Buy more"}},
		"400":                {400, ric(`"400"`, `,"tags":["error_validation","error_users"]`), messembed.ErrInvalidArgument, "error_validation", []string{"error_validation", "error_users"}},
		"400, unique":        {400, ric(`"400"`, `,"tags":["error_users","error_unique"]`), messembed.ErrAlreadyExists, "error_users", []string{"error_users", "error_unique"}},
		"400, exists":        {400, ric(`"400"`, `,"tags":["error_already_exists"]`), messembed.ErrAlreadyExists, "error_already_exists", []string{"error_already_exists"}},
		"400, not exists":    {400, ric(`"400"`, `,"tags":["error_role_not_exists"]`), messembed.ErrInvalidArgument, "error_role_not_exists", []string{"error_role_not_exists"}},
		"400, own code":      {400, ric(`"E_LOGIN"`, `,"tags":["error_users"]`), messembed.ErrInvalidArgument, "E_LOGIN", []string{"error_users"}},
		"409":                {409, ric(`"409"`, ``), messembed.ErrAlreadyExists, "409", nil},
		"429":                {429, ric(`"429"`, ``), messembed.ErrRateLimited, "429", nil},
		"odd types":          {400, `{"code":{},"message":[],"tags":"x","helper":7}`, messembed.ErrInvalidArgument, "", nil},
		"502 of nginx":       {502, "<html>", messembed.ErrUnavailable, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rightechtest.New(t)
			fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: c.status, Body: c.body})
			_, err := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1})).GetUser(t.Context(), "5d8a18d5d0025e0012fb6a34")
			e := failure(t, err, c.kind)
			assert.Equal(t, c.code, e.Code)
			assert.Equal(t, c.details, e.Details)
			assert.Equal(t, c.status, e.StatusCode)
			if strings.Contains(c.body, "It says") {
				assert.Equal(t, "It says", e.Message)
			}
		})
	}
}

func TestHTMLErrors(t *testing.T) {
	for name, options := range map[string][]rightechtest.Option{"RicError": nil, "nginx": {rightechtest.WithHTMLErrors()}} {
		t.Run(name, func(t *testing.T) {
			fake := rightechtest.New(t, options...)
			id := fake.AddUser(messembed.User{})
			client := fake.Client(t)
			fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: http.StatusBadGateway})
			_, err := client.GetUser(t.Context(), id)
			require.NoError(t, err, "it is sent again")
			for range 4 {
				fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: http.StatusBadGateway})
			}
			_, err = client.GetUser(t.Context(), id)
			e := failure(t, err, messembed.ErrUnavailable)
			assert.Equal(t, name == "RicError", e.Code == "error_bad_gateway")
			assert.NotContains(t, err.Error(), "<")
		})
	}
}

func TestScopes(t *testing.T) {
	fake := rightechtest.New(t, rightechtest.WithScopes("ListUsers", "GetUser"))
	id := fake.AddUser(messembed.User{})
	client := fake.Client(t)
	require.NoError(t, client.CheckCredentials(t.Context()))
	err := client.DeleteUser(t.Context(), id)
	e := failure(t, err, messembed.ErrPermissionDenied)
	assert.Equal(t, "error_forbidden", e.Code)
}
