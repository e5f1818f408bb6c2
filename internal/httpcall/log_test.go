package httpcall_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// logged returns the lines that the calls leave.
func logged(t *testing.T, service transport, call func(*httpcall.Client)) []string {
	t.Helper()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	call(newClient(t, service, auth(httpcall.TokenSource(&numbered{})), func(c *httpcall.Config) { c.Logger = logger }))
	return strings.Split(strings.TrimSpace(log.String()), "\n")
}

func TestLogger(t *testing.T) {
	const get = ` op=GetUser method=GET route=users/{id} request_id=r1 `
	tests := map[string]struct {
		service transport
		lines   []string
	}{
		"answered": {answer(200, "canary"), []string{`level=DEBUG msg="messembed: answered"` + get + `attempt=1 duration=0s status=200`}},
		"a refusal is an answer like any other": {answer(404, "canary"), []string{
			`level=DEBUG msg="messembed: failed"` + get + `attempt=1 duration=0s status=404`,
		}},
		"sent again": {scripted(after(time.Second, status(429, "Retry-After", "3")), fails(errReset), status(200)).RoundTrip, []string{
			`level=WARN msg="messembed: sending again"` + get + `attempt=1 duration=1s status=429 wait=3s`,
			`level=WARN msg="messembed: sending again"` + get + `attempt=2 duration=0s cause="read tcp: connection reset by peer" wait=`,
			`level=DEBUG msg="messembed: answered"` + get + `attempt=3 duration=0s status=200`,
		}},
		"with another token": {scripted(status(401), status(501)).RoundTrip, []string{
			`level=DEBUG msg="messembed: sending again"` + get + `attempt=1 duration=0s status=401 wait=0s`,
			`level=WARN msg="messembed: failed"` + get + `attempt=2 duration=0s status=501`,
		}},
		"an error of the service": {status(500), []string{
			`level=WARN msg="messembed: sending again"` + get + `attempt=1 duration=0s status=500 wait=`,
			`level=WARN msg="messembed: failed"` + get + `attempt=2 duration=0s status=500`,
		}},
		"given up": {status(503, "Retry-After", "60"), []string{`level=WARN msg="messembed: failed"` + get + `attempt=1 duration=0s status=503`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lines := logged(t, test.service, func(c *httpcall.Client) { c.Do(t.Context(), getUser()) })
				require.Len(t, lines, len(test.lines))
				for i, line := range lines {
					assert.True(t, strings.HasPrefix(line, test.lines[i]), line)
				}
			})
		})
	}
}

func TestLogger_endedWhileSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := logged(t, stalls, func(c *httpcall.Client) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			c.Do(ctx, getUser())
		})
		require.Len(t, lines, 1)
		assert.Contains(t, lines[0], `msg="messembed: failed"`)
		assert.Contains(t, lines[0], `cause="context canceled"`)
	})
}

// An attempt has one line, also if the call ends while it waits for another.
func TestLogger_endedWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := logged(t, status(503, "Retry-After", "9"), func(c *httpcall.Client) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			c.Do(ctx, getUser())
		})
		require.Len(t, lines, 1)
		assert.Contains(t, lines[0], "sending again")
	})
}

func TestLogger_noSecrets(t *testing.T) {
	for _, service := range []transport{answer(200, "canary"), answer(400, "canary"), status(302, "Location", "https://canary"), cutShort(200)} {
		for _, line := range logged(t, service, func(c *httpcall.Client) {
			call := with("X-Gateway-Key", "canary", createMessage())
			call.Route, call.Args, call.Query, call.Body = "users/{id}", []string{"canary"}, "q=canary", []byte(`"canary"`)
			c.Do(t.Context(), call)
		}) {
			assert.NotContains(t, line, "canary")
			assert.NotContains(t, line, "token-1")
		}
	}
}
