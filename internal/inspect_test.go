package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// TestArchitectureNoticesEveryBreach breaks each rule once, so that a rule cannot quietly stop working.
func TestArchitectureNoticesEveryBreach(t *testing.T) {
	sound := map[string]string{
		"internal/clinic/slot.go":            `package clinic; import "time"; func f(now time.Time) { _ = now }`,
		"internal/clinic/slot_test.go":       `package clinic; import ("testing"; "time"; "pgregory.net/rapid"); var _, _, _ = testing.Short, time.Now, rapid.Check`,
		"internal/store/slot.go":             `package store; import ("gorm.io/gorm"; "madoguchi/internal/clinic")`,
		"internal/server/office/day.go":      `package office; import ("github.com/gin-gonic/gin"; "madoguchi/internal/server/page"; "madoguchi/web/ui")`,
		"internal/store/storetest/db.go":     `package storetest; import ("testing"; "madoguchi/internal/store")`,
		"internal/server/servertest/site.go": `package servertest; import ("testing"; "madoguchi/config"; "madoguchi/internal/server")`,
		"cmd/madoguchi/main.go":              `package main; import ("time"; "madoguchi/config"); var now = time.Now`,
		"web/node_modules/x/utils/x.go":      `package utils`,
		"README.md":                          ``,
		"internal/mail/smtp.go":              `package mail; import "net"; var d net.Dialer`,
	}
	breaches := []struct{ file, source, want string }{
		{"internal/clinic/a.go", `package clinic; import "madoguchi/internal/store"`, "trusted without a database"},
		{"internal/clinic/a.go", `package clinic; import "golang.org/x/text/width"`, "trusted without a database"},
		{"internal/clinic/a.go", `package clinic; import "net/http"`, "reaches out"},
		{"internal/clinic/a.go", "package clinic; type Slot struct { ID string `gorm:\"primaryKey\"` }", "carry no tags"},
		{"internal/intake/a.go", `package intake; import "madoguchi/config"`, "as pure as the rules"},
		{"internal/seal/a.go", `package seal; import "madoguchi/internal/clinic"`, "what seals"},
		{"internal/store/a.go", `package store; import "madoguchi/web"`, "without knowing who asks"},
		{"internal/mail/a.go", `package mail; import "madoguchi/internal/store"`, "from its content alone"},
		{"internal/server/a.go", `package server; import "madoguchi/internal/mail"`, "never sends a letter itself"},
		{"internal/server/patient/a.go", `package patient; import "gorm.io/gorm"`, "how facts are stored"},
		{"internal/worker/a.go", `package worker; import "madoguchi/internal/server"`, "shows no pages"},
		{"internal/worker/a.go", `package worker; import "github.com/wneessen/go-mail"`, "speaks SMTP"},
		{"web/office/a.go", `package office; import "madoguchi/internal/store"`, "fetches nothing"},
		{"config/a.go", `package config; import "madoguchi/web"`, "before anything else"},
		{"migrations/a.go", `package migrations; import "madoguchi/internal/store"`, "schema is data"},
		{"internal/store/a.go", `package store; import "madoguchi/internal/store/storetest"`, "only tests use"},
		{"internal/server/a.go", `package server; import "madoguchi/internal/server/servertest"`, "only tests use"},
		{"internal/store/a.go", `package store; import "testing"`, "for tests"},
		{"internal/store/a.go", `package store; import "math/rand/v2"`, "crypto/rand"},
		{"internal/store/a.go", `package store; import "time"; var now = time.Now`, "clock"},
		{"internal/worker/a.go", `package worker; import clock "time"; func f(t clock.Time) { _ = clock.Since(t) }`, "clock"},
		{"internal/store/a.go", `package store; import "net/http"; var _, _ = http.Get("https://example.jp")`, "speaks to nobody"},
		{"internal/server/a.go", `package server; import out "net/http"; func f() { _ = out.Client{} }`, "speaks to nobody"},
		{"internal/mail/a.go", `package mail; import "net"; var d net.Dialer`, "speaks to nobody"},
		{"internal/worker/a.go", `package worker; import "os/exec"; var c = exec.Command("curl")`, "speaks to nobody"},
		{"web/a.go", `package web; import "crypto/tls"; var c, _ = tls.Dial("tcp", "x", nil)`, "speaks to nobody"},
		{"internal/server/utils/a.go", `package utils`, "says nothing"},
		{"internal/server/slot/a.go", `package common`, "says nothing"},
		{"internal/server/a.go", `package server; type SlotManager struct{}`, "says nothing"},
		{"internal/billing/a.go", `package billing`, "not in the list"},
		{"cmd/madoguchi/a.go", `package main; import "gorm.io/gorm"`, "how facts are stored"},
		{"scripts/a.sh", ``, "at the top"},
		{"internal/clinic/a.go", `package clinic; func {`, "expected"},
	}

	tree := fstest.MapFS{}
	for name, source := range sound {
		tree[name] = &fstest.MapFile{Data: []byte(source)}
	}
	if problems, files := inspect(t, tree); len(problems) > 0 || files != 8 {
		t.Fatalf("a sound tree of 8 files was found to have %d files and these problems: %q", files, problems)
	}
	for _, b := range breaches {
		t.Run(b.file+" "+b.want, func(t *testing.T) {
			tree[b.file] = &fstest.MapFile{Data: []byte(b.source)}
			defer delete(tree, b.file)
			problems, _ := inspect(t, tree)
			if len(problems) != 1 || !strings.Contains(problems[0], b.want) {
				t.Errorf("%s: %s\ngave %q, want one problem about %q", b.file, b.source, problems, b.want)
			}
		})
	}
}

// inspect walks the tree and returns every breach of the rules, and how many Go files it read.
func inspect(t *testing.T, tree fs.FS) (problems []string, files int) {
	t.Helper()
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && name != "."
		if name != "." && !strings.Contains(name, "/") && !hidden && !slices.Contains(topLevel, name) {
			problems = append(problems, name+": at the top stand only "+strings.Join(topLevel, ", "))
		}
		if entry.IsDir() && (hidden || slices.Contains([]string{"node_modules", "dist", "testdata", "bin", "data", "tmp"}, entry.Name())) {
			return fs.SkipDir
		}
		if entry.IsDir() || path.Ext(name) != ".go" {
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		files++
		for _, p := range inspectFile(name, source) {
			problems = append(problems, name+": "+p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return problems, files
}

func inspectFile(name string, source []byte) (problems []string) {
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	dir := path.Dir(name)
	here, found := ruleOf(dir)
	if !found && dir != "internal" {
		problems = append(problems, "this package is not in the list of packages in internal/architecture_test.go")
	}
	if slices.Contains(meaningless, path.Base(dir)) || slices.Contains(meaningless, file.Name.Name) {
		problems = append(problems, "package "+file.Name.Name+" in "+dir+": the name says nothing about a clinic; name it by its noun")
	}
	if !found || strings.HasSuffix(name, "_test.go") {
		return problems
	}

	clock := "" // how this file calls package time
	called := map[string]string{}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return append(problems, err.Error())
		}
		if imported == "time" {
			clock = "time"
			if spec.Name != nil {
				clock = spec.Name.Name
			}
		}
		called[path.Base(imported)] = imported
		if spec.Name != nil {
			called[spec.Name.Name] = imported
		}
		if why := forbidden(here, imported); why != "" {
			problems = append(problems, "must not import "+imported+": "+why)
		}
	}
	if _, may := reachers[name]; !may && !slices.Contains(forTests, here.dir) {
		problems = append(problems, inspectReach(file, called)...)
	}
	return append(problems, inspectCode(here, file, clock)...)
}

// inspectReach finds what speaks to somebody. called is each imported package by what the file calls it.
func inspectReach(file *ast.File, called map[string]string) (problems []string) {
	receivers := map[ast.Node]bool{} // a type that is only pointed to speaks to nobody
	ast.Inspect(file, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok {
			receivers[field.Type] = true
			if star, ok := field.Type.(*ast.StarExpr); ok {
				receivers[star.X] = true
			}
		}
		selector, ok := n.(*ast.SelectorExpr)
		if !ok || receivers[n] {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && slices.Contains(reaches[called[x.Name]], selector.Sel.Name) {
			problems = append(problems, x.Name+"."+selector.Sel.Name+": the program speaks to nobody but whom the files in the list reachers speak to")
		}
		return true
	})
	return problems
}

func inspectCode(here rule, file *ast.File, clock string) (problems []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == clock && slices.Contains(clockReads, n.Sel.Name) && !slices.Contains(clockPackages, here.dir) {
				problems = append(problems, x.Name+"."+n.Sel.Name+": the clock is passed in (now func() time.Time), so that tests and summer time hold no surprise")
			}
		case *ast.TypeSpec:
			for _, s := range suffixes {
				if strings.HasSuffix(n.Name.Name, s) {
					problems = append(problems, "type "+n.Name.Name+": "+s+" says nothing about a clinic; name it by its noun")
				}
			}
		case *ast.Field:
			if n.Tag != nil && here.dir == "internal/clinic" {
				problems = append(problems, "the structs of the rules carry no tags ("+n.Tag.Value+"): how they are stored or sent is not their business")
			}
		}
		return true
	})
	return problems
}

// ruleOf finds the rule of the innermost directory in the list.
func ruleOf(dir string) (rule, bool) {
	var found rule
	for _, r := range rules {
		if within(dir, r.dir) && len(r.dir) > len(found.dir) {
			found = r
		}
	}
	return found, found.dir != ""
}

func within(dir, parent string) bool { return dir == parent || strings.HasPrefix(dir, parent+"/") }

// forbidden returns the reason why code in a package may not import another, or "".
func forbidden(here rule, imported string) string {
	if slices.Contains(forTests, here.dir) {
		return ""
	}
	for _, o := range owners {
		prefix := strings.TrimSuffix(o.library, "/")
		if within(imported, prefix) && !slices.ContainsFunc(o.packages, func(dir string) bool { return within(here.dir, dir) }) {
			return o.why
		}
	}
	if ours, ok := strings.CutPrefix(imported, module); ok {
		there, found := ruleOf(ours)
		switch {
		case !found:
			return "that package is not in the list"
		case slices.Contains(forTests, there.dir):
			return "only tests use " + there.dir
		case there.dir == here.dir || allows(here.packages, there.dir):
			return ""
		}
		return here.why
	}
	first, _, _ := strings.Cut(imported, "/")
	if strings.Contains(first, ".") && !allows(here.libraries, imported) {
		return here.why
	}
	if (here.dir == "internal/clinic" || here.dir == "internal/intake") && slices.Contains(outside, imported) {
		return "a rule that reaches out is no rule: whatever it needs is passed in"
	}
	return ""
}

// allows reports whether a path begins with one of the prefixes.
func allows(prefixes []string, path string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(path, p) })
}
