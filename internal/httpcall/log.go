package httpcall

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// log writes the line of the call's last attempt. f is nil if it succeeded.
func (p *progress) log(ctx context.Context, status int, f *Failure) {
	text := "messembed: answered"
	if f != nil {
		text = "messembed: failed"
	}
	p.logAttempt(ctx, text, status, f)
}

// logRetry writes the line of an attempt that is followed by another.
func (p *progress) logRetry(ctx context.Context, f *Failure, wait time.Duration) {
	p.logAttempt(ctx, "messembed: sending again", f.StatusCode, f, slog.Duration("wait", wait))
}

// logAttempt writes one line per attempt: the operation, its route as a template
// and the outcome. No id, query, header, body or error text of the service.
func (p *progress) logAttempt(ctx context.Context, text string, status int, f *Failure, more ...slog.Attr) {
	logger := p.client.cfg.Logger
	if logger == nil {
		return
	}
	level := slog.LevelDebug
	attrs := make([]slog.Attr, 0, 9)
	attrs = append(attrs,
		slog.String("op", p.call.Op), slog.String("method", p.call.Method), slog.String("route", p.call.Route),
		slog.String("request_id", p.call.RequestID), slog.Int("attempt", p.sent),
		slog.Duration("duration", time.Since(p.began)))
	if status != 0 {
		attrs = append(attrs, slog.Int("status", status))
	}
	if f != nil {
		if status == 0 || status >= 500 || status == http.StatusTooManyRequests {
			level = slog.LevelWarn // not a response like any other: not found, already exists
		}
		if f.Err != nil {
			attrs = append(attrs, slog.String("cause", f.Err.Error()))
		}
	}
	logger.LogAttrs(ctx, level, text, append(attrs, more...)...)
}
