package server_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/server/servertest"
)

// TestForms_EnterDoesTheMainAction looks at every form of every page, patients' and staff's: the Enter key, and a phone's Go key,
// press the first submit button of a form (HTML, Implicit submission), so wherever there are fields and several buttons, the first
// one is the main one, or stands for it and sends nothing of its own.
func TestForms_EnterDoesTheMainAction(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	pages := everyPage(t, b)
	maps.Copy(pages, formsThatCameBack(t, b))
	const buttons = "button:not([type=button]):not([type=reset]), input[type=submit], input[type=image]"
	several := map[string]bool{}
	for what, a := range pages {
		if !a.IsPage() {
			continue
		}
		if a.Find("[formmethod], [data-enter][formaction]").Length() > 0 {
			t.Errorf("%s has a button that sends its form in another way", what)
		}
		// Where buttons stand all over a page, their form comes before them and begins with one that the Enter key finds first.
		a.Find("button[form]").Each(func(_ int, button *goquery.Selection) {
			id := button.AttrOr("form", "")
			if a.Find("form#"+id).Find("button[disabled], button[data-enter]").Length() != 1 || strings.Index(a.Body, `id="`+id+`"`) > strings.Index(a.Body, `form="`+id+`"`) {
				t.Errorf("%s has a button that belongs to a form elsewhere, in which the Enter key presses something", what)
			}
		})
		a.Find("form").Each(func(_ int, form *goquery.Selection) {
			// A button elsewhere on the page may belong to the form by its id.
			elsewhere := a.Find("[form='" + form.AttrOr("id", "none") + "']")
			fields, all := form.Find("input:not([type=hidden]), select"), form.Find(buttons).AddSelection(elsewhere.Filter(buttons))
			if fields.Length() == 0 || all.Length() < 2 {
				return
			}
			several[what] = true
			first := all.First()
			_, enter := first.Attr("data-enter")
			_, main := first.Attr("data-main")
			_, named := first.Attr("name")
			if !enter && !main || named {
				html, err := goquery.OuterHtml(first)
				servertest.Must(t, err)
				t.Errorf("%s: the Enter key presses %s", what, html)
			}
			if enter && all.Filter("[data-main]").Length() != 1 {
				t.Errorf("%s: the form has no main button, or several", what)
			}
		})
	}
	// Where there are several buttons; on pages without them, this test would have shown nothing.
	for _, what := range []string{"lost", "asked", "section goal"} {
		if !several[what] {
			t.Errorf("%s has no form with several buttons", what)
		}
	}
}

// formsThatCameBack are the forms of patients in every state in which they ask for something else than to be sent.
func formsThatCameBack(t *testing.T, b *servertest.Booked) map[string]*servertest.Answer {
	t.Helper()
	wrong := servertest.BookingForm(b.Slots[6].ID)
	wrong.Del("phone")
	lost := servertest.BookingForm(b.Slots[0].ID)
	lost.Set("key", "of somebody else")
	changed := servertest.BookingForm(b.Slots[0].ID)
	changed.Set("change_slot", b.Slots[7].ID)
	return map[string]*servertest.Answer{
		"wrong":   b.Visitor(t).PostForm("/book", wrong).Want(http.StatusUnprocessableEntity),
		"lost":    b.Visitor(t).PostForm("/book", lost).Want(http.StatusConflict),
		"asked":   b.Visitor(t).PostForm("/book", servertest.BookingForm(b.Slots[6].ID)).Want(http.StatusConflict),
		"changed": b.Visitor(t).PostForm("/book", changed).Want(http.StatusOK),
		"gone":    b.Visitor(t).Get("/book?slot=" + b.Slots[0].ID).Want(http.StatusConflict),
	}
}
