package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each link to a file of this repository leads to an existing file, and to an
// existing heading if it has a fragment.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, path := range markdownFiles(t) {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			file, heading, _ := strings.Cut(m[1], "#")
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), filepath.FromSlash(file))
			}
			if _, err := os.Stat(target); !assert.NoError(t, err, "%s: %s", path, m[1]) || heading == "" {
				continue
			}
			text, err := os.ReadFile(target)
			require.NoError(t, err)
			assert.Contains(t, headings(string(text)), heading, "%s: %s", path, m[1])
		}
	}
}

// headings returns the anchors of a Markdown file's headings, as GitHub makes them.
func headings(text string) (anchors []string) {
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		anchor := regexp.MustCompile(`[^\p{L}\p{N}\- ]`).ReplaceAllString(strings.ToLower(m[1]), "")
		anchors = append(anchors, strings.ReplaceAll(anchor, " ", "-"))
	}
	return anchors
}

func markdownFiles(t *testing.T) (paths []string) {
	t.Helper()
	for _, pattern := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "bench/README.md", "docs/*.md", "examples/*/README.md", "cmd/*/README.md"} {
		found, err := filepath.Glob(filepath.Join(moduleRoot(t), filepath.FromSlash(pattern)))
		require.NoError(t, err)
		paths = append(paths, found...)
	}
	return paths
}
