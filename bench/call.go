package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/bench/internal/byhand"
	"github.com/messembed/messembed-go/bench/internal/sample"
)

// measureCalls measures one CreateUser, alone and with 64 in flight.
func measureCalls(r *report, s scale) error {
	url, stop, err := startServer()
	if err != nil {
		return err
	}
	defer stop()
	client, err := messembed.New(url, messembed.WithBasicAuth("admin", "pw"))
	if err != nil {
		return err
	}
	hand := byhand.New(url, 64)
	params := sample.Params(1)
	ctx := context.Background()
	bySDK := func() error { _, err := client.CreateUser(ctx, params); return err }
	byHand := func() error { _, err := hand.CreateUser(ctx, params); return err }

	g := r.group("One `CreateUser` call, compared with hand-written net/http and encoding/json")
	for _, inFlight := range []int{1, 64} {
		calls := 4000 * inFlight / (inFlight + 15) / s.share * 4
		costs, err := alternate(2*s.rounds, inParallel(inFlight, calls, bySDK), inParallel(inFlight, calls, byHand))
		if err != nil {
			return err
		}
		sdk, other := costs[0], costs[1]
		name := "alone"
		if inFlight > 1 {
			name = fmt.Sprintf("%d in flight", inFlight)
		}
		perCall := func(of func(cost) float64, costs []cost) float64 { return median(costs, of) / float64(calls) }
		g.atMost(1, name+": time per call", micro(perCall(wall, sdk)), micro(perCall(wall, other)), ratio(sdk, wall, other, wall))
		g.atMost(0, name+": CPU per call", micro(perCall(cpu, sdk)), micro(perCall(cpu, other)), ratio(sdk, cpu, other, cpu))
		more := perCall(allocs, sdk) - perCall(allocs, other)
		g.add(result{
			what: name + ": allocations", sdk: fmt.Sprintf("%.0f", perCall(allocs, sdk)), other: fmt.Sprintf("%.0f", perCall(allocs, other)),
			ratio: fmt.Sprintf("%+.0f", more), reached: more <= 0, goal: "no more",
		})
	}
	return nil
}

// inParallel makes this many calls, inFlight of them at a time.
func inParallel(inFlight, calls int, call func() error) func() error {
	return func() error {
		var left atomic.Int64
		left.Store(int64(calls))
		var wg sync.WaitGroup
		errs := make(chan error, inFlight)
		for range inFlight {
			wg.Go(func() {
				for left.Add(-1) >= 0 {
					if err := call(); err != nil {
						errs <- err
						return
					}
				}
			})
		}
		wg.Wait()
		close(errs)
		return <-errs
	}
}
