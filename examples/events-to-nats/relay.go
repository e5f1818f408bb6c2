package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	messembed "github.com/messembed/messembed-go"
)

const (
	streamName = "MESSEMBED"

	// Each message has its own subject, messembed.messages.<chat>.<message>, on which
	// the stream accepts only one message. That holds for good, whereas deduplication
	// by Nats-Msg-Id works only within the stream's window, two minutes by default, and
	// a replica may read back further than that.
	subjects = "messembed.messages.>"

	// slack is how far before the creation of its stream a replica starts: the clocks
	// of NATS and of the chat service may differ.
	slack = 10 * time.Second

	positionHeader = "Messembed-Position"
)

// messageSource is what a relay needs from the chat; *messembed.Client implements it.
type messageSource interface {
	MessageEvents(context.Context, messembed.EventOptions) iter.Seq2[*messembed.MessageEvent, error]
}

// relay publishes each message of the chat service to a JetStream stream. Any
// number of replicas may run, crash and restart: the stream holds each message
// once.
type relay struct {
	chat messageSource
	js   jetstream.JetStream
	log  *slog.Logger
}

// run publishes until ctx ends or the chat service refuses the credentials.
func (r *relay) run(ctx context.Context) error {
	stream, err := ensureStream(ctx, r.js)
	if err != nil {
		return stopped(ctx, err)
	}
	options, err := continueFrom(ctx, stream)
	if err != nil {
		return stopped(ctx, err)
	}
	options.OnState = func(s messembed.ConnectionState, err error) {
		r.log.Info("the chat's live events", "state", string(s), "error", err)
	}
	for event, err := range r.chat.MessageEvents(ctx, options) {
		if err != nil {
			return err // wrong credentials, or a wrong base URL
		}
		if err := r.publish(ctx, stream, event); err != nil {
			return stopped(ctx, err)
		}
	}
	return nil
}

// ensureStream returns the stream, and creates it if necessary. Set its replicas and
// limits yourself.
func ensureStream(ctx context.Context, js jetstream.JetStream) (jetstream.Stream, error) {
	stream, err := js.Stream(ctx, streamName)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return js.CreateStream(ctx, jetstream.StreamConfig{Name: streamName, Subjects: []string{subjects}})
	}
	return stream, err
}

// continueFrom returns where the stream ends: behind its last message or, without
// one, at its creation. Whichever replica published that message has handled all
// that came before it.
func continueFrom(ctx context.Context, stream jetstream.Stream) (messembed.EventOptions, error) {
	last, err := stream.GetLastMsgForSubject(ctx, subjects)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return messembed.EventOptions{Since: stream.CachedInfo().Created.Add(-slack)}, nil
	}
	if err != nil {
		return messembed.EventOptions{}, err
	}
	position := last.Header.Get(positionHeader)
	if position == "" {
		return messembed.EventOptions{}, fmt.Errorf("message %d of the stream has no %s", last.Sequence, positionHeader)
	}
	return messembed.EventOptions{Position: messembed.Position(position)}, nil
}

// chatMessage is what the stream's consumers receive.
type chatMessage struct {
	ID          string                 `json:"id"`
	ChatID      string                 `json:"chatId"`
	UserID      string                 `json:"userId"`
	CreatedAt   time.Time              `json:"createdAt"`
	Content     string                 `json:"content"`
	Attachments []messembed.Attachment `json:"attachments,omitempty"`
	Metadata    messembed.Metadata     `json:"metadata,omitempty"`
}

// publish returns when the stream has the message or ctx has ended. The next event
// waits for that, so the stream never has a message without the earlier ones, which
// continueFrom relies on.
func (r *relay) publish(ctx context.Context, stream jetstream.Stream, event *messembed.MessageEvent) error {
	m := event.Message
	data, err := json.Marshal(chatMessage{m.ID, m.ChatID, m.UserID, m.CreatedAt, m.Content, m.Attachments, m.ExternalMetadata})
	if err != nil {
		return err
	}
	msg := nats.NewMsg("messembed.messages." + m.ChatID + "." + m.ID)
	msg.Header.Set(positionHeader, string(event.Position()))
	msg.Data = data
	for failures := 0; ; failures++ {
		_, err := r.js.PublishMsg(ctx, msg, jetstream.WithMsgID(m.ID), jetstream.WithExpectLastSequencePerSubject(0))
		if err == nil {
			return nil // stored, now or by another replica
		}
		if isConflict(err) {
			if _, err = stream.GetLastMsgForSubject(ctx, msg.Subject); err == nil {
				return nil // stored earlier
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.log.Warn("cannot publish a message, retrying", "message", m.ID, "error", err)
		pause := time.NewTimer(min(5*time.Second, 50*time.Millisecond<<min(failures, 10)))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

// isConflict reports whether the subject already has a message.
func isConflict(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// stopped returns nil if the program is shutting down.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
