package httpcall

import (
	"log/slog"
	"net/http"
	"time"
)

// log writes one line per attempt: the operation, its route as a template and
// the outcome. No id, query, header, body or error text of the service.
func (a *attempts) log(resp *http.Response, again bool) {
	logger := a.client.cfg.Logger
	if logger == nil {
		return
	}
	level, text := slog.LevelDebug, "messembed: answered"
	attrs := make([]slog.Attr, 0, 9)
	attrs = append(attrs,
		slog.String("op", a.req.Op), slog.String("method", a.req.Method), slog.String("route", a.req.Route),
		slog.String("request_id", a.req.RequestID), slog.Int("attempt", a.sent),
		slog.Duration("duration", time.Since(a.began)))
	if resp != nil {
		attrs = append(attrs, slog.Int("status", resp.StatusCode))
	}
	if f := a.failure; f != nil {
		level, text = slog.LevelWarn, "messembed: failed"
		if f.StatusCode != 0 && f.StatusCode < 500 && f.StatusCode != http.StatusTooManyRequests {
			level = slog.LevelDebug // a response like any other: not found, already exists
		}
		if f.Err != nil {
			attrs = append(attrs, slog.String("cause", f.Err.Error()))
		}
		if again {
			text = "messembed: sending again"
			attrs = append(attrs, slog.Duration("wait", a.wait))
		}
	}
	logger.LogAttrs(a.Context, level, text, attrs...)
}
