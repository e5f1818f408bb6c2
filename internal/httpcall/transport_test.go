package httpcall_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// secured is a server behind TLS.
func secured(t *testing.T, change func(*tls.Config)) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Reached", "yes") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{} //nolint:gosec // the versions are what the tests are about
	if change != nil {
		change(server.TLS)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// trusting is the SDK's transport, and trusts the server's certificate.
func trusting(server *httptest.Server) *http.Transport {
	rt := httpcall.NewTransport(1)
	rt.TLSClientConfig.RootCAs = x509.NewCertPool()
	rt.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	return rt
}

func TestTLS_trustedServer(t *testing.T) {
	server := secured(t, nil)
	got, failure := clientFor(t, server.URL, trusting(server)).Do(t.Context(), createMessage())
	require.Nil(t, failure)
	assert.Equal(t, "yes", got.Header.Get("X-Reached"))
}

// A wrong certificate ends the call at once: nothing was sent, and another try
// would not change it.
func TestTLS_wrongCertificate(t *testing.T) {
	for name, rt := range map[string]func(*httptest.Server) *http.Transport{
		"by nobody known": func(*httptest.Server) *http.Transport { return httpcall.NewTransport(1) },
		"for another name": func(server *httptest.Server) *http.Transport {
			rt := trusting(server)
			rt.TLSClientConfig.ServerName = "chat.example.org"
			return rt
		},
		"that has expired": func(server *httptest.Server) *http.Transport {
			rt := trusting(server)
			rt.TLSClientConfig.Time = func() time.Time { return server.Certificate().NotAfter.Add(time.Hour) }
			return rt
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := secured(t, nil)
			_, failure := clientFor(t, server.URL, rt(server)).Do(t.Context(), createMessage())
			var wrong *tls.CertificateVerificationError
			require.ErrorAs(t, failure.Err, &wrong)
			assert.Equal(t, 1, failure.Attempts)
			assert.False(t, failure.MaybeApplied)
		})
	}
}

// What fails in the handshake has sent nothing, so that a write says so, and is
// not tried again.
func TestTLS_handshakeFails(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	url := func(change func(*tls.Config)) func(*testing.T) (string, *http.Transport) {
		return func(t *testing.T) (string, *http.Transport) {
			server := secured(t, change)
			return server.URL, trusting(server)
		}
	}
	tests := map[string]func(*testing.T) (string, *http.Transport){
		"a server of TLS 1.1": url(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }),
		"no cipher in common": url(func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_RC4_128_SHA} //nolint:gosec // nobody is to agree to it
		}),
		"a server that wants a certificate, by TLS 1.2": url(func(c *tls.Config) {
			c.MaxVersion, c.ClientAuth = tls.VersionTLS12, tls.RequireAnyClientCert
		}),
		"a server that speaks plain HTTP": func(*testing.T) (string, *http.Transport) {
			return strings.Replace(plain.URL, "http:", "https:", 1), httpcall.NewTransport(1)
		},
	}
	for name, server := range tests {
		t.Run(name, func(t *testing.T) {
			url, rt := server(t)
			_, failure := clientFor(t, url, rt).Do(t.Context(), createMessage())
			require.NotNil(t, failure)
			assert.Equal(t, 1, failure.Attempts)
			assert.False(t, failure.MaybeApplied, "%v", failure.Err)
			assert.Equal(t, strings.HasSuffix(name, "plain HTTP"), errors.Is(failure.Err, http.ErrSchemeMismatch))
		})
	}
}

// By TLS 1.3 a server that wants a certificate says so only after the handshake,
// when the request may have been read.
func TestTLS_alertAfterTheHandshake(t *testing.T) {
	server := secured(t, func(c *tls.Config) { c.MinVersion, c.ClientAuth = tls.VersionTLS13, tls.RequireAnyClientCert })
	_, failure := clientFor(t, server.URL, trusting(server), quickly).Do(t.Context(), updateUser())
	require.NotNil(t, failure)
	assert.True(t, failure.MaybeApplied, "an alert is no word on the request: %v", failure.Err)
}

func TestTLS_version(t *testing.T) {
	var offered atomic.Pointer[tls.ClientHelloInfo]
	server := secured(t, func(c *tls.Config) {
		c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			offered.Store(hello)
			return nil, nil //nolint:nilnil // as it is documented
		}
	})
	_, failure := clientFor(t, server.URL, httpcall.NewTransport(1)).Do(t.Context(), getUser())
	require.NotNil(t, failure)
	require.NotNil(t, offered.Load())
	for _, version := range offered.Load().SupportedVersions {
		assert.GreaterOrEqual(t, version, uint16(tls.VersionTLS12))
	}
}

func TestNewTransport(t *testing.T) {
	rt := httpcall.NewTransport(7)
	assert.Equal(t, 7, rt.MaxIdleConns)
	assert.Equal(t, 7, rt.MaxIdleConnsPerHost)
	const keepAlive = 5 * time.Second // of Node, and so of Messembed's server
	assert.Less(t, rt.IdleConnTimeout, keepAlive)
	assert.Positive(t, rt.IdleConnTimeout)
	assert.True(t, rt.DisableCompression)
}
