// Package page_test uses the page of cmd/messembed-fake as a person does: the program runs as a
// process, its page in a real browser. It is skipped if there is no Chromium.
package page_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

const (
	moduleRoot = "../.."
	pagePath   = "/_fake/"
	password   = "canary-password"
)

// program is the path of the built program.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "messembed-fake")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "messembed-fake")
		if runtime.GOOS == "windows" {
			program += ".exe"
		}
		build := exec.Command("go", "build", "-o", program, "./cmd/messembed-fake")
		build.Dir = moduleRoot
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// startFake runs the program until the test ends, and returns its address.
func startFake(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, append([]string{"-addr", "127.0.0.1:0", "-password", password}, args...)...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if _, url, ok := strings.Cut(lines.Text(), "listening on "); ok {
			return url
		}
	}
	require.FailNow(t, "the program ended before it listened")
	return ""
}

func clientOf(t *testing.T, url string) *messembed.Client {
	t.Helper()
	client, err := messembed.New(url, messembed.WithBasicAuth("admin", password), messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond}))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}
