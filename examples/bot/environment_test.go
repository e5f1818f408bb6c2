package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clearEnv removes the variables with this prefix until the end of the test.
func clearEnv(t *testing.T, prefix string) {
	t.Helper()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, prefix) {
			t.Setenv(name, "") // which restores it after the test
			require.NoError(t, os.Unsetenv(name))
		}
	}
}

func TestInEnv(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	assert.False(t, inEnv("MESSEMBED_"))
	t.Setenv("MESSEMBED_ULR", "") // misspelt, and empty
	assert.True(t, inEnv("MESSEMBED_"))
}
