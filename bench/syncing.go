package main

import (
	"context"
	"fmt"
	"iter"
	"runtime"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/bench/internal/sample"
)

// measureSyncs syncs users of whom a thousand changed, a thousand are new and five
// hundred vanished, beside reading the list and the input alone.
func measureSyncs(r *report, s scale) error {
	url, stop, err := startServer()
	if err != nil {
		return err
	}
	defer stop()
	client, err := messembed.New(fmt.Sprintf("%s/sync/%d", url, s.users), messembed.WithBasicAuth("admin", "pw"))
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	input := syncInput(s.users)
	costs, err := alternate(max(2, s.rounds/3),
		func() error { return syncOnce(client, input, s.users) },
		func() error { return readBoth(client, input) })
	if err != nil {
		return err
	}
	peak := 0.0
	if err := syncOnce(client, withHeap(input, &peak), s.users); err != nil {
		return err
	}
	sync, read := costs[0], costs[1]
	g := r.group(fmt.Sprintf("Syncing %d users: %d changed, %d new, %d vanished, one list and as many requests", s.users, syncChanged, syncNew, syncVanished))
	seconds := func(v float64) string { return fmt.Sprintf("%.1f s", v) }
	g.atMost(1.3, "time, vs. reading the list and the input alone", seconds(median(sync, wall)), seconds(median(read, wall)), ratio(sync, wall, read, wall))
	g.atMost(1.3, "CPU, vs. the same", seconds(median(sync, cpu)), seconds(median(read, cpu)), ratio(sync, cpu, read, cpu))
	g.add(result{what: "live heap at most", sdk: fmt.Sprintf("%.1f MiB", peak), goal: "≤ 128 MiB", reached: peak <= 128})
	return nil
}

const syncChanged, syncNew, syncVanished = 1000, 1000, 500

// syncInput yields the users of the list as they are, but for those that changed,
// vanished or are new, which are spread over all.
func syncInput(users int) iter.Seq2[messembed.CreateUserParams, error] {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		for i := range users + syncNew {
			p := sample.Params(i)
			switch {
			case i < users && i%(users/syncVanished) == 1:
				continue
			case i < users && i%(users/syncChanged) == 2:
				p.ExternalMetadata["age"] = 1000
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

func syncOnce(client *messembed.Client, input iter.Seq2[messembed.CreateUserParams, error], users int) error {
	report, err := client.SyncUsers(context.Background(), input, messembed.SyncOptions{Vanished: messembed.BlockVanished, MaxVanished: syncVanished})
	report.Elapsed = 0
	want := messembed.SyncProgress{
		Read: users + syncNew - syncVanished, Created: syncNew, Updated: syncChanged, Unchanged: users - syncChanged - syncVanished,
		Vanished: syncVanished, Blocked: syncVanished,
	}
	if err == nil && report.SyncProgress != want {
		err = fmt.Errorf("%+v, want %+v", report, want)
	}
	return err
}

// readBoth reads the list and the input.
func readBoth(client *messembed.Client, input iter.Seq2[messembed.CreateUserParams, error]) error {
	for _, err := range client.Users(context.Background()) {
		if err != nil {
			return err
		}
	}
	for _, err := range input {
		if err != nil {
			return err
		}
	}
	return nil
}

// withHeap looks at the live heap, in MiB, ten times while the input is read.
func withHeap(input iter.Seq2[messembed.CreateUserParams, error], peak *float64) iter.Seq2[messembed.CreateUserParams, error] {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		rows := 0
		for p, err := range input {
			if rows%100_000 == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				*peak = max(*peak, float64(m.HeapAlloc)/(1<<20))
			}
			if rows++; !yield(p, err) {
				return
			}
		}
	}
}
