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

var testLink = regexp.MustCompile(`\[((?:Test|Fuzz)\w+)\]\(([^)]+_test\.go)\)`)

// Each promise links to a test, and each of these tests exists.
func TestPromises_linkToTheirTests(t *testing.T) {
	for _, page := range []string{"../SECURITY.md", "promises.md"} {
		data, err := os.ReadFile(page)
		require.NoError(t, err)
		promises, _, _ := strings.Cut(string(data), "\n## What is not")
		links := testLink.FindAllStringSubmatch(promises, -1)
		assert.NotEmpty(t, links, page)
		for _, link := range links {
			source, err := os.ReadFile(filepath.Join(filepath.Dir(page), link[2]))
			if assert.NoError(t, err, page) {
				assert.Contains(t, string(source), "\nfunc "+link[1]+"(", "%s: %s", page, link[0])
			}
		}
		for line := range strings.Lines(promises) {
			if strings.HasPrefix(line, "- ") {
				assert.Regexp(t, testLink, line, page)
			}
		}
	}
}
