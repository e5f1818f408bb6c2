package messembed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/oauth2/clientcredentials"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// Client calls the admin API of one chat service. It never changes after [New]
// and is safe for concurrent use; a program needs one for each service.
type Client struct {
	cfg      config
	base     *url.URL
	http     *httpcall.Client
	platform Platform
}

// New makes a client of the service at baseURL, such as
// "https://app.example.com/api/messembed": a path is kept. Every mistake in the
// arguments is an error here, not later: a base URL without scheme or host or
// with user info, query or fragment; empty or doubled credentials; credentials
// over plain http to a host other than loopback. Nothing is sent.
//
// No credentials at all is allowed, for a gateway's transport may add them.
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
			return nil, errors.New("a nil Option")
		}
		if err := opt(&cfg); err != nil {
			return nil, err
		}
	}
	if err := cfg.checkCredentials(base); err != nil {
		return nil, err
	}
	if cfg.transport == nil {
		cfg.transport = httpcall.NewTransport(cfg.maxConcurrency)
	}
	if cfg.oauth2 != nil {
		cfg.auth = httpcall.ClientCredentials(*cfg.oauth2(), cfg.transport, cfg.attemptTimeout)
	}
	c := &Client{cfg: cfg, base: base, platform: cfg.platform}
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
		return errors.New("credentials: more than one kind was given")
	}
	if c.credentials == 0 || c.insecureHTTP {
		return nil
	}
	if !safeForCredentials(base) {
		return errors.New("base URL: credentials travel over https, or to loopback only; see WithInsecureHTTP")
	}
	if c.oauth2 != nil {
		if token, err := url.Parse(c.oauth2().TokenURL); err != nil || !safeForCredentials(token) {
			return errors.New("WithClientCredentials: TokenURL: credentials travel over https, or to loopback only; see WithInsecureHTTP")
		}
	}
	return nil
}

func safeForCredentials(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	// To the letter, as net/http keeps from its proxies: it would send
	// "LOCALHOST", "localhost." and "a.localhost" through one, and ask a resolver.
	host := u.Hostname()
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// webURL is how a URL begins; without it a host with a port is no URL at all.
var webURL = regexp.MustCompile(`^(?i:https?)://`)

// parseURL reads the URL of a service. Its errors do not quote it: it may hold a
// password.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case s == "":
		return nil, errors.New("must not be empty")
	case !webURL.MatchString(s):
		return nil, errors.New("must begin with http:// or https://")
	case err != nil:
		return nil, errors.New("cannot be read as a URL")
	case u.User != nil:
		return nil, errors.New("must not hold a username or password")
	case u.Hostname() == "":
		return nil, errors.New("must name a host")
	case u.Fragment != "" || strings.HasSuffix(s, "#"):
		return nil, errors.New("must not have a fragment")
	}
	if _, port, err := net.SplitHostPort(u.Host); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return nil, errors.New("must have a port from 0 to 65535, or none")
		}
	}
	return u, nil
}

// FromEnv makes a client of what the environment says: MESSEMBED_URL, and
// either MESSEMBED_PASSWORD (with MESSEMBED_USERNAME, "admin" if not set) or
// MESSEMBED_CLIENT_ID, MESSEMBED_CLIENT_SECRET, MESSEMBED_TOKEN_URL and
// MESSEMBED_SCOPES (separated by spaces or commas; may be empty). opts come after.
func FromEnv(opts ...Option) (*Client, error) {
	baseURL := os.Getenv("MESSEMBED_URL")
	if baseURL == "" {
		return nil, newInvalid("FromEnv", "MESSEMBED_URL: is not set")
	}
	var fromEnv []Option
	names := []string{"base URL:", "MESSEMBED_URL:"} // in errors, what it is in the environment
	password, clientID := os.Getenv("MESSEMBED_PASSWORD"), os.Getenv("MESSEMBED_CLIENT_ID")
	switch {
	case password != "" && clientID != "":
		return nil, newInvalid("FromEnv", "MESSEMBED_PASSWORD and MESSEMBED_CLIENT_ID: only one of them can be set")
	case password != "":
		username := os.Getenv("MESSEMBED_USERNAME")
		if username == "" {
			username = "admin"
		}
		fromEnv = append(fromEnv, WithBasicAuth(username, password))
		names = append(names, "WithBasicAuth: username:", "MESSEMBED_USERNAME:", "credentials:", "MESSEMBED_PASSWORD and an Option:")
	case clientID != "":
		for _, name := range []string{"MESSEMBED_CLIENT_SECRET", "MESSEMBED_TOKEN_URL"} {
			if os.Getenv(name) == "" {
				return nil, newInvalid("FromEnv", name+": is not set, and MESSEMBED_CLIENT_ID is")
			}
		}
		fromEnv = append(fromEnv, WithClientCredentials(clientcredentials.Config{
			ClientID:     clientID,
			ClientSecret: os.Getenv("MESSEMBED_CLIENT_SECRET"),
			TokenURL:     os.Getenv("MESSEMBED_TOKEN_URL"),
			Scopes: strings.FieldsFunc(os.Getenv("MESSEMBED_SCOPES"), func(r rune) bool {
				return r == ' ' || r == ','
			}),
		}))
		names = append(names, "WithClientCredentials: TokenURL:", "MESSEMBED_TOKEN_URL:", "credentials:", "MESSEMBED_CLIENT_ID and an Option:")
	}
	c, err := newClient(baseURL, append(fromEnv, opts...))
	if err != nil {
		return nil, newInvalid("FromEnv", strings.NewReplacer(names...).Replace(err.Error()))
	}
	if c.cfg.credentials == 0 {
		return nil, newInvalid("FromEnv", "MESSEMBED_PASSWORD: is not set, nor is MESSEMBED_CLIENT_ID")
	}
	return c, nil
}

// Format keeps the client's credentials out of every verb of fmt.
func (c Client) Format(f fmt.State, _ rune) {
	host := ""
	if c.base != nil {
		host = c.base.Host
	}
	_, _ = fmt.Fprint(f, "messembed.Client{"+host+"}")
}

// Ping tells whether the service answers. It needs no credentials and does not
// look at them.
//
// Server: GET /ping
func (c *Client) Ping(ctx context.Context, opts ...RequestOption) error {
	call, err := c.begin(ctx, "Ping", opts)
	if err != nil {
		return err
	}
	return c.platform.Ping(ctx, call)
}

// CheckCredentials tells whether the service accepts the client's credentials;
// it fails with ErrUnauthenticated when it does not. Good for a program's start.
//
// Server: GET /admin-api/messages?limit=1, whose answer is short however many
// users there are
func (c *Client) CheckCredentials(ctx context.Context, opts ...RequestOption) error {
	call, err := c.begin(ctx, "CheckCredentials", opts)
	if err != nil {
		return err
	}
	return c.platform.CheckCredentials(ctx, call)
}

// Feature is something that not every chat service has.
type Feature string

// The features; [Client.Supports] tells which of them the service has.
const (
	FeatureDeleteUser    Feature = "delete-user" // by the service itself; without it DeleteUser leaves a tombstone
	FeatureBlockUser     Feature = "block-user"
	FeatureAccessTokens  Feature = "access-tokens"
	FeatureUserPictures  Feature = "user-pictures"
	FeaturePresence      Feature = "presence"
	FeatureChats         Feature = "chats" // chats and messages
	FeatureMessageEvents Feature = "message-events"
)

// Supports tells whether the service has a feature, without asking it. Calling
// what is not supported is ErrUnsupported.
func (c *Client) Supports(f Feature) bool { return c.platform.Supports(f) }

// CloseIdleConnections closes the connections that no call is using. The client
// can be used on.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// Operations lists every request that the client may send, for those who name
// spans or alarms after them.
func (c *Client) Operations() []Operation { return c.platform.Operations() }
