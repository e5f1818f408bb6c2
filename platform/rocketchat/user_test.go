package rocketchat_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat"
)

// document002 is the example of a user in Rocket.Chat's documentation. It has
// no-break spaces between its tokens.
func document002(t *testing.T) []byte {
	data, err := os.ReadFile("testdata/document002.txt")
	require.NoError(t, err)
	return []byte(strings.ReplaceAll(string(data), "\u00a0", " "))
}

func TestDecode_document002(t *testing.T) {
	raw := document002(t)

	user, err := rocketchat.Decode(&messembed.User{Raw: raw})

	require.NoError(t, err)
	assert.Equal(t, "gzvcvpov9G4TxbGFS", user.ID)
	assert.Equal(t, time.Date(2023, 3, 2, 17, 59, 43, 415e6, time.UTC), user.CreatedAt.Time)
	assert.Equal(t, "$2b$10$u...", user.Services.Password.Bcrypt)
	assert.True(t, user.Services.Email2FA.Enabled)
	assert.Equal(t, user.CreatedAt.Time, user.Services.Email2FA.ChangedAt.Time)
	assert.Equal(t, "[email protected]", user.Emails[0].Address)
	assert.True(t, user.Emails[0].Verified)
	assert.True(t, user.Active)
	assert.Equal(t, []string{"GENERAL"}, user.Rooms)
	assert.Equal(t, []string{"user"}, user.Roles)
	assert.NotNil(t, user.Settings)
	assert.Contains(t, user.E2E.PublicKey, "RSA-OAEP-256")
	assert.Equal(t, 1.0, user.UTCOffset)
	assert.Empty(t, user.Extra)

	encoded, err := json.Marshal(user)
	require.NoError(t, err)
	assert.JSONEq(t, string(raw), string(encoded))
}

// Every field of the document's interface has a field of its own.
func TestDecode_everyField(t *testing.T) {
	const raw = `{
		"_id":"u","createdAt":"2016-09-13T14:57:56.037Z","roles":["user"],"type":"user","active":true,"username":"ada","nickname":"a","name":"Ada",
		"services":{"password":{"bcrypt":"x"}},"emails":[{"address":"a@b","verified":true}],"status":"online","statusConnection":"online",
		"lastLogin":{"$date":1677779983415},"bio":"b","avatarOrigin":"url","avatarETag":"e","avatarUrl":"https://a","utcOffset":-3.5,"language":"de",
		"statusDefault":"busy","statusText":"t","oauth":{"authorizedClients":["c"]},"_updatedAt":"2016-09-13T14:57:56.175Z",
		"e2e":{"private_key":"p","public_key":"q"},"requirePasswordChange":true,"customFields":{"a":{"b":[1,null,"x"]}},
		"settings":{"preferences":{"p":1},"profile":{"x":1}},"defaultRoom":"r","ldap":true,"extension":"1","inviteToken":"i","canViewAllInfo":true,
		"phone":"+1","reason":"why","federated":true,"federation":{"avatarUrl":"https://f","searchedServerNames":["s"]},
		"banners":{"b":{"id":"b","priority":1,"title":"t","text":"x","textArguments":["y"],"modifiers":["large"],"link":"https://l","read":true}},
		"importIds":["9"],"phones":[{"number":"+2","label":"l","primary":true,"verified":true}],"statusSource":"manual",
		"statusExpiresAt":"2030-01-01T00:00:00.000Z","statusId":"s","previousState":{"statusDefault":"online","statusText":"","statusSource":"manual"},
		"inactiveReason":"deactivated","freeSwitchExtension":"7","abacAttributes":[{"key":"k","values":["v"]}],"roomRolePriorities":{"r":1},"providerId":"p",
		"requirePasswordChangeReason":"old","__rooms":["GENERAL"]
	}`
	user, err := rocketchat.Decode(&messembed.User{Raw: json.RawMessage(raw)})
	require.NoError(t, err)
	assert.Empty(t, user.Extra)
	assert.Equal(t, time.UnixMilli(1677779983415).UTC(), user.LastLogin.Time)
	assert.Equal(t, -3.5, user.UTCOffset)
	assert.Equal(t, "t", user.Banners["b"].Title)
	assert.Equal(t, []string{"s"}, user.Federation.SearchedServerNames)
	assert.Equal(t, []string{"c"}, user.OAuth.AuthorizedClients)
	encoded, err := json.Marshal(user)
	require.NoError(t, err)
	assert.JSONEq(t, raw, string(encoded))
}

// Nothing is lost: unknown fields at any depth, values of other types, nulls and
// zeros.
func TestDecode_keepsEverything(t *testing.T) {
	const raw = `{"_id":"u","zz":{"a":[1,null]},"active":"yes","createdAt":"yesterday","name":null,"utcOffset":0,"ldap":false,"bio":"","settings":{},
		"services":{"password":true,"github":{"id":7},"resume":{"loginTokens":[{"when":null,"x":1}],"y":2}},"emails":[{"address":"a","z":{}}],
		"inactiveReason":null,"customFields":null,"lastLogin":null,"roles":[],"phones":[1],"banners":{}}`
	user, err := rocketchat.Decode(&messembed.User{Raw: json.RawMessage(raw)})
	require.NoError(t, err)
	assert.Equal(t, []string{"active", "createdAt", "phones", "zz"}, slices.Sorted(maps.Keys(user.Extra)))
	assert.False(t, user.Active)
	assert.JSONEq(t, `{"id":7}`, string(user.Services.Extra["github"]))
	encoded, err := json.Marshal(user)
	require.NoError(t, err)
	assert.JSONEq(t, raw, string(encoded))
}

// Changed fields are encoded anew.
func TestDecode_changed(t *testing.T) {
	user, err := rocketchat.Decode(&messembed.User{Raw: json.RawMessage(
		`{"_id":"u","name":null,"bio":"b","active":"yes","createdAt":{"$date":1},"_updatedAt":{"$date":1},"lastLogin":null}`,
	)})
	require.NoError(t, err)
	user.Name, user.Bio, user.Active = "Ada", "", true
	user.CreatedAt.Time = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	encoded, err := json.Marshal(user)
	require.NoError(t, err)
	assert.JSONEq(t, `{"_id":"u","name":"Ada","bio":"","active":true,"createdAt":"2026-01-02T03:04:05.678Z","_updatedAt":{"$date":1},"lastLogin":null}`, string(encoded))
}

func TestDecode_nothing(t *testing.T) {
	for raw, kind := range map[string]error{"": messembed.ErrInvalidArgument, "null": messembed.ErrInvalidResponse, "[]": messembed.ErrInvalidResponse, "{": messembed.ErrInvalidResponse} {
		_, err := rocketchat.Decode(&messembed.User{Raw: json.RawMessage(raw)})
		assert.ErrorIs(t, err, kind, "%q", raw)
	}
	_, err := rocketchat.Decode(nil)
	assert.ErrorIs(t, err, messembed.ErrInvalidArgument)
}

func TestDate(t *testing.T) {
	at := time.Date(2023, 3, 2, 17, 59, 43, 415e6, time.UTC)
	for _, form := range []string{
		`"2023-03-02T17:59:43.415Z"`, `{"$date":"2023-03-02T17:59:43.415Z"}`, `{"$date":1677779983415}`, `1677779983415`, `"2023-03-02T19:59:43.415+02:00"`,
	} {
		var date rocketchat.Date
		require.NoError(t, json.Unmarshal([]byte(form), &date), "%s", form)
		assert.True(t, at.Equal(date.Time), "%s", form)
		encoded, err := json.Marshal(date)
		require.NoError(t, err)
		assert.Equal(t, form, string(encoded))
	}
	for _, form := range []string{`"x"`, `{}`, `{"$date":null}`, `{"$date":{"$numberLong":"NaN"}}`, `{"$date":{"$numberLong":"1","x":2}}`, `{"$date":{"$date":1}}`, `{"$date":1,"x":2}`, `true`, `1e300`, `[]`} {
		var date rocketchat.Date
		assert.Error(t, json.Unmarshal([]byte(form), &date), "%s", form)
	}
	encoded, err := json.Marshal(rocketchat.Date{Time: at})
	require.NoError(t, err)
	assert.Equal(t, `"2023-03-02T17:59:43.415Z"`, string(encoded))
	encoded, err = json.Marshal(rocketchat.Date{})
	require.NoError(t, err)
	assert.Equal(t, `null`, string(encoded))
}

// Decoding and encoding again reproduces any input.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"_id":"u","createdAt":{"$date":1},"services":{"password":true},"zz":1}`))
	f.Add([]byte(`{"emails":[null,{"address":1}],"customFields":{"a":1e400}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		user, err := rocketchat.Decode(&messembed.User{Raw: raw})
		if err != nil {
			return
		}
		encoded, err := json.Marshal(user)
		require.NoError(t, err)
		var before, after map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(raw, &before))
		require.NoError(t, json.Unmarshal(encoded, &after))
		assert.ElementsMatch(t, slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
	})
}
