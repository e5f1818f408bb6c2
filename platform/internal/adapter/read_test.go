package adapter_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/platform/internal/adapter"
)

func TestLoose(t *testing.T) {
	var said struct {
		A, B, C, D adapter.Loose[string]
	}
	require.NoError(t, json.Unmarshal([]byte(`{"A":"x","B":7,"C":null}`), &said))
	assert.Equal(t, adapter.Loose[string]{Value: "x", Given: true}, said.A)
	assert.Equal(t, adapter.Loose[string]{Given: true}, said.B)
	assert.Equal(t, adapter.Loose[string]{Given: true}, said.C)
	assert.Zero(t, said.D)
}
