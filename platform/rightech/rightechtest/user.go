package rightechtest

import (
	"encoding/json"
	"time"
)

// user is a user as the service stores it.
type user struct {
	id, login, name, email, role, group string
	phone, locale                       *string // nil if not set
	disabled, webDisabled, temp         *bool
	messages                            bool
	created, changed                    time.Time                  // changed: zero before the first PATCH
	extra                               map[string]json.RawMessage // fields that the fake does not know
}

// render returns a user as the service sends it; if not whole, with the fields of a list in the
// documentation.
func render(u *user, whole bool) object {
	out := object{
		"_id": u.id, "login": u.login, "name": u.name, "email": u.email, "rights": 1.5, "role": u.role, "messages": u.messages,
	}
	put(out, "phone", u.phone)
	put(out, "locale", u.locale)
	put(out, "disabled", u.disabled)
	put(out, "webDisabled", u.webDisabled)
	put(out, "temp", u.temp)
	for name, value := range u.extra {
		out[name] = value
	}
	if !whole {
		return out
	}
	out["access"], out["owner"], out["group"] = []string{u.id}, ownerID, u.group
	out["time"] = u.created.UnixMilli()
	if !u.changed.IsZero() {
		out["_at"] = u.changed.UnixMilli()
	}
	return out
}

// put adds a field if it is set.
func put[T any](o object, name string, value *T) {
	if value != nil {
		o[name] = *value
	}
}
