package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// asProgram makes the test binary act as the program, so that tests can start
// it as a separate process.
const asProgram = "MESSEMBED_FAKE_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// start runs the program until the test ends or stop is called, which returns its exit code.
func start(t *testing.T, args ...string) (url string, stop func(os.Signal) int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	found := regexp.MustCompile(`^messembed-fake: listening on (http://127\.0\.0\.1:\d+\S*)\n$`).FindStringSubmatch(line)
	require.NotNil(t, found, line)
	return found[1], func(signal os.Signal) int {
		require.NoError(t, cmd.Process.Signal(signal))
		rest, err := io.ReadAll(lines)
		require.NoError(t, err)
		assert.Regexp(t, `\A(page: \S+/_fake/\n)?(users: 2 from \S+\n)?\nexport MESSEMBED_URL=\S+\nexport MESSEMBED_PASSWORD=\S+\n\z`, string(rest))
		_ = cmd.Wait()
		assert.Empty(t, stderr.String())
		return cmd.ProcessState.ExitCode()
	}
}

// fails runs the program with invalid arguments.
func fails(t *testing.T, args ...string) (code int, stderr string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var out bytes.Buffer
	cmd.Stderr = &out
	stdout, err := cmd.Output()
	require.Error(t, err)
	assert.Empty(t, stdout)
	return cmd.ProcessState.ExitCode(), out.String()
}

func TestServe(t *testing.T) {
	seed := seedFile(t, "users.jsonl", `{"id":"ada","externalMetadata":{"z":1,"a":"é"},"privateExternalMetadata":{"p":true},"blockStatus":"CANT_SEND_AND_RECEIVE_NEW_MESSAGES"}

{"id":"a/b"}`)
	url, stop := start(t, "-addr", "127.0.0.1:0", "-password", "pass", "-jwt-secret", "jwt secret", "-base-path", "/api/messembed", "-seed", seed)
	assert.True(t, strings.HasSuffix(url, "/api/messembed"))

	client, err := messembed.New(url, messembed.WithBasicAuth("anybody", "pass"))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	require.NoError(t, client.CheckCredentials(t.Context()))
	user, err := client.GetUser(t.Context(), "ada")
	require.NoError(t, err)
	assert.True(t, user.Blocked())
	assert.Contains(t, string(user.Raw), `"externalMetadata":{"z":1,"a":"é"},"privateExternalMetadata":{"p":true}`, "in the order of the file")
	_, err = client.GetUser(t.Context(), "a/b")
	require.NoError(t, err)
	token, err := client.CreateAccessToken(t.Context(), "ada")
	require.NoError(t, err)
	signer, err := messembed.NewTokenSigner([]byte("jwt secret"))
	require.NoError(t, err)
	id, err := signer.Verify(token.AccessToken)
	require.NoError(t, err)
	assert.Equal(t, "ada", id)

	wrong, err := messembed.New(url, messembed.WithBasicAuth("anybody", "wrong"))
	require.NoError(t, err)
	defer wrong.CloseIdleConnections()
	require.ErrorIs(t, wrong.CheckCredentials(t.Context()), messembed.ErrUnauthenticated)

	assert.Equal(t, 0, stop(syscall.SIGTERM))
	_, err = http.Get(url + "/ping")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

// An interrupt ends it at once, even with open connections.
func TestServe_interrupt(t *testing.T) {
	url, stop := start(t, "-addr=127.0.0.1:0")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/ping", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	begin := time.Now()
	assert.Equal(t, 0, stop(os.Interrupt))
	assert.Less(t, time.Since(begin), 5*time.Second)
	http.DefaultClient.CloseIdleConnections()
}

func TestServe_addressInUse(t *testing.T) {
	url, _ := start(t, "-addr=127.0.0.1:0")
	code, stderr := fails(t, "-addr", strings.TrimPrefix(url, "http://"))
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "address already in use; for a free port use -addr 127.0.0.1:0\n")
}

func TestUsage(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"unknown flag", []string{"-port", "1"}, "flag provided but not defined: -port"},
		{"only a port", []string{"-addr", "3000"}, "-addr 3000 is only a port: write :3000, or 127.0.0.1:3000"},
		{"no port", []string{"-addr", "localhost"}, "-addr: address localhost: missing port in address; it must be host:port"},
		{"a path with a query", []string{"-base-path", "a b?"}, `-base-path "a b?" must be a path of letters`},
		{"a path up", []string{"-base-path", "/a/../b"}, `-base-path "/a/../b" must be a path of letters`},
		{"an argument", []string{"serve"}, `unexpected argument "serve"`},
		{"no address", []string{"-addr", ""}, "-addr is empty"},
		{"no password", []string{"-password", ""}, "-password is empty"},
		{"no secret", []string{"-jwt-secret="}, "-jwt-secret is empty"},
		{"no such file", []string{"-seed", "/nowhere/users.jsonl"}, "-seed: open /nowhere/users.jsonl: no such file"},
		{"a wrong seed", []string{"-seed", seedFile(t, "users.csv", "name\nAda\n")}, `users.csv, line 1: no column "id"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, stderr := fails(t, append([]string{"-addr=127.0.0.1:0"}, test.args...)...)
			assert.Equal(t, 2, code)
			assert.Contains(t, stderr, test.want)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), "the reason alone")
		})
	}
}

func TestServe_emptySeed(t *testing.T) {
	var stderr bytes.Buffer
	introduction{url: "http://127.0.0.1:3000", seed: "users.csv"}.print(io.Discard, &stderr)
	assert.Equal(t, "messembed-fake: warning: -seed: users.csv has no users\n", stderr.String())
}

// What to copy works, in a shell and with the SDK.
func TestWelcome(t *testing.T) {
	for name, test := range map[string]struct {
		url, basePath, password string
		hasPage                 bool
		users                   int
		stdout, stderr          string
	}{
		"plain": {"http://127.0.0.1:3000", "", "secret", true, 3, `messembed-fake: listening on http://127.0.0.1:3000
page: http://127.0.0.1:3000/_fake/
users: 3 from users.csv

export MESSEMBED_URL=http://127.0.0.1:3000
export MESSEMBED_PASSWORD=secret
`, ""},
		"the default password, on this machine": {"http://[::1]:3000/p", "/p", "password", true, 0, `messembed-fake: listening on http://[::1]:3000/p
page: http://[::1]:3000/_fake/

export MESSEMBED_URL='http://[::1]:3000/p'
export MESSEMBED_PASSWORD=password
`, ""},
		"everywhere, without a page": {"http://[::]:3000/_fake", "/_fake", "it's", false, 0, `messembed-fake: listening on http://[::]:3000/_fake

export MESSEMBED_URL=http://localhost:3000/_fake
export MESSEMBED_PASSWORD='it'\''s'
`, ""},
		"everywhere, with the default password": {"http://0.0.0.0:80", "", "password", true, 0, `messembed-fake: listening on http://0.0.0.0:80
page: http://localhost:80/_fake/

export MESSEMBED_URL=http://localhost:80
export MESSEMBED_PASSWORD=password
`, "other machines can connect, and the password is the default one"},
		"one address, with the default password": {"http://192.0.2.1:80", "", "password", true, 0, `messembed-fake: listening on http://192.0.2.1:80
page: http://192.0.2.1:80/_fake/

export MESSEMBED_URL=http://192.0.2.1:80
export MESSEMBED_PASSWORD=password
`, "other machines can connect"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			in := introduction{url: test.url, basePath: test.basePath, password: test.password, hasPage: test.hasPage, users: test.users}
			if in.users > 0 {
				in.seed = "users.csv"
			}
			in.print(&stdout, &stderr)
			assert.Equal(t, test.stdout, stdout.String())
			if test.stderr == "" {
				assert.Empty(t, stderr.String())
			}
			assert.Contains(t, stderr.String(), test.stderr)
		})
	}
}

func TestHealth(t *testing.T) {
	url, stop := start(t, "-addr", "127.0.0.1:0")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	_, answer := send(t, url, "faults/preset", `{"name":"refuse"}`)
	require.Equal(t, `{}`, answer)
	var stderr bytes.Buffer
	for _, addr := range []string{"127.0.0.1:" + port, "0.0.0.0:" + port, ":" + port} {
		assert.Zero(t, run(t.Context(), []string{"-health", "-addr", addr}, io.Discard, &stderr), addr)
	}
	assert.Empty(t, stderr.String(), "although requests are refused")
	assert.Empty(t, show[shownRequests](t, url, "requests").Requests)

	assert.Zero(t, stop(os.Interrupt))
	assert.Equal(t, 1, run(t.Context(), []string{"-health", "-addr", "127.0.0.1:" + port}, io.Discard, &stderr))
	assert.Contains(t, stderr.String(), "connection refused")
	assert.Equal(t, 2, run(t.Context(), []string{"-health", "-addr", "3000"}, io.Discard, &stderr))
	assert.Contains(t, stderr.String(), "-addr 3000 is only a port")
	http.DefaultClient.CloseIdleConnections()
}

func TestHelp(t *testing.T) {
	var out bytes.Buffer
	assert.Equal(t, 0, run(t.Context(), []string{"-h"}, io.Discard, &out))
	assert.Contains(t, out.String(), "-base-path")
	assert.Contains(t, out.String(), "Of the routes for front ends it has only GET /user")
}
