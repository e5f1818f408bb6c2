package rightech_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

func TestUpdateUser(t *testing.T) {
	fake := rightechtest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "jane", Phone: "1"}})
	login, name, phone := "janedoe", "Jane Doe", ""
	u, err := client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{
		BlockStatus: messembed.BlockDeactivated,
		Profile:     &messembed.ProfileUpdate{Username: &login, DisplayName: &name, Phone: &phone, Roles: []string{role}},
	})
	require.NoError(t, err)
	assert.JSONEq(t, `{"login":"janedoe","name":"Jane Doe","phone":"","role":"`+role+`","disabled":true}`, string(fake.Requests()[0].Body))
	assert.Equal(t, "janedoe", u.Profile.Username)
	assert.NotZero(t, u.UpdatedAt)
	assert.True(t, u.Blocked())

	u, err = client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{RemoveBlockStatus: true})
	require.NoError(t, err)
	assert.JSONEq(t, `{"disabled":false}`, string(fake.Requests()[1].Body))
	assert.False(t, u.Blocked())

	_, err = client.UpdateUser(t.Context(), "5d8a18d5d0025e0012fb6a34", messembed.UpdateUserParams{})
	require.ErrorIs(t, err, messembed.ErrNotFound)
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "taken"}})
	login = "taken"
	_, err = client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Username: &login}})
	require.ErrorIs(t, err, messembed.ErrAlreadyExists)
}

func TestUpdateUser_refusesWhatCannotBeStored(t *testing.T) {
	fake := rightechtest.New(t)
	client := fake.Client(t)
	text, empty, broken, no := "x", "", "\xff", false
	for says, params := range map[string]messembed.UpdateUserParams{
		"ExternalMetadata:":                      {ExternalMetadata: messembed.Metadata{"a": 1}},
		"PrivateExternalMetadata:":               {PrivateExternalMetadata: messembed.Metadata{"a": 1}},
		"BlockStatus:":                           {BlockStatus: messembed.BlockCantSendAndReceive},
		"Profile.Username: must not be empty":    {Profile: &messembed.ProfileUpdate{Username: &empty}},
		"Profile.DisplayName: must not be empty": {Profile: &messembed.ProfileUpdate{DisplayName: &empty}},
		"Profile.Phone: must be valid UTF-8":     {Profile: &messembed.ProfileUpdate{Phone: &broken}},
		"Profile.Roles: exactly one":             {Profile: &messembed.ProfileUpdate{Roles: []string{}}},
		"Profile.Roles[0]: must not be empty":    {Profile: &messembed.ProfileUpdate{Roles: []string{""}}},
		"Profile.Emails:":                        {Profile: &messembed.ProfileUpdate{Emails: []messembed.Email{{Address: "a@b"}}}},
		"Profile.AvatarURL:":                     {Profile: &messembed.ProfileUpdate{AvatarURL: &text}},
		"Profile.Locale:":                        {Profile: &messembed.ProfileUpdate{Locale: &text}},
		"Profile.Guest:":                         {Profile: &messembed.ProfileUpdate{Guest: &no}},
	} {
		t.Run(says, func(t *testing.T) {
			_, err := client.UpdateUser(t.Context(), "5d8a18d5d0025e0012fb6a34", params)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, says)
		})
	}
	assert.Empty(t, fake.Requests())
}

func TestModifyUser(t *testing.T) {
	fake := rightechtest.New(t)
	id := fake.AddUser(messembed.User{})
	u, err := fake.Client(t).ModifyUser(t.Context(), id, func(u *messembed.User) error {
		u.Profile.Phone, u.BlockStatus = "5", messembed.BlockDeactivated
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, "5", u.Profile.Phone)
	assert.JSONEq(t, `{"phone":"5","disabled":true}`, string(fake.Requests()[1].Body))
}

func TestBlockUser(t *testing.T) {
	fake := rightechtest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{})
	for range 2 {
		u, err := client.BlockUser(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, messembed.BlockDeactivated, u.BlockStatus)
		assert.NotEmpty(t, u.Profile.Username, "the whole user")
	}
	u, err := client.UnblockUser(t.Context(), id)
	require.NoError(t, err)
	assert.False(t, u.Blocked())
	_, err = client.BlockUser(t.Context(), "5d8a18d5d0025e0012fb6a34")
	require.ErrorIs(t, err, messembed.ErrNotFound)
}
