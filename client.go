package messembed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// A Client calls the admin API of one chat service. Make one with [New] or
// [FromEnv]; the zero Client is not usable. A Client does not change after that
// and is safe for concurrent use: a program needs one for each service.
type Client struct {
	*clientState // a pointer in a struct, which fmt does not follow: it leads to the credentials
}

type clientState struct {
	cfg      config
	base     *url.URL
	http     *httpcall.Client
	platform Platform
}

// New returns a client for the service at baseURL, such as
// "https://app.example.com/api/messembed". A path is kept. New sends nothing;
// it returns ErrInvalidArgument for any mistake in its arguments: a base URL
// without scheme or host, or with user info, a query or a fragment; empty or
// repeated credentials; credentials over plain http to a host other than
// loopback.
//
// Credentials may be omitted, for example if the transport of a gateway adds
// them.
func New(baseURL string, opts ...Option) (*Client, error) {
	c, err := newClient(baseURL, opts)
	if err != nil {
		return nil, newInvalid("New", err.Error())
	}
	return c, nil
}

func newClient(baseURL string, opts []Option) (*Client, error) {
	base, err := parseURL(baseURL)
	if err == nil && (base.RawQuery != "" || base.ForceQuery) {
		err = errors.New("must not have a query")
	}
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	if !strings.HasSuffix(base.EscapedPath(), "/") {
		base.Path += "/"
		if base.RawPath != "" {
			base.RawPath += "/"
		}
	}
	cfg := defaultConfig()
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("nil Option")
		}
		if err := opt(&cfg); err != nil {
			return nil, err
		}
	}
	if err := cfg.checkCredentials(base); err != nil {
		return nil, err
	}
	if cfg.transport == nil {
		cfg.transport = httpcall.NewTransport(cfg.maxConcurrency, cfg.attemptTimeout)
	}
	if cfg.oauth2 != nil {
		cfg.auth = httpcall.ClientCredentials(*cfg.oauth2(), cfg.transport, cfg.attemptTimeout)
	}
	c := &Client{&clientState{cfg: cfg, base: base, platform: cfg.platform}}
	if c.platform == nil {
		c.platform = newAdminAPI()
	}
	c.http = httpcall.New(httpcall.Config{
		BaseURL: base, Transport: cfg.transport, Auth: cfg.auth,
		MaxAttempts: cfg.retry.MaxAttempts, MinBackoff: cfg.retry.MinBackoff, MaxBackoff: cfg.retry.MaxBackoff,
		AttemptTimeout: cfg.attemptTimeout, Limiter: cfg.limiter, MaxInFlight: cfg.maxConcurrency,
		MaxResponseBytes: cfg.maxResponseBytes, Logger: cfg.logger, UserAgent: cfg.userAgent(),
	})
	return c, nil
}

func (c *config) checkCredentials(base *url.URL) error {
	if c.credentials > 1 {
		return errors.New("credentials: only one may be given")
	}
	if c.credentials == 0 || c.insecureHTTP {
		return nil
	}
	if !safeForCredentials(base) {
		return errors.New("base URL: credentials require https, except for loopback hosts; see WithInsecureHTTP")
	}
	if c.oauth2 != nil {
		if token, err := url.Parse(c.oauth2().TokenURL); err != nil || !safeForCredentials(token) {
			return errors.New("WithClientCredentials: TokenURL: credentials require https, except for loopback hosts; see WithInsecureHTTP")
		}
	}
	return nil
}

func safeForCredentials(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	// Only the exact names that net/http exempts from proxying: it would send
	// "LOCALHOST", "localhost." and "a.localhost" to a proxy or resolve them.
	host := u.Hostname()
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// webURL matches the scheme; url.Parse would take "host:80" for a scheme and a
// path.
var webURL = regexp.MustCompile(`^(?i:https?)://`)

// parseURL parses the URL of a service. Its errors do not quote it, since it
// may contain a password.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case s == "":
		return nil, errors.New("must not be empty")
	case !webURL.MatchString(s):
		return nil, errors.New("must begin with http:// or https://")
	case err != nil:
		return nil, errors.New("must be a valid URL")
	case u.User != nil:
		return nil, errors.New("must not contain a username or password")
	case u.Hostname() == "":
		return nil, errors.New("must have a host")
	case u.Fragment != "" || strings.HasSuffix(s, "#"):
		return nil, errors.New("must not have a fragment")
	}
	if _, port, err := net.SplitHostPort(u.Host); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return nil, errors.New("port must be from 0 to 65535")
		}
	}
	return u, nil
}

// Ping checks that the service responds. It neither needs nor checks
// credentials. It is safe to retry.
//
// Server: GET /ping
func (c *Client) Ping(ctx context.Context, opts ...RequestOption) error {
	call, err := c.begin(ctx, "Ping", opts)
	if err != nil {
		return err
	}
	return c.platform.Ping(ctx, call)
}

// CheckCredentials checks that the service accepts the client's credentials. It
// returns ErrUnauthenticated if it does not, and ErrUnsupported if the path of
// the base URL is wrong. Call it at startup. It is safe to retry.
//
// Server: GET /admin-api/messages?limit=1, whose response is short however many
// users there are
func (c *Client) CheckCredentials(ctx context.Context, opts ...RequestOption) error {
	call, err := c.begin(ctx, "CheckCredentials", opts)
	if err != nil {
		return err
	}
	return c.platform.CheckCredentials(ctx, call)
}

// Operations returns every request that the client's methods may send, for naming
// spans or alerts after them.
func Operations(c *Client) []Operation { return c.platform.Operations() }

// CloseIdleConnections closes the connections that no call is using. The client
// remains usable.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }
