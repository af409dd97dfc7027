package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// mayWrite are the files that use the connection for writing, each with its reason. Everything else writes through
// Store.change, which knows who acts and tells what changed.
var mayWrite = map[string]string{
	"open.go":         "it makes and closes the connection",
	"change.go":       "it is the way to write",
	"group_commit.go": "it is the way to write to SQLite",
	"unlock.go":       "it proves the keys, without which nothing can be sealed yet",
	"migrate.go":      "it asks which migrations the database has had",
	"erased.go":       "it empties SQLite's log, which no transaction can",
	"tell.go":         "it notifies the other instances of what was committed, and writes nothing",
	"ready.go":        "it asks whether the database can be written to",
}

// TestEveryWrite_GoesThroughChange reads the sources for a use of the connection for writing anywhere else.
func TestEveryWrite_GoesThroughChange(t *testing.T) {
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "write" {
				seen[name] = true
				if mayWrite[name] == "" {
					t.Errorf("%s uses the connection for writing: write through Store.change", name)
				}
			}
			return true
		})
	}
	for name := range mayWrite {
		if !seen[name] {
			t.Errorf("%s does not use the connection for writing any more", name)
		}
	}
}
