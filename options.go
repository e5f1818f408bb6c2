package messembed

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/time/rate"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// An Option configures a [Client] in [New]. Of an option that is given twice
// the second counts, except for credentials, which may be given only once.
type Option func(*config) error

type config struct {
	platform         Platform
	credentials      int // how many times credentials were given
	auth             httpcall.Authenticator
	basic            func() (username, password string) // secrets are behind functions, which fmt does not print
	oauth2           func() *clientcredentials.Config   // turned into auth once the transport is known
	transport        http.RoundTripper
	retry            RetryPolicy
	timeout          time.Duration
	attemptTimeout   time.Duration
	listTimeout      time.Duration
	limiter          *rate.Limiter
	maxConcurrency   int
	maxResponseBytes int64
	logger           *slog.Logger
	product          string
	insecureHTTP     bool
}

func (c *config) userAgent() string {
	if c.product == "" {
		return sdkUserAgent()
	}
	return c.product + " " + sdkUserAgent()
}

func defaultConfig() config {
	return config{
		retry:            RetryPolicy{}.withDefaults(),
		timeout:          30 * time.Second,
		attemptTimeout:   10 * time.Second,
		listTimeout:      5 * time.Minute,
		maxConcurrency:   256,
		maxResponseBytes: 32 << 20,
	}
}

// WithBasicAuth authenticates with HTTP Basic, as Messembed's admin API
// requires: any username without a colon, and the service's admin password.
// Neither may contain a control character, such as the line break at the end of
// a file.
func WithBasicAuth(username, password string) Option {
	return func(c *config) error {
		switch {
		case username == "":
			return errors.New("WithBasicAuth: username: must not be empty")
		case password == "":
			return errors.New("WithBasicAuth: password: must not be empty")
		case strings.Contains(username, ":"):
			return errors.New("WithBasicAuth: username: must not contain a colon")
		case hasControl(username):
			return errors.New("WithBasicAuth: username: " + noControl)
		case hasControl(password):
			return errors.New("WithBasicAuth: password: " + noControl)
		}
		c.credentials++
		c.auth = httpcall.Basic(username, password)
		c.basic = func() (string, string) { return username, password }
		return nil
	}
}

// noControl is what is wrong with credentials for which hasControl holds. They
// are often read from a file, with the line break at its end.
const noControl = "must not contain a line break or another control character"

func hasControl(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// WithClientCredentials authenticates with the OAuth2 client-credentials grant,
// as a gateway in front of the service may require. Concurrent calls share one
// token fetch. The token is renewed before it expires, and once after a 401.
func WithClientCredentials(cfg clientcredentials.Config) Option {
	return func(c *config) error {
		switch {
		case cfg.ClientID == "":
			return errors.New("WithClientCredentials: ClientID: must not be empty")
		case cfg.ClientSecret == "":
			return errors.New("WithClientCredentials: ClientSecret: must not be empty")
		case hasControl(cfg.ClientID):
			return errors.New("WithClientCredentials: ClientID: " + noControl)
		case hasControl(cfg.ClientSecret):
			return errors.New("WithClientCredentials: ClientSecret: " + noControl)
		}
		if _, err := parseURL(cfg.TokenURL); err != nil {
			return fmt.Errorf("WithClientCredentials: TokenURL: %w", err)
		}
		c.credentials++
		own := cfg
		own.Scopes = slices.Clone(cfg.Scopes)
		c.oauth2 = func() *clientcredentials.Config { return &own }
		return nil
	}
}

// WithTokenSource authenticates with the tokens of ts. A token is reused until
// it expires or the service rejects it.
func WithTokenSource(ts oauth2.TokenSource) Option {
	return func(c *config) error {
		if ts == nil {
			return errors.New("WithTokenSource: nil token source")
		}
		c.credentials++
		c.auth = httpcall.TokenSource(ts)
		return nil
	}
}

// WithAuthHeaders authenticates with fixed headers, such as Rocket.Chat's
// X-Auth-Token and X-User-Id. Like all credentials, they require https, except
// for loopback hosts; see [WithInsecureHTTP].
func WithAuthHeaders(headers map[string]string) Option {
	return func(c *config) error {
		h := make(http.Header, len(headers))
		for name, value := range headers {
			if value == "" {
				return fmt.Errorf("WithAuthHeaders: %s: must not be empty", name)
			}
			if err := checkHeader(name, value); err != nil {
				return fmt.Errorf("WithAuthHeaders: %w", err)
			}
			if canonical := http.CanonicalHeaderKey(name); canonical != "Authorization" && slices.Contains(ownHeaders, canonical) {
				return fmt.Errorf("WithAuthHeaders: header %s: reserved for the SDK", canonical)
			}
			h.Set(name, value)
		}
		if len(h) == 0 {
			return errors.New("WithAuthHeaders: no headers")
		}
		c.credentials++
		c.auth = httpcall.FixedHeaders(h)
		return nil
	}
}

// WithTransport sends requests through rt, which sees each attempt after the
// client's own retries and authentication. Use it for tracing, a proxy, a
// client certificate or a fake. Connections are then managed by rt, which
// should close idle ones within five seconds, before the service does
// (IdleConnTimeout of [http.Transport]). A tracer must not record URLs: they
// contain user ids and, for live events, the password. See examples/telemetry.
func WithTransport(rt http.RoundTripper) Option {
	return func(c *config) error {
		if rt == nil {
			return errors.New("WithTransport: nil transport")
		}
		c.transport = rt
		return nil
	}
}

// RetryPolicy sets how often and how fast an operation is retried. Which
// failures are retried is fixed; see the package documentation.
type RetryPolicy struct {
	MaxAttempts int           // 0 means 4; 1 means no retries
	MinBackoff  time.Duration // 0 means 200 ms, or MaxBackoff if that is less
	MaxBackoff  time.Duration // 0 means 10 s; a longer Retry-After ends the call at once, with RetryAfter set
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 4
	}
	if p.MaxBackoff == 0 {
		p.MaxBackoff = 10 * time.Second
	}
	if p.MinBackoff == 0 {
		p.MinBackoff = min(200*time.Millisecond, p.MaxBackoff)
	}
	return p
}

// WithRetry sets the retry policy. The wait before the n-th retry is random
// between 0 and MinBackoff·2ⁿ⁻¹, capped at MaxBackoff.
func WithRetry(p RetryPolicy) Option {
	return func(c *config) error {
		switch {
		case p.MaxAttempts < 0:
			return errors.New("WithRetry: MaxAttempts: must not be negative")
		case p.MinBackoff < 0:
			return errors.New("WithRetry: MinBackoff: must not be negative")
		case p.MaxBackoff < 0:
			return errors.New("WithRetry: MaxBackoff: must not be negative")
		}
		full := p.withDefaults()
		if full.MinBackoff > full.MaxBackoff {
			return fmt.Errorf("WithRetry: MinBackoff: %v exceeds MaxBackoff %v", full.MinBackoff, full.MaxBackoff)
		}
		c.retry = full
		return nil
	}
}

// WithTimeout limits the duration of a whole call, including retries and the
// waits between them; for a stream, until its response begins. The default is
// 30 s; 0 means no limit other than the context's.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return errors.New("WithTimeout: must not be negative")
		}
		c.timeout = d
		return nil
	}
}

// WithAttemptTimeout limits the duration of a single attempt, and how long a
// stream may be silent. The default is 10 s.
func WithAttemptTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return errors.New("WithAttemptTimeout: must be positive")
		}
		c.attemptTimeout = d
		return nil
	}
}

// WithListTimeout limits how long a whole list may take until its first byte:
// the users or the chats, also those that SyncUsers reads, on Messembed, whose
// server builds the whole list before it sends any of it (measured: 6 s of its
// CPU for 100,000 users, 70 s and 3.6 GB for a million). It applies instead of
// [WithTimeout] and [WithAttemptTimeout]. After the first byte a list may last
// as long as bytes keep coming, with no silence longer than WithAttemptTimeout.
// A list that timed out is not requested again, since the server goes on
// building it. The default is 5 minutes.
func WithListTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return errors.New("WithListTimeout: must be positive")
		}
		c.listTimeout = d
		return nil
	}
}

// WithRateLimit limits requests to perSecond on average, with bursts of up to
// burst at once. Retries and look-ups count too. Waiting for the limit ends
// with the context and does not count against WithTimeout. There is no limit by
// default.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(c *config) error {
		switch {
		case !(perSecond > 0):
			return errors.New("WithRateLimit: perSecond: must be positive")
		case burst <= 0:
			return errors.New("WithRateLimit: burst: must be positive")
		}
		c.limiter = rate.NewLimiter(rate.Limit(perSecond), burst)
		return nil
	}
}

// WithMaxConcurrency limits the number of requests in flight, and with it the
// number of connections kept. Further requests wait, which counts against
// WithTimeout but not against WithAttemptTimeout. A stream counts until its
// response begins. The default is 256.
func WithMaxConcurrency(n int) Option {
	return func(c *config) error {
		if n <= 0 {
			return errors.New("WithMaxConcurrency: must be positive")
		}
		c.maxConcurrency = n
		return nil
	}
}

// WithMaxResponseBytes limits the size of a response or, in a streamed list, of
// each item. A larger one is ErrTooLarge. The default is 32 MiB.
func WithMaxResponseBytes(n int64) Option {
	return func(c *config) error {
		if n <= 0 {
			return errors.New("WithMaxResponseBytes: must be positive")
		}
		c.maxResponseBytes = n
		return nil
	}
}

// WithLogger logs each attempt: at debug level if it was answered, as a warning
// if the service failed. By default nothing is logged. No line ever contains a
// secret, a body, a query or an id.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			return errors.New("WithLogger: nil logger")
		}
		c.logger = l
		return nil
	}
}

// WithUserAgent puts product, such as "shop/1.4", in front of the SDK's own
// User-Agent.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		if err := checkHeader("User-Agent", product); err != nil {
			return fmt.Errorf("WithUserAgent: %w", err)
		}
		c.product = product
		return nil
	}
}

// WithInsecureHTTP allows sending credentials over plain http to hosts other
// than loopback, where anyone on the network path can read them.
func WithInsecureHTTP() Option {
	return func(c *config) error {
		c.insecureHTTP = true
		return nil
	}
}

// WithPlatform makes the client talk to a chat service other than Messembed.
// Use the New functions of the packages under platform/ instead.
func WithPlatform(p Platform) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("WithPlatform: nil platform")
		}
		c.platform = p
		return nil
	}
}
