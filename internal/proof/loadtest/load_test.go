package loadtest_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

var (
	durationFlag   = flag.Duration("load.duration", time.Second, "duration of the load")
	goroutinesFlag = flag.Int("load.goroutines", 256, "number of goroutines that share the client")
	shareFlag      = flag.Float64("load.faults", 0.1, "share of requests that fail")
)

const usersStored = 64

// TestLoad has many goroutines use one client, then checks for leaks.
func TestLoad(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	duration := *durationFlag
	if testing.Short() {
		duration = min(duration, 200*time.Millisecond)
	}
	service := listen(t)
	client, err := messembed.New(service.url, messembed.WithBasicAuth(service.fake.Credentials()), messembed.WithMaxConcurrency(*goroutinesFlag/2),
		messembed.WithAttemptTimeout(300*time.Millisecond), messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	// What the first calls allocate stays.
	warm := load(t, client, 20*time.Millisecond)
	client.CloseIdleConnections()
	service.waitForNoConnection(t)
	before := heapInUse()

	done := load(t, client, duration)
	if open := service.mostOpen.Load(); open > int64(*goroutinesFlag) {
		t.Errorf("%d connections were open at once", open)
	}
	client.CloseIdleConnections()
	service.waitForNoConnection(t)
	after := heapInUse()
	grown := int64(after) - int64(before)
	fmt.Printf("load: %d goroutines, %v, %d calls, %d failed; at most %d connections; heap %+d KiB\n",
		*goroutinesFlag, duration, done.calls.Load(), done.failed.Load(), service.mostOpen.Load(), grown>>10)
	if grown > 1<<20 {
		t.Errorf("%d KiB of memory leaked", grown>>10)
	}
	if done.calls.Load() == 0 || warm.calls.Load() == 0 {
		t.Error("no call was made")
	}
	service.close()
}

// A tally counts calls.
type tally struct{ calls, failed atomic.Int64 }

// load makes calls of all kinds until the time is over.
func load(t *testing.T, client *messembed.Client, duration time.Duration) *tally {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), duration)
	defer cancel()
	var done tally
	var wg sync.WaitGroup
	for g := range *goroutinesFlag {
		random := rand.New(rand.NewPCG(1, uint64(g))) //nolint:gosec // to be repeatable
		wg.Go(func() {
			for ctx.Err() == nil {
				err := call(ctx, client, random)
				done.calls.Add(1)
				if err == nil {
					continue
				}
				done.failed.Add(1)
				if !errors.Is(err, messembed.ErrUnavailable) && !errors.Is(err, messembed.ErrRateLimited) && !errors.Is(err, messembed.ErrInvalidResponse) {
					t.Errorf("%v", err)
				}
			}
		})
	}
	wg.Wait()
	return &done
}

// call makes one random call. None of them makes the fake grow.
func call(ctx context.Context, client *messembed.Client, random *rand.Rand) error {
	id := fmt.Sprintf("user %d", random.IntN(usersStored))
	var err error
	switch random.IntN(10) {
	case 0:
		_, err = client.UpdateUser(ctx, id, messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"n": random.IntN(100)}})
	case 1:
		_, _, err = client.EnsureUser(ctx, messembed.CreateUserParams{ID: id})
	case 2:
		_, err = client.CreateAccessToken(ctx, id)
	case 3:
		_, err = client.BlockUser(ctx, id)
	case 4:
		for _, failed := range client.Users(ctx) { // to the end
			err = failed
		}
	case 5:
		for range client.Users(ctx) { // stopped early
			break
		}
	case 6: // cancelled
		short, cancel := context.WithTimeout(ctx, time.Duration(random.IntN(2000))*time.Microsecond)
		_, err = client.ListUsers(short, messembed.ListUsersParams{})
		cancel()
	default:
		_, err = client.GetUser(ctx, id)
	}
	return err
}

// A service is the fake behind a listener that counts its connections.
type service struct {
	fake     *messembedtest.Server
	url      string
	server   *http.Server
	mostOpen atomic.Int64

	mu      sync.Mutex
	open    map[net.Conn]bool
	changed chan struct{}
}

// faults are failures over a socket, some of which keep the connection busy,
// break it, or leave it half read.
var faults = []messembedtest.Fault{
	{Status: 503}, {Status: 502, Body: "<html>"}, {Status: 429, RetryAfter: "0"}, {Status: 200, Body: "<html>"}, {Reset: true}, {Reset: true, AfterApply: true},
	{Truncate: -1}, {Truncate: 1}, {Truncate: 20}, {Stall: true}, {Stall: true, Truncate: 5}, {Delay: 20 * time.Millisecond},
}

func listen(t *testing.T) *service {
	t.Helper()
	s := &service{fake: messembedtest.New(t, messembedtest.WithRequestLog(-1)), open: map[net.Conn]bool{}, changed: make(chan struct{}, 1)}
	for i := range usersStored {
		s.fake.AddUser(messembed.User{ID: fmt.Sprintf("user %d", i), ExternalMetadata: messembed.Metadata{"n": i}})
	}
	s.fake.FailRandomly(*shareFlag, 1, faults...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + listener.Addr().String()
	s.server = &http.Server{
		Handler: s.fake, ConnState: s.note, IdleTimeout: 5 * time.Second, ReadHeaderTimeout: 5 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { _ = s.server.Serve(listener) }()
	return s
}

func (s *service) close() {
	_ = s.server.Close()
	s.fake.Close()
}

// note counts a connection that the fake hijacks in order to break it as closed.
func (s *service) note(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.open[conn] = true
		s.mostOpen.Store(max(s.mostOpen.Load(), int64(len(s.open))))
	case http.StateClosed, http.StateHijacked:
		delete(s.open, conn)
	}
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// waitForNoConnection waits until the service has seen all connections end. A
// stalled response notices when it writes, or when it is closed.
func (s *service) waitForNoConnection(t *testing.T) {
	t.Helper()
	enough := time.After(5 * time.Second)
	for {
		s.mu.Lock()
		open := len(s.open)
		s.mu.Unlock()
		if open == 0 {
			return
		}
		select {
		case <-s.changed:
		case <-enough:
			t.Fatalf("%d connections are left open", open)
		}
	}
}

func heapInUse() uint64 {
	for range 3 {
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
