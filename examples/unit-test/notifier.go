package main

import (
	"context"
	"errors"
	"fmt"

	messembed "github.com/messembed/messembed-go"
)

// notifier is a small service of one's own: it tells customers in their chat with
// the shop what became of their orders.
type notifier struct {
	chat messageSender
}

// messageSender is all that notifier needs of the chat. *messembed.Client has the
// method, and so has whatever a test puts in its place.
type messageSender interface {
	CreateMessage(context.Context, messembed.CreateMessageParams, ...messembed.RequestOption) (*messembed.Message, error)
}

type order struct{ Number, ChatID string }

// What can become of a notice besides its being sent.
var (
	errNotWanted = errors.New("the customer takes no messages") // do not try again
	errUnsure    = errors.New("it may have been sent")          // do not try again without looking
)

const shop = "shop" // the chat user in whose name it writes

// shipped tells a customer that an order is on its way. Any other error than
// errNotWanted and errUnsure means that nothing was sent and that later is a
// good time to try again.
func (n notifier) shipped(ctx context.Context, o order) error {
	_, err := n.chat.CreateMessage(ctx, messembed.CreateMessageParams{
		ChatID:  o.ChatID,
		UserID:  shop,
		Content: fmt.Sprintf("Your order %s is on its way.", o.Number),
	})
	var failed *messembed.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, messembed.ErrUserBlocked), errors.Is(err, messembed.ErrChatInactive):
		return errNotWanted
	case errors.As(err, &failed) && failed.MaybeApplied:
		return fmt.Errorf("order %s: %w: %w", o.Number, errUnsure, err)
	}
	return fmt.Errorf("order %s: %w", o.Number, err)
}
