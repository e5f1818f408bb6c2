package adapter_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/messembed/messembed-go/platform/internal/adapter"
)

func TestRedacted(t *testing.T) {
	cred := struct {
		Name, Secret string
		Lifetime     int
	}{"ada", "geheim", 7}
	assert.Equal(t, "{Name:ada Secret:[redacted] Lifetime:7}", adapter.Redacted(cred, "Name", "Lifetime"))
	assert.Equal(t, "{Name:[redacted] Secret:[redacted] Lifetime:[redacted]}", adapter.Redacted(cred))
}
