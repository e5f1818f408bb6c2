package rocketchat_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// situation is a workspace and what is done there.
type situation struct {
	version string // the major one
	options []rocketchattest.Option
	do      func(t *testing.T, fake *rocketchattest.Server, client *messembed.Client)
}

// situations are named by what makes each different. Together they send every
// request that the adapter can send.
var situations = map[string]situation{
	"8":                        {"8", v("8.8"), useEverything},
	"8, defines fields":        {"8", v("8.8", rocketchattest.WithCustomFields("team", "floor")), useEverything},
	"8, merges fields":         {"8", v("8.8", rocketchattest.WithMergedCustomFields()), useEverything},
	"8, rate limit":            {"8", v("8.8", rocketchattest.WithRateLimit(2, time.Minute)), exceedLimit},
	"8, second factor":         {"8", v("8.8", rocketchattest.WithTwoFactor()), needsCode},
	"8, a caller without much": {"8", v("8.8", rocketchattest.WithoutPermissions(permissions...)), mayNothing},
	"8, unknown caller":        {"8", v("8.8"), unknownCaller},
	"7":                        {"7", v("7.13"), useEverything},
	"7, merges fields":         {"7", v("7.13", rocketchattest.WithMergedCustomFields()), useEverything},
	"7.0":                      {"7", v("7.0"), useEverything},
}

func v(version string, options ...rocketchattest.Option) []rocketchattest.Option {
	return append([]rocketchattest.Option{rocketchattest.WithServerVersion(version)}, options...)
}

var permissions = []string{
	"create-user", "edit-other-user-info", "edit-other-user-active-status", "manage-moderation-actions", "delete-user", "view-d-room",
	"view-full-other-user-info", "edit-other-user-avatar", "user-generate-access-token",
}

// record does what belongs to a situation and returns what was sent.
func record(t *testing.T, s situation) (exchanges []exchange) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t, s.options...)
		rec := &recorder{t: t, next: fake, version: s.version}
		s.do(t, fake, fake.Client(t, messembed.WithTransport(rec)))
		exchanges = rec.exchanges
	})
	return exchanges
}

func user(username string) messembed.CreateUserParams {
	return messembed.CreateUserParams{Profile: messembed.Profile{
		Username: username, DisplayName: "Name of " + username, Emails: []messembed.Email{{Address: username + "@example.com"}},
	}}
}

// useEverything calls each method that the service supports with all that it
// can take, successfully and not.
func useEverything(t *testing.T, fake *rocketchattest.Server, client *messembed.Client) {
	ctx := t.Context()
	require.NoError(t, client.Ping(ctx))
	require.NoError(t, client.CheckCredentials(ctx))

	least, err := client.CreateUser(ctx, user("least"))
	require.NoError(t, err)
	_, _, err = client.EnsureUser(ctx, user("Least"))
	require.NoError(t, err, "usernames are unique regardless of case")
	most := user("most")
	most.Profile.Emails[0].Verified = true
	most.Profile.Roles = []string{"bot", "livechat-agent"}
	most.Profile.Type = messembed.UserBot
	most.Profile.Guest = true
	most.Password = "a Long enough 1"
	most.BlockStatus = messembed.BlockDeactivated
	most.ExternalMetadata = messembed.Metadata{"team": "red", "floor": 3}
	created, err := client.CreateUser(ctx, most)
	require.NoError(t, err)
	_, err = client.CreateUser(ctx, most)
	require.ErrorIs(t, err, messembed.ErrAlreadyExists)
	_, found, err := client.EnsureUser(ctx, most)
	require.NoError(t, err)
	require.False(t, found)

	update(t, client, created.ID, least.ID)

	_, err = client.SetUserPicture(ctx, least.ID, messembed.Picture{URL: "https://example.com/least.png"})
	require.NoError(t, err)
	_, err = client.SetUserPicture(ctx, least.ID, messembed.Picture{Name: "a.png", ContentType: "image/png", Content: strings.NewReader("png")})
	require.NoError(t, err)

	presence(t, fake, client, least.ID)

	token, err := client.CreateAccessToken(ctx, least.ID)
	require.NoError(t, err)
	require.Equal(t, least.ID, token.UserID)
	_, err = client.CreateAccessToken(ctx, "nobody")
	require.ErrorIs(t, err, messembed.ErrNotFound)

	for range 130 {
		fake.AddUser(messembed.User{})
	}
	for _, err := range client.Users(ctx) {
		require.NoError(t, err)
	}
	page, err := client.ListUsers(ctx, messembed.ListUsersParams{Limit: 3}, messembed.WithDetails())
	require.NoError(t, err)
	_, err = client.ListUsers(ctx, messembed.ListUsersParams{Cursor: page.NextCursor})
	require.NoError(t, err)

	fake.SetLastOwner(least.ID, "a room")
	require.ErrorIs(t, client.DeleteUser(ctx, least.ID), messembed.ErrPermissionDenied)
	require.NoError(t, client.DeleteUser(ctx, least.ID, rocketchat.ConfirmRelinquish()))
	require.NoError(t, client.DeleteUser(ctx, created.ID))
	require.ErrorIs(t, client.DeleteUser(ctx, created.ID), messembed.ErrNotFound)
}

// update changes all that can be changed of the user, who ends up blocked.
func update(t *testing.T, client *messembed.Client, id, other string) {
	ctx := t.Context()
	name, username, guest, person := "Another name", "most.of.all", false, true
	_, err := client.UpdateUser(ctx, id, messembed.UpdateUserParams{
		ExternalMetadata: messembed.Metadata{"team": "blue"},
		Profile: &messembed.ProfileUpdate{
			DisplayName: &name, Username: &username, Emails: []messembed.Email{{Address: "other@example.com", Verified: true}},
			Roles: []string{"user", "livechat-manager"},
		},
		RemoveBlockStatus: true,
	}, rocketchat.ConfirmRelinquish())
	require.NoError(t, err)
	for _, isGuest := range []*bool{&person, &guest} {
		_, err = client.UpdateUser(ctx, id, messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Guest: isGuest}})
		require.NoError(t, err)
	}
	_, err = client.UpdateUser(ctx, id, messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{}})
	require.NoError(t, err)
	_, err = client.UpdateUser(ctx, id, messembed.UpdateUserParams{})
	require.NoError(t, err)
	_, err = client.UpdateUser(ctx, other, messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Username: &username}})
	require.ErrorIs(t, err, messembed.ErrAlreadyExists)
	_, err = client.UpdateUser(ctx, "nobody", messembed.UpdateUserParams{})
	require.ErrorIs(t, err, messembed.ErrNotFound)
	_, err = client.ModifyUser(ctx, id, func(u *messembed.User) error {
		u.Profile.DisplayName = "Modified"
		u.ExternalMetadata = messembed.Metadata{"floor": 4}
		return nil
	})
	require.NoError(t, err)

	_, err = client.UpdateUser(ctx, id, messembed.UpdateUserParams{BlockStatus: messembed.BlockDeactivated})
	require.NoError(t, err)
	_, err = client.UnblockUser(ctx, id)
	require.NoError(t, err)
	_, err = client.BlockUser(ctx, id, rocketchat.ConfirmRelinquish())
	require.NoError(t, err)
	_, err = client.BlockUser(ctx, "nobody")
	require.ErrorIs(t, err, messembed.ErrNotFound)
}

// presence sets and reads the presence of a user, also of many at once and
// without the broadcast.
func presence(t *testing.T, fake *rocketchattest.Server, client *messembed.Client, id string) {
	ctx := t.Context()
	fake.SetConnected(id, true)
	for _, status := range []messembed.PresenceStatus{
		messembed.PresenceBusy, messembed.PresenceAway, messembed.PresenceOffline, messembed.PresenceOnline,
	} {
		require.NoError(t, client.SetPresence(ctx, id, messembed.SetPresenceParams{Status: status}))
	}
	err := client.SetPresence(ctx, id, messembed.SetPresenceParams{Status: messembed.PresenceBusy, Text: "at lunch", ExpiresAt: time.Now().Add(time.Hour)})
	if err != nil { // before 8.6
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		require.NoError(t, client.SetPresence(ctx, id, messembed.SetPresenceParams{Status: messembed.PresenceBusy, Text: "at lunch"}))
	}
	require.ErrorIs(t, client.SetPresence(ctx, "nobody", messembed.SetPresenceParams{Status: messembed.PresenceAway}), messembed.ErrNotFound)
	_, err = client.GetPresence(ctx, id)
	require.NoError(t, err)
	_, err = client.GetPresence(ctx, "nobody")
	require.ErrorIs(t, err, messembed.ErrNotFound)

	many := []string{id, "nobody"}
	for range 120 {
		many = append(many, fake.AddUser(messembed.User{}))
	}
	for _, off := range []bool{false, true} {
		fake.DisablePresenceBroadcast(off)
		seen := 0
		for _, err := range client.WatchPresence(ctx, many) {
			require.NoError(t, err)
			if seen++; seen == len(many) {
				break
			}
		}
	}
	fake.DisablePresenceBroadcast(false)
}

// exceedLimit is refused with 429.
func exceedLimit(t *testing.T, _ *rocketchattest.Server, client *messembed.Client) {
	for range 3 {
		if _, err := client.GetUser(t.Context(), "nobody"); errors.Is(err, messembed.ErrRateLimited) {
			return
		}
	}
	t.Error("not limited")
}

// needsCode is refused for want of a second factor, and then gives it.
func needsCode(t *testing.T, _ *rocketchattest.Server, client *messembed.Client) {
	_, err := client.CreateUser(t.Context(), user("ada"))
	require.ErrorIs(t, err, messembed.ErrPermissionDenied)
	code := messembed.WithHeader("X-2fa-Code", rocketchattest.TwoFactorCode)
	created, err := client.CreateUser(t.Context(), user("ada"), code)
	require.NoError(t, err)
	_, err = client.UpdateUser(t.Context(), created.ID, messembed.UpdateUserParams{})
	require.ErrorIs(t, err, messembed.ErrPermissionDenied)
	_, err = client.CreateAccessToken(t.Context(), created.ID)
	require.ErrorIs(t, err, messembed.ErrPermissionDenied)
}

// mayNothing is refused everything that needs a permission.
func mayNothing(t *testing.T, fake *rocketchattest.Server, client *messembed.Client) {
	ctx := t.Context()
	id := fake.AddUser(messembed.User{})
	_, createErr := client.CreateUser(ctx, user("ada"))
	_, updateErr := client.UpdateUser(ctx, id, messembed.UpdateUserParams{})
	_, blockErr := client.BlockUser(ctx, id)
	_, listErr := client.ListUsers(ctx, messembed.ListUsersParams{})
	_, pictureErr := client.SetUserPicture(ctx, id, messembed.Picture{URL: "https://example.com/a.png"})
	_, tokenErr := client.CreateAccessToken(ctx, id)
	presenceErr := client.SetPresence(ctx, id, messembed.SetPresenceParams{Status: messembed.PresenceAway})
	for _, err := range []error{createErr, updateErr, blockErr, listErr, pictureErr, tokenErr, presenceErr, client.DeleteUser(ctx, id)} {
		require.ErrorIs(t, err, messembed.ErrPermissionDenied)
	}
	_, err := client.GetUser(ctx, id) // fewer fields
	require.NoError(t, err)
}

// unknownCaller is refused with 401.
func unknownCaller(t *testing.T, fake *rocketchattest.Server, client *messembed.Client) {
	fake.RevokeCredentials()
	require.ErrorIs(t, client.CheckCredentials(t.Context()), messembed.ErrUnauthenticated)
	_, err := client.GetUser(t.Context(), "nobody")
	require.ErrorIs(t, err, messembed.ErrUnauthenticated)
	e, ok := errors.AsType[*messembed.Error](err)
	require.True(t, ok)
	require.Equal(t, http.StatusUnauthorized, e.StatusCode)
}
