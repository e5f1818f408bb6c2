package httpcall

import (
	"crypto/tls"
	"net"
	"net/http"
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
func NewTransport(maxInFlight int) *http.Transport {
	dialer := &net.Dialer{KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           maxInFlight,
		MaxIdleConnsPerHost:    maxInFlight,
		IdleConnTimeout:        idleConnTimeout,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaderBytes,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
}
