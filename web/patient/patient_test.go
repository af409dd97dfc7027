package patient_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"madoguchi/web"
)

func render(t *testing.T, lang string, page templ.Component) *goquery.Document {
	t.Helper()
	var b bytes.Buffer
	if err := page.Render(web.WithClinic(web.WithPath(web.WithLocale(t.Context(), lang), "/here?area=back"), mihon), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// only returns the one element that a selector finds.
func only(t *testing.T, doc *goquery.Document, selector string) *goquery.Selection {
	t.Helper()
	found := doc.Find(selector)
	if found.Length() != 1 {
		t.Fatalf("%s: found %d, want 1", selector, found.Length())
	}
	return found
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// key is what a text looks like that does not exist, or that was not given what it leaves open.
var key = regexp.MustCompile(`\b(ui|word|patient|error|office)\.[a-z]|<no value>`)

// TestEveryPage checks what holds for all of them, in both languages.
func TestEveryPage(t *testing.T) {
	for name, page := range pages() {
		for _, lang := range web.Languages() {
			t.Run(lang+"/"+name, func(t *testing.T) {
				doc := render(t, lang, page)
				if got, _ := doc.Find("html").Attr("lang"); got != lang {
					t.Errorf("lang is %q", got)
				}
				if n := doc.Find("h1").Length(); n != 1 {
					t.Errorf("%d main headings", n)
				}
				if doc.Find("title").Text() == "" || key.MatchString(doc.Text()) {
					t.Errorf("no title, or a text without words: %q", key.FindString(doc.Text()))
				}
				if got, _ := only(t, doc, "form[action='/language'] [name=back]").Attr("value"); got != "/here?area=back" {
					t.Errorf("the switch of language returns to %q", got)
				}
				checkPolicy(t, doc)
				checkIDs(t, doc)
			})
		}
	}
}

// checkPolicy: nothing on a page needs 'unsafe-inline', and nothing comes from elsewhere.
func checkPolicy(t *testing.T, doc *goquery.Document) {
	t.Helper()
	doc.Find("style, script:not([src]), [style], base, iframe").Each(func(_ int, s *goquery.Selection) {
		t.Errorf("inline or embedded: %s", goquery.NodeName(s))
	})
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Get(0).Attr {
			if elsewhere(s) {
				continue
			}
			if strings.HasPrefix(a.Key, "on") || slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "tel:") {
				t.Errorf("%s=%q", a.Key, a.Val)
			}
		}
	})
}

// elsewhere reports a link to a map or to a calendar, which does not tell from where it was followed.
func elsewhere(s *goquery.Selection) bool {
	to := s.AttrOr("href", "")
	leads := strings.HasPrefix(to, "https://www.google.com/maps/") || strings.HasPrefix(to, "https://calendar.google.com/")
	return goquery.NodeName(s) == "a" && leads && s.AttrOr("rel", "") == "noreferrer" && !strings.Contains(to, "tokentoken")
}

// checkIDs: an id is there once, and whatever refers to one finds it.
func checkIDs(t *testing.T, doc *goquery.Document) {
	t.Helper()
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("id")
		if ids[id] {
			t.Errorf("the id %s stands twice", id)
		}
		ids[id] = true
	})
	for _, attr := range []string{"for", "aria-describedby", "aria-labelledby"} {
		doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			value, _ := s.Attr(attr)
			for id := range strings.FieldsSeq(value) {
				if !ids[id] {
					t.Errorf("%s names %s, which is not there", attr, id)
				}
			}
		})
	}
	doc.Find(".wrongs a").Each(func(_ int, s *goquery.Selection) {
		href, _ := s.Attr("href")
		if !ids[strings.TrimPrefix(href, "#")] {
			t.Errorf("the error summary leads to %s, which is not there", href)
		}
	})
}
