package faultmatrix_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// An outcome is the result of one call.
type outcome struct {
	result    any
	err       error
	took      time.Duration // not compared if untimed
	sent      map[string]int
	requests  []string // that the fake received, by operation
	state     string
	before    string
	exhaust   string // everything that errors and logs show
	elsewhere []string
}

// tb implements what the fake needs of a test, for thousands of fakes in one test.
type tb struct {
	cleanups []func()
	failure  string
}

func (t *tb) Helper()          {}
func (t *tb) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }
func (t *tb) FailNow()         { panic(t.failure) }

func (t *tb) Errorf(format string, args ...any) { t.failure += fmt.Sprintf(format, args...) + "\n" }

func (t *tb) cleanup() {
	for _, f := range slices.Backward(t.cleanups) {
		f()
	}
}

// credentials are the client's credentials. The OAuth2 style is given, since
// x/oauth2 otherwise finds out by requesting twice.
func (c *call) credentials(fake *messembedtest.Server, tokenURL string) messembed.Option {
	if !c.oauth {
		return messembed.WithBasicAuth(fake.Credentials())
	}
	return messembed.WithClientCredentials(clientcredentials.Config{
		ClientID: "client", ClientSecret: canarySecret, TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInHeader,
	})
}

// run makes the call in a new world, in memory.
func (c *call) run(plan func(string, int) *fault) outcome { return c.runOver(nil, plan) }

// runOver makes it over a socket, if there is one.
func (c *call) runOver(s *socket, plan func(string, int) *fault) (o outcome) {
	t := new(tb)
	defer t.cleanup()
	options := append([]messembedtest.Option{
		messembedtest.WithCredentials("admin", canaryPassword), messembedtest.WithJWTSecret([]byte(canaryJWT)),
	}, c.options...)
	if c.oauth {
		options = append(options, messembedtest.WithClientCredentials("client", canarySecret))
	}
	w := &world{fake: messembedtest.New(t, options...)}
	in := &injector{fake: w.fake}
	logger, logged := debugLog()
	newClient := func() *messembed.Client {
		base, options := w.fake.BaseURL(), []messembed.Option{
			messembed.WithLogger(logger), messembed.WithUserAgent("matrix/1"),
			messembed.WithTimeout(callTimeout), messembed.WithAttemptTimeout(attemptTimeout), messembed.WithListTimeout(listTimeout),
			messembed.WithMaxResponseBytes(maxResponseBytes),
		}
		if s == nil {
			options = append(options, messembed.WithTransport(in), c.credentials(w.fake, w.fake.TokenURL()),
				messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: maxAttempts, MinBackoff: minBackoff, MaxBackoff: maxBackoff}))
		} else {
			base = s.serve(in)
			options = append(options, c.credentials(w.fake, base+"/oauth/token"),
				messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: maxAttempts, MinBackoff: 1, MaxBackoff: 1}))
		}
		client, err := messembed.New(base, append(options, c.extra...)...)
		if err != nil {
			panic(err)
		}
		return client
	}
	w.client = newClient()
	newWorld(w)
	if c.world != nil {
		c.world(w)
	}
	if c.oauth {
		w.client = newClient() // which has no token yet
	}
	if w.err != nil {
		panic(fmt.Sprintf("%s: creating its world: %v", c.name(), w.err))
	}
	if o.before = c.stored; o.before == "" {
		o.before = w.state()
	}
	before := len(w.fake.Requests())

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in.begin(plan, cancel)
	if c.within != nil {
		ctx, cancel = c.within(ctx)
		defer cancel()
	}
	logged.Reset()
	began := time.Now()
	o.result, o.err = c.do(ctx, w)
	o.took = time.Since(began)

	o.sent = in.sent
	for _, r := range w.fake.Requests()[before:] {
		o.requests = append(o.requests, r.Op)
	}
	o.state = w.state()
	o.exhaust = showings(o.err) + logged.String()
	for agent := range in.agents {
		o.exhaust += agent + "\n"
	}
	for host := range in.hosts {
		if s == nil && host != w.fake.BaseURL() {
			o.elsewhere = append(o.elsewhere, host)
		}
	}
	if s != nil {
		o.elsewhere, o.took = s.strangers(), untimed
		w.client.CloseIdleConnections()
	}
	if t.failure != "" {
		panic(t.failure)
	}
	return o
}

const untimed = -1
