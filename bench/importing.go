package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/bench/internal/byhand"
	"github.com/messembed/messembed-go/bench/internal/sample"
)

// nodeCost is what node/import.js prints.
type nodeCost struct{ Seconds, CPU float64 }

// measureImports imports into a server that takes 5 ms per user, with
// ImportUsers, a hand-written worker pool, and axios in Node.
func measureImports(r *report, s scale) error {
	if err := hasNode(); err != nil {
		return err
	}
	url, stop, err := startServer()
	if err != nil {
		return err
	}
	defer stop()
	url += "/5ms"
	g := r.group("Import, with a server that takes 5 ms per user")
	for _, inFlight := range []int{16, 64, 256} {
		users := make([]messembed.CreateUserParams, min(12_000, 300*inFlight)/s.share)
		for i := range users {
			users[i] = sample.Params(i)
		}
		client, err := messembed.New(url, messembed.WithBasicAuth("admin", "pw"))
		if err != nil {
			return err
		}
		hand := byhand.New(url, inFlight)
		var byAxios []nodeCost
		costs, err := alternate(max(3, s.rounds/2+2),
			func() error { return bySDK(client, inFlight, users) },
			func() error { return byPool(hand, inFlight, users) },
			func() error {
				var c nodeCost
				err := output(&c, "node", "node/import.js", url, strconv.Itoa(len(users)), strconv.Itoa(inFlight))
				byAxios = append(byAxios, c)
				return err
			})
		client.CloseIdleConnections()
		hand.HTTP.CloseIdleConnections()
		if err != nil {
			return err
		}
		sdk, pool, axios := costs[0], costs[1], byAxios[1:]
		axiosWall, axiosCPU := func(c nodeCost) float64 { return c.Seconds }, func(c nodeCost) float64 { return c.CPU }
		n, at := float64(len(users)), fmt.Sprintf("%d in flight: ", inFlight)
		g.atLeast(0.95, at+"users, vs. a hand-written pool", perSecond(len(users), median(sdk, wall)), perSecond(len(users), median(pool, wall)), ratio(pool, wall, sdk, wall))
		g.atMost(1.15, at+"CPU per user, vs. the pool", micro(median(sdk, cpu)/n), micro(median(pool, cpu)/n), ratio(sdk, cpu, pool, cpu))
		g.atLeast(0, at+"users, vs. axios 0.21", perSecond(len(users), median(sdk, wall)), perSecond(len(users), median(axios, axiosWall)), ratio(axios, axiosWall, sdk, wall))
		g.atMost(1.0/3, at+"CPU per user, vs. axios 0.21", micro(median(sdk, cpu)/n), micro(median(axios, axiosCPU)/n), ratio(sdk, cpu, axios, axiosCPU))
	}
	return nil
}

func bySDK(client *messembed.Client, inFlight int, users []messembed.CreateUserParams) error {
	report, err := client.ImportUsers(context.Background(), func(yield func(messembed.CreateUserParams, error) bool) {
		for _, p := range users {
			if !yield(p, nil) {
				return
			}
		}
	}, messembed.ImportOptions{Concurrency: inFlight})
	if err == nil && report.Created != len(users) {
		err = fmt.Errorf("%+v", report)
	}
	return err
}

// byPool is a typical worker pool, without policies, retries or a report.
func byPool(hand *byhand.Client, inFlight int, users []messembed.CreateUserParams) error {
	rows := make(chan messembed.CreateUserParams)
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for range inFlight {
		wg.Go(func() {
			for p := range rows {
				if _, err := hand.CreateUser(context.Background(), p); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	for _, p := range users {
		rows <- p
	}
	close(rows)
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}
