package main

import (
	"context"
	"errors"
	"fmt"

	messembed "github.com/messembed/messembed-go"
)

// notifier is a small service: it tells customers, in their chat with the shop, about
// their orders.
type notifier struct {
	chat messageSender
}

// messageSender is all that notifier needs from the chat. *messembed.Client implements
// it, as does the stub in the tests.
type messageSender interface {
	CreateMessage(context.Context, messembed.CreateMessageParams, ...messembed.RequestOption) (*messembed.Message, error)
}

type order struct{ Number, ChatID string }

// The outcomes of a notice that was not, or may not have been, sent.
var (
	errNotWanted = errors.New("the customer accepts no messages") // do not try again
	errUnsure    = errors.New("it may have been sent")            // do not try again before checking
)

const shop = "shop" // the chat user that sends the notices

// shipped tells a customer that an order is on its way. An error other than
// errNotWanted and errUnsure means that nothing was sent, and that the call can be
// tried again later.
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
