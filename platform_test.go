package messembed_test

import (
	"errors"
	"iter"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestSupports(t *testing.T) {
	client := messembedtest.New(t).Client(t)
	for feature, has := range map[messembed.Feature]bool{
		messembed.FeatureDeleteUser: false, messembed.FeatureBlockUser: true, messembed.FeatureAccessTokens: true,
		messembed.FeatureUserPictures: false, messembed.FeaturePresence: false, messembed.FeatureChats: true,
		messembed.FeatureMessageEvents: true, "no such": false,
	} {
		assert.Equal(t, has, client.Supports(feature), feature)
	}
	_, err := client.GetPresence(t.Context(), "ada")
	require.ErrorIs(t, err, messembed.ErrUnsupported)
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

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

// Every operation of the platform has a route in the fake.
func TestOperations_areInTheFake(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithDeleteRoute())
	client := fake.Client(t)
	operations := messembed.Operations(client)
	require.NotEmpty(t, operations)
	for _, op := range operations {
		t.Run(op.Name+" "+op.Route, func(t *testing.T) {
			before := len(fake.Requests())
			request, err := http.NewRequestWithContext(t.Context(), op.Method, fake.BaseURL()+"/"+op.Route, nil)
			require.NoError(t, err)
			response, err := fake.RoundTrip(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, op.Name, fake.Requests()[before].Op)
		})
	}
}

func TestDo(t *testing.T) {
	ctx := t.Context()
	get := messembed.Operation{Name: "OwnGet", Method: http.MethodGet, Route: "users/{id}", Repeatable: true}
	post := messembed.Operation{Name: "OwnCreate", Method: http.MethodPost, Route: "admin-api/users", Write: true}

	t.Run("sends with the client's credentials and retries", func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		var meta messembed.Meta
		answer, err := client.Do(ctx, post, messembed.Request{Body: map[string]any{"id": "a/b"}}, messembed.WithMeta(&meta))
		require.NoError(t, err)
		assert.Equal(t, http.StatusCreated, answer.StatusCode)
		assert.Equal(t, http.StatusCreated, meta.StatusCode)

		fake.FailNext(messembedtest.Fault{Status: 503})
		answer, err = client.Do(ctx, get, messembed.Request{Args: []string{"a/b"}})
		require.NoError(t, err)
		assert.Contains(t, string(answer.Body), `"_id":"a/b"`)
		assert.Equal(t, 2, answer.Attempts)
	})
	t.Run("fails as the client does", func(t *testing.T) {
		fake := messembedtest.New(t)
		_, err := fake.Client(t).Do(ctx, get, messembed.Request{Args: []string{"nobody"}})
		require.ErrorIs(t, err, messembed.ErrNotFound)
		assert.ErrorContains(t, err, "messembed: OwnGet: ")

		fake.FailNext(messembedtest.Fault{Reset: true, AfterApply: true})
		_, err = fake.Client(t).Do(ctx, post, messembed.Request{Body: map[string]any{"id": "ada"}})
		failure, _ := errors.AsType[*messembed.Error](err)
		require.NotNil(t, failure)
		assert.True(t, failure.MaybeApplied)
		assert.Equal(t, 1, failure.Attempts, "it is not repeatable")
	})
	for name, tt := range map[string]struct {
		op    messembed.Operation
		r     messembed.Request
		field string
	}{
		"no name":             {messembed.Operation{Method: "GET", Route: "x"}, messembed.Request{}, "op.Name"},
		"no method":           {messembed.Operation{Name: "X", Route: "x"}, messembed.Request{}, "op.Method"},
		"a method in lower":   {messembed.Operation{Name: "X", Method: "get", Route: "x"}, messembed.Request{}, "op.Method"},
		"a leading slash":     {messembed.Operation{Name: "X", Method: "GET", Route: "/x"}, messembed.Request{}, "op.Route"},
		"a query":             {messembed.Operation{Name: "X", Method: "GET", Route: "x?y=1"}, messembed.Request{}, "op.Route"},
		"a space":             {messembed.Operation{Name: "X", Method: "GET", Route: "x y"}, messembed.Request{}, "op.Route"},
		"upwards":             {messembed.Operation{Name: "X", Method: "GET", Route: "x/../y"}, messembed.Request{}, "op.Route"},
		"too few arguments":   {get, messembed.Request{}, "r.Args"},
		"too many arguments":  {post, messembed.Request{Args: []string{"x"}}, "r.Args"},
		"an empty argument":   {get, messembed.Request{Args: []string{""}}, "r.Args[0]"},
		"a broken query":      {get, messembed.Request{Args: []string{"x"}, Query: "a b"}, "r.Query"},
		"a header of its own": {get, messembed.Request{Args: []string{"x"}, Header: http.Header{"Authorization": {"x"}}}, "r.Header"},
		"a broken header":     {get, messembed.Request{Args: []string{"x"}, Header: http.Header{"X": {"a\nb"}}}, "r.Header"},
		"a broken type":       {get, messembed.Request{Args: []string{"x"}, Type: "a\nb"}, "r.Type"},
		"no JSON":             {post, messembed.Request{Body: func() {}}, "marshalled"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := messembedtest.New(t)
			_, err := fake.Client(t).Do(ctx, tt.op, tt.r)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, tt.field)
			assert.Empty(t, fake.Requests())
		})
	}
}
