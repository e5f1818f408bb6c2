package httpcall_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
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
	rt := httpcall.NewTransport(1, 10*time.Second)
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
		"by nobody known": func(*httptest.Server) *http.Transport { return httpcall.NewTransport(1, 10*time.Second) },
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
	urlOf := func(change func(*tls.Config)) func(*testing.T) (string, *http.Transport) {
		return func(t *testing.T) (string, *http.Transport) {
			server := secured(t, change)
			return server.URL, trusting(server)
		}
	}
	tests := map[string]func(*testing.T) (string, *http.Transport){
		"a server of TLS 1.1": urlOf(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }),
		"no cipher in common": urlOf(func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_RC4_128_SHA} //nolint:gosec // nobody is to agree to it
		}),
		"a server that wants a certificate, by TLS 1.2": urlOf(func(c *tls.Config) {
			c.MaxVersion, c.ClientAuth = tls.VersionTLS12, tls.RequireAnyClientCert
		}),
		"a server that speaks plain HTTP": func(*testing.T) (string, *http.Transport) {
			return strings.Replace(plain.URL, "http:", "https:", 1), httpcall.NewTransport(1, 10*time.Second)
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
	_, failure := clientFor(t, server.URL, httpcall.NewTransport(1, 10*time.Second)).Do(t.Context(), getUser())
	require.NotNil(t, failure)
	require.NotNil(t, offered.Load())
	for _, version := range offered.Load().SupportedVersions {
		assert.GreaterOrEqual(t, version, uint16(tls.VersionTLS12))
	}
}

func TestNewTransport(t *testing.T) {
	rt := httpcall.NewTransport(7, 10*time.Second)
	assert.Equal(t, 7, rt.MaxIdleConns)
	assert.Equal(t, 7, rt.MaxIdleConnsPerHost)
	const keepAlive = 5 * time.Second // of Node, and so of Messembed's server
	assert.Less(t, rt.IdleConnTimeout, keepAlive)
	assert.Positive(t, rt.IdleConnTimeout)
	assert.True(t, rt.DisableCompression)
}

// A server that accepts and then says nothing keeps neither goroutines nor
// connections: net/http does not end a dial or a handshake with its request.
func TestNewTransport_silentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	var open atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Add(1)
			go func() {
				_, _ = io.Copy(io.Discard, conn) // until the client closes it
				conn.Close()
				open.Add(-1)
			}()
		}
	}()
	const timeout = 100 * time.Millisecond
	before := runtime.NumGoroutine()
	client := clientFor(t, "https://"+listener.Addr().String(), httpcall.NewTransport(64, timeout), attempts(1),
		func(c *httpcall.Config) { c.AttemptTimeout = timeout })
	var calls sync.WaitGroup
	for range 50 {
		calls.Go(func() {
			_, failure := client.Do(t.Context(), createMessage())
			if assert.NotNil(t, failure) {
				assert.False(t, failure.MaybeApplied, "%v", failure.Err)
			}
		})
	}
	calls.Wait()
	const ofEventually = 2 // goroutines
	assert.Eventually(t, func() bool { return open.Load() == 0 && runtime.NumGoroutine() <= before+ofEventually }, 10*time.Second, 10*time.Millisecond)
}

// refusingProxy wants credentials, and words its status as it likes.
func refusingProxy(t *testing.T, status string) (proxy *url.URL, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	s := answerRaw(t, nil, func(_ *http.Request, conn, _ net.Conn) {
		asked.Add(1)
		_, _ = io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 12\r\nConnection: close\r\n\r\nwho are you?")
	})
	proxy, err := url.Parse(s.url)
	require.NoError(t, err)
	return proxy, asked
}

// A proxy that wants credentials says so with a 407, whichever way the request
// goes, or the one for its token: no other attempt helps, and the service has seen
// nothing.
func TestProxy_wantsCredentials(t *testing.T) {
	for _, test := range []struct {
		name, status string
		callback     bool
	}{
		{"own transport", "407 Proxy Authentication Required", true},
		{"own transport, own words", "407 Tell me who you are", true},
		{"the caller's", "407 Proxy Authentication Required", false},
	} {
		address, asked := refusingProxy(t, test.status)
		for _, scheme := range []string{"http", "https"} {
			for _, call := range []*httpcall.Call{getUser(), createMessage()} {
				for _, login := range []string{"", "http", "https"} {
					t.Run(strings.Join([]string{test.name, scheme, call.Op, "token by " + login}, "/"), func(t *testing.T) {
						rt := httpcall.NewTransport(1, 10*time.Second)
						rt.Proxy = http.ProxyURL(address)
						if !test.callback {
							rt.OnProxyConnectResponse = nil
						}
						most := int32(1)
						var credentials httpcall.Authenticator
						if login != "" {
							most = 2 // x/oauth2 tries the header and then the form
							credentials = clientCredentials(login+"://login.example.com/token", rt)
						}
						asked.Store(0)
						_, failure := clientFor(t, scheme+"://chat.example.com", rt, auth(credentials)).Do(t.Context(), call)
						require.NotNil(t, failure)
						assert.Equal(t, httpcall.Refused, failure.Reason)
						assert.Equal(t, 407, failure.StatusCode)
						assert.Equal(t, 407, failure.Verdict.Status)
						assert.False(t, failure.MaybeApplied)
						assert.LessOrEqual(t, asked.Load(), most)
					})
				}
			}
		}
	}
}
