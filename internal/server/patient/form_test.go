package patient_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/web"
)

// checkMarked: the summary has one line that leads to the field, the field says the sentence, and is invalid for a screen
// reader; no other field is.
func checkMarked(t *testing.T, doc *goquery.Document, lang string, m servertest.Mistake) {
	t.Helper()
	sentence := web.Find(lang).Sentence(&clinic.Error{Message: m.Message, Args: m.Args})
	lines := doc.Find(".wrongs li")
	if lines.Length() != 1 || lines.Find("a[href='#"+m.Field+"']").Length() != 1 || !strings.Contains(lines.Text(), sentence) {
		t.Errorf("the summary says %q, want %q at #%s", text(lines), sentence, m.Field)
	}
	if doc.Find("#"+m.Field).Length() != 1 {
		t.Error("the summary leads nowhere")
	}
	shown := doc.Find(".error")
	if shown.Length() != 1 || shown.AttrOr("id", "") != m.Field+"-error" || !strings.Contains(text(shown), sentence) {
		t.Errorf("marked is %q: %q, want %q", shown.AttrOr("id", ""), text(shown), sentence)
	}
	if shown.Closest("[hidden]").Length() > 0 {
		t.Error("the field is hidden")
	}
	box := shown.Closest(".wrong")
	invalid := doc.Find("[aria-invalid=true]")
	if invalid.Length() == 0 {
		t.Error("nothing is invalid for a screen reader")
	}
	invalid.Each(func(_ int, s *goquery.Selection) {
		if s.Closest(".wrong").Get(0) != box.Get(0) {
			t.Errorf("%s is invalid as well", s.AttrOr("id", "?"))
		}
	})
	if doc.Find("[aria-describedby~='"+m.Field+"-error']").Length() == 0 {
		t.Error("the sentence is not tied to the control")
	}
	if title := doc.Find("title").Text(); !strings.HasPrefix(title, web.Find(lang).T("ui.wrong.title")) {
		t.Errorf("the title is %q", title)
	}
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// checkKept: what was typed is still there, the wrong as well as the good. Of an option that does not exist nothing can be.
func checkKept(t *testing.T, doc *goquery.Document, form url.Values) {
	t.Helper()
	for name, values := range form {
		controls := doc.Find("form [name='" + name + "']").Not("form[action='/language'] *")
		first := controls.First()
		switch kind := first.AttrOr("type", goquery.NodeName(first)); kind {
		case "radio", "checkbox":
			var got, want []string
			controls.Filter("[checked]").Each(func(_ int, s *goquery.Selection) { got = append(got, s.AttrOr("value", "")) })
			for _, v := range values {
				if controls.Filter("[value='"+v+"']").Length() > 0 {
					want = append(want, v)
				}
			}
			if slices.Sort(got); kind == "radio" && len(want) > 1 { // not to be chosen by a person
				continue
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: chosen is %v, want %v", name, got, want)
			}
		case "textarea":
			if got := first.Text(); asShown(got) != asShown(values[0]) {
				t.Errorf("%s holds %.80q, want %.80q", name, got, values[0])
			}
		default:
			typed := append(values, "")[0]
			if got, _ := first.Attr("value"); asShown(got) != asShown(typed) {
				t.Errorf("%s holds %.80q, want %.80q", name, got, typed)
			}
		}
	}
}

// asShown is a text as a page can hold it: NUL cannot be written in HTML, and line ends are one character.
func asShown(s string) string {
	return strings.NewReplacer("\x00", "\ufffd", "\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
}
