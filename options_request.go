package messembed

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A RequestOption configures one call.
type RequestOption func(*callOptions) error

type callOptions struct {
	header       http.Header
	requestID    string
	meta         *Meta
	pollInterval time.Duration
	details      bool
	flags        []any
}

// WithHeader adds a header to every request of the call. Headers that the SDK
// sets, including credentials, are ErrInvalidArgument.
func WithHeader(key, value string) RequestOption {
	return func(o *callOptions) error {
		if err := checkCallHeader(key, value); err != nil {
			return err
		}
		name := http.CanonicalHeaderKey(key)
		if o.header == nil {
			o.header = make(http.Header, 1)
		}
		o.header[name] = append(o.header[name], value)
		return nil
	}
}

// checkCallHeader rejects a header that a caller must not set.
func checkCallHeader(key, value string) error {
	if err := checkHeader(key, value); err != nil {
		return err
	}
	if name := http.CanonicalHeaderKey(key); slices.Contains(ownHeaders, name) {
		return fmt.Errorf("header %s: reserved for the SDK", name)
	}
	return nil
}

// ownHeaders are set by the SDK, or would change what a response means to it.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host",
	"If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Keep-Alive", "Proxy-Authorization",
	"Proxy-Connection", "Range", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent", "X-Request-Id",
}

// WithRequestID sets the X-Request-Id of the call, which Messembed writes to
// its log. The default is a random id. All attempts share it.
func WithRequestID(id string) RequestOption {
	return func(o *callOptions) error {
		if id == "" {
			return errors.New("request id: must not be empty")
		}
		if err := checkHeader("X-Request-Id", id); err != nil {
			return fmt.Errorf("request id: %w", err)
		}
		o.requestID = id
		return nil
	}
}

// Meta describes what a call sent and received. For a call that sends several
// requests it describes the last one that was the operation itself.
type Meta struct {
	StatusCode int           // 0 if no response arrived
	Header     http.Header   // of the response
	RequestID  string        // sent as X-Request-Id
	Attempts   int           // how many times the operation was sent
	Duration   time.Duration // of the call, up to this response
}

// WithMeta fills in m when the call returns, even if it fails; for a stream,
// when its response begins.
func WithMeta(m *Meta) RequestOption {
	return func(o *callOptions) error {
		if m == nil {
			return errors.New("WithMeta: nil Meta")
		}
		*m = Meta{}
		o.meta = m
		return nil
	}
}

// WithPollInterval sets how often [Client.WatchUsers] polls, and
// [Client.WatchPresence] if it has to. The default is 10 s.
func WithPollInterval(d time.Duration) RequestOption {
	return func(o *callOptions) error {
		if d <= 0 {
			return errors.New("WithPollInterval: must be positive")
		}
		o.pollInterval = d
		return nil
	}
}

// WithDetails makes a list include every field of each item even if the
// service's list abbreviates them (Rocket.Chat), at the cost of one more
// request for each item.
func WithDetails() RequestOption {
	return func(o *callOptions) error {
		o.details = true
		return nil
	}
}

// WithPlatformFlag passes a value to the [Platform], which finds it with
// [Call.Flag]. It is for packages that implement a Platform and offer request
// options of their own.
func WithPlatformFlag(flag any) RequestOption {
	return func(o *callOptions) error {
		o.flags = append(o.flags, flag)
		return nil
	}
}

// checkHeader rejects anything that could end a header line and begin another.
func checkHeader(name, value string) error {
	if name == "" {
		return errors.New("empty header name")
	}
	for i := range len(name) {
		c := name[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"/[]?={}", c) >= 0 {
			return errors.New("invalid character in header name")
		}
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("header %s: value must not contain a line break or other control character", http.CanonicalHeaderKey(name))
		}
	}
	return nil
}
