package chatkitty_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func TestDecode_losesNothing(t *testing.T) {
	files, err := filepath.Glob("testdata/user-*.json")
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			document, err := os.ReadFile(file)
			require.NoError(t, err)
			u, err := chatkitty.Decode(&messembed.User{Raw: document})
			require.NoError(t, err)
			again, err := json.Marshal(u)
			require.NoError(t, err)
			assert.Equal(t, exact(t, document), exact(t, again))
		})
	}
}

// exact decodes a JSON object, keeping numbers as they are written.
func exact(t *testing.T, data []byte) map[string]json.RawMessage {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &fields))
	for name, value := range fields {
		compact, err := json.Marshal(value)
		require.NoError(t, err)
		fields[name] = compact
	}
	return fields
}

func TestDecode_readsEveryField(t *testing.T) {
	document, err := os.ReadFile("testdata/user-openapi.json")
	require.NoError(t, err)
	u, err := chatkitty.Decode(&messembed.User{Raw: document})
	require.NoError(t, err)
	assert.Equal(t, int64(1), u.ID)
	assert.Equal(t, "PERSON", u.Type)
	assert.Equal(t, "jane@chatkitty.com", u.Name)
	assert.Equal(t, "Jane Doe", u.DisplayName)
	assert.Equal(t, "https://api.chatkitty.com/v1/picture/Jane+Doe", u.DisplayPictureURL)
	assert.True(t, u.IsGuest)
	assert.Equal(t, "AVAILABLE", u.CallStatus)
	assert.Equal(t, chatkitty.Presence{Status: "UNAVAILABLE"}, u.Presence)
	assert.Equal(t, messembed.Metadata{"favoriteNumber": 42.0}, u.Properties)
	assert.Equal(t, "https://api.chatkitty.com/v1/applications/1", u.Links["application"].Href)
	assert.Len(t, u.Links, 5)
	assert.Nil(t, u.Extra)
}

func TestDecode_readsBothSpellings(t *testing.T) {
	document, err := os.ReadFile("testdata/user-schema-spelling.json")
	require.NoError(t, err)
	u, err := chatkitty.Decode(&messembed.User{Raw: document})
	require.NoError(t, err)
	assert.Equal(t, int64(9007199254740993), u.ID)
	assert.Equal(t, "Jane Doe", u.DisplayName)
	assert.Equal(t, "IN_CALL", u.CallStatus)
	assert.Equal(t, "https://api.chatkitty.com/v1/picture/Jane+Doe", u.DisplayPictureURL)
	assert.Equal(t, json.Number("9007199254740993"), u.Properties["big"])
	assert.Equal(t, "https://api.chatkitty.com/applications/1/users/1", u.Links["self"].Href)
	assert.JSONEq(t, `{"a":[1,2]}`, string(u.Extra["somethingNew"]))
	assert.Len(t, u.Extra, 2)
}

func TestDecode_changesAreEncodedInTheSpellingThatCame(t *testing.T) {
	for came, want := range map[string]string{
		`{"id":1,"display_name":"a","presence":{"status":"X","online":false},"extra":1}`: `{"id":1,"display_name":"b","presence":{"status":"X","online":true},"isGuest":true}`,
		`{"id":1,"displayName":"a","presence":{"status":"X","online":false},"extra":1}`:  `{"id":1,"displayName":"b","presence":{"status":"X","online":true},"isGuest":true}`,
	} {
		u, err := chatkitty.Decode(&messembed.User{Raw: json.RawMessage(came)})
		require.NoError(t, err)
		u.DisplayName, u.Presence.Online, u.IsGuest = "b", true, true
		delete(u.Extra, "extra")
		again, err := json.Marshal(u)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(again))
	}
	made, err := json.Marshal(chatkitty.User{ID: 5, Name: "x"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":5,"name":"x"}`, string(made))
}

func TestDecode_nothing(t *testing.T) {
	for raw, kind := range map[string]error{"": messembed.ErrInvalidArgument, "null": messembed.ErrInvalidResponse, "[]": messembed.ErrInvalidResponse, "{": messembed.ErrInvalidResponse} {
		_, err := chatkitty.Decode(&messembed.User{Raw: json.RawMessage(raw)})
		assert.ErrorIs(t, err, kind, "%q", raw)
	}
	_, err := chatkitty.Decode(nil)
	assert.ErrorIs(t, err, messembed.ErrInvalidArgument)
}

func TestDecode_linksOfAnotherKind(t *testing.T) {
	for links, want := range map[string]chatkitty.Links{
		`{"self":{"href":"a"}}`:                        {"self": {Href: "a"}},
		`[{"name":"self","href":"a"},{"href":"b"}]`:    {"self": {Href: "a", Name: "self"}, "1": {Href: "b"}},
		`[{"rel":"self","href":"a","templated":true}]`: {"self": {Href: "a", Templated: true}},
		`[]`: {}, `7`: nil, `"x"`: nil, `[1]`: nil,
	} {
		u, err := chatkitty.Decode(&messembed.User{Raw: json.RawMessage(`{"id":1,"_links":` + links + `}`)})
		require.NoError(t, err)
		assert.Equal(t, want, u.Links, links)
	}
}

func TestFake_servesBothDialects(t *testing.T) {
	for name, options := range map[string][]chatkittytest.Option{"camel": nil, "snake": {chatkittytest.WithSnakeCase()}} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t, options...)
			client := fake.Client(t)
			created, err := client.CreateUser(t.Context(), jane())
			require.NoError(t, err)
			assert.Equal(t, name == "snake", !json.Valid(created.Raw) || exact(t, created.Raw)["display_name"] != nil)
			assert.Equal(t, "Jane Doe", created.Profile.DisplayName)
			assert.NotEmpty(t, created.Profile.AvatarURL)
			typed, err := chatkitty.Decode(created)
			require.NoError(t, err)
			assert.Len(t, typed.Links, 5)
		})
	}
}

// An id that is a text is read, and stays one.
func TestDecode_idAsText(t *testing.T) {
	fake := chatkittytest.New(t)
	fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 200, Body: `{"id":"9007199254740993","presence":{"status":7,"online":true},"name":1}`})
	u, err := fake.Client(t).GetUser(t.Context(), "9007199254740993")
	require.NoError(t, err)
	assert.Equal(t, "9007199254740993", u.ID)
	assert.True(t, u.Presence.Online)
	typed, err := chatkitty.Decode(u)
	require.NoError(t, err)
	assert.Equal(t, int64(9007199254740993), typed.ID)
	assert.Contains(t, typed.Extra, "name")
	typed.IsGuest = true
	again, err := json.Marshal(typed)
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"9007199254740993","isGuest":true,"name":1,"presence":{"status":7,"online":true}}`, string(again))
}
