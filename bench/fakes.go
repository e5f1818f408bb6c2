package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/bench/internal/sample"
	"github.com/messembed/messembed-go/messembedtest"
)

// measureFakes measures what the fake costs a test, compared with a typical
// httptest.Server that has two handlers and a map.
func measureFakes(r *report, s scale) error {
	g := r.group("The fake server, compared with a hand-written httptest.Server")
	ctx := context.Background()
	params := make([]messembed.CreateUserParams, 2000)
	for i := range params {
		params[i] = sample.Params(i)
	}

	fakes := 500 / s.share
	costs, err := alternate(s.rounds,
		func() error {
			for range fakes {
				p := &program{}
				_ = messembedtest.New(p).Client(p)
				p.end()
			}
			return nil
		},
		func() error {
			for range fakes {
				server, _, err := fakeByHand()
				if err != nil {
					return err
				}
				server.Close()
			}
			return nil
		})
	if err != nil {
		return err
	}
	g.atMost(0, "New, Client and cleanup", micro(median(costs[0], wall)/float64(fakes)), micro(median(costs[1], wall)/float64(fakes)), ratio(costs[0], wall, costs[1], wall))

	calls := len(params)
	var fakeClient, handClient *messembed.Client
	for _, op := range []struct {
		name string
		call func(*messembed.Client, int) error
	}{
		{"CreateUser", func(c *messembed.Client, i int) error { _, err := c.CreateUser(ctx, params[i]); return err }},
		{"GetUser", func(c *messembed.Client, i int) error { _, err := c.GetUser(ctx, params[i].ID); return err }},
	} {
		all := func(c func() *messembed.Client) func() error {
			return func() error {
				client := c()
				for i := range calls {
					if err := op.call(client, i); err != nil {
						return err
					}
				}
				return nil
			}
		}
		var open []*httptest.Server
		costs, err := alternate(s.rounds,
			all(func() *messembed.Client {
				if op.name == "CreateUser" {
					p := &program{}
					fakeClient = messembedtest.New(p, messembedtest.WithRequestLog(-1)).Client(p)
				}
				return fakeClient
			}),
			all(func() *messembed.Client {
				if op.name == "CreateUser" || handClient == nil {
					server, client, err := fakeByHand()
					if err != nil {
						panic(err)
					}
					open, handClient = append(open, server), client
				}
				return handClient
			}))
		if err != nil {
			return fmt.Errorf("%s: %w", op.name, err)
		}
		g.atMost(0, op.name+" through its RoundTripper", micro(median(costs[0], wall)/float64(calls)), micro(median(costs[1], wall)/float64(calls)), ratio(costs[0], wall, costs[1], wall))
		for _, server := range open[:max(0, len(open)-1)] {
			server.Close()
		}
	}

	many := 1000 / s.share
	costs, err = alternate(max(3, s.rounds/3),
		func() error {
			return inParallel(many, many, func() error {
				p := &program{}
				defer p.end()
				return aTest(messembedtest.New(p).Client(p), params)
			})()
		},
		func() error {
			return inParallel(many, many, func() error {
				server, client, err := fakeByHand()
				if err != nil {
					return err
				}
				defer server.Close()
				defer client.CloseIdleConnections()
				return aTest(client, params)
			})()
		})
	if err != nil {
		return err
	}
	g.atMost(0, fmt.Sprintf("%d parallel tests, five users each", many), fmt.Sprintf("%.0f ms", median(costs[0], wall)*1e3),
		fmt.Sprintf("%.0f ms", median(costs[1], wall)*1e3), ratio(costs[0], wall, costs[1], wall))
	return nil
}

func aTest(client *messembed.Client, params []messembed.CreateUserParams) error {
	for _, p := range params[:5] {
		if _, err := client.CreateUser(context.Background(), p); err != nil {
			return err
		}
		if _, err := client.GetUser(context.Background(), p.ID); err != nil {
			return err
		}
	}
	return nil
}

// program is a test that ends when told to.
type program struct {
	messembedtest.Program
	mu       sync.Mutex
	cleanups []func()
}

func (p *program) Cleanup(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cleanups = append(p.cleanups, f)
}

func (p *program) end() {
	for _, f := range p.cleanups {
		f()
	}
}

// fakeByHand has two routes and no other behaviour of the real server.
func fakeByHand() (*httptest.Server, *messembed.Client, error) {
	var mu sync.Mutex
	users := map[string]json.RawMessage{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin-api/users", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			ID                      string          `json:"id"`
			ExternalMetadata        json.RawMessage `json:"externalMetadata,omitempty"`
			PrivateExternalMetadata json.RawMessage `json:"privateExternalMetadata,omitempty"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, "{}", http.StatusBadRequest)
			return
		}
		answer, _ := json.Marshal(map[string]any{
			"_id": body.ID, "createdAt": "2026-11-21T19:52:34.374Z", "externalMetadata": body.ExternalMetadata, "privateExternalMetadata": body.PrivateExternalMetadata,
		})
		mu.Lock()
		users[body.ID] = answer
		mu.Unlock()
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(answer)
	})
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		answer := users[r.PathValue("id")]
		mu.Unlock()
		_, _ = w.Write(answer)
	})
	server := httptest.NewServer(mux)
	client, err := messembed.New(server.URL, messembed.WithBasicAuth("admin", "pw"))
	return server, client, err
}
