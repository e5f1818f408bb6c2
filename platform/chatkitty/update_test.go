package chatkitty_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func stored() messembed.Metadata {
	return messembed.Metadata{
		"kept": 1.0, "gone": "x", "changed": "before",
		"deep": map[string]any{"kept": true, "gone": nil, "below": map[string]any{"a": 1.0, "b": 2.0}},
		"list": []any{1.0, map[string]any{"a": 1.0}}, "toObject": "text", "toText": map[string]any{"a": 1.0}, "null": nil,
	}
}

func wanted() messembed.Metadata {
	return messembed.Metadata{
		"kept": 1.0, "changed": "after", "new": map[string]any{"x": []any{nil}},
		"deep": map[string]any{"kept": true, "below": map[string]any{"b": 2.0}},
		"list": []any{}, "toObject": map[string]any{"a": map[string]any{}}, "toText": "text",
	}
}

func TestUpdateUser_replacesPropertiesWhole(t *testing.T) {
	for name, c := range map[string]struct {
		options  []chatkittytest.Option
		requests []string
	}{
		"merged deeply":    {nil, []string{"GetUser", "UpdateUser"}},
		"merged shallowly": {[]chatkittytest.Option{chatkittytest.WithPropertiesMerge(chatkittytest.MergeShallow)}, []string{"GetUser", "UpdateUser", "UpdateUser"}},
		"replaced":         {[]chatkittytest.Option{chatkittytest.WithPropertiesMerge(chatkittytest.Replace)}, []string{"GetUser", "UpdateUser", "UpdateUser"}},
		"in snake case":    {[]chatkittytest.Option{chatkittytest.WithSnakeCase()}, []string{"GetUser", "UpdateUser"}},
	} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t, c.options...)
			id := fake.AddUser(messembed.User{ExternalMetadata: stored()})
			u, err := fake.Client(t).UpdateUser(t.Context(), id, messembed.UpdateUserParams{ExternalMetadata: wanted()})
			require.NoError(t, err)
			assert.Equal(t, wanted(), u.ExternalMetadata)
			kept, _ := fake.User(id)
			assert.Equal(t, wanted(), kept.ExternalMetadata)
			assert.Equal(t, c.requests, operations(fake))
		})
	}
}

func TestUpdateUser_sendsAMergePatch(t *testing.T) {
	fake := chatkittytest.New(t)
	id := fake.AddUser(messembed.User{ExternalMetadata: messembed.Metadata{"gone": 1, "deep": map[string]any{"gone": 1, "kept": 2}}})
	name, guest := "Jane", false
	u, err := fake.Client(t).UpdateUser(t.Context(), id, messembed.UpdateUserParams{
		ExternalMetadata: messembed.Metadata{"deep": struct {
			Kept int `json:"kept"`
		}{2}},
		Profile: &messembed.ProfileUpdate{DisplayName: &name, Guest: &guest},
	})
	require.NoError(t, err)
	assert.Equal(t, "Jane", u.Profile.DisplayName)
	requests := fake.Requests()
	sent := requests[len(requests)-1]
	assert.Equal(t, http.MethodPatch, sent.Method)
	assert.Equal(t, "application/json+merge-patch", sent.Header.Get("Content-Type"))
	assert.JSONEq(t, `{"displayName":"Jane","isGuest":false,"properties":{"gone":null,"deep":{"gone":null,"kept":2}}}`, string(sent.Body))
}

func TestUpdateUser_withoutMetadataDoesNotReadFirst(t *testing.T) {
	fake := chatkittytest.New(t)
	id := fake.AddUser(messembed.User{ExternalMetadata: stored()})
	guest := true
	u, err := fake.Client(t).UpdateUser(t.Context(), id, messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Guest: &guest}})
	require.NoError(t, err)
	assert.True(t, u.Profile.Guest)
	assert.Equal(t, stored(), u.ExternalMetadata)
	assert.Equal(t, []string{"UpdateUser"}, operations(fake))
}

func TestUpdateUser_emptiesMetadata(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{ExternalMetadata: stored()})
	for range 2 { // empty, and empty again
		u, err := client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{}})
		require.NoError(t, err)
		assert.Empty(t, u.ExternalMetadata)
	}
}

func TestUpdateUser_refusesANullThatMergingWouldDrop(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{ExternalMetadata: messembed.Metadata{"null": nil, "text": "x", "deep": map[string]any{}}})
	for path, metadata := range map[string]messembed.Metadata{
		"externalMetadata.new:":      {"new": nil},
		"externalMetadata.text:":     {"text": nil},
		"externalMetadata.deep.new:": {"deep": map[string]any{"new": nil}},
		"externalMetadata.more.a.b:": {"more": map[string]any{"a": map[string]any{"b": nil}}},
	} {
		_, err := client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{ExternalMetadata: metadata})
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		assert.ErrorContains(t, err, path)
	}
	assert.NotContains(t, operations(fake), "UpdateUser")

	u, err := client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"null": nil, "list": []any{nil}}})
	require.NoError(t, err, "a null that is there already stays; one in an array is a value like any other")
	assert.Equal(t, messembed.Metadata{"null": nil, "list": []any{nil}}, u.ExternalMetadata)
}

func TestUpdateUser_refusesWhatCannotBeStored(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{})
	text, empty, broken := "x", "", "\xff"
	for field, params := range map[string]messembed.UpdateUserParams{
		"PrivateExternalMetadata:":                 {PrivateExternalMetadata: messembed.Metadata{"a": 1}},
		"BlockStatus:":                             {BlockStatus: messembed.BlockDeactivated},
		"RemoveBlockStatus:":                       {RemoveBlockStatus: true},
		"Profile.Username:":                        {Profile: &messembed.ProfileUpdate{Username: &text}},
		"Profile.DisplayName: must not be empty":   {Profile: &messembed.ProfileUpdate{DisplayName: &empty}},
		"Profile.DisplayName: must be valid UTF-8": {Profile: &messembed.ProfileUpdate{DisplayName: &broken}},
		"Profile.AvatarURL:":                       {Profile: &messembed.ProfileUpdate{AvatarURL: &text}},
		"Profile.Phone:":                           {Profile: &messembed.ProfileUpdate{Phone: &text}},
		"Profile.Locale:":                          {Profile: &messembed.ProfileUpdate{Locale: &text}},
		"Profile.Emails:":                          {Profile: &messembed.ProfileUpdate{Emails: []messembed.Email{}}},
		"Profile.Roles:":                           {Profile: &messembed.ProfileUpdate{Roles: []string{}}},
		"externalMetadata.a: cannot be marshalled": {ExternalMetadata: messembed.Metadata{"a": func() {}}},
		"externalMetadata.a: must be valid UTF-8":  {ExternalMetadata: messembed.Metadata{"a": broken}},
	} {
		t.Run(field, func(t *testing.T) {
			_, err := client.UpdateUser(t.Context(), id, params)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, field)
		})
	}
	assert.Empty(t, fake.Requests())
}

func TestUpdateUser_unknown(t *testing.T) {
	client := chatkittytest.New(t).Client(t)
	for _, params := range []messembed.UpdateUserParams{{}, {ExternalMetadata: messembed.Metadata{"a": 1}}} {
		_, err := client.UpdateUser(t.Context(), "5", params)
		assert.ErrorIs(t, err, messembed.ErrNotFound)
	}
}

func TestUpdateUser_lostAnswer(t *testing.T) {
	fake := chatkittytest.New(t)
	id := fake.AddUser(messembed.User{ExternalMetadata: stored()})
	fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Reset: true, AfterApply: true})
	u, err := fake.Client(t).UpdateUser(t.Context(), id, messembed.UpdateUserParams{ExternalMetadata: wanted()})
	require.NoError(t, err)
	assert.Equal(t, wanted(), u.ExternalMetadata)
}

func TestUpdateUser_halfDoneSaysSo(t *testing.T) {
	fake := chatkittytest.New(t, chatkittytest.WithPropertiesMerge(chatkittytest.Replace))
	id := fake.AddUser(messembed.User{ExternalMetadata: stored()})
	client := fake.Client(t)
	fake.FailNext(messembedtest.Fault{Op: "UpdateUser"}) // the first passes
	fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Status: http.StatusForbidden, Body: `{"error":"access_denied"}`})
	_, err := client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{ExternalMetadata: wanted()})
	assert.True(t, failure(t, err, messembed.ErrPermissionDenied).MaybeApplied)
}

func TestModifyUser_losesNoDigits(t *testing.T) {
	fake := chatkittytest.New(t)
	id := fake.AddUser(messembed.User{ExternalMetadata: messembed.Metadata{"big": json.Number("9007199254740993"), "n": 1}})
	u, err := fake.Client(t).ModifyUser(t.Context(), id, func(u *messembed.User) error {
		assert.Equal(t, 1.0, u.ExternalMetadata["n"])
		u.ExternalMetadata["n"] = 2
		u.Profile.DisplayName = "Changed"
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, "Changed", u.Profile.DisplayName)
	kept, _ := fake.User(id)
	assert.Contains(t, string(kept.Raw), `"big":9007199254740993`)
	assert.Contains(t, string(kept.Raw), `"n":2`)
}
