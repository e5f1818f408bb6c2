package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// waiting is the handler of the client's log. It notes why calls wait for another
// attempt.
type waiting struct {
	mu    sync.Mutex
	why   string
	until time.Time
}

// reason returns how long calls wait, and why: "up to 40s: …"; "" if none does.
func (w *waiting) reason() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := time.Until(w.until)
	if left <= 0 {
		return ""
	}
	return fmt.Sprintf("up to %v: %s", max(left, time.Second).Round(time.Second), w.why)
}

// Handle implements slog.Handler.
func (w *waiting) Handle(_ context.Context, r slog.Record) error {
	status, cause, wait := 0, "", time.Minute // without another attempt, a bulk may pause for so long
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "status":
			status = int(a.Value.Int64())
		case "cause":
			cause = a.Value.String()
		case "wait":
			wait = a.Value.Duration()
		}
		return true
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case status == http.StatusTooManyRequests:
		w.why = "the service allows no more calls for now (status 429)"
	case status != 0:
		w.why = fmt.Sprintf("the service is not ready (status %d)", status)
	default:
		w.why = "the service does not respond (" + cause + ")"
	}
	w.until = r.Time.Add(wait)
	return nil
}

// Enabled implements slog.Handler: attempts that fail are warnings.
func (*waiting) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// WithAttrs implements slog.Handler.
func (w *waiting) WithAttrs([]slog.Attr) slog.Handler { return w }

// WithGroup implements slog.Handler.
func (w *waiting) WithGroup(string) slog.Handler { return w }
