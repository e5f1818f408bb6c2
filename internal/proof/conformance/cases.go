package conformance

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"testing"

	messembed "github.com/messembed/messembed-go"
)

// Cases returns the suite.
func Cases() []Case {
	var all []Case
	all = append(all, accessCases...)
	all = append(all, userCases...)
	all = append(all, listCases...)
	all = append(all, syncCases...)
	all = append(all, watchCases...)
	all = append(all, featureCases...)
	all = append(all, chatCases...)
	return all
}

var accessCases = []Case{
	{
		Name: "the service responds", Operations: []string{"Ping", "CheckCredentials"},
		Run: func(t *testing.T, _ Instance, c *messembed.Client) {
			must(t, c.Ping(t.Context()))
			must(t, c.CheckCredentials(t.Context()))
		},
	},
	{
		Name: "invalid credentials are rejected", Operations: []string{"CheckCredentials", "CreateUser", "ListUsers", "Users", "DeleteUser"},
		Run: func(t *testing.T, in Instance, _ *messembed.Client) {
			stranger := in.Stranger(t)
			wantKind(t, stranger.CheckCredentials(t.Context()), messembed.ErrUnauthenticated)
			_, err := stranger.CreateUser(t.Context(), in.User("eve"))
			wantKind(t, err, messembed.ErrUnauthenticated)
			_, err = stranger.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 1})
			wantKind(t, err, messembed.ErrUnauthenticated)
			wantKind(t, stranger.DeleteUser(t.Context(), in.UnknownID), messembed.ErrUnauthenticated)
			failures := 0
			for _, err := range stranger.Users(t.Context()) {
				wantKind(t, err, messembed.ErrUnauthenticated)
				failures++
			}
			want(t, "failures", failures, 1)
		},
	},
	{
		Name: "an operation of one's own is sent as the client's are", Operations: []string{"Do"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			for _, op := range messembed.Operations(c) {
				if op.Name != "ListUsers" {
					continue
				}
				op.Name = "OwnList"
				answer, err := c.Do(t.Context(), op, messembed.Request{})
				must(t, err)
				want(t, "StatusCode", answer.StatusCode, http.StatusOK)
				want(t, "JSON", json.Valid(answer.Body), true)
				_, err = in.Stranger(t).Do(t.Context(), op, messembed.Request{})
				wantKind(t, err, messembed.ErrUnauthenticated)
				_, err = c.Do(t.Context(), op, messembed.Request{Args: []string{"one too many"}})
				wantKind(t, err, messembed.ErrInvalidArgument)
				return
			}
			t.Error("no operation lists users")
		},
	},
}

// create creates a user and deletes it when the test ends.
func create(t *testing.T, in Instance, c *messembed.Client, name string) *messembed.User {
	t.Helper()
	u, err := c.CreateUser(t.Context(), in.User(name))
	must(t, err)
	forget(t, in, c, u.ID)
	return u
}

func forget(t *testing.T, in Instance, c *messembed.Client, id string) {
	if in.Shared {
		t.Cleanup(func() { _ = c.DeleteUser(t.Context(), id) })
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// wantKind also checks what holds for every error.
func wantKind(t *testing.T, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error %v, want %v", err, kind)
		return
	}
	e, ok := errors.AsType[*messembed.Error](err)
	if !ok {
		t.Errorf("error %T, want *messembed.Error", err)
	} else if e.Op == "" {
		t.Error("the error has no Op")
	}
}

func wantSameMetadata(t *testing.T, what string, got, want messembed.Metadata) {
	t.Helper()
	if !maps.EqualFunc(got, want, func(a, b any) bool { return a == b }) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
