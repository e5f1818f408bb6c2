package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/proof/generated"
)

//go:generate go test -count=1 -run ^TestPromises . -update

var (
	testLink = regexp.MustCompile(`\[((?:Test|Fuzz)\w+)\]\([^)]+_test\.go\)`)
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
)

// Each promise links to a test, and to the file where it is.
func TestPromises_linkToTheirTests(t *testing.T) {
	page, err := os.ReadFile("promises.md")
	require.NoError(t, err)
	files := testFiles(t)
	promises, exceptions, found := strings.Cut(string(page), "\n## What is not")
	require.True(t, found)
	for line := range strings.Lines(promises) {
		if strings.HasPrefix(line, "- ") {
			assert.Regexp(t, testLink, line)
		}
	}
	promises = testLink.ReplaceAllStringFunc(promises, func(link string) string {
		name := testLink.FindStringSubmatch(link)[1]
		if files[name] == "" {
			t.Errorf("no such test: %s", name)
			return link
		}
		return "[" + name + "](" + files[name] + ")"
	})
	generated.File(t, "docs/promises.md", promises+"\n## What is not"+exceptions)
}

// testFiles returns the file of each test of the module, as seen from here.
func testFiles(t *testing.T) map[string]string {
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllStringSubmatch(string(source), -1) {
			files[m[1]] = filepath.ToSlash(path)
		}
		return err
	}))
	return files
}
