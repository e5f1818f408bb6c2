package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// Without a service the fake is used only if asked for; the error says what to set,
// and which variable may be a misspelt one.
func TestConnect_withoutAService(t *testing.T) {
	const (
		url      = "MESSEMBED_URL: is not set"
		password = "MESSEMBED_PASSWORD: is not set, nor is MESSEMBED_CLIENT_ID"
	)
	tests := []struct {
		name  string
		set   []string
		wants []string
	}{
		{"nothing set", nil, []string{url, password, "; set them for a real service, or try the embedded one with -fake"}},
		{"a misspelt prefix", []string{"MESEMBED_URL", "MESEMBED_PASSWORD"}, []string{url, password, "-fake"}},
		{"a misspelt name", []string{"MESSEMBED_ULR", "MESSEMBED_PASSWORD"}, []string{url, "; unknown: MESSEMBED_ULR (-help lists the variables)"}},
		{"two misspelt names", []string{"MESSEMBED_URI", "MESSEMBED_PASSWD"}, []string{url, password, "; unknown: MESSEMBED_PASSWD, MESSEMBED_URI ("}},
		{"no password", []string{"MESSEMBED_URL"}, []string{password}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			clearEnv(t, "MESSEMBED_")
			for _, name := range test.set {
				t.Setenv(name, "https://secret.example.com")
			}
			_, _, err := connect(false)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			for _, want := range test.wants {
				assert.ErrorContains(t, err, want)
			}
			assert.NotContains(t, err.Error(), "secret")
			client, where, err := connect(true)
			require.NoError(t, err)
			assert.Equal(t, "the embedded fake", where)
			assert.NoError(t, client.CheckCredentials(t.Context()))
		})
	}
}

// Kubernetes sets such variables for a Service that is named messembed.
func TestConnect_moreVariables(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	t.Setenv("MESSEMBED_URL", "https://chat.example.com")
	t.Setenv("MESSEMBED_PASSWORD", "secret")
	t.Setenv("MESSEMBED_SERVICE_HOST", "10.0.0.1")
	_, where, err := connect(false)
	require.NoError(t, err)
	assert.Equal(t, "https://chat.example.com", where)
}
