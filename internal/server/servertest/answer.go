package servertest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Answer is one answer of a site.
type Answer struct {
	Asked  string // method and path, for a failure's message
	Status int
	Header http.Header
	Body   string

	tb   testing.TB
	page *goquery.Document // once it was read
}

// Want ends the test unless the answer has this status.
func (a *Answer) Want(status int) *Answer {
	a.tb.Helper()
	if a.Status != status {
		a.tb.Fatalf("%s answered %d, want %d:\n%.4000s", a.Asked, a.Status, status, a.Body)
	}
	return a
}

// Location is where the answer sends the visitor on to.
func (a *Answer) Location() string { return a.Header.Get("Location") }

// IsPage reports whether the answer is a page to be read.
func (a *Answer) IsPage() bool {
	return strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") && a.Status != http.StatusSeeOther
}

// Page is the page that came.
func (a *Answer) Page() *goquery.Document {
	a.tb.Helper()
	if a.page == nil {
		var err error
		a.page, err = goquery.NewDocumentFromReader(strings.NewReader(a.Body))
		Must(a.tb, err)
	}
	return a.page
}

// Find is what a selector finds on the page.
func (a *Answer) Find(selector string) *goquery.Selection {
	a.tb.Helper()
	return a.Page().Find(selector)
}

// Text is what a selector finds, its pieces of text with one space between them.
func (a *Answer) Text(selector string) string {
	a.tb.Helper()
	return Words(a.Find(selector))
}

// Texts are the texts of each element that a selector finds.
func (a *Answer) Texts(selector string) []string {
	a.tb.Helper()
	return a.Find(selector).Map(func(_ int, s *goquery.Selection) string { return Words(s) })
}

// Words is the text of elements, its pieces with one space between them. A number within a text stays a part of it (ui.Unbroken).
func Words(s *goquery.Selection) string {
	counted := func(n *html.Node) bool {
		return n != nil && n.Type == html.ElementNode && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "class" && a.Val == "counted" })
	}
	goesOn := func(n *html.Node) bool {
		if counted(n.Parent) {
			n = n.Parent
		}
		before := n.PrevSibling
		return before != nil && (counted(n) && before.Type == html.TextNode && !strings.HasSuffix(before.Data, " ") || counted(before))
	}
	var pieces []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			words := strings.Fields(n.Data)
			if last := len(pieces) - 1; last >= 0 && len(words) > 0 && strings.HasPrefix(n.Data, words[0]) && goesOn(n) {
				pieces[last] += words[0]
				words = words[1:]
			}
			pieces = append(pieces, words...)
		}
		for child := range n.ChildNodes() {
			walk(child)
		}
	}
	for _, n := range s.Nodes {
		walk(n)
	}
	return strings.Join(pieces, " ")
}

// WantText checks that what a selector finds says something.
func (a *Answer) WantText(selector, want string) {
	a.tb.Helper()
	if got := a.Text(selector); !strings.Contains(got, want) {
		a.tb.Errorf("%s: %s says %q, want %q in it", a.Asked, selector, got, want)
	}
}

// Form is what a browser would send of the page's form, with some of its fields, names and values in turn, typed in.
func (a *Answer) Form(typed ...string) url.Values {
	a.tb.Helper()
	form := url.Values{}
	a.Find("main form input[name], main form textarea[name]").Each(func(_ int, field *goquery.Selection) {
		name, kind := field.AttrOr("name", ""), field.AttrOr("type", "")
		_, checked := field.Attr("checked")
		switch {
		case kind == "file", (kind == "checkbox" || kind == "radio") && !checked, field.Closest("fieldset[disabled]").Length() > 0:
		case goquery.NodeName(field) == "textarea":
			form.Add(name, field.Text())
		default:
			form.Add(name, field.AttrOr("value", ""))
		}
	})
	for pair := range slices.Chunk(typed, 2) {
		form.Set(pair[0], pair[1])
	}
	return form
}

// Revision is the revision that the page's form was drawn from.
func (a *Answer) Revision() string {
	a.tb.Helper()
	return a.Find("main form [name=seen-revision]").AttrOr("value", "")
}

// WantField checks that a field of a form is marked with an error and still holds what was typed.
func (a *Answer) WantField(name, typed string) {
	a.tb.Helper()
	if a.Find("#"+name+"-error").Length() != 1 {
		a.tb.Errorf("the field %s is not marked", name)
	}
	if value := a.Find("#"+name).AttrOr("value", ""); value != typed {
		a.tb.Errorf("the field %s holds %q, want %q", name, value, typed)
	}
	if a.Find(`#wrongs a[href="#`+name+`"]`).Length() != 1 {
		a.tb.Errorf("the summary does not lead to %s", name)
	}
}

// Problem is what the API answers to a mistake (RFC 9457).
type Problem struct {
	Status int
	Code   string
	Detail string
	Errors []struct{ Location, Message string }
}

// Problem reads the answer as one.
func (a *Answer) Problem() Problem {
	a.tb.Helper()
	if kind := a.Header.Get("Content-Type"); kind != "application/problem+json" {
		a.tb.Fatalf("%s answered with %q:\n%.1000s", a.Asked, kind, a.Body)
	}
	var p Problem
	Must(a.tb, json.Unmarshal([]byte(a.Body), &p))
	if p.Status != a.Status {
		a.tb.Errorf("the problem says %d, the answer %d", p.Status, a.Status)
	}
	return p
}
