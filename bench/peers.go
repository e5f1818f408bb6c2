package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	neturl "net/url"
	"strings"

	stream "github.com/GetStream/stream-chat-go/v5"
	"github.com/google/go-github/v75/github"
	"github.com/stripe/stripe-go/v82"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/bench/internal/byhand"
	"github.com/messembed/messembed-go/bench/internal/sample"
)

// measurePeers measures what this SDK and the clients of other services add to a
// call, each with a response in its own format.
func measurePeers(r *report, s scale) error {
	url, stop, err := startServer()
	if err != nil {
		return err
	}
	defer stop()
	peers, err := makePeers(url)
	if err != nil {
		return err
	}
	g := r.group("What clients add to one call: each compared with hand-written code that decodes into the same type")
	g.side = "client"
	for _, p := range peers {
		calls := 1000 / s.share
		costs, err := alternate(s.rounds, inParallel(1, calls, p.call), inParallel(1, calls, p.byHand))
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		own, other := costs[0], costs[1]
		per := func(of func(cost) float64, costs []cost) float64 { return median(costs, of) / float64(calls) }
		g.atMost(0, p.name+": time", micro(per(wall, own)), micro(per(wall, other)), ratio(own, wall, other, wall))
		g.atMost(0, p.name+": CPU", micro(per(cpu, own)), micro(per(cpu, other)), ratio(own, cpu, other, cpu))
		g.add(result{
			what: p.name + ": allocations", sdk: fmt.Sprintf("%.0f", per(allocs, own)), other: fmt.Sprintf("%.0f", per(allocs, other)),
			ratio: fmt.Sprintf("%+.0f", per(allocs, own)-per(allocs, other)),
		})
	}
	return nil
}

type peer struct {
	name         string
	call, byHand func() error
}

func makePeers(url string) ([]peer, error) {
	ctx := context.Background()
	hand := byhand.New(url, 8)

	ours, err := messembed.New(url, messembed.WithBasicAuth("admin", "pw"))
	if err != nil {
		return nil, err
	}
	params := sample.Params(1)

	hub, err := github.NewClient(&http.Client{Transport: byhand.New("", 8).HTTP.Transport}).WithAuthToken("token").WithEnterpriseURLs(url+"/github/", url+"/github/")
	if err != nil {
		return nil, err
	}

	pay := stripe.NewClient("key", stripe.WithBackends(stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		URL: stripe.String(url), HTTPClient: byhand.New("", 8).HTTP, MaxNetworkRetries: stripe.Int64(0),
		EnableTelemetry: stripe.Bool(false), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})))

	chat, err := stream.NewClient("key", "secret")
	if err != nil {
		return nil, err
	}
	chat.BaseURL = url + "/stream"
	chat.SetClient(byhand.New("", 8).HTTP)
	jenny := &stream.User{ID: "jenny", Name: "Jenny Rosen", ExtraData: map[string]any{"plan": "pro", "city": "Köln"}}

	return []peer{
		{
			"messembed-go CreateUser",
			func() error { _, err := ours.CreateUser(ctx, params); return err },
			func() error { _, err := hand.CreateUser(ctx, params); return err },
		},
		{
			"google/go-github v75 Users.Get",
			func() error { _, _, err := hub.Users.Get(ctx, "octocat"); return err },
			func() error {
				return hand.Do(ctx, http.MethodGet, url+"/github/api/v3/users/octocat", "", nil, new(github.User))
			},
		},
		{
			"stripe-go v82 Customers.Create",
			func() error {
				_, err := pay.V1Customers.Create(ctx, &stripe.CustomerCreateParams{
					Name: stripe.String("Jenny Rosen"), Email: stripe.String("jennyrosen@example.com"), Metadata: map[string]string{"plan": "pro"},
				})
				return err
			},
			func() error {
				form := neturl.Values{"name": {"Jenny Rosen"}, "email": {"jennyrosen@example.com"}, "metadata[plan]": {"pro"}}
				return hand.Do(ctx, http.MethodPost, url+"/v1/customers", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), new(stripe.Customer))
			},
		},
		{
			"GetStream/stream-chat-go v5 UpsertUser",
			func() error { _, err := chat.UpsertUser(ctx, jenny); return err },
			func() error {
				body, err := json.Marshal(map[string]any{"users": map[string]*stream.User{"jenny": jenny}})
				if err != nil {
					return err
				}
				return hand.Do(ctx, http.MethodPost, url+"/stream/users?api_key=key", "application/json", bytes.NewReader(body), new(stream.UsersResponse))
			},
		},
	}, nil
}
