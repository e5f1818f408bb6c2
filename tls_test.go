package messembed_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// secured is the fake behind TLS.
func secured(t *testing.T, change func(*tls.Config)) (*messembedtest.Server, *httptest.Server) {
	t.Helper()
	fake := messembedtest.New(t)
	server := httptest.NewUnstartedServer(fake)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{} //nolint:gosec // the versions are what the tests are about
	if change != nil {
		change(server.TLS)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return fake, server
}

// trusting is a transport like the client's own that trusts the server's certificate.
func trusting(server *httptest.Server) *http.Transport {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, DisableCompression: true}
}

func create(t *testing.T, client *messembed.Client) (*messembed.Error, error) {
	t.Helper()
	_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
	failure, _ := err.(*messembed.Error) //nolint:errorlint // it is what the method returns
	return failure, err
}

func TestTLS_trustedServer(t *testing.T) {
	fake, server := secured(t, nil)
	client, err := messembed.New(server.URL, messembed.WithBasicAuth(fake.Credentials()), messembed.WithTransport(trusting(server)))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	_, err = create(t, client)
	require.NoError(t, err)
	assert.Len(t, fake.Users(), 1)
}

// A wrong certificate ends the call at once: nothing was sent, and another try would not change it.
func TestTLS_wrongCertificate(t *testing.T) {
	tests := map[string]func(t *testing.T, server *httptest.Server) (string, []messembed.Option){
		"by nobody known": func(_ *testing.T, server *httptest.Server) (string, []messembed.Option) {
			return server.URL, nil // through the client's own transport
		},
		"for another name": func(_ *testing.T, server *httptest.Server) (string, []messembed.Option) {
			transport := trusting(server)
			transport.TLSClientConfig.ServerName = "chat.example.org"
			return server.URL, []messembed.Option{messembed.WithTransport(transport)}
		},
		"that has expired": func(_ *testing.T, server *httptest.Server) (string, []messembed.Option) {
			transport := trusting(server)
			transport.TLSClientConfig.Time = func() time.Time { return server.Certificate().NotAfter.Add(time.Hour) }
			return server.URL, []messembed.Option{messembed.WithTransport(transport)}
		},
	}
	for name, options := range tests {
		t.Run(name, func(t *testing.T) {
			fake, server := secured(t, nil)
			base, more := options(t, server)
			client, err := messembed.New(base, append(more, messembed.WithBasicAuth(fake.Credentials()))...)
			require.NoError(t, err)
			failure, err := create(t, client)
			require.ErrorIs(t, err, messembed.ErrUnavailable)
			var wrong *tls.CertificateVerificationError
			require.ErrorAs(t, err, &wrong)
			assert.Equal(t, 1, failure.Attempts)
			assert.False(t, failure.MaybeApplied)
			assert.Empty(t, fake.Requests())
		})
	}
}

// What fails in the handshake has sent nothing, so that a write says so, and is not tried again.
func TestTLS_handshakeFails(t *testing.T) {
	tests := map[string]func(*tls.Config){
		"a server of TLS 1.1": func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
		"no cipher in common": func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_RC4_128_SHA} //nolint:gosec // nobody is to agree to it
		},
		"a server that wants a certificate, by TLS 1.2": func(c *tls.Config) {
			c.MaxVersion, c.ClientAuth = tls.VersionTLS12, tls.RequireAnyClientCert
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			fake, server := secured(t, change)
			client, err := messembed.New(server.URL, messembed.WithBasicAuth(fake.Credentials()), messembed.WithTransport(trusting(server)))
			require.NoError(t, err)
			failure, err := create(t, client)
			require.ErrorIs(t, err, messembed.ErrUnavailable)
			assert.Equal(t, 1, failure.Attempts)
			assert.False(t, failure.MaybeApplied, "%v", err)
			assert.Empty(t, fake.Requests())
		})
	}
	t.Run("a server that speaks plain HTTP", func(t *testing.T) {
		fake := messembedtest.New(t)
		client, err := messembed.New(strings.Replace(fake.URL(), "http:", "https:", 1), messembed.WithBasicAuth(fake.Credentials()))
		require.NoError(t, err)
		failure, err := create(t, client)
		require.ErrorIs(t, err, messembed.ErrUnavailable)
		assert.Equal(t, 1, failure.Attempts)
		assert.False(t, failure.MaybeApplied)
		assert.Empty(t, fake.Requests())
	})
}

// By TLS 1.3 a server that wants a certificate says so only after the handshake, when the request may have been read.
func TestTLS_alertAfterTheHandshake(t *testing.T) {
	fake, server := secured(t, func(c *tls.Config) { c.MinVersion, c.ClientAuth = tls.VersionTLS13, tls.RequireAnyClientCert })
	client, err := messembed.New(server.URL, messembed.WithBasicAuth(fake.Credentials()), messembed.WithTransport(trusting(server)),
		messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond}))
	require.NoError(t, err)
	failure, err := create(t, client)
	require.ErrorIs(t, err, messembed.ErrUnavailable)
	assert.True(t, failure.MaybeApplied, "an alert is no word on the request: %v", err)
	assert.Empty(t, fake.Requests())
}

// The client's own transport does not go below TLS 1.2.
func TestTLS_version(t *testing.T) {
	var offered atomic.Pointer[tls.ClientHelloInfo]
	_, server := secured(t, func(c *tls.Config) {
		c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			offered.Store(hello)
			return nil, nil //nolint:nilnil // as it is documented
		}
	})
	client, err := messembed.New(server.URL)
	require.NoError(t, err)
	_, err = create(t, client)
	require.ErrorIs(t, err, messembed.ErrUnavailable)
	require.NotNil(t, offered.Load())
	for _, version := range offered.Load().SupportedVersions {
		assert.GreaterOrEqual(t, version, uint16(tls.VersionTLS12))
	}
}

// stranger is a server to which nothing may be sent.
func stranger(t *testing.T) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var met atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { met.Add(1) }))
	t.Cleanup(server.Close)
	return server, &met
}

func TestCredentialsStayHome_redirects(t *testing.T) {
	elsewhere, met := stranger(t)
	host := strings.TrimPrefix(elsewhere.URL, "http://")
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, location := range map[string]string{
			"another port": elsewhere.URL, "without a scheme": "//" + host + "/users", "itself": "/users/ada", "a path above": "../../admin",
			"with credentials": "http://admin:password@" + host + "/",
		} {
			t.Run(http.StatusText(status)+"/"+name, func(t *testing.T) {
				fake := messembedtest.New(t, messembedtest.WithClientCredentials("shop", "secret"))
				base := fake.URL()
				client, err := messembed.New(base, messembed.WithClientCredentials(clientcredentials.Config{
					ClientID: "shop", ClientSecret: "secret", TokenURL: fake.TokenURL(),
				}))
				require.NoError(t, err)
				t.Cleanup(client.CloseIdleConnections)
				redirect := messembedtest.Fault{Status: status, Header: http.Header{"Location": {location}}}

				fake.FailRandomly(1, 1, redirect) // the token endpoint first
				_, err = create(t, client)
				require.ErrorIs(t, err, messembed.ErrUnauthenticated)

				redirect.Op = "CreateUser"
				fake.FailRandomly(1, 1, redirect)
				_, err = create(t, client)
				require.ErrorIs(t, err, messembed.ErrInvalidResponse)
				assert.Zero(t, met.Load())
			})
		}
	}
}

// A websocket has its password in the query, which a Referer would take along.
func TestCredentialsStayHome_websocket(t *testing.T) {
	elsewhere, met := stranger(t)
	fake := messembedtest.New(t)
	fake.FailRandomly(1, 1, messembedtest.Fault{Op: "MessageEvents", Status: 302, Header: http.Header{"Location": {elsewhere.URL}}})
	client, err := messembed.New(fake.URL(), messembed.WithBasicAuth(fake.Credentials()))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	refused := false
	for range client.MessageEvents(ctx, messembed.EventOptions{OnState: func(state messembed.ConnectionState, _ error) {
		if state == messembed.StatePolling { // which it does where the websocket is refused
			refused = true
			cancel()
		}
	}}) {
		t.Error("an event of nothing")
	}
	assert.True(t, refused)
	assert.Zero(t, met.Load())
}

func TestCredentialsStayHome_plainHTTP(t *testing.T) {
	basic := messembed.WithBasicAuth("admin", "password")
	for _, base := range []string{
		"http://chat.example.com", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1", "http://[fe80::1]", "http://0.0.0.0",
		"http://2130706433", "http://127.1", "http://chat.example.com:443",
		// Resolvers do ask about these, and net/http's proxies are for all but "localhost" to the letter.
		"http://chat.localhost", "http://localhost.", "http://LOCALHOST",
	} {
		_, err := messembed.New(base, basic)
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, base)
		_, err = messembed.New("https://chat.example.com", messembed.WithClientCredentials(clientcredentials.Config{
			ClientID: "shop", ClientSecret: "secret", TokenURL: base + "/token",
		}))
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, "token URL: "+base)
		_, err = messembed.New(base)
		require.NoError(t, err, "without credentials: "+base)
		_, err = messembed.New(base, basic, messembed.WithInsecureHTTP())
		require.NoError(t, err, "insecure: "+base)
	}
	for _, base := range []string{"http://localhost:3000", "http://127.0.0.1", "http://127.8.9.10:80", "http://[::1]:3000", "http://[::ffff:127.0.0.1]"} {
		_, err := messembed.New(base, basic)
		require.NoError(t, err, base)
	}
}

// What may go over plain http because it stays on this machine does not go through a proxy either. net/http reads the environment once, so that
// this takes a process of its own.
func TestCredentialsStayHome_proxy(t *testing.T) {
	hosts := []string{"localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]"}
	if os.Getenv("HTTP_PROXY") == os.Getenv("MESSEMBED_TEST_PROXY") && os.Getenv("HTTP_PROXY") != "" {
		for _, host := range hosts {
			client, err := messembed.New("http://"+host+":1", messembed.WithBasicAuth("admin", "password"), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
			if err == nil {
				require.Error(t, client.CheckCredentials(t.Context()), host)
			}
		}
		return
	}
	proxy, met := stranger(t)
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), self, "-test.run=^TestCredentialsStayHome_proxy$")
	command.Env = append(os.Environ(), "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=", "MESSEMBED_TEST_PROXY="+proxy.URL)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Zero(t, met.Load())
}

func TestHeaderInjection(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	for _, bad := range []string{"x\r\nX-Injected: y", "x\nX-Injected: y", "x\ry", "x\x00y", "x\x7fy", "\x1b[31m"} {
		require.ErrorIs(t, client.Ping(t.Context(), messembed.WithHeader("X-Tenant", bad)), messembed.ErrInvalidArgument)
		require.ErrorIs(t, client.Ping(t.Context(), messembed.WithHeader(bad, "x")), messembed.ErrInvalidArgument)
		require.ErrorIs(t, client.Ping(t.Context(), messembed.WithRequestID(bad)), messembed.ErrInvalidArgument)
		_, err := messembed.New("https://chat.example.com", messembed.WithUserAgent(bad))
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		_, err = messembed.New("https://chat.example.com", messembed.WithAuthHeaders(map[string]string{"X-Auth-Token": bad}))
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
	}
	assert.Empty(t, fake.Requests())

	// An id is one segment of the path, whatever it holds.
	base := fake.URL()
	socket, err := messembed.New(base, messembed.WithBasicAuth(fake.Credentials()))
	require.NoError(t, err)
	t.Cleanup(socket.CloseIdleConnections)
	for _, id := range []string{"x HTTP/1.1\r\nX-Injected: y\r\n\r\n", "x\r\n\r\nDELETE /admin-api/users/bob HTTP/1.1", "../admin-api/users", "x?a=b#c", "%2e%2e%2f"} {
		_, err := socket.CreateUser(t.Context(), messembed.CreateUserParams{ID: id})
		require.NoError(t, err)
		user, err := socket.GetUser(t.Context(), id)
		require.NoError(t, err, "%q", id)
		assert.Equal(t, id, user.ID)
	}
	for _, request := range fake.Requests() {
		assert.Empty(t, request.Header.Get("X-Injected"))
		assert.Contains(t, []string{"CreateUser", "GetUser"}, request.Op)
	}
}
