package faultmatrix_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// MessageEvents is long-lived and repairs failures, so its outcome is not that
// of one call. The rule is: rejected credentials end it, and so does a wrong
// address at its beginning; everything else is retried, and every message is
// yielded once and in order.

// An eventRow is one kind of request of MessageEvents that faults hit.
type eventRow struct {
	target  string // ListMessages: the credentials check and reading back; MessageEvents: the websocket
	nth     int    // which of them; 0 means all in the first half minute
	fromNow bool   // without Since: the range begins now, by a clock with one-second resolution
}

func (r eventRow) String() string {
	if r.nth == 0 {
		return r.target + " for half a minute"
	}
	if r.fromNow {
		return fmt.Sprintf("%s, request %d, from now on", r.target, r.nth)
	}
	return fmt.Sprintf("%s, request %d", r.target, r.nth)
}

var eventRows = []eventRow{
	{target: "ListMessages", nth: 1},
	{target: "ListMessages", nth: 2},
	{target: "ListMessages", nth: 2, fromNow: true}, // which records the existing messages
	{target: "ListMessages", nth: 3},
	{target: "ListMessages", nth: 3, fromNow: true},
	{target: "ListMessages"},
	{target: "MessageEvents", nth: 1},
	{target: "MessageEvents", nth: 1, fromNow: true},
	{target: "MessageEvents"},
}

// TestFaultMatrix_messageEvents runs MessageEvents × every fault × every kind of request.
func TestFaultMatrix_messageEvents(t *testing.T) {
	faults := representative(allFaults())
	var cells atomic.Int64
	t.Run("rows", func(t *testing.T) {
		for _, r := range eventRows {
			t.Run(r.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					for i := range faults {
						if leftOut(r.String(), i) {
							continue
						}
						cells.Add(1)
						r.run(t, &faults[i])
					}
				})
			})
		}
	})
	fmt.Printf("fault matrix: %d cells of MessageEvents (%d requests × %d faults)\n", cells.Load(), len(eventRows), len(faults))
}

// final is the error that ends the events, or nil. The oracle determines the
// fault's other effects on the request.
func (r eventRow) final(f *fault) error {
	if r.target == "MessageEvents" {
		return nil // whatever happens to the websocket
	}
	p := &play{sent: map[string]int{}, fault: func(_ string, nth int) *fault {
		if r.nth == 0 || nth == 1 {
			return f
		}
		return nil
	}}
	switch v := p.send(sendsMessages); {
	case v.kind == messembed.ErrUnauthenticated, v.kind == messembed.ErrUnsupported && r.isBeginning():
		return v.kind
	}
	return nil
}

// isBeginning reports whether the request is the first, which a wrong address fails.
func (r eventRow) isBeginning() bool { return r.nth <= 1 }

func (r eventRow) run(t *testing.T, f *fault) {
	fakeTB := new(tb)
	defer fakeTB.cleanup()
	fake := messembedtest.New(fakeTB, messembedtest.WithCredentials("admin", canaryPassword))
	w := &world{fake: fake, client: fake.Client(fakeTB)}
	newWorld(w)
	withChats(w)

	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	in := &injector{fake: fake}
	began := time.Now()
	in.begin(func(op string, nth int) *fault {
		if op == r.target && (nth == r.nth || r.nth == 0 && time.Since(began) < 30*time.Second) {
			return f
		}
		return nil
	}, cancel)
	logger, logged := debugLog()
	client := fake.Client(fakeTB, messembed.WithTransport(in), messembed.WithLogger(logger), messembed.WithMaxResponseBytes(maxResponseBytes))

	var told []error
	said := r.saySome(ctx, w)
	since := began
	if r.fromNow {
		since = time.Time{}
	}
	heard, err := hear(ctx, client, messembed.EventOptions{
		Since: since, OnState: func(_ messembed.ConnectionState, err error) { told = append(told, err) },
	}, cancel)
	gaveUp := ctx.Err() != nil
	cancel()
	sayings := <-said
	if r.fromNow && len(heard) < len(sayings) {
		sayings = sayings[1:] // it was sent in the second in which the range began
	}

	name := fmt.Sprintf("%s: %s", r, f.name)
	switch final := r.final(f); {
	case f.givesUp > 0 && in.sent[r.target] >= r.nth:
		if err != nil {
			t.Errorf("%s: error %v, want none at the end", name, err)
		}
	case final != nil:
		if !errors.Is(err, final) {
			t.Errorf("%s: error %v, want %v", name, err, final)
		}
	case err != nil:
		t.Errorf("%s: error %v, want none", name, err)
	case fmt.Sprint(heard) != fmt.Sprint(sayings) || !gaveUp:
		t.Errorf("%s: received %q, sent %q", name, heard, sayings)
	}
	exhaust := logged.String() + showings(err)
	for _, e := range told {
		exhaust += showings(e)
	}
	if canary := canaryIn(exhaust); canary != "" {
		t.Errorf("%s: %s is shown: …%s", name, canary, around(exhaust, canary))
	}
	if len(in.hosts) != 1 {
		t.Errorf("%s: requests to %v", name, in.hosts)
	}
}

const lastWord = "the last"

// saySome sends messages during the range, until the last one or until ctx
// ends, and then returns what was sent.
func (eventRow) saySome(ctx context.Context, w *world) <-chan []string {
	said := make(chan []string, 1)
	go func() {
		var sayings []string
		for _, at := range []time.Duration{500 * time.Millisecond, time.Second, 1, 1, 3 * time.Second, 40 * time.Second} {
			select {
			case <-time.After(at):
			case <-ctx.Done():
				said <- sayings
				return
			}
			content := fmt.Sprintf("message %d", len(sayings))
			if at == 40*time.Second {
				content = lastWord
			}
			_, err := w.client.CreateMessage(context.Background(), messembed.CreateMessageParams{ChatID: w.chatID, UserID: ada, Content: content})
			if err != nil {
				panic(err)
			}
			sayings = append(sayings, content)
		}
		said <- sayings
	}()
	return said
}

// hear ranges over the events until five seconds after the last.
func hear(ctx context.Context, client *messembed.Client, o messembed.EventOptions, stop func()) (heard []string, err error) {
	for event, failed := range client.MessageEvents(ctx, o) {
		if failed != nil {
			return heard, failed
		}
		heard = append(heard, event.Message.Content)
		if event.Message.Content == lastWord {
			time.AfterFunc(5*time.Second, stop)
		}
	}
	return heard, nil
}
