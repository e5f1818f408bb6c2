package messembed_test

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// plain is a platform without any feature.
type plain struct{ messembed.Platform }

// picturing has pictures, which it may deny.
type picturing struct {
	plain
	messembed.PlatformPictures
	denies messembed.Feature
}

func (p picturing) Supports(f messembed.Feature) bool { return f != p.denies }

func TestPlatform_supportsWhatItImplements(t *testing.T) {
	features := []messembed.Feature{
		messembed.FeatureDeleteUser, messembed.FeatureBlockUser, messembed.FeatureAccessTokens, messembed.FeatureUserPictures,
		messembed.FeaturePresence, messembed.FeatureChats, messembed.FeatureMessageEvents, "no such",
	}
	for name, c := range map[string]struct {
		platform messembed.Platform
		want     []messembed.Feature
	}{
		"required methods only": {plain{}, []messembed.Feature{messembed.FeatureDeleteUser}},
		"one more interface":    {picturing{}, []messembed.Feature{messembed.FeatureDeleteUser, messembed.FeatureUserPictures}},
		"one that is denied": {
			picturing{denies: messembed.FeatureUserPictures}, []messembed.Feature{messembed.FeatureDeleteUser},
		},
		"a required one that is denied": {
			picturing{denies: messembed.FeatureDeleteUser}, []messembed.Feature{messembed.FeatureUserPictures},
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := messembedtest.New(t).Client(t, messembed.WithPlatform(c.platform))
			var got []messembed.Feature
			for _, f := range features {
				if client.Supports(f) {
					got = append(got, f)
				}
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// Without a feature its methods fail before anything is sent.
func TestPlatform_unsupported(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t, messembed.WithPlatform(plain{}))
	ctx := t.Context()
	const id = "0123456789abcdef01234567"
	for op, call := range map[string]func() error{
		"BlockUser":         func() error { _, err := client.BlockUser(ctx, "ada"); return err },
		"UnblockUser":       func() error { _, err := client.UnblockUser(ctx, "ada"); return err },
		"CreateAccessToken": func() error { _, err := client.CreateAccessToken(ctx, "ada"); return err },
		"SetUserPicture": func() error {
			_, err := client.SetUserPicture(ctx, "ada", messembed.Picture{URL: "https://pics.example.com/ada.png"})
			return err
		},
		"GetPresence": func() error { _, err := client.GetPresence(ctx, "ada"); return err },
		"SetPresence": func() error {
			return client.SetPresence(ctx, "ada", messembed.SetPresenceParams{Status: messembed.PresenceAway})
		},
		"WatchPresence":       func() error { return onlyError(t, client.WatchPresence(ctx, []string{"ada"})) },
		"CreateChat":          func() error { _, err := client.CreateChat(ctx, messembed.CreateChatParams{}); return err },
		"GetChat":             func() error { _, err := client.GetChat(ctx, id); return err },
		"GetChatByCompanions": func() error { _, err := client.GetChatByCompanions(ctx, "ada", "bob"); return err },
		"EnsureChat":          func() error { _, _, err := client.EnsureChat(ctx, messembed.CreateChatParams{}); return err },
		"UpdateChat":          func() error { _, err := client.UpdateChat(ctx, id, messembed.UpdateChatParams{}); return err },
		"ListChats":           func() error { _, err := client.ListChats(ctx); return err },
		"Chats":               func() error { return onlyError(t, client.Chats(ctx)) },
		"BlockChat":           func() error { _, err := client.BlockChat(ctx, id); return err },
		"UnblockChat":         func() error { _, err := client.UnblockChat(ctx, id); return err },
		"CreateMessage":       func() error { _, err := client.CreateMessage(ctx, messembed.CreateMessageParams{}); return err },
		"ListMessages":        func() error { _, err := client.ListMessages(ctx, messembed.ListMessagesParams{}); return err },
		"Messages":            func() error { return onlyError(t, client.Messages(ctx, messembed.ListMessagesParams{})) },
		"MessageEvents":       func() error { return onlyError(t, client.MessageEvents(ctx, messembed.EventOptions{})) },
	} {
		t.Run(op, func(t *testing.T) {
			err := call()
			require.ErrorIs(t, err, messembed.ErrUnsupported)
			assert.EqualError(t, err, "messembed: "+op+": unsupported operation by this service")
		})
	}
	assert.Empty(t, fake.Requests())
}

// onlyError returns the error that is all that seq yields.
func onlyError[T any](t *testing.T, seq iter.Seq2[*T, error]) error {
	var errs []error
	for item, err := range seq {
		assert.Nil(t, item)
		errs = append(errs, err)
	}
	if assert.Len(t, errs, 1) {
		return errs[0]
	}
	return nil
}
