package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

var userCases = []Case{
	{
		Name: "a created user exists", Operations: []string{"CreateUser", "GetUser"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			asked := in.User("ada")
			created := create(t, in, c, "ada")
			read, err := c.GetUser(t.Context(), created.ID)
			must(t, err)
			want(t, "ID", read.ID, created.ID)
			if asked.ID != "" {
				want(t, "ID", read.ID, asked.ID)
			}
			want(t, "Username", read.Profile.Username, asked.Profile.Username)
			want(t, "DisplayName", read.Profile.DisplayName, asked.Profile.DisplayName)
			wantSameMetadata(t, "ExternalMetadata", read.ExternalMetadata, asked.ExternalMetadata)
			want(t, "Blocked", read.Blocked(), false)
			want(t, "Deleted", read.Deleted(), false)
			if !json.Valid(read.Raw) {
				t.Errorf("Raw is not JSON: %s", read.Raw)
			}
		},
	},
	{
		Name: "a second user of the same name is a duplicate", Operations: []string{"CreateUser"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			create(t, in, c, "ada")
			_, err := c.CreateUser(t.Context(), in.User("ada"))
			wantKind(t, err, messembed.ErrAlreadyExists)
		},
	},
	{
		Name: "an unknown user is not found", Operations: []string{"GetUser", "UpdateUser", "ModifyUser", "DeleteUser"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			_, err := c.GetUser(t.Context(), in.UnknownID)
			wantKind(t, err, messembed.ErrNotFound)
			_, err = c.UpdateUser(t.Context(), in.UnknownID, anUpdate(in, "x"))
			wantKind(t, err, messembed.ErrNotFound)
			_, err = c.ModifyUser(t.Context(), in.UnknownID, func(*messembed.User) error { return nil })
			wantKind(t, err, messembed.ErrNotFound)
			wantKind(t, c.DeleteUser(t.Context(), in.UnknownID), messembed.ErrNotFound)
		},
	},
	{
		Name: "an update replaces what is given and keeps the rest", Operations: []string{"UpdateUser"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			updated, err := c.UpdateUser(t.Context(), u.ID, anUpdate(in, "new"))
			must(t, err)
			want(t, "ID", updated.ID, u.ID)
			want(t, "Username", updated.Profile.Username, u.Profile.Username)
			read, err := c.GetUser(t.Context(), u.ID)
			must(t, err)
			for _, user := range []*messembed.User{updated, read} {
				if in.Metadata {
					wantSameMetadata(t, "ExternalMetadata", user.ExternalMetadata, messembed.Metadata{"note": "new"})
				} else {
					want(t, "DisplayName", user.Profile.DisplayName, "new")
				}
			}
			if !in.Metadata {
				return
			}
			emptied, err := c.UpdateUser(t.Context(), u.ID, messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{}})
			must(t, err)
			want(t, "metadata left", len(emptied.ExternalMetadata), 0)
		},
	},
	{
		Name: "an empty change sends no update", Operations: []string{"ModifyUser"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			same, err := c.ModifyUser(t.Context(), u.ID, func(*messembed.User) error { return nil })
			must(t, err)
			want(t, "ID", same.ID, u.ID)
			changed, err := c.ModifyUser(t.Context(), u.ID, func(u *messembed.User) error {
				if in.Metadata {
					u.ExternalMetadata["note"] = "changed"
				} else {
					u.Profile.DisplayName = "changed"
				}
				return nil
			})
			must(t, err)
			if in.Metadata {
				want(t, "note", changed.ExternalMetadata["note"], any("changed"))
			} else {
				want(t, "DisplayName", changed.Profile.DisplayName, "changed")
			}
			own := errors.New("no")
			_, err = c.ModifyUser(t.Context(), u.ID, func(*messembed.User) error { return own })
			want(t, "error", err, own)
		},
	},
	{
		Name: "ensuring twice creates once", Operations: []string{"EnsureUser"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			first, created, err := c.EnsureUser(t.Context(), in.User("ada"))
			must(t, err)
			forget(t, in, c, first.ID)
			want(t, "created", created, true)
			second, created, err := c.EnsureUser(t.Context(), in.User("ada"))
			must(t, err)
			want(t, "created", created, false)
			want(t, "ID", second.ID, first.ID)
		},
	},
	{
		Name: "a deleted user is not found, and can be restored", Operations: []string{"DeleteUser", "EnsureUser"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			must(t, c.DeleteUser(t.Context(), u.ID))
			_, err := c.GetUser(t.Context(), u.ID)
			wantKind(t, err, messembed.ErrNotFound)
			for user, err := range c.Users(t.Context()) {
				must(t, err)
				if user.ID == u.ID {
					t.Error("the deleted user is in the list")
				}
			}
			again, created, err := c.EnsureUser(t.Context(), in.User("ada"))
			must(t, err)
			forget(t, in, c, again.ID)
			want(t, "created", created, true)
			want(t, "Deleted", again.Deleted(), false)
			want(t, "Blocked", again.Blocked(), false)
		},
	},
	{
		Name: "unusual names are unchanged", Operations: []string{"CreateUser", "GetUser", "UpdateUser", "DeleteUser"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			for _, name := range in.Names {
				u := create(t, in, c, name)
				read, err := c.GetUser(t.Context(), u.ID)
				must(t, err)
				want(t, "ID", read.ID, u.ID)
				if asked := in.User(name); asked.ID != "" {
					want(t, "ID", read.ID, asked.ID)
				} else {
					want(t, "Username", read.Profile.Username, asked.Profile.Username)
				}
				_, err = c.UpdateUser(t.Context(), u.ID, anUpdate(in, "odd"))
				must(t, err)
				must(t, c.DeleteUser(t.Context(), u.ID))
				_, err = c.GetUser(t.Context(), u.ID)
				wantKind(t, err, messembed.ErrNotFound)
			}
		},
	},
	{
		Name: "unknown fields are kept in Raw", Operations: []string{"GetUser"}, Faults: true,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			raw := `{"zzUnknown":{"a":[1,null]},` + strings.TrimPrefix(string(u.Raw), "{")
			in.Fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 200, Body: in.AnswerGetUser(raw)})
			read, err := c.GetUser(t.Context(), u.ID)
			must(t, err)
			var known map[string]json.RawMessage
			must(t, json.Unmarshal(read.Raw, &known))
			want(t, "zzUnknown", string(known["zzUnknown"]), `{"a":[1,null]}`)
		},
	},
	{
		Name: "a lost response to a create is settled", Operations: []string{"CreateUser", "EnsureUser"}, Faults: true,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			for i, lost := range []messembedtest.Fault{
				{Op: "CreateUser", Reset: true, AfterApply: true}, {Op: "CreateUser", Truncate: 3}, {Op: "CreateUser", Status: 502, AfterApply: true},
				{Op: "CreateUser", Reset: true}, {Op: "CreateUser", Refuse: true}, {Op: "CreateUser", Status: 503},
			} {
				name := fmt.Sprintf("ada%d", i)
				in.Fake.FailNext(lost)
				_, err := c.CreateUser(t.Context(), in.User(name))
				must(t, err)
				want(t, "users", len(named(t, c, in, name)), 1)
			}
		},
	},
	{
		Name: "a lost response to a delete is a success", Operations: []string{"DeleteUser"}, Faults: true,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			in.Fake.FailNext(messembedtest.Fault{Op: "DeleteUser", Reset: true, AfterApply: true})
			must(t, c.DeleteUser(t.Context(), u.ID))
			want(t, "users", len(named(t, c, in, "ada")), 0)
		},
	},
	{
		Name: "an unexpected response is not a success", Operations: []string{"CreateUser", "GetUser", "UpdateUser", "ListUsers"}, Faults: true,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			page := messembedtest.Fault{Op: "GetUser", Status: 200, Body: "<html>welcome</html>"}
			in.Fake.FailNext(page)
			_, err := c.GetUser(t.Context(), u.ID)
			wantKind(t, err, messembed.ErrInvalidResponse)
			page.Op = "ListUsers"
			in.Fake.FailNext(page)
			_, err = c.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 2})
			wantKind(t, err, messembed.ErrInvalidResponse)
			page.Op = "CreateUser"
			in.Fake.FailNext(page)
			_, err = c.CreateUser(t.Context(), in.User("bob"))
			wantKind(t, err, messembed.ErrInvalidResponse)
			if e, _ := errors.AsType[*messembed.Error](err); e == nil || !e.MaybeApplied {
				t.Error("MaybeApplied is not set")
			}
		},
	},
	{
		Name: "bad input is not sent", Operations: []string{"CreateUser", "GetUser", "UpdateUser", "DeleteUser", "ModifyUser"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			_, err := c.CreateUser(t.Context(), messembed.CreateUserParams{})
			wantKind(t, err, messembed.ErrInvalidArgument)
			_, err = c.GetUser(t.Context(), "")
			wantKind(t, err, messembed.ErrInvalidArgument)
			_, err = c.UpdateUser(t.Context(), "", messembed.UpdateUserParams{})
			wantKind(t, err, messembed.ErrInvalidArgument)
			wantKind(t, c.DeleteUser(t.Context(), ""), messembed.ErrInvalidArgument)
			u := create(t, in, c, "ada")
			_, err = c.UpdateUser(t.Context(), u.ID, messembed.UpdateUserParams{BlockStatus: "NOPE"})
			wantKind(t, err, messembed.ErrInvalidArgument)
		},
	},
}

// anUpdate returns a change that the service can store.
func anUpdate(in Instance, text string) messembed.UpdateUserParams {
	if in.Metadata {
		return messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"note": text}}
	}
	return messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{DisplayName: &text}}
}

// named returns the users with a name.
func named(t *testing.T, c *messembed.Client, in Instance, name string) (found []*messembed.User) {
	t.Helper()
	asked := in.User(name)
	for user, err := range c.Users(t.Context()) {
		must(t, err)
		if asked.ID != "" && user.ID == asked.ID || asked.ID == "" && user.Profile.Username == asked.Profile.Username {
			found = append(found, user)
		}
	}
	return found
}
