package faultmatrix_test

import (
	"context"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// The requests for users, with the service's responses.
var (
	sendsGet    = step{op: "GetUser", repeatable: true, answer: says(200, "")}
	sendsNoUser = step{op: "GetUser", repeatable: true, answer: says(404, "USER_NOT_FOUND")}
	sendsUpdate = step{op: "UpdateUser", write: true, repeatable: true, answer: says(200, "")}
	sendsList   = step{op: "ListUsers", repeatable: true, list: true, answer: says(200, "")}
	sendsWalk   = step{op: "ListUsers", repeatable: true, stream: true, list: true, answer: says(200, "")}
	sendsToken  = step{op: "CreateAccessToken", write: true, idle: true, repeatable: true, answer: says(201, "")}

	sendsCreate = step{op: "CreateUser", write: true, repeatable: true, answer: func(done bool) (int, string) {
		if done {
			return 409, "USER_ID_IS_NOT_UNIQUE"
		}
		return 201, ""
	}}
	sendsTakenCreate  = step{op: "CreateUser", write: true, idle: true, repeatable: true, answer: says(409, "USER_ID_IS_NOT_UNIQUE")}
	sendsGetCreated   = step{op: "GetUser", repeatable: true, answer: onceDone(200, "USER_NOT_FOUND")}
	sendsUnknown      = step{op: "UpdateUser", write: true, idle: true, repeatable: true, answer: says(404, "USER_NOT_FOUND")}
	sendsUnknownToken = step{op: "CreateAccessToken", write: true, idle: true, repeatable: true, answer: says(500, "")}

	// The response to a delete is not needed, so an empty one or any object will do.
	sendsDelete = step{op: "DeleteUser", write: true, repeatable: true, accepts: emptyOrObject, answer: func(done bool) (int, string) {
		if done {
			return 404, "USER_NOT_FOUND"
		}
		return 200, ""
	}}
	sendsNoRoute = step{op: "DeleteUser", write: true, idle: true, repeatable: true, accepts: emptyOrObject, answer: says(404, "")}
)

func emptyOrObject(b body) bool { return b == emptyBody || b == plainJSON }

func onceDone(status int, notYet string) func(bool) (int, string) {
	return func(done bool) (int, string) {
		if done {
			return status, ""
		}
		return 404, notYet
	}
}

// one is a call that consists of one request.
func one(st step) func(*play) verdict {
	return func(p *play) verdict { return p.send(st) }
}

// settled is a create: if the key is taken and an earlier attempt may have
// taken it, what is stored is read.
func settled(p *play, create, look step, asAsked func() bool) verdict {
	v := p.send(create)
	if v.kind != messembed.ErrAlreadyExists || !v.maybe {
		return v
	}
	found := p.send(look)
	switch {
	case found.kind == nil && asAsked():
		return verdict{attempts: v.attempts}
	case found.kind == nil, found.kind == messembed.ErrNotFound:
		v.maybe = false
		return v
	}
	found.attempts, found.maybe = v.attempts, true
	return found
}

func createsFresh(p *play) verdict {
	return settled(p, sendsCreate, sendsGetCreated, func() bool { return p.done })
}

// deletes is DeleteUser: the route or, if there is none, the tombstone.
func deletes(route, update step) func(*play) verdict {
	return func(p *play) verdict {
		v := p.send(route)
		noRoute := v.kind == messembed.ErrUnsupported || v.kind == messembed.ErrInvalidArgument && v.status == 405 && v.code == ""
		if noRoute {
			perhaps := v.maybe
			v = p.send(update)
			v.maybe = v.maybe || perhaps && v.kind != nil
			if perhaps && v.kind == messembed.ErrNotFound {
				return verdict{attempts: v.attempts}
			}
		}
		if v.kind == messembed.ErrNotFound && v.maybe {
			return verdict{attempts: v.attempts}
		}
		return v
	}
}

// ensures is EnsureUser.
func ensures(look step, create func(*play) verdict, revive *step) func(*play) verdict {
	return func(p *play) verdict {
		v := p.send(look)
		if v.kind == messembed.ErrNotFound {
			v = create(p)
			if v.kind != messembed.ErrAlreadyExists {
				return v
			}
			taken := v
			if v = p.send(look); v.kind == messembed.ErrNotFound {
				return taken // something other than the id is taken
			}
		}
		if v.kind != nil || revive == nil {
			return v
		}
		return p.send(*revive)
	}
}

func mintsToken(mint, look step) func(*play) verdict {
	return func(p *play) verdict {
		v := p.send(mint)
		if v.status != 500 || v.kind == nil {
			return v
		}
		if p.send(look).kind == messembed.ErrNotFound {
			v.kind, v.maybe = messembed.ErrNotFound, false
		}
		return v
	}
}

func paramsOf(id string) messembed.CreateUserParams {
	return messembed.CreateUserParams{
		ID: id, ExternalMetadata: messembed.Metadata{"name": canaryMetadata, "n": 1},
		PrivateExternalMetadata: messembed.Metadata{"note": "say \"" + canaryMetadata + "\"\n", "card": canaryNumber},
	}
}

func newMetadata() messembed.UpdateUserParams {
	return messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"name": canaryMetadata + "-2"}}
}

// userCalls are the calls for users.
func userCalls() []*call {
	withRoute := []messembedtest.Option{messembedtest.WithDeleteRoute()}
	create := func(ctx context.Context, w *world) (any, error) { return w.client.CreateUser(ctx, paramsOf(fresh)) }
	ensure := func(id string) func(context.Context, *world) (any, error) {
		return func(ctx context.Context, w *world) (any, error) {
			u, created, err := w.client.EnsureUser(ctx, paramsOf(id))
			return []any{u, created}, err
		}
	}
	remove := func(id string) func(context.Context, *world) (any, error) {
		return func(ctx context.Context, w *world) (any, error) { return nil, w.client.DeleteUser(ctx, id) }
	}
	get := func(id string) func(context.Context, *world) (any, error) {
		return func(ctx context.Context, w *world) (any, error) { return w.client.GetUser(ctx, id) }
	}
	update := func(id string) func(context.Context, *world) (any, error) {
		return func(ctx context.Context, w *world) (any, error) { return w.client.UpdateUser(ctx, id, newMetadata()) }
	}
	token := func(id string) func(context.Context, *world) (any, error) {
		return func(ctx context.Context, w *world) (any, error) { return w.client.CreateAccessToken(ctx, id) }
	}
	modify := func(ctx context.Context, w *world) (any, error) {
		return w.client.ModifyUser(ctx, ada, func(u *messembed.User) error {
			u.ExternalMetadata["name"] = canaryMetadata + "-2"
			return nil
		})
	}
	modifies := func(p *play) verdict {
		if v := p.send(sendsGet); v.kind != nil {
			return v
		}
		return p.send(sendsUpdate)
	}
	return []*call{
		{method: "CreateUser", target: "CreateUser", do: create, sends: createsFresh},
		{
			method: "CreateUser", when: "the id is taken by another user", target: "CreateUser",
			do:    func(ctx context.Context, w *world) (any, error) { return w.client.CreateUser(ctx, paramsOf(ada)) },
			sends: func(p *play) verdict { return settled(p, sendsTakenCreate, sendsGet, func() bool { return false }) },
		},
		{
			method: "CreateUser", when: "look-up after a lost response", target: "GetUser", do: create, sends: createsFresh,
			before: map[string]*fault{"CreateUser": lostAnswer},
		},
		{method: "GetUser", when: "unknown user", target: "GetUser", do: get(fresh), sends: one(sendsNoUser)},
		{
			method: "GetUser", when: "it is deleted", target: "GetUser", do: get(ghost),
			sends: func(p *play) verdict {
				v := p.send(sendsGet)
				if v.kind == nil {
					v.kind, v.status = messembed.ErrNotFound, 200
				}
				return v
			},
		},
		{method: "UpdateUser", target: "UpdateUser", do: update(ada), sends: one(sendsUpdate)},
		{method: "UpdateUser", when: "unknown user", target: "UpdateUser", do: update(fresh), sends: one(sendsUnknown)},
		{method: "UpdateUser", when: "with client credentials", target: "UpdateUser", oauth: true, do: update(ada), sends: one(sendsUpdate)},
		{method: "UpdateUser", when: "requesting the token", target: "Token", oauth: true, do: update(ada), sends: one(sendsUpdate)},
		{method: "DeleteUser", when: "by the service's route", target: "DeleteUser", options: withRoute, do: remove(ada), sends: deletes(sendsDelete, sendsDeadUpdate)},
		{method: "DeleteUser", when: "finding no route", target: "DeleteUser", do: remove(ada), sends: deletes(sendsNoRoute, sendsUpdate)},
		{method: "DeleteUser", when: "leaving a tombstone", target: "UpdateUser", do: remove(ada), sends: deletes(sendsNoRoute, sendsUpdate)},
		{
			method: "DeleteUser", when: "leaving a second tombstone", target: "UpdateUser", do: remove(ada), sends: func(p *play) verdict { return p.send(sendsUpdate) },
			world: func(w *world) { w.err = w.client.DeleteUser(context.Background(), carol) },
		},
		{method: "DeleteUser", when: "unknown user", target: "UpdateUser", do: remove(fresh), sends: deletes(sendsNoRoute, sendsUnknown)},
		{
			method: "ListUsers", target: "ListUsers", sends: one(sendsList),
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.ListUsers(ctx, messembed.ListUsersParams{Limit: 2})
			},
		},
		{
			method: "Users", target: "ListUsers", sends: one(sendsWalk),
			do: func(ctx context.Context, w *world) (any, error) { return all(w.client.Users(ctx)) },
		},
		{method: "EnsureUser", when: "reading", target: "GetUser", do: ensure(fresh), sends: ensures(sendsGetCreated, createsFresh, nil)},
		{method: "EnsureUser", when: "creating", target: "CreateUser", do: ensure(fresh), sends: ensures(sendsGetCreated, createsFresh, nil)},
		{
			method: "EnsureUser", when: "it exists", target: "GetUser", do: ensure(ada),
			sends: ensures(sendsGet, func(p *play) verdict {
				return settled(p, sendsTakenCreate, sendsGet, func() bool { return false })
			}, nil),
		},
		{method: "EnsureUser", when: "it is deleted", target: "UpdateUser", do: ensure(ghost), sends: ensures(sendsGet, nil, &sendsUpdate)},
		{method: "ModifyUser", when: "reading", target: "GetUser", do: modify, sends: modifies},
		{method: "ModifyUser", when: "writing", target: "UpdateUser", do: modify, sends: modifies},
		{
			method: "BlockUser", target: "UpdateUser", sends: one(sendsUpdate),
			do: func(ctx context.Context, w *world) (any, error) { return w.client.BlockUser(ctx, ada) },
		},
		{
			method: "UnblockUser", target: "UpdateUser", sends: one(sendsUpdate), do: func(ctx context.Context, w *world) (any, error) {
				return w.client.UnblockUser(ctx, bob)
			},
			world: func(w *world) {
				w.fake.AddUser(messembed.User{ID: bob, BlockStatus: messembed.BlockCantSendAndReceive})
			},
		},
		{method: "CreateAccessToken", target: "CreateAccessToken", do: token(ada), sends: mintsToken(sendsToken, sendsGet)},
		{method: "CreateAccessToken", when: "unknown user", target: "CreateAccessToken", do: token(fresh), sends: mintsToken(sendsUnknownToken, sendsNoUser)},
		{method: "CreateAccessToken", when: "checking whether the user exists", target: "GetUser", do: token(fresh), sends: mintsToken(sendsUnknownToken, sendsNoUser)},
	}
}

// sendsDeadUpdate is the update of a user of a service with a delete route, if
// the client concludes that there is none.
var sendsDeadUpdate = step{op: "UpdateUser", write: true, repeatable: true, answer: func(done bool) (int, string) {
	if done {
		return 404, "USER_NOT_FOUND"
	}
	return 200, ""
}}
