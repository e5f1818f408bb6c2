package messembed

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// RequestOption configures one call.
type RequestOption func(*requestConfig) error

type requestConfig struct {
	header       http.Header
	requestID    string
	meta         *Meta
	pollInterval time.Duration
	details      bool
	flags        []any
}

// WithHeader adds a header to each request of the call. Headers that the SDK
// itself sets, credentials among them, are refused.
func WithHeader(key, value string) RequestOption {
	return func(c *requestConfig) error {
		if err := checkHeader(key, value); err != nil {
			return err
		}
		name := http.CanonicalHeaderKey(key)
		if slices.Contains(ownHeaders, name) {
			return fmt.Errorf("header %s: is set by the SDK itself", name)
		}
		if c.header == nil {
			c.header = make(http.Header, 1)
		}
		c.header[name] = append(c.header[name], value)
		return nil
	}
}

// ownHeaders are the SDK's, or would change what an answer means to it.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host",
	"If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Keep-Alive", "Proxy-Authorization",
	"Proxy-Connection", "Range", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent", "X-Request-Id",
}

// WithRequestID is sent as X-Request-Id, which Messembed writes to its log.
// Without it the SDK makes a random one, the same on every attempt.
func WithRequestID(id string) RequestOption {
	return func(c *requestConfig) error {
		if id == "" {
			return errors.New("request id: must not be empty")
		}
		if err := checkHeader("X-Request-Id", id); err != nil {
			return fmt.Errorf("request id: %w", err)
		}
		c.requestID = id
		return nil
	}
}

// Meta is what went over the wire for a call. Of a call that sends several
// requests it tells of the last that was the operation itself.
type Meta struct {
	StatusCode int           // 0: no answer
	Header     http.Header   // the answer's
	RequestID  string        // what was sent as X-Request-Id
	Attempts   int           // how often the operation was sent
	Duration   time.Duration // since the call began
}

// WithMeta fills m in when the call returns, failed calls too; for a stream,
// when its answer begins.
func WithMeta(m *Meta) RequestOption {
	return func(c *requestConfig) error {
		if m == nil {
			return errors.New("WithMeta: nil Meta")
		}
		*m = Meta{}
		c.meta = m
		return nil
	}
}

// WithPollInterval is how often WatchPresence asks where it has to ask. The
// default is 10 s.
func WithPollInterval(d time.Duration) RequestOption {
	return func(c *requestConfig) error {
		if d <= 0 {
			return errors.New("WithPollInterval: must be positive")
		}
		c.pollInterval = d
		return nil
	}
}

// WithDetails makes a list read each item whole where the service's list
// abbreviates it (Rocket.Chat), at one more request an item.
func WithDetails() RequestOption {
	return func(c *requestConfig) error {
		c.details = true
		return nil
	}
}

// WithPlatformFlag hands a value to the [Platform], which finds it with
// [Caller.Flag]. It is for the request options of a platform's own package.
func WithPlatformFlag(flag any) RequestOption {
	return func(c *requestConfig) error {
		c.flags = append(c.flags, flag)
		return nil
	}
}

// checkHeader refuses what could end a header line and begin another.
func checkHeader(name, value string) error {
	if name == "" {
		return errors.New("header: empty name")
	}
	for i := range len(name) {
		c := name[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"/[]?={}", c) >= 0 {
			return errors.New("header: a name with a character that no header name has")
		}
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("header %s: a line break or another control character in its value", http.CanonicalHeaderKey(name))
		}
	}
	return nil
}
