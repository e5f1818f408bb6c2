package messembedtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest"
)

// Fault and Request are aliases of types that users cannot see: their comments list the fields,
// each with its type.
func TestComments_nameEveryField(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "server.go", nil, parser.ParseComments)
	require.NoError(t, err)
	comments := map[string]string{}
	for _, decl := range file.Decls {
		if types, ok := decl.(*ast.GenDecl); ok && types.Tok == token.TYPE {
			comments[types.Specs[0].(*ast.TypeSpec).Name.Name] = types.Doc.Text()
		}
	}
	for name, kind := range map[string]reflect.Type{
		"Fault": reflect.TypeFor[messembedtest.Fault](), "Request": reflect.TypeFor[messembedtest.Request](),
	} {
		require.NotEmpty(t, comments[name])
		for field := range kind.Fields() {
			declared := `(?m)^\t+(\w+, )*` + field.Name + `(, \w+)* +` + regexp.QuoteMeta(typeName(field.Type)) + `( +//.*)?$`
			assert.Regexp(t, declared, comments[name], "%s.%s", name, field.Name)
		}
	}
}

func typeName(kind reflect.Type) string {
	if kind == reflect.TypeFor[[]byte]() {
		return "[]byte"
	}
	return kind.String()
}
