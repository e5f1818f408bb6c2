package faultmatrix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// A call is one way to call one method of the client: the stored data, the
// call, and what it must send.
type call struct {
	method string // of *messembed.Client
	when   string // distinguishes it from other calls of the same method
	target string // the request that the faults hit
	skip   int    // this many requests of that operation succeed first
	oauth  bool   // with client credentials

	options []messembedtest.Option
	world   func(w *world)
	before  map[string]*fault // faults on the first request of other operations, needed to reach the target
	do      func(ctx context.Context, w *world) (any, error)
	sends   func(p *play) verdict

	stored string                                                      // the state of its world, once known; it is the same in each cell
	extra  []messembed.Option                                          // for the client
	within func(context.Context) (context.Context, context.CancelFunc) // the caller's context, if it ends by itself
}

func (c *call) name() string {
	if c.when == "" {
		return c.method
	}
	return c.method + ", " + c.when
}

// A world is a fake service with data and a client.
type world struct {
	fake   *messembedtest.Server
	client *messembed.Client
	chatID string // of ada and bob
	err    error  // of setting it up
}

// The users of every world.
const (
	ada   = "ada"
	bob   = "bob"
	carol = "carol:c" // cannot be addressed as a member of a pair
	ghost = "ghost"   // deleted by the SDK
	fresh = "d/../é"  // does not exist yet
)

// newWorld stores ada, bob, carol and the ghost. They hold canaries.
func newWorld(w *world) {
	meta := messembed.Metadata{"name": canaryMetadata}
	for _, id := range []string{ada, bob, carol} {
		w.fake.AddUser(messembed.User{ID: id, ExternalMetadata: meta, PrivateExternalMetadata: meta})
	}
	w.fake.AddUser(messembed.User{
		ID: ghost, ExternalMetadata: messembed.Metadata{}, BlockStatus: messembed.BlockCantSendAndReceive,
		PrivateExternalMetadata: messembed.Metadata{"messembedDeletedAt": "2026-01-02T03:04:05Z"},
	})
}

// withChat adds a chat of ada and bob with three messages, and a chat of bob and carol.
func withChat(w *world) {
	withChats(w)
	for _, content := range []string{"one", "two", canaryMetadata} {
		if _, err := w.client.CreateMessage(context.Background(), messembed.CreateMessageParams{ChatID: w.chatID, UserID: ada, Content: content}); err != nil {
			w.err = err
		}
	}
}

// withChats adds only the chats.
func withChats(w *world) {
	w.chatID = w.fake.AddChat(messembed.Chat{FirstCompanion: &messembed.User{ID: ada}, SecondCompanion: &messembed.User{ID: bob}})
	w.fake.AddChat(messembed.Chat{FirstCompanion: &messembed.User{ID: carol}, SecondCompanion: &messembed.User{ID: bob}})
}

// state is everything that the fake stores, as a caller sees it: a deleted user
// does not exist, however it was deleted.
func (w *world) state() string {
	var b strings.Builder
	for _, u := range w.fake.Users() {
		if _, dead := u.PrivateExternalMetadata["messembedDeletedAt"]; !dead {
			fmt.Fprintf(&b, "user %q %v %v %s\n", u.ID, u.ExternalMetadata, u.PrivateExternalMetadata, u.BlockStatus)
		}
	}
	for _, c := range w.fake.Chats() {
		fmt.Fprintf(&b, "chat %q %q %t %v %v\n", c.FirstCompanion.ID, c.SecondCompanion.ID, c.Active, c.ExternalMetadata, c.PrivateExternalMetadata)
		for _, m := range w.fake.Messages(c.ID) {
			fmt.Fprintf(&b, "  message %q %q %v\n", m.UserID, m.Content, m.ExternalMetadata)
		}
	}
	return b.String()
}

// varying matches what differs between two runs of one call: times, the service's ids, tokens.
var varying = regexp.MustCompile(`"(createdAt|updatedAt|deletedAt|editedAt|blockStatusUpdatedAt|accessToken|expiresAt|NextCursor)":"[^"]*"|[0-9a-f]{24}`)

// resultText formats a call's result for comparison with that of the same call without a fault.
func resultText(result any) string {
	data, err := json.Marshal(result)
	if err != nil {
		return err.Error()
	}
	return varying.ReplaceAllString(string(data), "…")
}

// all collects what a sequence yields.
func all[T any](seq func(func(T, error) bool)) (any, error) {
	var items []any
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}
