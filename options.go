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

// Option configures a [Client] in [New]. An option that is given twice counts
// the second time, credentials excepted: one kind, once.
type Option func(*config) error

type config struct {
	platform         Platform
	credentials      int // how many kinds were given
	auth             httpcall.Authenticator
	basic            func() (username, password string) // like all that is secret, behind a function: fmt prints none
	oauth2           func() *clientcredentials.Config   // made into auth when the transport is known
	transport        http.RoundTripper
	retry            RetryPolicy
	timeout          time.Duration
	attemptTimeout   time.Duration
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
		maxConcurrency:   256,
		maxResponseBytes: 32 << 20,
	}
}

// WithBasicAuth authenticates with HTTP Basic, as Messembed's admin API does:
// any username without a colon, and the service's admin password.
func WithBasicAuth(username, password string) Option {
	return func(c *config) error {
		switch {
		case username == "":
			return errors.New("WithBasicAuth: username: must not be empty")
		case password == "":
			return errors.New("WithBasicAuth: password: must not be empty")
		case strings.Contains(username, ":"):
			return errors.New("WithBasicAuth: username: must not contain a colon, at which the service splits")
		}
		c.credentials++
		c.auth = httpcall.Basic(username, password)
		c.basic = func() (string, string) { return username, password }
		return nil
	}
}

// WithClientCredentials authenticates with OAuth2's client-credentials grant,
// as a gateway in front of the service asks for. One fetch serves all calls that
// wait for a token; it is renewed before it expires, and once after a 401.
func WithClientCredentials(cfg clientcredentials.Config) Option {
	return func(c *config) error {
		switch {
		case cfg.ClientID == "":
			return errors.New("WithClientCredentials: ClientID: must not be empty")
		case cfg.ClientSecret == "":
			return errors.New("WithClientCredentials: ClientSecret: must not be empty")
		}
		if _, err := parseURL(cfg.TokenURL); err != nil {
			return fmt.Errorf("WithClientCredentials: TokenURL: %w", err)
		}
		c.credentials++
		cfg.Scopes = slices.Clone(cfg.Scopes)
		c.oauth2 = func() *clientcredentials.Config { return &cfg }
		return nil
	}
}

// WithTokenSource authenticates with the tokens of ts. A token is kept until it
// expires or the service refuses it.
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

// WithAuthHeaders authenticates with fixed headers of the service's own, such
// as Rocket.Chat's X-Auth-Token and X-User-Id. They are credentials: they travel
// over https or to loopback only.
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
				return fmt.Errorf("WithAuthHeaders: header %s: is set by the SDK itself", canonical)
			}
			h.Set(name, value)
		}
		if len(h) == 0 {
			return errors.New("WithAuthHeaders: no header")
		}
		c.credentials++
		c.auth = httpcall.FixedHeaders(h)
		return nil
	}
}

// WithTransport puts rt below the client's own retries and authentication: it
// sees each attempt as it goes out. It is the place for tracing, for a proxy or a
// client certificate, and for a fake. The connections are then rt's to manage: let
// it close idle ones before the service's five seconds (IdleConnTimeout of an
// http.Transport). A tracer here must not record URLs, which hold user ids and,
// for live events, the password: see examples/telemetry.
func WithTransport(rt http.RoundTripper) Option {
	return func(c *config) error {
		if rt == nil {
			return errors.New("WithTransport: nil transport")
		}
		c.transport = rt
		return nil
	}
}

// RetryPolicy is how often and how slowly an operation is sent again. What is
// sent again at all is not a matter of taste; see the package documentation.
type RetryPolicy struct {
	MaxAttempts int           // 0 means 4; 1 means no retry
	MinBackoff  time.Duration // 0 means 200 ms, or MaxBackoff where that is less
	MaxBackoff  time.Duration // 0 means 10 s; a Retry-After above it ends the call at once with RetryAfter set
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

// WithRetry sets the retry policy. The waits are exponential with full jitter:
// anything from nothing to MinBackoff·2ⁿ, at most MaxBackoff.
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
		p = p.withDefaults()
		if p.MinBackoff > p.MaxBackoff {
			return fmt.Errorf("WithRetry: MinBackoff: %v is more than MaxBackoff, %v", p.MinBackoff, p.MaxBackoff)
		}
		c.retry = p
		return nil
	}
}

// WithTimeout bounds one whole call, retries and their waits included, and a
// stream until its first byte. The default is 30 s; 0 means no bound but the
// context's.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return errors.New("WithTimeout: must not be negative")
		}
		c.timeout = d
		return nil
	}
}

// WithAttemptTimeout bounds one attempt, and each silence of a stream. The
// default is 10 s.
func WithAttemptTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return errors.New("WithAttemptTimeout: must be positive")
		}
		c.attemptTimeout = d
		return nil
	}
}

// WithRateLimit lets at most perSecond requests a second go out on average, and
// burst at once; retries and look-ups count too. Waiting for it ends with the
// context and does not use up WithTimeout.
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

// WithMaxConcurrency bounds the requests in flight at once, and so the
// connections kept; more wait. The default is 256. A stream counts until its
// answer begins.
func WithMaxConcurrency(n int) Option {
	return func(c *config) error {
		if n <= 0 {
			return errors.New("WithMaxConcurrency: must be positive")
		}
		c.maxConcurrency = n
		return nil
	}
}

// WithMaxResponseBytes bounds an answer, and each item of a streamed list. The
// default is 32 MiB. A larger one is ErrTooLarge.
func WithMaxResponseBytes(n int64) Option {
	return func(c *config) error {
		if n <= 0 {
			return errors.New("WithMaxResponseBytes: must be positive")
		}
		c.maxResponseBytes = n
		return nil
	}
}

// WithLogger logs each attempt: at debug level when it was answered, as a
// warning when the service failed. Off by default. No line ever holds a secret, a
// body, a query or an id.
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

// WithInsecureHTTP allows credentials to travel over plain http to hosts other
// than loopback, where everybody on the way can read them.
func WithInsecureHTTP() Option {
	return func(c *config) error {
		c.insecureHTTP = true
		return nil
	}
}

// WithPlatform talks to another chat service than Messembed. The packages below
// platform/ have a New of their own that uses it.
func WithPlatform(p Platform) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("WithPlatform: nil platform")
		}
		c.platform = p
		return nil
	}
}
