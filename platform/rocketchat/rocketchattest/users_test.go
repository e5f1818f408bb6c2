package rocketchattest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestCreateUser(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	got := c.post("/api/v1/users.create", ada())
	assert.Equal(t, 200, got.status)
	assert.Equal(t, true, got.body["success"])
	user := got.user()
	assert.Regexp(t, `^[2-9A-HJ-NP-Za-km-z]{17}$`, user["_id"])
	assert.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, user["createdAt"])
	assert.Equal(t, []any{object{"address": "ada@example.com", "verified": false}}, user["emails"])
	assert.Equal(t, []any{"user"}, user["roles"])
	assert.Equal(t, object{}, user["settings"])
	assert.NotContains(t, user, "password")

	change := func(key string, value any) object {
		body := ada()
		body["username"], body["email"] = "new", "new@example.com"
		body[key] = value
		return body
	}
	for text, body := range map[string]object{
		"ADA is already in use :( [error-field-unavailable]":                 change("username", "ADA"),
		"Ada@Example.com is already in use :( [error-field-unavailable]":     change("email", "Ada@Example.com"),
		"a b is not a valid username [error-input-is-not-a-valid-field]":     change("username", "a b"),
		"nowhere is not a valid email [error-input-is-not-a-valid-field]":    change("email", "nowhere"),
		"The field Username is required [error-the-field-is-required]":       change("username", " "),
		"The field Name is required [error-the-field-is-required]":           change("name", ""),
		"The field Password is required [error-the-field-is-required]":       change("password", ""),
		"The field Roles consist invalid role id [error-action-not-allowed]": change("roles", []string{"king"}),
		"Name contains invalid characters":                                   change("name", "<b>"),
	} {
		got := c.post("/api/v1/users.create", body)
		assert.Equal(t, 400, got.status)
		assert.Equal(t, text, got.error())
	}
	assert.Equal(t, object{"method": "insertOrUpdateUser", "field": "ada"}, c.post("/api/v1/users.create", ada()).body["details"])
	assert.Len(t, fake.Users(), 1)

	poor := call(t, rocketchattest.New(t, rocketchattest.WithoutPermissions("create-user", "assign-admin-role")))
	assert.Equal(t, "error-action-not-allowed", poor.post("/api/v1/users.create", ada()).body["errorType"])
}

// What a workspace keeps for itself is refused in creates and updates.
func TestUsernames_reserved(t *testing.T) {
	c := call(t, rocketchattest.New(t, rocketchattest.WithTeams("staff"), rocketchattest.WithBlockedUsernames("root")))
	id := c.post("/api/v1/users.create", ada()).user()["_id"]
	for _, test := range []struct{ username, onCreate, onUpdate string }{
		{"Staff", "Staff is already in use :( [error-field-unavailable]", "Could not save user identity [error-could-not-save-identity]"},
		{"ROOT", "ROOT is blocked and can't be used! [error-blocked-username]", "ROOT is blocked and can't be used! [error-blocked-username]"},
	} {
		body := ada()
		body["username"], body["email"] = test.username, "x@example.com"
		assert.Equal(t, test.onCreate, c.post("/api/v1/users.create", body).error())
		assert.Equal(t, test.onUpdate, c.post("/api/v1/users.update", object{"userId": id, "data": object{"username": test.username}}).error())
	}
}

// Very old servers say it otherwise, or not at all.
func TestConflicts_ofOldServers(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithSilentUsernames(), rocketchattest.WithOldConflicts())
	c := call(t, fake)
	id := c.post("/api/v1/users.create", ada()).user()["_id"]
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "bob"}})
	body := ada()
	body["username"] = "other"
	assert.Equal(t, object{"success": false, "error": "Email already exists. [403]", "errorType": 403.0}, c.post("/api/v1/users.create", body).body)
	got := c.post("/api/v1/users.update", object{"userId": id, "data": object{"username": "bob", "name": "Ada L."}})
	assert.Equal(t, 200, got.status)
	assert.Equal(t, "ada", got.user()["username"])
	assert.Equal(t, "Ada L.", got.user()["name"])
}

// A used-up licence ends what makes the number of active people larger.
func TestUserLimit(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithUserLimit(3))
	c := call(t, fake)
	fake.AddUser(messembed.User{Profile: messembed.Profile{Type: messembed.UserBot}})
	blocked := fake.AddUser(messembed.User{BlockStatus: messembed.BlockDeactivated})
	fake.AddUser(messembed.User{})
	created := c.post("/api/v1/users.create", ada())
	require.Equal(t, 200, created.status)

	more := ada()
	more["username"], more["email"] = "grace", "grace@example.com"
	got := c.post("/api/v1/users.create", more)
	assert.Equal(t, 400, got.status)
	assert.Equal(t, "error-license-user-limit-reached", got.body["errorType"])
	assert.Equal(t, "error-license-user-limit-reached", c.post("/api/v1/users.setActiveStatus", object{"userId": blocked, "activeStatus": true}).body["errorType"])
	id := created.user()["_id"]
	assert.Equal(t, 200, c.post("/api/v1/users.setActiveStatus", object{"userId": id, "activeStatus": true}).status, "active already")
	require.Equal(t, 200, c.post("/api/v1/users.setActiveStatus", object{"userId": id, "activeStatus": false}).status)
	assert.Equal(t, 200, c.post("/api/v1/users.create", more).status)
}

func TestUserInfo(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithoutPermissions())
	c := call(t, fake)
	id := fake.AddUser(messembed.User{
		Profile: messembed.Profile{Username: "ada", Emails: []messembed.Email{{Address: "a@b"}}},
		Raw:     json.RawMessage(`{"importIds":["77"],"services":{"password":true},"zz":1}`),
	})
	for _, query := range []string{"userId=" + id, "username=ada", "userId=ada", "importId=77", "email=A@B"} {
		user := c.get("/api/v1/users.info?" + query).user()
		require.NotNil(t, user, "%s", query)
		assert.Equal(t, id, user["_id"], "%s", query)
		assert.Equal(t, true, user["canViewAllInfo"])
		assert.Contains(t, user, "createdAt")
		assert.Contains(t, user, "zz")
		assert.NotContains(t, user, "services")
		assert.NotContains(t, user, "settings")
	}
	assert.Equal(t, object{"success": false, "error": "User not found."}, c.get("/api/v1/users.info?username=nobody").body)
	assert.Equal(t, "Invalid search query.", c.get("/api/v1/users.info?username=").error())
	assert.Equal(t, c.cred.UserID, c.get("/api/v1/users.info?userId=" + c.cred.UserID).user()["_id"], "the caller's own account")

	limited := rocketchattest.New(t, rocketchattest.WithoutPermissions("view-full-other-user-info"))
	id = limited.AddUser(messembed.User{Profile: messembed.Profile{Emails: []messembed.Email{{Address: "a@b"}}}})
	user := call(t, limited).get("/api/v1/users.info?userId=" + id).user()
	assert.Equal(t, false, user["canViewAllInfo"])
	assert.NotContains(t, user, "emails")
	assert.Equal(t, 400, call(t, limited).get("/api/v1/users.info?email=a@b").status)
}

func TestUpdateUser(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada", Emails: []messembed.Email{{Address: "a@b"}}}})
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "bob", Emails: []messembed.Email{{Address: "b@b"}}}})
	update := func(id string, data object) reply {
		return c.post("/api/v1/users.update", object{"userId": id, "data": data})
	}
	for text, got := range map[string]reply{
		"User not found [error-user-not-found]":                        update("nobody", object{}),
		"Could not save user identity [error-could-not-save-identity]": update(id, object{"username": "BOB"}),
		"B@b is already in use :( [error-field-unavailable]":           update(id, object{"email": "B@b"}),
	} {
		assert.Equal(t, 400, got.status)
		assert.Equal(t, text, got.error())
	}
	assert.Equal(t, object{"function": "_setEmail", "field": "B@b"}, update(id, object{"email": "B@b"}).body["details"])
	got := update(id, object{"username": "lovelace", "bio": "x", "password": "ignored"})
	assert.Equal(t, "lovelace", got.user()["username"])
	assert.Equal(t, 200, update(id, object{"email": "a@b", "verified": true}).status, "its own address")
	assert.Equal(t, 400, update(id, object{"joinDefaultChannels": true}).status)
	assert.Equal(t, "User not found.", c.get("/api/v1/users.info?username=ada").error())

	federated := fake.AddUser(messembed.User{Raw: json.RawMessage(`{"federated":true}`)})
	assert.Equal(t, "Edit_Federated_User_Not_Allowed", update(federated, object{}).body["errorType"])
}

// A user is found by exactly one key; all servers call a missing permission
// "unauthorized", until 9.0.
func TestUserInfo_byVersion(t *testing.T) {
	fake := rocketchattest.New(t)
	id := fake.AddUser(messembed.User{Raw: json.RawMessage(`{"freeSwitchExtension":"1000"}`)})
	assert.Equal(t, id, call(t, fake).get("/api/v1/users.info?freeSwitchExtension=1000").user()["_id"])
	for version, want := range map[string]string{"8.4": "unauthorized", "8.x": "unauthorized", "9.0": "forbidden"} {
		poor := rocketchattest.New(t, rocketchattest.WithServerVersion(version), rocketchattest.WithoutPermissions("view-full-other-user-info"))
		got := call(t, poor).get("/api/v1/users.list?email=a@b")
		assert.Equal(t, 403, got.status, version)
		assert.Equal(t, want, got.error(), version)
	}
}

func TestDeleteUser(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})
	assert.Equal(t, "error-invalid-user", c.post("/api/v1/users.delete", object{"userId": "nobody"}).body["errorType"])
	assert.Equal(t, "error-user-param-not-provided", c.post("/api/v1/users.delete", object{"userId": " "}).body["errorType"])
	fake.SetLastOwner(id, "general")
	got := c.post("/api/v1/users.delete", object{"username": "ADA"})
	assert.Equal(t, "[user-last-owner]", got.error())
	assert.Contains(t, got.body["details"], "shouldBeRemoved")
	got = c.post("/api/v1/users.delete", object{"username": "ADA", "confirmRelinquish": true})
	assert.Equal(t, object{"deletedRooms": []any{"general"}, "success": true}, got.body)
	assert.Empty(t, fake.Users())

	fake.AddUser(messembed.User{ID: "rocket.cat"})
	assert.Equal(t, "error-action-not-allowed", c.post("/api/v1/users.delete", object{"userId": "rocket.cat"}).body["errorType"])
}

func TestSetActiveStatus(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	id := fake.AddUser(messembed.User{Presence: &messembed.Presence{Status: messembed.PresenceOnline}})
	token := c.post("/api/v1/users.createToken", object{"userId": id, "secret": c.cred.TokenSecret}).body["data"].(object)["authToken"].(string)
	own := caller{t: t, fake: fake, cred: rocketchat.Credentials{UserID: id, AuthToken: token}}
	assert.Equal(t, 200, own.get("/api/v1/me").status)

	got := c.post("/api/v1/users.setActiveStatus", object{"userId": id, "activeStatus": false})
	assert.Equal(t, object{"user": object{"_id": id, "active": false}, "success": true}, got.body)
	assert.Equal(t, 401, own.get("/api/v1/me").status, "its logins are gone")
	user, _ := fake.User(id)
	assert.False(t, user.Presence.Online)
	assert.Equal(t, "User not found", c.post("/api/v1/users.setActiveStatus", object{"userId": "nobody", "activeStatus": true}).error())
	assert.Equal(t, "error-action-not-allowed", c.post("/api/v1/users.setActiveStatus", object{"userId": c.cred.UserID, "activeStatus": false}).body["errorType"])
}

func TestLists(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	for _, name := range []string{"cy", "ada", "bob"} {
		fake.AddUser(messembed.User{Profile: messembed.Profile{Username: name, DisplayName: strings.ToUpper(name), Emails: []messembed.Email{{Address: name + "@b"}}}})
	}
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "dan"}, BlockStatus: messembed.BlockDeactivated})
	names := func(got reply) (all []string) {
		require.Equal(t, 200, got.status, "%v", got.body)
		for _, user := range got.body["users"].([]any) {
			all = append(all, user.(object)["username"].(string))
		}
		return all
	}
	got := c.get("/api/v1/users.list?offset=1&count=2")
	assert.Equal(t, []string{"bob", "cy"}, names(got))
	assert.Equal(t, []any{2.0, 1.0, 4.0}, []any{got.body["count"], got.body["offset"], got.body["total"]})
	first := got.body["users"].([]any)[0].(object)
	assert.Equal(t, "bob", first["nameInsensitive"])
	assert.NotContains(t, first, "createdAt")
	assert.Equal(t, []string{"dan", "cy", "bob", "ada"}, names(c.get(`/api/v1/users.list?sort={"username":-1}`)))
	assert.Equal(t, []string{"bob"}, names(c.get("/api/v1/users.list?email=BOB@b")))
	assert.Equal(t, []string{"dan"}, names(c.get("/api/v1/users.listByStatus?status=deactivated")))
	assert.Equal(t, []string{"ada"}, names(c.get("/api/v1/users.listByStatus?searchTerm=AD&status=active")))
	for _, far := range []string{"9", "4294967295", "99999999999999999999", "1e300"} {
		assert.Empty(t, names(c.get("/api/v1/users.list?offset="+far)))
		assert.Len(t, names(c.get("/api/v1/users.list?count="+far)), 4)
	}
	assert.Equal(t, 400, c.get("/api/v1/users.list?sort=x").status)

	for range 120 {
		fake.AddUser(messembed.User{})
	}
	assert.Len(t, names(c.get("/api/v1/users.list")), 50)
	assert.Len(t, names(c.get("/api/v1/users.list?count=500")), 100)
	assert.Len(t, names(c.get("/api/v1/users.list?count=0")), 124)
}

func TestTokens_newestFifty(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	id := fake.AddUser(messembed.User{})
	var minted []string
	for range 51 {
		minted = append(minted, c.post("/api/v1/users.createToken", object{"userId": id, "secret": c.cred.TokenSecret}).body["data"].(object)["authToken"].(string))
	}
	works := func(token string) bool {
		return caller{t: t, fake: fake, cred: rocketchat.Credentials{UserID: id, AuthToken: token}}.get("/api/v1/me").status == 200
	}
	assert.False(t, works(minted[0]))
	assert.True(t, works(minted[1]))
	assert.True(t, works(minted[50]))
	assert.Equal(t, "User "+id+" has been logged out!", c.post("/api/v1/users.logout", object{"userId": id}).body["message"])
	assert.False(t, works(minted[50]))
}

// The caller sees itself otherwise than it sees others: IMeApiUser of
// @rocket.chat/core-typings 8.8.1 has no type, and requires these two.
func TestMe(t *testing.T) {
	got := call(t, rocketchattest.New(t)).get("/api/v1/me").body

	assert.NotContains(t, got, "type")
	assert.Equal(t, false, got["isOAuthUser"])
	assert.Equal(t, object{"profile": object{}, "preferences": object{}, "calendar": object{}}, got["settings"])
}
