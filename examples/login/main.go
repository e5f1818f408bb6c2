// Command login shows a login that also logs in to the chat: an HTTP handler that
// ensures that the chat user exists and mints the access token, and that neither
// hangs nor fails when the chat does.
//
//	go run ./examples/login                        logs a user in a few times, and ends
//	go run ./examples/login -addr 127.0.0.1:8080   serves until Ctrl-C
//
// Without MESSEMBED_ variables it runs against the fake server, inside this process.
// With MESSEMBED_URL and MESSEMBED_PASSWORD it runs against that service.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func main() {
	addr := flag.String("addr", "", "address to serve POST /login on; empty: show a few logins and end")
	flag.Usage = usageOf(flag.CommandLine, "login [flags]")
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
	h := &loginHandler{
		check:    checkPassword,
		session:  setSession,
		chat:     client,
		patience: 2 * time.Second,
		log:      slog.New(slog.NewTextHandler(out, nil)),
	}
	if addr != "" {
		return serve(ctx, out, addr, h)
	}
	show(ctx, out, h, "the chat is up")
	if fake != nil {
		fake.FailNext(messembedtest.Fault{Op: "CreateAccessToken", Stall: true})
		show(ctx, out, h, "the chat does not answer")
		fake.FailRandomly(1, 1, messembedtest.Fault{Refuse: true})
		show(ctx, out, h, "the chat is down")
	}
	return nil
}

// show logs a user in and prints the response to the front end.
func show(ctx context.Context, out io.Writer, h http.Handler, when string) {
	form := url.Values{"username": {"ada"}, "password": {"lovelace"}}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/login", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	began := time.Now()
	h.ServeHTTP(w, r)
	body := strings.TrimSpace(w.Body.String())
	if i := strings.Index(body, `"token":"`); i >= 0 {
		body = body[:i] + `"token":"…"}}` // a token is a secret, even here
	}
	fmt.Fprintf(out, "When %s, after %s: %d %s\n", when, time.Since(began).Round(100*time.Millisecond), w.Code, body)
}

func serve(ctx context.Context, out io.Writer, addr string, login http.Handler) error {
	mux := http.NewServeMux()
	mux.Handle("POST /login", login)
	server := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Fprintf(out, "Serving. Try: curl -d username=ada -d password=lovelace http://%s/login\n", addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// checkPassword stands in for the application's own login.
func checkPassword(username, password string) (account, bool) {
	if username != "ada" || password != "lovelace" {
		return account{}, false
	}
	return account{ID: "42", Name: "Ada Lovelace", Avatar: "https://pics.example.com/ada.png"}, true
}

// setSession stands in for the application's own session.
func setSession(w http.ResponseWriter, who account) {
	http.SetCookie(w, &http.Cookie{Name: "session", Value: "of-" + who.ID, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
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
