package server_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
)

// anID is what a section or a question can be called.
var anID = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

// The pages of the questionnaire and the forms that hold its questions use names of their own. Each that could be an id is
// refused as one, and none is refused in vain.
func TestReservedIDs_AreTheNamesInUse(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	sections := map[string]bool{}
	for _, r := range server.Routes() {
		if name, ok := strings.CutPrefix(r.Path, "/intake/:token/"); ok {
			name, _, _ = strings.Cut(name, "/")
			sections[name] = true
		}
	}
	compareReserved(t, "section", intake.ReservedSections, sections)

	questions := namesOnForms(t, b)
	maps.Copy(questions, namesThatHandlersRead(t))
	maps.Copy(questions, propertiesOfForms(t))
	compareReserved(t, "question", intake.ReservedQuestions, questions)
}

func compareReserved(t *testing.T, what string, reserved []string, used map[string]bool) {
	t.Helper()
	for name := range used {
		if anID.MatchString(name) && !slices.Contains(reserved, name) {
			t.Errorf("a %s could be called %q, which is in use here: take a name with a hyphen instead", what, name)
		}
	}
	for _, name := range reserved {
		if !used[name] {
			t.Errorf("no %s may be called %q, which nothing uses", what, name)
		}
	}
}

// namesOnForms are the names and ids on the pages that hold questions, in good order and not, but for the questions.
func namesOnForms(t *testing.T, b *servertest.Booked) map[string]bool {
	t.Helper()
	from := "&area=back&article=a&campaign=c"
	b.Patient.Post("/hold", "slot", b.Slots[5].ID)
	taken := servertest.BookingForm(b.Slots[0].ID)
	taken.Set("key", "of another form")
	pages := []*servertest.Answer{
		b.Patient.Get("/book?slot=" + b.Slots[5].ID + from),
		b.Patient.Post("/book", "slot", b.Slots[5].ID),
		b.Visitor(t).PostForm("/book", taken),
		b.Visitor(t).PostForm("/book", servertest.BookingForm(b.Slots[6].ID)), // asks about the booking that there is
		b.Patient.PostForm("/book", servertest.BookingForm(clinic.NewID())),
	}
	for _, s := range b.Questions.Intake {
		path := "/intake/" + b.Token + "/" + s.ID
		pages = append(pages, b.Patient.Get(path), b.Patient.Post(path), b.Patient.Post(path, "asked", "x"))
	}
	out := map[string]bool{}
	for _, p := range pages {
		if p.Find(`form[data-questions]`).Length() != 1 {
			t.Fatalf("%s holds no questions", p.Asked)
		}
		for _, attribute := range []string{"name", "id"} {
			for _, node := range p.Find("body [" + attribute + "]").Nodes {
				for _, a := range node.Attr {
					if a.Key == attribute {
						out[a.Val] = true
					}
				}
			}
		}
	}
	for _, s := range append([]intake.Section{b.Questions.Booking}, b.Questions.Intake...) {
		for _, q := range s.Questions {
			delete(out, q.ID)
		}
	}
	return out
}

// namesThatHandlersRead are the names that the patients' handlers take from what was sent: sent.Get("slot"), sent["asked"].
func namesThatHandlersRead(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	files := 0
	servertest.Must(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasPrefix(path, "office") || strings.HasPrefix(path, "api") || strings.HasPrefix(path, "servertest") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		files++
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Get", "PostForm", "PostFormValue", "FormValue"}, f.Sel.Name) && len(n.Args) == 1 {
					addText(out, n.Args[0])
				}
			case *ast.IndexExpr:
				addText(out, n.Index)
			}
			return true
		})
		return nil
	}))
	if files < 15 {
		t.Fatalf("only %d files were read", files)
	}
	return out
}

func addText(out map[string]bool, e ast.Expr) {
	if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
		if name, err := strconv.Unquote(literal.Value); err == nil {
			out[name] = true
		}
	}
}

// propertiesOfForms are what the scripts read of a form. A field of that name would stand in its place.
func propertiesOfForms(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	scripts, err := filepath.Glob("../../web/browser/*.ts")
	servertest.Must(t, err)
	for _, path := range scripts {
		text, err := os.ReadFile(path)
		servertest.Must(t, err)
		for _, found := range regexp.MustCompile(`\bform\.(\w+)`).FindAllSubmatch(text, -1) {
			out[string(found[1])] = true
		}
	}
	if len(out) == 0 {
		t.Fatal("the scripts read no property of a form")
	}
	return out
}
