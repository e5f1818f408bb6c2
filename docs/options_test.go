package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The README names every option, apart from what is for implementers of a platform.
func TestReadme_options(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(moduleRoot(t), "README.md"))
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(moduleRoot(t), "options*.go"))
	require.NoError(t, err)
	found := 0
	for _, path := range files {
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^func (With\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			found++
			if m[1] != "WithPlatformFlag" {
				assert.Contains(t, string(readme), "`"+m[1]+"`")
			}
		}
	}
	assert.Greater(t, found, 15)
}
