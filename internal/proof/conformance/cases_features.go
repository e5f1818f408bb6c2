package conformance

import (
	"net/http"
	"strings"
	"testing"

	messembed "github.com/messembed/messembed-go"
)

var featureCases = []Case{
	{
		Name: "a user is blocked and unblocked", Operations: []string{"BlockUser", "UnblockUser"}, Feature: messembed.FeatureBlockUser,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			for range 2 { // repeating it is not an error
				blocked, err := c.BlockUser(t.Context(), u.ID)
				must(t, err)
				want(t, "Blocked", blocked.Blocked(), true)
				want(t, "ID", blocked.ID, u.ID)
			}
			read, err := c.GetUser(t.Context(), u.ID)
			must(t, err)
			want(t, "Blocked", read.Blocked(), true)
			for range 2 {
				unblocked, err := c.UnblockUser(t.Context(), u.ID)
				must(t, err)
				want(t, "Blocked", unblocked.Blocked(), false)
			}
			_, err = c.BlockUser(t.Context(), in.UnknownID)
			wantKind(t, err, messembed.ErrNotFound)
		},
		Without: func(t *testing.T, c *messembed.Client) {
			_, err := c.BlockUser(t.Context(), "1")
			wantKind(t, err, messembed.ErrUnsupported)
			_, err = c.UnblockUser(t.Context(), "1")
			wantKind(t, err, messembed.ErrUnsupported)
		},
	},
	{
		Name: "an access token is minted", Operations: []string{"CreateAccessToken"}, Feature: messembed.FeatureAccessTokens,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			token, err := c.CreateAccessToken(t.Context(), u.ID)
			must(t, err)
			want(t, "UserID", token.UserID, u.ID)
			if token.AccessToken == "" {
				t.Error("no token")
			}
			if strings.Contains(token.String(), token.AccessToken) {
				t.Error("the token is printed")
			}
			_, err = c.CreateAccessToken(t.Context(), in.UnknownID)
			wantKind(t, err, messembed.ErrNotFound)
		},
		Without: func(t *testing.T, c *messembed.Client) {
			_, err := c.CreateAccessToken(t.Context(), "1")
			wantKind(t, err, messembed.ErrUnsupported)
		},
	},
	{
		Name: "a picture is set", Operations: []string{"SetUserPicture"}, Feature: messembed.FeatureUserPictures,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			hosted := messembed.Picture{URL: "https://pics.example.com/ada.png", Name: "ada.png", ContentType: "image/png", Size: 12}
			updated, err := c.SetUserPicture(t.Context(), u.ID, hosted)
			must(t, err)
			want(t, "ID", updated.ID, u.ID)
			upload := messembed.Picture{Name: "ada.png", ContentType: "image/png", Size: 3, Content: strings.NewReader("png")}
			updated, err = c.SetUserPicture(t.Context(), u.ID, upload)
			must(t, err)
			want(t, "ID", updated.ID, u.ID)
			_, err = c.SetUserPicture(t.Context(), u.ID, messembed.Picture{})
			wantKind(t, err, messembed.ErrInvalidArgument)
			_, err = c.SetUserPicture(t.Context(), in.UnknownID, hosted)
			wantKind(t, err, messembed.ErrNotFound)
		},
		Without: func(t *testing.T, c *messembed.Client) {
			_, err := c.SetUserPicture(t.Context(), "1", messembed.Picture{URL: "https://pics.example.com/1.png"})
			wantKind(t, err, messembed.ErrUnsupported)
		},
	},
	{
		Name: "presence is read, set and watched", Operations: []string{"GetPresence", "SetPresence", "WatchPresence"}, Feature: messembed.FeaturePresence,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			presence, err := c.GetPresence(t.Context(), u.ID)
			must(t, err)
			want(t, "UserID", presence.UserID, u.ID)
			want(t, "Online", presence.Online, false)
			must(t, c.SetPresence(t.Context(), u.ID, messembed.SetPresenceParams{Status: messembed.PresenceOffline}))
			wantKind(t, c.SetPresence(t.Context(), u.ID, messembed.SetPresenceParams{Status: "dancing"}), messembed.ErrInvalidArgument)
			for state, err := range c.WatchPresence(t.Context(), []string{u.ID}) {
				must(t, err)
				want(t, "UserID", state.UserID, u.ID)
				break // the current state is yielded at once
			}
			_, err = c.GetPresence(t.Context(), in.UnknownID)
			wantKind(t, err, messembed.ErrNotFound)
			failures := 0
			for _, err := range in.Stranger(t).WatchPresence(t.Context(), []string{u.ID}) {
				wantKind(t, err, messembed.ErrUnauthenticated)
				failures++
			}
			want(t, "failures", failures, 1)
			panics(t, in, func(c *messembed.Client) {
				for _, err := range c.WatchPresence(t.Context(), []string{u.ID}) {
					t.Error("nothing can be read:", err)
				}
			})
		},
		Without: func(t *testing.T, c *messembed.Client) {
			_, err := c.GetPresence(t.Context(), "1")
			wantKind(t, err, messembed.ErrUnsupported)
			wantKind(t, c.SetPresence(t.Context(), "1", messembed.SetPresenceParams{Status: messembed.PresenceOnline}), messembed.ErrUnsupported)
			failures := 0
			for _, err := range c.WatchPresence(t.Context(), []string{"1"}) {
				wantKind(t, err, messembed.ErrUnsupported)
				failures++
			}
			want(t, "failures", failures, 1)
		},
	},
}

// panics calls with a transport that panics, and checks that it does so in the
// caller's goroutine. A panic in any other would end the process.
func panics(t *testing.T, in Instance, call func(*messembed.Client)) {
	t.Helper()
	defer func() { want(t, "panic of the transport", recover(), any("broken")) }()
	call(in.Client(t, messembed.WithTransport(panicking{})))
}

type panicking struct{}

func (panicking) RoundTrip(*http.Request) (*http.Response, error) { panic("broken") }
