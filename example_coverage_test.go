package messembed_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withoutExample lists exported functions and methods that newcomers do not
// meet: they are for implementers of a Platform, or are called by fmt and slog.
var withoutExample = []string{
	"AccessToken.Format", "AccessToken.LogValue", "AccessToken.String", // Example of AccessToken
	"BadField", "MetadataProblem", "WithAuthHeaders", "WithPlatform", "WithPlatformFlag", // for platforms
	"CreateUserParams.Format", "CreateUserParams.LogValue", "CreateUserParams.MarshalJSON", // hide the password
	"Error.Error", "Error.GoString", // Example of Error
	"User.String", "Chat.String", "Message.String", // short, for fmt.Println
	"TokenSigner.Format",  // Example of TokenSigner
	"WithDetails",         // platform/rocketchat
	"WithPollInterval",    // platform/rocketchat, platform/chatkitty
	"Call.*", "Backoff.*", // for platforms
}

// TestExamples checks that each method of Client, and each other exported
// function and method except those above, has an Example whose output is
// checked.
func TestExamples(t *testing.T) {
	pkg := parsePackage(t)
	shown := func(name string, examples []*doc.Example) {
		t.Helper()
		if slices.Contains(withoutExample, name) {
			assert.Empty(t, examples, "%s has an example: take it out of withoutExample", name)
			return
		}
		assert.NotEmpty(t, examples, "%s has no Example", name)
		for _, e := range examples {
			assert.True(t, e.Output != "" || e.EmptyOutput, "Example%s has no // Output", e.Name)
		}
	}
	for _, f := range pkg.Funcs {
		shown(f.Name, f.Examples)
	}
	for _, typ := range pkg.Types {
		for _, f := range typ.Funcs { // constructors
			shown(f.Name, f.Examples)
		}
		if slices.Contains(withoutExample, typ.Name+".*") {
			continue
		}
		for _, m := range typ.Methods {
			shown(typ.Name+"."+m.Name, m.Examples)
		}
	}
}

func parsePackage(t *testing.T) *doc.Package {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(fset, files, "github.com/messembed/messembed-go")
	require.NoError(t, err)
	return pkg
}
