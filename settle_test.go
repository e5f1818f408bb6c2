package messembed_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestLostAnswers(t *testing.T) {
	lost := messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true}
	params := messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Ada", "age": 36, "tags": []string{"x"}}}

	t.Run("settled as created", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			fake.FailNext(lost)
			user, err := fake.Client(t).CreateUser(t.Context(), params)
			require.NoError(t, err)
			assert.Equal(t, "Ada", user.ExternalMetadata["name"])
			assert.Len(t, fake.Users(), 1)
		})
	})
	t.Run("something else is there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Another"}})
			fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true})
			_, err := fake.Client(t).CreateUser(t.Context(), params)
			require.ErrorIs(t, err, messembed.ErrAlreadyExists)
			failure, _ := errors.AsType[*messembed.Error](err)
			assert.Equal(t, 2, failure.Attempts, "the look-up does not count")
			assert.False(t, failure.MaybeApplied)
		})
	})
	t.Run("the look-up fails", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			fake.FailNext(lost)
			for range 4 {
				fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 502})
			}
			_, err := fake.Client(t).CreateUser(t.Context(), params)
			require.ErrorIs(t, err, messembed.ErrUnavailable)
			failure, _ := errors.AsType[*messembed.Error](err)
			assert.True(t, failure.MaybeApplied)
			assert.Equal(t, 2, failure.Attempts)
		})
	})
	t.Run("one attempt only", func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailNext(lost)
		_, err := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1})).CreateUser(t.Context(), params)
		require.ErrorIs(t, err, messembed.ErrUnavailable)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.True(t, failure.MaybeApplied)
	})
	t.Run("a first attempt that is refused is no second", func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		_, err := fake.Client(t).CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
		require.ErrorIs(t, err, messembed.ErrAlreadyExists)
	})
	t.Run("delete", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t, messembedtest.WithDeleteRoute())
			fake.AddUser(messembed.User{ID: "ada"})
			fake.FailNext(messembedtest.Fault{Op: "DeleteUser", Reset: true, AfterApply: true})
			require.NoError(t, fake.Client(t).DeleteUser(t.Context(), "ada"))
			assert.Empty(t, fake.Users())
		})
	})
	t.Run("chat", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			client := fake.Client(t)
			for _, id := range []string{"ada", "bo:b"} {
				fake.AddUser(messembed.User{ID: id})
			}
			fake.FailNext(messembedtest.Fault{Op: "CreateChat", Truncate: 3})
			chat, err := client.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bo:b"})
			require.NoError(t, err)
			assert.Equal(t, "bo:b", chat.SecondCompanion.ID)
			page, err := client.ListChats(t.Context())
			require.NoError(t, err)
			assert.Len(t, page.Chats, 1)
		})
	})
}
