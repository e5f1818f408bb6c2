// Package node runs the services' own packages from npm in tests.
package node

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// timeout ends a program that hangs, rather than the whole test binary.
const timeout = time.Minute

// A Program is a script in the folder of the test.
type Program struct {
	Args  []string // of node: the script, and what precedes and follows it
	Env   []string // in addition to the test's own
	Stdin []byte
}

// Run runs a program to its end and returns what it prints. The test is skipped
// if Node is not installed, or the packages in the test's folder are not.
func Run(t *testing.T, p Program) []byte {
	t.Helper()
	Require(t)
	return run(t, "node", p)
}

// Bundle puts a script and everything it imports into one file, which it
// returns the path of: packages that are written for bundlers do not run
// otherwise.
func Bundle(t *testing.T, script string) string {
	t.Helper()
	Require(t)
	out := filepath.Join(t.TempDir(), "bundle.cjs")
	run(t, filepath.Join("node_modules", ".bin", "esbuild"), Program{Args: []string{
		script, "--bundle", "--platform=node", "--log-level=error", "--outfile=" + out,
	}})
	return out
}

// Require skips the test if Node is not installed, or the packages in the
// test's folder are not.
func Require(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat("node_modules"); err != nil {
		t.Skip("the packages of package-lock.json are not installed: run `make npm`")
	}
}

func run(t *testing.T, name string, p Program) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	command := exec.CommandContext(ctx, name, p.Args...)
	command.Env = append(os.Environ(), p.Env...)
	command.Stdin = bytes.NewReader(p.Stdin)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, "%s", &stderr)
	return out
}
