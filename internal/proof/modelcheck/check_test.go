package modelcheck_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

var (
	opsFlag      = flag.Int("model.ops", defaultOps(), "operations per seed")
	seedsFlag    = flag.Int("model.seeds", 4, "number of seeds")
	seedFlag     = flag.Uint64("model.seed", 1, "first seed")
	durationFlag = flag.Duration("model.duration", 0, "keep running further seeds for this long")
	shareFlag    = flag.Float64("model.faults", 0.3, "share of requests that fail")
	actorsFlag   = flag.Int("model.goroutines", 8, "number of goroutines that share the client")
)

func defaultOps() int {
	if os.Getenv("WHOLE_TESTS") != "" {
		return 2500
	}
	return 1000
}

// TestModel runs random operations from several goroutines on one client, with
// faults, against the fake and the model.
func TestModel(t *testing.T) {
	began, seeds := time.Now(), *seedsFlag
	var all report
	for i := 0; i < seeds || time.Since(began) < *durationFlag; i++ {
		seed := *seedFlag + uint64(i)
		var r report
		synctest.Test(t, func(t *testing.T) { r = check(t, seed) })
		if r.err != nil {
			t.Fatalf("seed %d failed: %v\nagain: go test ./internal/proof/modelcheck -model.seed %d -model.seeds 1 -model.ops %d -model.faults %g -model.goroutines %d",
				seed, r.err, seed, *opsFlag, *shareFlag, *actorsFlag)
		}
		all.add(r)
		seeds = max(seeds, 1)
	}
	fmt.Printf("model check: %d operations, %d requests, %d of them failed, %d events over %d restarts, no difference\n",
		all.ops, all.requests, all.faults, all.events, all.restarts)
}

// A report is the result of one seed.
type report struct {
	ops, requests, faults int
	events, restarts      int // of the consumer
	err                   error
}

func (r *report) add(more report) {
	r.ops, r.requests, r.faults = r.ops+more.ops, r.requests+more.requests, r.faults+more.faults
	r.events, r.restarts = r.events+more.events, r.restarts+more.restarts
}

// An actor is one goroutine with its own data.
type actor struct {
	number int
	client *messembed.Client
	ctx    context.Context
	random *rand.Rand
	users  []*possible[user]
	talks  []*talk

	ops int
	op  string // its current operation
}

// id names the operation, for faults and errors.
func (a *actor) id(op string) messembed.RequestOption {
	a.op = op
	return messembed.WithRequestID(fmt.Sprintf("%d-%d", a.number, a.ops))
}

// unique returns a number that no other operation has.
func (a *actor) unique() int { return (a.number+1)*10_000_000 + a.ops*2 }

func (a *actor) act(s *common) error {
	a.ops++
	switch n := a.random.IntN(20); {
	case n == 0:
		return a.listUsers()
	case n == 1:
		return a.syncUsers()
	case n <= 9:
		return a.actOnUser()
	case n <= 13:
		return a.actOnChat()
	case n <= 16:
		return a.actOnMessages()
	}
	return s.act(a)
}

// check runs one seed.
func check(t *testing.T, seed uint64) (r report) {
	options := []messembedtest.Option{messembedtest.WithRequestLog(-1)}
	if seed%2 == 0 {
		options = append(options, messembedtest.WithDeleteRoute())
	}
	fake := messembedtest.New(t, options...)
	transport := &flaky{fake: fake, seed: seed, share: *shareFlag, nth: map[string]uint64{}, off: true}
	client := fake.Client(t, messembed.WithTransport(transport), messembed.WithMaxConcurrency(max(1, *actorsFlag/2)))
	actors, shared := populate(fake, client, seed)
	events := newConsumer(fake, fake.Client(t, messembed.WithTransport(transport)), seed)
	transport.off = false
	go events.run()

	var wg sync.WaitGroup
	failures := make(chan error, len(actors))
	for _, a := range actors {
		wg.Go(func() {
			for a.ops < *opsFlag/len(actors) {
				if err := a.act(shared); err != nil {
					failures <- fmt.Errorf("goroutine %d, operation %d, %s: %w", a.number, a.ops, a.op, err)
					return
				}
			}
		})
	}
	wg.Wait()
	transport.stop()
	r.err = events.end()
	r.events, r.restarts = events.total, events.restarts
	for _, a := range actors {
		r.ops += a.ops
	}
	for _, n := range transport.nth {
		r.requests += int(n)
	}
	r.faults = transport.faults
	select {
	case r.err = <-failures:
	default:
		r.err = errors.Join(r.err, compare(fake, client, actors, shared))
	}
	return r
}

// populate creates each actor's own data and the shared data.
func populate(fake *messembedtest.Server, client *messembed.Client, seed uint64) ([]*actor, *common) {
	addUser := func(id string) string {
		fake.AddUser(messembed.User{ID: id})
		return id
	}
	var actors []*actor
	for g := range *actorsFlag {
		a := &actor{number: g, client: client, ctx: context.Background(), random: rand.New(rand.NewPCG(seed, uint64(g)))} //nolint:gosec // to be repeatable
		for k := range 5 {
			a.users = append(a.users, &possible[user]{name: fmt.Sprintf("g%d/u%d", g, k), states: []user{{}}})
		}
		for k := range 3 {
			first, second := addUser(fmt.Sprintf("g%d-first%d", g, k)), addUser(fmt.Sprintf("g%d-second%d", g, k))
			a.talks = append(a.talks, &talk{
				possible: possible[chat]{name: first, states: []chat{{}}}, first: first, second: second, sent: map[string]bool{},
			})
		}
		actors = append(actors, a)
	}
	s := &common{
		changed: addUser("changed"), sender: addUser("sender"), created: map[string][]int{}, maybe: map[string][]int{},
		seen: map[string]int{}, values: map[int]bool{}, talk: talk{possible: possible[chat]{name: "the shared chat"}, sent: map[string]bool{}},
	}
	for k := range 10 {
		s.userIDs = append(s.userIDs, fmt.Sprintf("shared%d", k))
	}
	s.chatID = fake.AddChat(messembed.Chat{FirstCompanion: &messembed.User{ID: s.sender}, SecondCompanion: &messembed.User{ID: s.changed}})
	return actors, s
}

// compare compares the final state with the model: the client's results, now
// that nothing fails, and the fake's state.
func compare(fake *messembedtest.Server, client *messembed.Client, actors []*actor, shared *common) error {
	stored := map[string]user{}
	for _, u := range fake.Users() {
		stored[u.ID] = read(&u)
	}
	contents := map[string][]string{}
	for _, m := range fake.Messages("") {
		contents[m.ChatID] = append(contents[m.ChatID], m.Content)
	}
	chats := map[string][]messembed.Chat{}
	for _, c := range fake.Chats() {
		chats[c.FirstCompanion.ID] = append(chats[c.FirstCompanion.ID], c)
	}
	for _, a := range actors {
		for _, p := range a.users {
			if err := p.told("the fake", nil, func(user) step[user] { return step[user]{} }, func(s user) bool { return s == stored[p.name] }); err != nil {
				return fmt.Errorf("the fake has %v: %w", stored[p.name], err)
			}
			u, err := client.GetUser(a.ctx, p.name)
			if stored[p.name].alive() != (err == nil) || err == nil && read(u) != stored[p.name] {
				return fmt.Errorf("GetUser %s: %v, %w; the fake has %v", p.name, u, err, stored[p.name])
			}
		}
		for _, t := range a.talks {
			if err := t.atEnd(chats[t.first], contents); err != nil {
				return err
			}
		}
	}
	return shared.compare(stored, contents[shared.chatID])
}

func (t *talk) atEnd(chats []messembed.Chat, contents map[string][]string) error {
	if len(chats) > 1 {
		return fmt.Errorf("%s has %d chats", t.name, len(chats))
	}
	var got chat
	if len(chats) == 1 {
		got = readChat(&chats[0])
		if err := t.compare(contents[chats[0].ID]); err != nil {
			return err
		}
	}
	return t.told("the fake", nil, func(chat) step[chat] { return step[chat]{} }, func(s chat) bool { return s == got })
}
