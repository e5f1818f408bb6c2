package httpcall

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// idleConnTimeout is less than the five seconds after which Messembed's
	// server (Node's keepAliveTimeout) closes an idle connection, so that no
	// request is written to a connection that is just being closed.
	idleConnTimeout = 4 * time.Second

	maxHeaderBytes = 256 << 10
)

// NewTransport returns the transport used if the caller brings no
// http.RoundTripper: as many idle connections as requests may be in flight, no
// compression (the services send none, and no bomb is then unpacked), TLS 1.2
// or newer.
//
// It speaks HTTP/1.1 only. Over HTTP/2 net/http sends a request again by itself
// when its stream is reset, past the retry table, and continues to use a
// connection that has silently died.
//
// connectTimeout limits the dial, what is said to a proxy and the TLS handshake,
// each, since net/http continues them after their request has ended.
func NewTransport(maxInFlight int, connectTimeout time.Duration) *http.Transport {
	dialer := &net.Dialer{Timeout: connectTimeout}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &tunnelled{Conn: conn, timeout: connectTimeout}, nil
		},
		Protocols:              protocols,
		TLSHandshakeTimeout:    connectTimeout,
		MaxIdleConns:           maxInFlight,
		MaxIdleConnsPerHost:    maxInFlight,
		IdleConnTimeout:        idleConnTimeout,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaderBytes,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		OnProxyConnectResponse: checkProxy,
	}
}

// onlyHTTP1 reports whether a transport certainly speaks nothing but HTTP/1.1.
func onlyHTTP1(rt http.RoundTripper) bool {
	t, ok := rt.(*http.Transport)
	return ok && t.Protocols != nil && !t.Protocols.HTTP2() && !t.Protocols.UnencryptedHTTP2()
}

// checkProxy tells a proxy that wants credentials of its own from one that
// fails; net/http would keep only the words of its answer.
func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusProxyAuthRequired {
		return errProxyAuth
	}
	return nil
}

var errProxyAuth = errors.New(http.StatusText(http.StatusProxyAuthRequired))

// proxyWantsAuth reports whether a proxy on the way refused the connection for
// want of credentials. Of other transports it knows net/http's error, which is
// the text of the proxy's status.
func proxyWantsAuth(err error) bool {
	if u, ok := errors.AsType[*url.Error](err); ok { // of a token
		err = u.Err
	}
	return errors.Is(err, errProxyAuth) || err.Error() == errProxyAuth.Error()
}
