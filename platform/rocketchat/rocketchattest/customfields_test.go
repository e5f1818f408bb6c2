package rocketchattest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// An update merges custom fields since 7.5.4; before, it replaced them.
func TestCustomFields_mergeOrReplace(t *testing.T) {
	merged, replaced := object{"a": "1", "b": "2"}, object{"b": "2"}
	for name, test := range map[string]struct {
		version string
		opts    []rocketchattest.Option
		want    object
	}{
		"8.7":                  {"8.7", nil, merged},
		"7.5.4":                {"7.5.4", nil, merged},
		"the last 7.5":         {"7.5", nil, merged},
		"7.5.3":                {"7.5.3", nil, replaced},
		"7.4":                  {"7.4", nil, replaced},
		"a later one that":     {"8.7", []rocketchattest.Option{rocketchattest.WithReplacedCustomFields()}, replaced},
		"an older one that":    {"6.0", []rocketchattest.Option{rocketchattest.WithMergedCustomFields()}, merged},
		"only what is defined": {"8.7", []rocketchattest.Option{rocketchattest.WithCustomFields("b")}, replaced},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rocketchattest.New(t, append(test.opts, rocketchattest.WithServerVersion(test.version))...)
			c := call(t, fake)
			created := c.post("/api/v1/users.create", with(object{"customFields": object{"a": "1"}}))
			require.Equal(t, 200, created.status, created.error())
			got := c.post("/api/v1/users.update", object{"userId": created.user()["_id"], "data": object{"customFields": object{"b": "2"}}})
			assert.Equal(t, test.want, got.user()["customFields"])
		})
	}
}

func TestCustomFields_checked(t *testing.T) {
	define := rocketchattest.WithCustomField
	fake := rocketchattest.New(t,
		define("badge", rocketchattest.CustomField{Required: true, MinLength: 2, MaxLength: 4}),
		define("team", rocketchattest.CustomField{Options: []string{"red", "blue"}}), rocketchattest.WithCustomFields("free"))
	c := call(t, fake)
	for want, fields := range map[string]object{
		"Field badge is required":         {"team": "red"},
		"Value for field team is invalid": {"badge": "123"},
		"Max length of field badge 4":     {"team": "red", "badge": "12345"},
		"Min length of field badge 2":     {"team": "red", "badge": "1"},
	} {
		got := c.post("/api/v1/users.create", with(object{"customFields": fields}))
		assert.Equal(t, 400, got.status)
		assert.Equal(t, want+" [error-user-registration-custom-field]", got.error())
	}
	assert.Empty(t, fake.Users())
	created := c.post("/api/v1/users.create", with(object{"customFields": object{"team": "red", "badge": "1234", "free": 7, "other": 1}}))
	require.Equal(t, 200, created.status, created.error())
	assert.Equal(t, object{"team": "red", "badge": "1234", "free": 7.0}, created.user()["customFields"])

	update := func(data object) reply {
		return c.post("/api/v1/users.update", object{"userId": created.user()["_id"], "data": data})
	}
	assert.Equal(t, 200, update(object{"name": "Ada L."}).status, "no custom fields are given")
	got := update(object{"name": "Lovelace", "customFields": object{"badge": "12"}})
	assert.Equal(t, "Value for field team is invalid [error-user-registration-custom-field]", got.error(), "an update must give them too")
	user, _ := fake.User(created.user()["_id"].(string))
	assert.Equal(t, "Lovelace", user.Profile.DisplayName, "the rest is stored by then")
}
