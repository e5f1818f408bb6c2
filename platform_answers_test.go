package messembed_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// A connection that is out of step answers each request with the answer to
// another one.
func TestAnswers_aboutSomebodyElse(t *testing.T) {
	const asked, other = "5dd6e8f1a0b1c2d3e4f50001", "5dd6e8f1a0b1c2d3e4f50002"
	chat := func(id, first, second string) string {
		return `{"_id":"` + id + `","firstCompanion":{"_id":"` + first + `"},"secondCompanion":{"_id":"` + second + `"}}`
	}
	message := func(chat, user string) string {
		return `{"_id":"5dd6e8f1a0b1c2d3e4f50003","chat":"` + chat + `","user":"` + user + `"}`
	}
	pair := messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"}
	tests := []struct {
		name, body string
		write      bool
		do         func(context.Context, *messembed.Client) error
	}{
		{"GetUser", `{"_id":"bob"}`, false, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.GetUser(ctx, "ada")
			return err
		}},
		{"CreateUser", `{"_id":"bob"}`, true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"})
			return err
		}},
		{"UpdateUser", `{"_id":"bob"}`, true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.UpdateUser(ctx, "ada", messembed.UpdateUserParams{})
			return err
		}},
		{"BlockUser", `{"_id":"bob"}`, true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.BlockUser(ctx, "ada")
			return err
		}},
		{"GetChat", chat(other, "ada", "bob"), false, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.GetChat(ctx, asked)
			return err
		}},
		{"GetChatByCompanions", chat(asked, "ada", "eve"), false, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.GetChatByCompanions(ctx, "ada", "bob")
			return err
		}},
		{"CreateChat", chat(asked, "ada", "eve"), true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateChat(ctx, pair)
			return err
		}},
		{"UpdateChat", chat(other, "ada", "bob"), true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.UpdateChat(ctx, asked, messembed.UpdateChatParams{})
			return err
		}},
		{"CreateMessage, chat", message(other, "ada"), true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: asked, UserID: "ada", Content: "hi"})
			return err
		}},
		{"CreateMessage, user", message(asked, "eve"), true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: asked, UserID: "ada", Content: "hi"})
			return err
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.do(t.Context(), answering(t, httpmock.NewStringResponder(200, test.body)))
			require.ErrorIs(t, err, messembed.ErrInvalidResponse)
			failure, _ := errors.AsType[*messembed.Error](err)
			assert.Equal(t, test.write, failure.MaybeApplied)
			assert.Contains(t, err.Error(), "about something else than the request")
		})
	}
	t.Run("the user emptied instead of deleted", func(t *testing.T) {
		err := answering(t, func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodDelete {
				return httpmock.NewStringResponse(404, ""), nil
			}
			return httpmock.NewStringResponse(200, `{"_id":"bob"}`), nil
		}).DeleteUser(t.Context(), "ada")
		require.ErrorIs(t, err, messembed.ErrInvalidResponse)
	})
	t.Run("an id in capitals", func(t *testing.T) {
		_, err := answering(t, httpmock.NewStringResponder(200, chat(asked, "ada", "bob"))).GetChat(t.Context(), "5DD6E8F1A0B1C2D3E4F50001")
		require.NoError(t, err)
	})
}

// A proxy may send a refusal on with status 200.
func TestDeleteUser_refusalWithStatus200(t *testing.T) {
	for body, deleted := range map[string]bool{
		``: true, `{}`: true, `{"_id":"ada","statusCode":200}`: true,
		`{"statusCode":503,"message":"Service Unavailable"}`: false, `{"error":"Service Unavailable"}`: false,
	} {
		err := answering(t, httpmock.NewStringResponder(200, body)).DeleteUser(t.Context(), "ada")
		if deleted {
			require.NoError(t, err, body)
			continue
		}
		require.ErrorIs(t, err, messembed.ErrInvalidResponse, body)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.True(t, failure.MaybeApplied)
	}
}

// A record with an odd date ends neither a list nor a read.
func TestDates(t *testing.T) {
	may := time.Date(2020, time.May, 1, 10, 0, 0, 0, time.UTC)
	august := time.UnixMilli(1565546054692).UTC()
	for written, want := range map[string]time.Time{
		`"2020-05-01T10:00:00.000Z"`: may, `"2020-05-01 10:00:00"`: may, `"2020-05-01T10:00:00"`: may, `"2020-05-01T12:00:00.000+0200"`: may,
		`{"$date":"2020-05-01T10:00:00Z"}`: may, `{"$date":{"$numberLong":"1565546054692"}}`: august, `{"$date":1565546054692}`: august, `1565546054692`: august,
		`""`: {}, `"soon"`: {}, `null`: {}, `true`: {}, `[]`: {}, `{}`: {}, `{"$date":{}}`: {}, `{"$date":{"$date":{}}}`: {}, `"+010000-01-01T00:00:00.000Z"`: {}, `253402300800000`: {}, `1e99`: {},
	} {
		user := `{"_id":"ada","createdAt":` + written + `,"updatedAt":` + written + `}`
		got, err := answering(t, httpmock.NewStringResponder(200, user)).GetUser(t.Context(), "ada")
		require.NoError(t, err, written)
		assert.True(t, want.Equal(got.CreatedAt), "%s: %v", written, got.CreatedAt)
		assert.True(t, want.Equal(got.UpdatedAt), "%s: %v", written, got.UpdatedAt)
		assert.JSONEq(t, user, string(got.Raw))

		seen := 0
		for _, err := range answering(t, httpmock.NewStringResponder(200, `{"data":[`+user+`,{"_id":"bob"}]}`)).Users(t.Context()) {
			require.NoError(t, err, written)
			seen++
		}
		assert.Equal(t, 2, seen)
	}
}

// Messages without a readable date come once, and keep none of the others back.
func TestMessages_withoutADate(t *testing.T) {
	pages := []string{
		`{"messages":[{"_id":"x","createdAt":"soon"},{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"}]}`,
		`{"messages":[{"_id":"x","createdAt":"soon"},{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"},{"_id":"b","createdAt":"2026-01-02T00:00:00.000Z"},{"_id":"y"}]}`,
		`{"messages":[{"_id":"b","createdAt":"2026-01-02T00:00:00.000Z"}]}`,
	}
	asked := 0
	client := answering(t, func(*http.Request) (*http.Response, error) {
		page := pages[min(asked, len(pages)-1)]
		asked++
		return httpmock.NewStringResponse(200, page), nil
	})
	var ids []string
	for m, err := range client.Messages(t.Context(), messembed.ListMessagesParams{Limit: 2}) {
		require.NoError(t, err)
		ids = append(ids, m.ID)
	}
	assert.Equal(t, []string{"x", "a", "b", "y"}, ids)
}

// A proxy's 407 is one kind, and says what it is about.
func TestErrors_proxyAuthentication(t *testing.T) {
	fake := messembedtest.New(t)
	fake.FailNext(messembedtest.Fault{Status: 407, Body: "<html>who are you?"})
	_, err := fake.Client(t).CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
	require.ErrorIs(t, err, messembed.ErrUnavailable)
	assert.Contains(t, err.Error(), "a proxy wants credentials of its own")
	failure, _ := errors.AsType[*messembed.Error](err)
	assert.Equal(t, 1, failure.Attempts)
	assert.False(t, failure.MaybeApplied)
}
