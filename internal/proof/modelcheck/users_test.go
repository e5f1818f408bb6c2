package modelcheck_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"

	messembed "github.com/messembed/messembed-go"
)

// A user is the model's state of a user. ext and priv are the values of one
// metadata key each; 0 means no metadata.
type user struct {
	exists, blocked bool
	ext, priv       int
}

// tomb is the private metadata of a user that the SDK deleted without a route for it.
const tomb = -1

func (u user) alive() bool { return u.exists && u.priv != tomb }

func (u user) String() string {
	switch {
	case !u.exists:
		return "none"
	case u.priv == tomb:
		return fmt.Sprintf("deleted(%d)", u.ext)
	}
	return fmt.Sprintf("(%d %d %t)", u.ext, u.priv, u.blocked)
}

// read converts a user of the client to the model's.
func read(u *messembed.User) user {
	if u == nil {
		return user{}
	}
	return user{true, u.Blocked(), number(u.ExternalMetadata), number(u.PrivateExternalMetadata)}
}

func number(m messembed.Metadata) int {
	if _, ok := m["messembedDeletedAt"]; ok {
		return tomb
	}
	n, _ := m["n"].(float64)
	return int(n)
}

func meta(n int) messembed.Metadata { return messembed.Metadata{"n": n} }

func found(u user, then step[user]) step[user] {
	if !u.exists {
		return step[user]{kind: messembed.ErrNotFound}
	}
	return then
}

func becomes(u user) step[user] { return step[user]{after: []user{u}} }

// actOnUser performs a random operation on one of the actor's own users.
func (a *actor) actOnUser() error {
	p := a.users[a.random.IntN(len(a.users))]
	id := p.name
	n := a.unique()
	c, ctx := a.client, a.ctx
	params := messembed.CreateUserParams{ID: id, ExternalMetadata: meta(n), PrivateExternalMetadata: meta(n + 1)}
	asked := user{true, false, n, n + 1}
	switch a.random.IntN(14) {
	case 0:
		u, err := c.CreateUser(ctx, params, a.id("CreateUser"))
		return p.told(a.op, err, func(s user) step[user] {
			if s.exists {
				return step[user]{kind: messembed.ErrAlreadyExists}
			}
			return becomes(asked)
		}, func(s user) bool { return s == read(u) })
	case 1, 2:
		u, err := c.GetUser(ctx, id, a.id("GetUser"))
		return p.told(a.op, err, func(s user) step[user] {
			if !s.alive() {
				return step[user]{kind: messembed.ErrNotFound}
			}
			return step[user]{}
		}, func(s user) bool { return s == read(u) })
	case 3:
		u, err := c.UpdateUser(ctx, id, messembed.UpdateUserParams{ExternalMetadata: meta(n)}, a.id("UpdateUser"))
		return p.told(a.op, err, func(s user) step[user] {
			return found(s, becomes(user{true, s.blocked, n, s.priv}))
		}, func(s user) bool { return s == read(u) })
	case 4:
		u, err := c.BlockUser(ctx, id, a.id("BlockUser"))
		return p.told(a.op, err, func(s user) step[user] {
			return found(s, becomes(user{true, true, s.ext, s.priv}))
		}, func(s user) bool { return s == read(u) })
	case 5:
		u, err := c.UnblockUser(ctx, id, a.id("UnblockUser"))
		return p.told(a.op, err, func(s user) step[user] {
			return found(s, becomes(user{true, false, s.ext, s.priv}))
		}, func(s user) bool { return s == read(u) })
	case 6, 7:
		return a.deleteUser(p)
	case 8:
		u, created, err := c.EnsureUser(ctx, params, a.id("EnsureUser"))
		return p.told(a.op, err, func(s user) step[user] {
			if s.alive() {
				return step[user]{}
			}
			return becomes(asked)
		}, func(s user) bool { return s == read(u) && created == (s == asked) })
	case 9:
		u, err := c.ModifyUser(ctx, id, func(u *messembed.User) error {
			u.ExternalMetadata = meta(n)
			return nil
		}, a.id("ModifyUser"))
		return p.told(a.op, err, func(s user) step[user] {
			if !s.alive() {
				return step[user]{kind: messembed.ErrNotFound}
			}
			return becomes(user{true, s.blocked, n, s.priv})
		}, func(s user) bool { return s == read(u) })
	case 10:
		_, err := c.CreateAccessToken(ctx, id, a.id("CreateAccessToken"))
		return p.told(a.op, err, func(s user) step[user] { return found(s, step[user]{}) }, nil)
	case 11:
		u, err := a.do(ownGetUser, messembed.Request{Args: []string{id}})
		return p.told(a.op, err, func(s user) step[user] { return found(s, step[user]{}) }, func(s user) bool { return s == read(u) })
	case 12:
		op := ownUpdateUser
		op.Repeatable = a.random.IntN(2) == 0
		u, err := a.do(op, messembed.Request{Args: []string{id}, Body: map[string]any{"externalMetadata": meta(n)}})
		return p.told(a.op, err, func(s user) step[user] {
			return found(s, becomes(user{true, s.blocked, n, s.priv}))
		}, func(s user) bool { return s == read(u) })
	}
	return a.importUser(p, params, asked)
}

// Operations of one's own.
var (
	ownGetUser    = messembed.Operation{Name: "OwnGetUser", Method: http.MethodGet, Route: "users/{id}", Repeatable: true}
	ownUpdateUser = messembed.Operation{Name: "OwnUpdateUser", Method: http.MethodPatch, Route: "admin-api/users/{id}", Write: true}
)

// do sends an operation whose response is a user. A 2xx response of something
// else leaves open what was done.
func (a *actor) do(op messembed.Operation, r messembed.Request) (*messembed.User, error) {
	answer, err := a.client.Do(a.ctx, op, r, a.id(op.Name))
	if failed := checkError(a.op, err); failed != nil || err != nil {
		return nil, cmp.Or(failed, err)
	}
	var u messembed.User
	if json.Unmarshal(answer.Body, &u) != nil || answer.Body[0] != '{' {
		return nil, &messembed.Error{Op: op.Name, Kind: messembed.ErrInvalidResponse, MaybeApplied: op.Write}
	}
	return &u, nil
}

// deleteUser: if the service has the route, a user may be gone, or deleted in
// the other way if a proxy responded 404 for the route. A later attempt that
// finds nothing has succeeded.
func (a *actor) deleteUser(p *possible[user]) error {
	err := a.client.DeleteUser(a.ctx, p.name, a.id("DeleteUser"))
	return p.told(a.op, err, func(s user) step[user] {
		if !s.exists {
			return step[user]{kind: messembed.ErrNotFound, also: errSuccess}
		}
		return step[user]{after: []user{{}, {true, true, 0, tomb}}}
	}, nil)
}

func (a *actor) importUser(p *possible[user], params messembed.CreateUserParams, asked user) error {
	var failed error
	rows := iter.Seq2[messembed.CreateUserParams, error](func(yield func(messembed.CreateUserParams, error) bool) { yield(params, nil) })
	a.op = "ImportUsers"
	report, err := a.client.ImportUsers(a.ctx, rows, messembed.ImportOptions{OnRow: func(r messembed.ImportRow) { failed = r.Err }})
	if err != nil || report.Read != 1 || (report.Failed == 1) != (failed != nil) {
		return fmt.Errorf("ImportUsers %s: %+v, %w", p.name, report, errors.Join(err, failed))
	}
	return p.told(a.op, failed, func(s user) step[user] {
		if s.alive() {
			return step[user]{kind: nil, also: messembed.ErrAlreadyExists}
		}
		return step[user]{after: []user{asked}, also: messembed.ErrAlreadyExists}
	}, func(s user) bool { return (report.Created == 1) == (s == asked) })
}

// listUsers reads all users in one of two ways and checks the actor's own.
func (a *actor) listUsers() error {
	listed := map[string]*messembed.User{}
	var err error
	if a.random.IntN(2) == 0 {
		var page *messembed.UserPage
		if page, err = a.client.ListUsers(a.ctx, messembed.ListUsersParams{}, a.id("ListUsers")); err == nil {
			for _, u := range page.Users {
				listed[u.ID] = u
			}
		}
	} else {
		for u, failed := range a.client.Users(a.ctx, a.id("Users")) {
			if err = failed; err == nil {
				if listed[u.ID] != nil {
					return fmt.Errorf("Users: %s is yielded twice", u.ID)
				}
				listed[u.ID] = u
			}
		}
	}
	if err != nil {
		return checkError(a.op, err)
	}
	for _, p := range a.users {
		u := listed[p.name]
		failed := p.told(a.op, nil, func(user) step[user] { return step[user]{} }, func(s user) bool {
			return s.alive() == (u != nil) && (u == nil || s == read(u))
		})
		if failed != nil {
			return failed
		}
	}
	return nil
}
