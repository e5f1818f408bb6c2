// Command signup-hook shows a webhook that keeps chat users current: the identity
// provider calls it when an account is created or changed.
//
//	go run ./examples/signup-hook                        handles a few calls, and ends
//	go run ./examples/signup-hook -addr 127.0.0.1:8080   serves until Ctrl-C
//
// HOOK_SECRET is the secret that signs the calls. Without MESSEMBED_ variables it
// runs against the fake server, inside this process. With MESSEMBED_URL and
// MESSEMBED_PASSWORD it runs against that service.
package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func main() {
	addr := flag.String("addr", "", "address to serve POST /hooks/accounts on; empty: handle a few calls and end")
	flag.Usage = usageOf(flag.CommandLine, "signup-hook [flags]")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, *addr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, addr string) error {
	client, fake, err := connect()
	if err != nil {
		return err
	}
	secret := os.Getenv("HOOK_SECRET")
	if secret == "" {
		if addr != "" {
			return errors.New("HOOK_SECRET is not set")
		}
		secret = "demo secret"
	}
	h := &hook{chat: client, secret: []byte(secret), patience: 5 * time.Second, log: slog.New(slog.NewTextHandler(out, nil))}
	if addr != "" {
		return serve(ctx, out, addr, h)
	}

	call(ctx, out, h, `{"type":"account.created","account":{"id":"42","name":"Ada Byron","revision":1}}`)
	call(ctx, out, h, `{"type":"account.updated","account":{"id":"42","name":"Ada Lovelace","avatar":"https://pics.example.com/ada.png","revision":2}}`)
	call(ctx, out, h, `{"type":"account.created","account":{"id":"42","name":"Ada Byron","revision":1}}`) // the first call again, late
	call(ctx, out, h, `{"type":"account.created","account":{"id":"","name":"Nobody"}}`)
	if fake != nil {
		fake.FailNext(messembedtest.Fault{Op: "CreateUser", Status: http.StatusServiceUnavailable, RetryAfter: "60"})
		call(ctx, out, h, `{"type":"account.created","account":{"id":"43","name":"Grace Hopper","revision":1}}`)
	}
	user, err := client.GetUser(ctx, "42")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "In the chat: %q, %v\n", user.ID, user.ExternalMetadata["name"])
	return nil
}

// call acts as the identity provider.
func call(ctx context.Context, out io.Writer, h *hook, body string) {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/hooks/accounts", bytes.NewReader([]byte(body)))
	r.Header.Set(signatureHeader, hex.EncodeToString(sign(h.secret, []byte(body))))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Fprintf(out, "%s\n  -> %d %s\n", body, w.Code, strings.TrimSpace(w.Body.String()))
}

func serve(ctx context.Context, out io.Writer, addr string, h http.Handler) error {
	mux := http.NewServeMux()
	mux.Handle("POST /hooks/accounts", h)
	server := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Fprintf(out, "Serving POST http://%s/hooks/accounts\n", addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// connect returns a client for the service that the environment names or for a
// fake, and the fake.
func connect() (*messembed.Client, *messembedtest.Server, error) {
	if inEnv("MESSEMBED_") {
		client, err := messembed.FromEnv()
		return client, nil, err
	}
	fake := messembedtest.New(messembedtest.Program{})
	return fake.Client(messembedtest.Program{}), fake, nil
}
