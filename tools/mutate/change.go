package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
)

// change replaces the bytes from from to to of a file.
type change struct {
	file     string
	line     int
	from, to int
	text     string
	what     string
}

func (c change) String() string { return fmt.Sprintf("%s:%d: %s", c.file, c.line, c.what) }

// operators and what a careless edit makes of them.
var operators = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL, token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.LAND: token.LOR, token.LOR: token.LAND, token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL,
}

// changesIn returns the changes of a file.
func changesIn(name string) ([]change, error) {
	source, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &file{name: name, source: source, files: files}
	for _, decl := range parsed.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
			ast.Inspect(fn.Body, f.visit)
		}
	}
	return f.changes, nil
}

type file struct {
	name    string
	source  []byte
	files   *token.FileSet
	changes []change
}

func (f *file) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if other, ok := operators[n.Op]; ok && !isText(n.X) && !isText(n.Y) {
			f.replace(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other.String())
		}
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			f.replace(n.OpPos, n.OpPos+1, "")
		}
	case *ast.IfStmt:
		f.replace(n.Cond.Pos(), n.Cond.End(), "!("+f.text(n.Cond)+")")
	case *ast.BasicLit:
		if number, err := strconv.Atoi(n.Value); n.Kind == token.INT && err == nil {
			f.replace(n.Pos(), n.End(), strconv.Itoa(number+1))
		}
	case *ast.ExprStmt, *ast.DeferStmt, *ast.IncDecStmt, *ast.SendStmt:
		f.replace(n.Pos(), n.End(), "")
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			f.replace(n.Pos(), n.End(), unused(n, f))
		}
	}
	return true
}

// unused keeps what an assignment reads in use, so that it still compiles.
func unused(n *ast.AssignStmt, f *file) string {
	var parts []string
	for _, right := range n.Rhs {
		if _, call := right.(*ast.CallExpr); !call {
			parts = append(parts, "_ = "+f.text(right))
		}
	}
	return strings.Join(parts, "; ")
}

func isText(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING
}

func (f *file) text(n ast.Node) string { return string(f.source[f.offset(n.Pos()):f.offset(n.End())]) }

func (f *file) offset(p token.Pos) int { return f.files.Position(p).Offset }

func (f *file) replace(from, to token.Pos, text string) {
	start, end := f.offset(from), f.offset(to)
	what := strings.Join(strings.Fields(string(f.source[start:end])), " ")
	if text == "" {
		what = "without " + what
	} else {
		what += " → " + text
	}
	f.changes = append(f.changes, change{f.name, f.files.Position(from).Line, start, end, text, what})
}
