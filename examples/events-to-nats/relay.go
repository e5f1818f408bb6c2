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

	// A message has a subject of its own, messembed.messages.<chat>.<message>, on
	// which the stream takes one message and no second. That holds for ever; the
	// deduplication by Nats-Msg-Id only within the stream's window, two minutes if
	// not set otherwise, and a replica may read back more than that.
	subjects = "messembed.messages.>"

	// overlap is how far before the last message of the stream a replica begins:
	// the replica that published it may have died before an older one that the
	// service stored late. What is in the stream already is not taken twice.
	overlap = 10 * time.Second

	createdAtHeader = "Messembed-Created-At"
)

// messageSource is what a relay needs of the chat; *messembed.Client has it.
type messageSource interface {
	MessageEvents(context.Context, messembed.EventOptions) iter.Seq2[*messembed.MessageEvent, error]
}

// relay publishes each message of the chat service to a JetStream stream. Any
// number of replicas may run, crash and start again: the stream holds each
// message once.
type relay struct {
	chat messageSource
	js   jetstream.JetStream
	log  *slog.Logger
}

// run publishes until ctx ends, or the chat service refuses the credentials.
func (r *relay) run(ctx context.Context) error {
	stream, err := ensureStream(ctx, r.js)
	if err != nil {
		return stopped(ctx, err)
	}
	since, err := continueFrom(ctx, stream)
	if err != nil {
		return stopped(ctx, err)
	}
	r.log.Info("relaying", "since", since)
	options := messembed.EventOptions{Since: since, OnState: func(s messembed.ConnectionState, err error) {
		r.log.Info("the chat's live events", "state", string(s), "error", err)
	}}
	for event, err := range r.chat.MessageEvents(ctx, options) {
		if err != nil {
			return err // wrong credentials, or a wrong base URL
		}
		if err := r.publish(ctx, stream, event.Message); err != nil {
			return stopped(ctx, err)
		}
	}
	return nil
}

// ensureStream returns the stream, made if it is not there. Its replicas and its
// limits are for you to set.
func ensureStream(ctx context.Context, js jetstream.JetStream) (jetstream.Stream, error) {
	stream, err := js.Stream(ctx, streamName)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return js.CreateStream(ctx, jetstream.StreamConfig{Name: streamName, Subjects: []string{subjects}})
	}
	return stream, err
}

// continueFrom tells from when on the stream may not be complete: since its last
// message or, when it has none, since it was made.
func continueFrom(ctx context.Context, stream jetstream.Stream) (time.Time, error) {
	last, err := stream.GetLastMsgForSubject(ctx, subjects)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return stream.CachedInfo().Created.Add(-overlap), nil
	}
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339Nano, last.Header.Get(createdAtHeader))
	if err != nil {
		return time.Time{}, fmt.Errorf("message %d of the stream: %s: %w", last.Sequence, createdAtHeader, err)
	}
	return at.Add(-overlap), nil
}

// chatMessage is what the stream's consumers get.
type chatMessage struct {
	ID          string                 `json:"id"`
	ChatID      string                 `json:"chatId"`
	UserID      string                 `json:"userId"`
	CreatedAt   time.Time              `json:"createdAt"`
	Content     string                 `json:"content"`
	Attachments []messembed.Attachment `json:"attachments,omitempty"`
	Metadata    messembed.Metadata     `json:"metadata,omitempty"`
}

// publish does not return before the stream has the message, or ctx has ended.
// The next event waits, so the stream never has a message without those before
// it; that is what continueFrom relies on.
func (r *relay) publish(ctx context.Context, stream jetstream.Stream, m *messembed.Message) error {
	data, err := json.Marshal(chatMessage{m.ID, m.ChatID, m.UserID, m.CreatedAt, m.Content, m.Attachments, m.ExternalMetadata})
	if err != nil {
		return err
	}
	msg := nats.NewMsg("messembed.messages." + m.ChatID + "." + m.ID)
	msg.Header.Set(createdAtHeader, m.CreatedAt.Format(time.RFC3339Nano))
	msg.Data = data
	for failures := 0; ; failures++ {
		_, err := r.js.PublishMsg(ctx, msg, jetstream.WithMsgID(m.ID), jetstream.WithExpectLastSequencePerSubject(0))
		if err == nil {
			return nil // stored, now or by another replica
		}
		if isConflict(err) {
			if _, err = stream.GetLastMsgForSubject(ctx, msg.Subject); err == nil {
				return nil // stored before
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.log.Warn("a message waits for NATS", "message", m.ID, "error", err)
		pause := time.NewTimer(min(5*time.Second, 50*time.Millisecond<<min(failures, 10)))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

// isConflict tells of the answer that the subject has a message already.
func isConflict(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// stopped is no error when the program is to end.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
