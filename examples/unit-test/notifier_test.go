package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// A stub is enough to test what your code does with a result.
func TestShipped_writesTheOrdersNumber(t *testing.T) {
	stub := &stubSender{}

	require.NoError(t, notifier{stub}.shipped(t.Context(), order{Number: "2217", ChatID: "c1"}))

	assert.Equal(t, []messembed.CreateMessageParams{{ChatID: "c1", UserID: "shop", Content: "Your order 2217 is on its way."}}, stub.sent)
}

type stubSender struct {
	sent []messembed.CreateMessageParams
	err  error
}

func (s *stubSender) CreateMessage(_ context.Context, p messembed.CreateMessageParams, _ ...messembed.RequestOption) (*messembed.Message, error) {
	s.sent = append(s.sent, p)
	return &messembed.Message{ID: "m1"}, s.err
}

// The fake is for everything else: whether the service accepts what is sent, and what
// happens when it fails.
func TestShipped_arrives(t *testing.T) {
	fake, client, o := newShop(t)

	require.NoError(t, notifier{client}.shipped(t.Context(), o))

	messages := fake.Messages(o.ChatID)
	require.Len(t, messages, 1)
	assert.Equal(t, "Your order 2217 is on its way.", messages[0].Content)
	assert.Equal(t, "shop", messages[0].UserID)
}

func TestShipped_faults(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault messembedtest.Fault
		want  error // nil: success
		sent  int
	}{
		{"busy for a moment", messembedtest.Fault{Status: 503}, nil, 1},
		{"asked to wait for a second", messembedtest.Fault{Status: 429, RetryAfter: "1"}, nil, 1},
		{"refused once", messembedtest.Fault{Refuse: true}, nil, 1},
		{"asked to wait for an hour", messembedtest.Fault{Status: 429, RetryAfter: "3600"}, messembed.ErrRateLimited, 0},
		{"the response is lost", messembedtest.Fault{Reset: true, AfterApply: true}, errUnsure, 1},
		{"the request is lost", messembedtest.Fault{Reset: true}, errUnsure, 0},
		{"no response", messembedtest.Fault{Stall: true}, errUnsure, 0},
		{"a proxy without its backend", messembedtest.Fault{Status: 502, Body: "<html>Bad Gateway</html>"}, errUnsure, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // where waiting takes no time
				fake, client, o := newShop(t)
				test.fault.Op = "CreateMessage"
				fake.FailNext(test.fault)

				err := notifier{client}.shipped(t.Context(), o)

				require.ErrorIs(t, err, test.want)
				assert.Len(t, fake.Messages(o.ChatID), test.sent)
			})
		})
	}
}

// The service itself refuses: this needs no fault, only the right state.
func TestShipped_notWanted(t *testing.T) {
	t.Run("the shop is blocked", func(t *testing.T) {
		_, client, o := newShop(t)
		_, err := client.BlockUser(t.Context(), shop)
		require.NoError(t, err)
		assert.ErrorIs(t, notifier{client}.shipped(t.Context(), o), errNotWanted)
	})
	t.Run("the chat is closed", func(t *testing.T) {
		_, client, o := newShop(t)
		_, err := client.BlockChat(t.Context(), o.ChatID)
		require.NoError(t, err)
		assert.ErrorIs(t, notifier{client}.shipped(t.Context(), o), errNotWanted)
	})
	t.Run("there is no such chat", func(t *testing.T) {
		_, client, _ := newShop(t)
		err := notifier{client}.shipped(t.Context(), order{Number: "1", ChatID: "ffffffffffffffffffffffff"})
		assert.ErrorIs(t, err, messembed.ErrNotFound)
	})
}

// How long does a caller wait at worst? One attempt, since it is not retried.
func TestShipped_givesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client, o := newShop(t)
		fake.FailNext(messembedtest.Fault{Op: "CreateMessage", Stall: true})
		began := time.Now()

		err := notifier{client}.shipped(t.Context(), o)

		require.ErrorIs(t, err, errUnsure)
		assert.Equal(t, 10*time.Second, time.Since(began))
		assert.Len(t, sentTo(fake, "CreateMessage"), 1)
	})
}

// newShop returns a fake with a shop and a customer who have a chat.
func newShop(t *testing.T) (*messembedtest.Server, *messembed.Client, order) {
	t.Helper()
	fake := messembedtest.New(t)
	client := fake.Client(t)
	fake.AddUser(messembed.User{ID: shop})
	fake.AddUser(messembed.User{ID: "customer"})
	chat, err := client.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: shop, SecondCompanionID: "customer"})
	require.NoError(t, err)
	return fake, client, order{Number: "2217", ChatID: chat.ID}
}

// sentTo returns the requests that the fake received for one operation.
func sentTo(fake *messembedtest.Server, op string) (requests []messembedtest.Request) {
	for _, r := range fake.Requests() {
		if r.Op == op {
			requests = append(requests, r)
		}
	}
	return requests
}
