package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each Go block in README.md, CONTRIBUTING.md, docs/ and the examples' READMEs
// compiles. A block with a package clause is a complete file: a program or a
// test. Any other block is a fragment:
//
//   - Declarations (func, type, const, var) are put into a file as they are,
//     anything else into a function that has ctx, t, client, fake, users,
//     logger and err, and returns an error.
//   - The packages below are imported if the fragment uses them.
//   - Its variables count as used.
//
// So a reader can copy a fragment into such a function.
func TestBlocks(t *testing.T) {
	blocks := findBlocks(t)
	require.NotEmpty(t, blocks)
	dir := newModule(t)
	for i, b := range blocks {
		source, err := b.file()
		if !assert.NoError(t, err, b.where()) {
			continue
		}
		pkg, name := "statements", fmt.Sprintf("b%03d.go", i)
		if !strings.Contains(source, surroundings) {
			pkg = fmt.Sprintf("b%03d", i) // what it declares, another block may declare too
		}
		if b.isTest() {
			name = "block_test.go"
		}
		require.NoError(t, os.MkdirAll(filepath.Join(dir, pkg), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, pkg, name), []byte(source), 0o600))
	}
	goCommand(t, dir, "vet", "-unreachable=false", "./...")
}

// newModule makes a separate module, like a user's. It takes its requirements from
// this module's go.mod, so that nothing is fetched.
func newModule(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	mod, err := os.ReadFile(filepath.Join(moduleRoot(t), "go.mod"))
	require.NoError(t, err)
	const this = "module github.com/messembed/messembed-go\n"
	require.Contains(t, string(mod), this)
	text := strings.Replace(string(mod), this, "module example.com/blocks\n", 1) +
		"\nrequire github.com/messembed/messembed-go v0.0.0\nreplace github.com/messembed/messembed-go => " + filepath.ToSlash(moduleRoot(t)) + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600))
	sum, err := os.ReadFile(filepath.Join(moduleRoot(t), "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))
	return dir
}

func goCommand(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "go %s\n%s", args[0], out)
}

// imports are the packages that a fragment may use without importing them.
var imports = map[string]string{
	"bytes": "bytes", "clientcredentials": "golang.org/x/oauth2/clientcredentials", "context": "context", "errors": "errors", "fmt": "fmt",
	"http": "net/http", "io": "io", "iter": "iter", "json": "encoding/json", "log": "log", "messembed": "github.com/messembed/messembed-go",
	"messembedtest": "github.com/messembed/messembed-go/messembedtest", "oauth2": "golang.org/x/oauth2", "os": "os",
	"rocketchat": "github.com/messembed/messembed-go/platform/rocketchat", "slog": "log/slog", "strings": "strings", "sync": "sync",
	"synctest": "testing/synctest", "testing": "testing", "time": "time",
	"require": "github.com/stretchr/testify/require", "assert": "github.com/stretchr/testify/assert",
}

const surroundings = "func _(ctx context.Context, t *testing.T, client *messembed.Client, fake *messembedtest.Server, " +
	"users iter.Seq2[messembed.CreateUserParams, error], logger *slog.Logger, err error) error {"

// block is a block of Go in a Markdown file.
type block struct {
	path string // of the Markdown file
	line int    // of its first line
	text string
}

func (b block) where() string { return fmt.Sprintf("%s:%d", b.path, b.line) }
func (b block) isFile() bool  { return regexp.MustCompile(`(?m)^package \w+`).MatchString(b.text) }
func (b block) isTest() bool {
	return b.isFile() && regexp.MustCompile(`(?m)^func (Test|Fuzz|Benchmark|Example)`).MatchString(b.text)
}

// file turns the block into a Go file whose errors name lines of the Markdown file.
func (b block) file() (string, error) {
	position := "//line " + b.where() + "\n"
	if b.isFile() {
		return position + b.text, nil
	}
	if _, err := parser.ParseFile(token.NewFileSet(), b.where(), "package fragment\n"+b.text, parser.SkipObjectResolution); err == nil {
		own, text := "", b.text
		if m := regexp.MustCompile(`(?s)\A\s*import (\(.*?\)|".*?")\n`).FindString(text); m != "" {
			own, text = m, strings.Repeat("\n", strings.Count(m, "\n"))+text[len(m):]
		}
		return "package fragment\n\n" + own + importsFor(text) + position + text, nil
	}
	head, tail := "package fragment\n\n"+importsFor(b.text+surroundings)+surroundings+" {\n"+position, "\n}\nreturn nil\n}\n"
	body, err := useAll(b.text)
	return head + body + tail, err
}

// importsFor imports the packages that the text uses.
func importsFor(text string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		if regexp.MustCompile(`\b` + name + `\.[A-Z]`).MatchString(text) {
			fmt.Fprintf(&b, "import %s %q\n", name, imports[name])
		}
	}
	return b.String()
}

// useAll adds a use of each declared variable, on the same line.
func useAll(text string) (string, error) {
	const head = "package fragment\nfunc _() {\n"
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "fragment", head+text+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return "", fmt.Errorf("neither a file, nor declarations, nor statements: %w", err)
	}
	type insertion struct {
		at   int
		text string
	}
	var insertions []insertion
	add := func(at token.Pos, before, after string, names []ast.Expr) {
		for _, e := range names {
			if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
				insertions = append(insertions, insertion{fset.Position(at).Offset - len(head), before + "_ = " + id.Name + after})
			}
		}
	}
	defined := func(s ast.Stmt) []ast.Expr {
		if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			return a.Lhs
		}
		return nil
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			for _, s := range n.List {
				add(s.End(), "; ", "", defined(s))
			}
		case *ast.CaseClause:
			for _, s := range n.Body {
				add(s.End(), "; ", "", defined(s))
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				add(n.Body.Lbrace+1, " ", ";", []ast.Expr{n.Key, n.Value})
			}
		case *ast.IfStmt:
			add(n.Body.Lbrace+1, " ", ";", defined(n.Init))
		case *ast.ForStmt:
			add(n.Body.Lbrace+1, " ", ";", defined(n.Init))
		case *ast.ValueSpec:
			for _, name := range n.Names {
				add(n.End(), "; ", "", []ast.Expr{name})
			}
		}
		return true
	})
	sort.SliceStable(insertions, func(i, j int) bool { return insertions[i].at > insertions[j].at })
	for _, in := range insertions {
		text = text[:in.at] + in.text + text[in.at:]
	}
	return text, nil
}

// findBlocks collects the blocks of all Markdown files.
func findBlocks(t *testing.T) []block {
	t.Helper()
	var blocks []block
	for _, path := range markdownFiles(t) {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		blocks = append(blocks, blocksOf(path, string(data))...)
	}
	return blocks
}

func blocksOf(path, text string) (blocks []block) {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		indent, info, isFence := strings.Cut(lines[i], "```")
		if !isFence || strings.TrimSpace(indent) != "" {
			continue
		}
		begin := i + 1
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "```"; i++ {
			lines[i] = strings.TrimPrefix(lines[i], indent)
		}
		if info == "go" {
			blocks = append(blocks, block{path, begin + 1, strings.Join(lines[begin:min(i, len(lines))], "\n") + "\n"})
		}
	}
	return blocks
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	return root
}
