package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

func TestExitCode(t *testing.T) {
	tests := []struct {
		name            string
		err             error
		failed, passing int
		want            int
	}{
		{"nothing failed", nil, 0, 0, 0},
		{"a wrong password", messembed.ErrUnauthenticated, 0, 0, 1},
		{"a file that cannot be read", errors.New("disk gone"), 2, 2, 1},
		{"too many rows failed", messembed.ErrTooManyFailures, 3, 0, 1},
		{"rows failed", nil, 3, 0, 2},
		{"rows failed, one for lack of a response", nil, 3, 1, 3},
		{"too many rows failed in an outage", messembed.ErrTooManyFailures, 3, 3, 3},
		{"the service is gone", messembed.ErrUnavailable, 0, 0, 3},
		{"the service asks to wait", messembed.ErrRateLimited, 0, 0, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, exitCode(t.Context(), test.err, test.failed, test.passing))
		})
	}
	ended, end := context.WithCancel(t.Context())
	end()
	assert.Equal(t, 130, exitCode(ended, messembed.ErrUnavailable, 1, 1))
	assert.Equal(t, 0, exitCode(ended, nil, 0, 0), "it was done already")
}

// The README has the same table as -help.
func TestExitHelp(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	codes := 0
	for line := range strings.Lines(exitHelp) {
		if code, text, found := strings.Cut(strings.TrimSpace(line), "  "); found {
			assert.Contains(t, string(readme), "| "+code+" | "+strings.TrimSpace(text)+" |\n")
			codes++
		}
	}
	assert.Equal(t, 5, codes)
}
