package rocketchattest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// with returns the body of a create with other values.
func with(more object) object {
	body := ada()
	for name, value := range more {
		body[name] = value
	}
	return body
}

// The schemas are those of rest-typings 8.8.1; see there.
func TestSchemas(t *testing.T) {
	update := func(data object) object { return object{"userId": "x", "data": data} }
	for name, test := range map[string]struct {
		route string
		body  any
		want  string
	}{
		"a key is missing":          {"users.create", object{"name": "x", "password": "x", "username": "x"}, "must have required property 'email'"},
		"an unknown key":            {"users.create", with(object{"id": "y"}), "must NOT have additional properties"},
		"phones":                    {"users.create", with(object{"phones": []object{}}), "must NOT have additional properties"},
		"settings":                  {"users.create", with(object{"settings": object{}}), "must NOT have additional properties"},
		"no custom fields":          {"users.create", with(object{"customFields": nil}), "must be object"},
		"an object for a text":      {"users.create", with(object{"name": object{}}), "must be string"},
		"a word for a boolean":      {"users.setActiveStatus", object{"userId": "x", "activeStatus": "no"}, "must be boolean"},
		"another status":            {"users.setStatus", object{"status": "invisible"}, "must be equal to one of the allowed values"},
		"a list":                    {"users.setStatus", []int{1}, "must be object"},
		"an update's language":      {"users.update", update(object{"language": "de"}), "must NOT have additional properties"},
		"an update's phones":        {"users.update", update(object{"phones": []object{}}), "must NOT have additional properties"},
		"a role that is no list":    {"users.update", update(object{"roles": "admin"}), "must be array"},
		"a list of something else":  {"users.update", update(object{"roles": []any{object{}}}), "must be string"},
		"nobody":                    {"users.update", object{"userId": "", "data": object{}}, "must NOT have fewer than 1 characters"},
		"no JSON is an empty body":  {"users.create", "{", "must have required property 'email'"},
		"nothing is an empty body":  {"users.create", "", "must have required property 'email'"},
		"a text is JSON, no object": {"users.create", `"x"`, "must be object"},
		"null":                      {"users.create", "null", "must be object"},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(t, rocketchattest.New(t)).post("/api/v1/"+test.route, test.body)
			assert.Equal(t, 400, got.status)
			assert.Equal(t, "invalid-params", got.body["errorType"])
			assert.Equal(t, test.want, got.error())
		})
	}
}

func TestSchemas_ofQueries(t *testing.T) {
	c := call(t, rocketchattest.New(t))
	for query, want := range map[string]string{
		"users.list?zz=1":                                "must NOT have additional properties",
		"users.list?count=abc":                           "must be number",
		"users.list?email=":                              "must NOT have fewer than 1 characters",
		"users.list?sort[]=a&sort[]=b":                   "must be string",
		"users.listByStatus?status=foo":                  "must be equal to one of the allowed values",
		"users.listByStatus?hasLoggedIn=x":               "must be boolean",
		"users.listByStatus?fields=x":                    "must NOT have additional properties",
		"users.listByStatus?inactiveReason[]=bored":      "must be equal to one of the allowed values",
		"users.getStatus?userId=a&userId=b":              "must be string",
		"users.info?userId=a&username=b&freeSwitchX=":    "",
		"users.info":                                     "",
		"users.presence?ids=a&zz=":                       "must NOT have additional properties",
		"users.info?userId=a&includeUserRooms=true&zz=1": "",
	} {
		got := c.get("/api/v1/" + query)
		assert.Equal(t, 400, got.status, query)
		assert.Equal(t, "error-invalid-params", got.body["errorType"], query)
		if want == "" {
			assert.True(t, strings.HasSuffix(got.error(), "\n must match a schema in anyOf"), got.error())
		} else {
			assert.Equal(t, want, got.error(), query)
		}
	}
	old := call(t, rocketchattest.New(t, rocketchattest.WithServerVersion("7.x")))
	got := old.get("/api/v1/users.info")
	assert.Equal(t, "invalid-params", got.body["errorType"])
	assert.True(t, strings.HasSuffix(got.error(), " [invalid-params]"))
	assert.Equal(t, 400, old.get("/api/v1/users.info?email=a@b").status, "since 8.4")
}

// Values of another type are made to fit, as ajv's coerceTypes does.
func TestSchemas_coerce(t *testing.T) {
	c := call(t, rocketchattest.New(t))
	got := c.post("/api/v1/users.create", with(object{"name": 7, "password": true, "verified": "true", "requirePasswordChange": 1, "bio": nil}))
	require.Equal(t, 200, got.status, got.error())
	user := got.user()
	assert.Equal(t, "7", user["name"])
	assert.Equal(t, true, user["emails"].([]any)[0].(object)["verified"])
	assert.Equal(t, true, user["requirePasswordChange"])
	assert.NotContains(t, user, "bio")

	data := object{"roles": nil, "customFields": nil, "bio": 1.5}
	got = c.post("/api/v1/users.update", object{"userId": user["_id"], "data": data, "confirmRelinquish": nil})
	require.Equal(t, 200, got.status, got.error())
	assert.Equal(t, "1.5", got.user()["bio"])
	assert.Equal(t, []any{"user"}, got.user()["roles"])
	assert.Equal(t, 200, c.post("/api/v1/users.setActiveStatus", object{"userId": user["_id"], "activeStatus": 0}).status)
	assert.Equal(t, 400, c.post("/api/v1/users.setActiveStatus", object{"userId": user["_id"], "activeStatus": 2}).status)
}

func TestBodies_urlencoded(t *testing.T) {
	c := call(t, rocketchattest.New(t))
	c.contentType = "application/x-www-form-urlencoded; charset=utf-8"
	form := url.Values{"username": {"ada"}, "name": {"Ada"}, "email": {"a@b"}, "password": {"x"}, "roles[]": {"user", "bot"}, "verified": {"false"}}
	got := c.post("/api/v1/users.create", form.Encode())
	require.Equal(t, 200, got.status, got.error())
	assert.Equal(t, []any{"user", "bot"}, got.user()["roles"])
}

func TestQueries_lists(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	fake.AddUser(messembed.User{ID: "a", Profile: messembed.Profile{Roles: []string{"bot"}}})
	fake.AddUser(messembed.User{ID: "b", Profile: messembed.Profile{Roles: []string{"guest", "user"}}})
	fake.AddUser(messembed.User{ID: "c", BlockStatus: messembed.BlockDeactivated})
	require.Equal(t, 200, c.post("/api/v1/users.setActiveStatus", object{"userId": "a", "activeStatus": false}).status)
	ids := func(query string) (all []string) {
		got := c.get("/api/v1/" + query)
		require.Equal(t, 200, got.status, "%s: %v", query, got.body)
		for _, user := range got.body["users"].([]any) {
			all = append(all, user.(object)["_id"].(string))
		}
		return all
	}
	assert.Equal(t, []string{"a", "b"}, ids("users.presence?ids[]=a&ids[]=b"))
	assert.Equal(t, []string{"b"}, ids("users.presence?ids[]=b"))
	assert.Equal(t, []string{"a", "b"}, ids("users.listByStatus?roles[]=bot&roles[]=guest"))
	assert.Equal(t, []string{"b"}, ids("users.listByStatus?roles=guest"), "one is a list of one")
	assert.Equal(t, []string{"a"}, ids("users.listByStatus?inactiveReason[]=deactivated&inactiveReason[]=idle_too_long"))
	assert.Equal(t, []string{"a", "c"}, ids("users.listByStatus?status[]=deactivated"), "a list of one is that one")
	assert.Empty(t, ids("users.listByStatus?hasLoggedIn=true"))
	assert.Len(t, ids("users.list?count=&offset="), 3)
}
