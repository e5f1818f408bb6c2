package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestGateway_embedded(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Contains(t, out.String(), "32 users created at once, tokens fetched so far: 1, refused: 0\n")
	assert.Contains(t, out.String(), "After a restart of the gateway: sent 2 times, tokens fetched so far: 2, refused: 0\n")
	assert.Contains(t, out.String(), "After a failure of the token endpoint: tokens fetched so far: 3, refused: 1\n")
	assert.Contains(t, out.String(), "is it ErrUnauthenticated? true\n")
	assert.NotContains(t, out.String(), "the-secret")
}

// Over sockets, configured by FromEnv.
func TestGateway_service(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithClientCredentials("shop", "the-secret"), messembedtest.WithBasePath("/api/messembed"))
	t.Setenv("MESSEMBED_URL", fake.URL())
	t.Setenv("MESSEMBED_PASSWORD", "")
	t.Setenv("MESSEMBED_CLIENT_ID", "shop")
	t.Setenv("MESSEMBED_CLIENT_SECRET", "the-secret")
	t.Setenv("MESSEMBED_TOKEN_URL", fake.TokenURL())
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, "The gateway and the service accept the credentials\n", out.String())

	t.Setenv("MESSEMBED_CLIENT_SECRET", "another")
	err := run(t.Context(), &out)
	assert.ErrorIs(t, err, messembed.ErrUnauthenticated)
	assert.NotContains(t, err.Error(), "another")
}
