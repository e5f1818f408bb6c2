package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest"
)

func TestQuickstart_embedded(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Contains(t, out.String(), "Ensured  300 users: 300 new, 0 existing")
	assert.Contains(t, out.String(), "Listed   299 users")
}

// Against a service, under a path, and twice.
func TestQuickstart_service(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"))
	username, password := fake.Credentials()
	t.Setenv("MESSEMBED_URL", fake.URL())
	t.Setenv("MESSEMBED_USERNAME", username)
	t.Setenv("MESSEMBED_PASSWORD", password)

	var first, second bytes.Buffer
	require.NoError(t, run(t.Context(), &first))
	assert.Contains(t, first.String(), "300 new, 0 existing")
	require.NoError(t, run(t.Context(), &second))
	assert.Contains(t, second.String(), "1 new, 299 existing", "the deleted user is restored, and then deleted again")
	assert.Contains(t, second.String(), "Listed   299 users")
}
