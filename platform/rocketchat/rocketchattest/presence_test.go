package rocketchattest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// What others see depends on what was set and on the connection.
func TestPresence(t *testing.T) {
	type step struct {
		connect, disconnect bool
		status, message     string // of setStatus, if given
		want                string
	}
	for name, c := range map[string]struct {
		version string
		kind    messembed.UserType
		steps   []step
	}{
		"a connection is online":      {"8.7", "", []step{{connect: true, want: "online"}, {disconnect: true, want: "offline"}}},
		"what was set overrides it":   {"8.7", "", []step{{connect: true, status: "busy", want: "busy"}, {status: "away", message: "tea", want: "away"}, {disconnect: true, want: "offline"}}},
		"what was set stays":          {"8.7", "", []step{{status: "busy", want: "offline"}, {connect: true, want: "busy"}}},
		"online takes it back":        {"8.7", "", []step{{connect: true, status: "busy", want: "busy"}, {status: "online", want: "online"}, {disconnect: true, want: "offline"}}},
		"online without a connection": {"8.7", "", []step{{status: "online", want: "online"}}},
		"online with a text":          {"8.7", "", []step{{status: "online", message: "x", want: "offline"}}},
		"before 8.6 as given":         {"8.5", "", []step{{status: "busy", want: "busy"}, {status: "online", message: "x", want: "online"}}},
		"invisible":                   {"8.7", "", []step{{connect: true, status: "offline", want: "offline"}}},
		"a bot needs no connection":   {"8.7", messembed.UserBot, []step{{status: "busy", want: "busy"}}},
		"an app neither":              {"8.7", messembed.UserApp, []step{{status: "away", want: "away"}, {connect: true, want: "away"}, {disconnect: true, want: "offline"}}},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rocketchattest.New(t, rocketchattest.WithServerVersion(c.version))
			api := call(t, fake)
			id := fake.AddUser(messembed.User{Profile: messembed.Profile{Type: c.kind}})
			for i, step := range c.steps {
				if step.connect || step.disconnect {
					fake.SetConnected(id, step.connect)
				}
				if step.status != "" {
					require.Equal(t, 200, api.post("/api/v1/users.setStatus", object{"userId": id, "status": step.status, "message": step.message}).status)
				}
				assert.Equal(t, object{"presence": step.want, "success": true}, api.get("/api/v1/users.getPresence?userId="+id).body, "step %d", i)
				assert.Equal(t, step.want, api.get("/api/v1/users.getStatus?userId=" + id).body["status"])
				user, _ := fake.User(id)
				assert.Equal(t, step.want, string(user.Presence.Status))
			}
		})
	}
}

func TestSetStatus(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	assert.Equal(t, "Match error: Failed Match.OneOf, Match.Maybe or Match.Optional validation", c.post("/api/v1/users.setStatus", object{}).error())
	assert.Equal(t, "error-invalid-user", c.post("/api/v1/users.setStatus", object{"status": "away", "userId": "nobody"}).body["errorType"])
	assert.Equal(t, "expiresAt must be a future date [error-invalid-date]", c.post("/api/v1/users.setStatus", object{"status": "away", "expiresAt": "2001-01-01T00:00:00Z"}).error())
	assert.Equal(t, 400, c.post("/api/v1/users.setStatus", object{"status": "away", "expiresAt": "soon"}).status)

	id := fake.AddUser(messembed.User{Presence: &messembed.Presence{Status: messembed.PresenceBusy}})
	require.Equal(t, 200, c.post("/api/v1/users.setStatus", object{"userId": id, "message": " only a text "}).status)
	user, _ := fake.User(id)
	assert.Equal(t, "only a text", user.Presence.Text)
	assert.Equal(t, messembed.PresenceBusy, user.Presence.Status)
	assert.Equal(t, "manual", c.get("/api/v1/users.getStatus?userId=" + id).body["statusSource"])

	poor := rocketchattest.New(t, rocketchattest.WithoutPermissions("edit-other-user-info"))
	id = poor.AddUser(messembed.User{})
	assert.Equal(t, 403, call(t, poor).post("/api/v1/users.setStatus", object{"userId": id, "status": "away"}).status)
	assert.Equal(t, 200, call(t, poor).post("/api/v1/users.setStatus", object{"status": "away"}).status, "its own address")
}

func TestPresences(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	fake.AddUser(messembed.User{ID: "a", Presence: &messembed.Presence{Status: messembed.PresenceAway}, UpdatedAt: time.Now().Add(-time.Hour)})
	fake.AddUser(messembed.User{ID: "b"})
	ids := func(got reply) (all []string) {
		for _, user := range got.body["users"].([]any) {
			all = append(all, user.(object)["_id"].(string))
		}
		return all
	}
	some := c.get("/api/v1/users.presence?ids=b,a,zz")
	assert.Equal(t, []string{"b", "a"}, ids(some))
	assert.Equal(t, false, some.body["full"])
	assert.Equal(t, []string{"a", "b"}, ids(c.get("/api/v1/users.presence?ids=a&ids=b")))
	all := c.get("/api/v1/users.presence")
	assert.Equal(t, []string{"a"}, ids(all), "users who are not offline")
	assert.Equal(t, true, all.body["full"])
	recent := c.get("/api/v1/users.presence?from=" + time.Now().Add(-time.Minute).UTC().Format(time.RFC3339))
	assert.Equal(t, []string{"b"}, ids(recent))
	assert.Equal(t, false, recent.body["full"])
	fake.DisablePresenceBroadcast(true)
	assert.Equal(t, object{"users": []any{}, "full": true, "success": true}, c.get("/api/v1/users.presence?ids=a").body)

	old := rocketchattest.New(t, rocketchattest.WithServerVersion("6.x"))
	old.AddUser(messembed.User{ID: "b"})
	assert.Empty(t, ids(call(t, old).get("/api/v1/users.presence?ids=b")), "older servers leave out offline users")
}
