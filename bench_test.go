package messembed_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// BenchmarkCreateUser compares one call with the same written by hand on
// net/http and encoding/json. The server is another process, whose cost is not
// counted. The last of the three alternates both sides and prints how much more
// the SDK takes: ratio (of the medians of the time) and more-allocs (per call).
func BenchmarkCreateUser(b *testing.B) {
	url := benchServer(b)
	client, err := messembed.New(url, messembed.WithBasicAuth("admin", "pw"))
	if err != nil {
		b.Fatal(err)
	}
	hand := &byHand{url: url, client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	sides := map[string]func(context.Context) error{
		"byhand": func(ctx context.Context) error { _, err := hand.createUser(ctx, benchUser); return err },
		"sdk":    func(ctx context.Context) error { _, err := client.CreateUser(ctx, benchUser); return err },
	}
	for _, name := range []string{"byhand", "sdk"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := sides[name](b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("compared", func(b *testing.B) {
		const round = 200 // calls
		times, allocs := map[string][]time.Duration{}, map[string]uint64{}
		calls := 0
		for b.Loop() {
			for name, create := range sides {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				began := time.Now()
				for range round {
					if err := create(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				times[name] = append(times[name], time.Since(began))
				runtime.ReadMemStats(&after)
				allocs[name] += after.Mallocs - before.Mallocs
			}
			calls += round
		}
		median := func(name string) float64 { slices.Sort(times[name]); return float64(times[name][len(times[name])/2]) }
		b.ReportMetric(median("sdk")/median("byhand"), "ratio")
		b.ReportMetric((float64(allocs["sdk"])-float64(allocs["byhand"]))/float64(calls), "more-allocs")
		b.ReportMetric(median("sdk")/round, "ns/call")
	})
}

var benchUser = messembed.CreateUserParams{
	ID: "user-00000001",
	ExternalMetadata: messembed.Metadata{
		"name": "Zoë Example", "username": "zoe.example", "avatar": "https://cdn.example.com/avatars/1/64.png", "age": 41,
		"address": map[string]any{"city": "Köln", "zip": "50667"},
	},
	PrivateExternalMetadata: messembed.Metadata{"crmId": "C-1", "plan": "pro"},
}

const benchAnswer = `{"_id":"user-00000001","createdAt":"2026-11-21T19:52:34.374Z","updatedAt":null,"deletedAt":null,` +

	`"externalMetadata":{"name":"Zoë Example","username":"zoe.example","avatar":"https://cdn.example.com/avatars/1/64.png","age":41,"address":{"city":"Köln","zip":"50667"}},` +

	`"privateExternalMetadata":{"crmId":"C-1","plan":"pro"},"blockStatus":null,"blockStatusUpdatedAt":null,"__v":0}`

// byHand is what one would write without an SDK.
type byHand struct {
	url    string
	client *http.Client
}

type byHandBody struct {
	ID                      string         `json:"id"`
	ExternalMetadata        map[string]any `json:"externalMetadata,omitempty"`
	PrivateExternalMetadata map[string]any `json:"privateExternalMetadata,omitempty"`
}

type byHandUser struct {
	ID                      string         `json:"_id"`
	CreatedAt               time.Time      `json:"createdAt"`
	DeletedAt               *time.Time     `json:"deletedAt"`
	ExternalMetadata        map[string]any `json:"externalMetadata"`
	PrivateExternalMetadata map[string]any `json:"privateExternalMetadata"`
	BlockStatus             *string        `json:"blockStatus"`
}

func (h *byHand) createUser(ctx context.Context, p messembed.CreateUserParams) (*byHandUser, error) {
	body, err := json.Marshal(byHandBody{p.ID, p.ExternalMetadata, p.PrivateExternalMetadata})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"/admin-api/users", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("admin", "pw")
	req.Header.Set("Content-Type", "application/json")
	resp, err := h.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusCreated {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	var u byHandUser
	if err := json.Unmarshal(answer, &u); err != nil {
		return nil, err
	}
	return &u, nil
}

const benchServerVariable = "MESSEMBED_TEST_BENCH_SERVER"

// TestServeBenchmark is the server of BenchmarkCreateUser, in its own process.
func TestServeBenchmark(t *testing.T) {
	if os.Getenv(benchServerVariable) == "" {
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("http://" + listener.Addr().String())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the benchmark
		_ = listener.Close()
	}()
	_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, benchAnswer)
	}))
}

func benchServer(b *testing.B) (url string) {
	server := exec.Command(os.Args[0], "-test.run", "^TestServeBenchmark$")
	server.Env = append(os.Environ(), benchServerVariable+"=1")
	in, err := server.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = server.Wait()
	})
	if _, err := fmt.Fscanln(bufio.NewReader(out), &url); err != nil {
		b.Fatal(err)
	}
	return url
}
