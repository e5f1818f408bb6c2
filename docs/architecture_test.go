package docs_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/messembed/messembed-go"

// Each package imports only those packages of this module that architecture.md
// lists, and only tests import testify and httpmock.
func TestArchitecturePage_imports(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	cmd.Dir = moduleRoot(t)
	out, err := cmd.Output()
	require.NoError(t, err)
	allowed := importsTable(t)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := within(fields[0])
		for _, imported := range fields[1:] {
			assert.NotContains(t, imported, "stretchr/testify", pkg)
			assert.NotContains(t, imported, "jarcoal/httpmock", pkg)
			target := within(imported)
			if target == "" || isFree(pkg) || pkg != "." && strings.HasPrefix(target, pkg+"/") {
				continue
			}
			if assert.Contains(t, allowed, pkg, "is not in the table") {
				assert.True(t, slices.Contains(allowed[pkg], target), "%s imports %s", pkg, target)
			}
		}
	}
}

// within returns a package's path inside this module, or "" for other packages.
func within(importPath string) string {
	if importPath == module {
		return "."
	}
	path, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return ""
	}
	return path
}

// isFree reports whether the table leaves a package's imports open.
func isFree(pkg string) bool {
	for _, prefix := range []string{"examples/", "internal/proof/conformance", "internal/proof/faultmatrix"} {
		if strings.HasPrefix(pkg, prefix) {
			return true
		}
	}
	return false
}

// importsTable reads the third column.
func importsTable(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("architecture.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "| package | what it is | imports of this module |\n|---|---|---|\n")
	require.True(t, found)
	table, _, _ := strings.Cut(rest, "\n\n")
	names := func(cell string) (names []string) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
			names = append(names, strings.Replace(m[1], "messembed (the root)", ".", 1))
		}
		return names
	}
	imports := map[string][]string{}
	for row := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(row, "| \n"), " | ")
		require.Len(t, cells, 3, row)
		may := names(cells[2])
		if strings.Contains(cells[2], "the root") {
			may = append(may, ".")
		}
		for _, pkg := range names(cells[0]) {
			if pkg == "messembed" {
				pkg = "."
			}
			imports[pkg] = slices.Clone(may)
			if strings.Contains(cells[2], "their platform") {
				imports[pkg] = append(imports[pkg], pkg[:strings.LastIndex(pkg, "/")])
			}
		}
	}
	return imports
}
