package patient_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/web"
	"madoguchi/web/patient"
)

func TestBookingPageKeepsWhatWasTyped(t *testing.T) {
	view := wrongBooking()
	doc := render(t, "ja", patient.BookingPage(view))
	for name, want := range map[string]string{
		"family_name": "試験", "given_name": "花子", "family_kana": "試験", "given_kana": "はなこ", "birth_year": "平成21", "birth_month": "2", "birth_day": "30",
		"phone": "090-0000", "email": "hanako@例示.jp", "slot": "s-2414", "key": "k-1",
	} {
		if got, _ := only(t, doc, "form[action='/book'] input[name="+name+"]").Attr("value"); got != want {
			t.Errorf("%s holds %q", name, got)
		}
	}
	var ticked []string
	doc.Find("form[action='/book'] input[checked]").Each(func(_ int, s *goquery.Selection) {
		name, _ := s.Attr("name")
		value, _ := s.Attr("value")
		ticked = append(ticked, name+"="+value)
	})
	if want := []string{"sex=f", "areas=back", "areas=thigh_b"}; !slices.Equal(ticked, want) {
		t.Errorf("ticked are %v", ticked)
	}
	if n := doc.Find(".wrongs li").Length(); n != len(view.Errors) {
		t.Errorf("%d lines for %d errors", n, len(view.Errors))
	}
	for _, e := range view.Errors {
		sentence := only(t, doc, "#"+e.Field+"-error")
		if want := "エラー：" + web.Find("ja").Sentence(e); text(sentence) != want {
			t.Errorf("%s: %q", e.Field, text(sentence))
		}
		if doc.Find("#"+e.Field+"[aria-invalid=true], [role=radiogroup][aria-invalid=true] #"+e.Field).Length() != 1 {
			t.Errorf("%s is not marked as wrong", e.Field)
		}
	}
	if !strings.HasPrefix(doc.Find("title").Text(), "エラー：") {
		t.Error("the title does not say that there are errors")
	}
	if _, fresh := only(t, doc, "form[action='/book']").Attr("data-fresh"); fresh {
		t.Error("the browser would overwrite what was typed")
	}
}

func TestBookingPageMarksWhatMustBeFilledIn(t *testing.T) {
	doc := render(t, "ja", patient.BookingPage(booking()))
	for label, want := range map[string]string{"family_name": "姓※必須", "request": "ご質問・ご要望任意"} {
		if got := text(only(t, doc, "label[for="+label+"]")); got != want {
			t.Errorf("%q", got)
		}
	}
	if doc.Find("#c_ads[checked]").Length() != 0 {
		t.Error("the consent to news is ticked beforehand")
	}
	if got := text(doc.Find("[data-left]")); got != "10:09まで" {
		t.Errorf("the time left reads %q", got)
	}
	for name, complete := range map[string]string{"family_name": "family-name", "birth_year": "bday-year", "phone": "tel", "email": "email"} {
		if got, _ := doc.Find("[name=" + name + "]").Attr("autocomplete"); got != complete {
			t.Errorf("%s: autocomplete %q", name, got)
		}
	}
	guardian := doc.Find("fieldset[data-show-if]:has([name=guardian])")
	if _, hidden := guardian.Attr("hidden"); !hidden {
		t.Error("the guardian is asked of everybody")
	}
	if _, disabled := guardian.Attr("disabled"); !disabled {
		t.Error("a hidden question would be sent")
	}
	var rule [][]string
	if condition, _ := guardian.Attr("data-show-if"); json.Unmarshal([]byte(condition), &rule) != nil || !slices.Equal(rule[0], []string{"age", "<", "18"}) {
		t.Errorf("the condition reads %q", condition)
	}
	if asked, _ := doc.Find("fieldset:has(#visited) > [name=asked]").Attr("value"); asked != "visited" {
		t.Errorf("asked is %q", asked)
	}
}

func TestBookingPageOffersOtherTimes(t *testing.T) {
	for name, want := range map[string]int{"booking-expired": 0, "booking-lost": 3} {
		doc := render(t, "ja", pages()[name])
		offers := doc.Find("form[action='/book'] button[name=change_slot][formnovalidate]")
		if offers.Length() != want || doc.Find("[data-left]").Length() != 0 || doc.Find("[data-unheld]").Length() != 1-min(want, 1) {
			t.Errorf("%s: %d offers, %d countdowns", name, offers.Length(), doc.Find("[data-left]").Length())
		}
		if got, _ := doc.Find("[name=family_name]").Attr("value"); got != "試験" {
			t.Errorf("%s: what was typed is lost: %q", name, got)
		}
	}
	if got := text(render(t, "ja", pages()["booking-lost"]).Find(".notice:not([data-draft-offer])").First()); !strings.Contains(got, "ほかの方のご予約が先に入りました") {
		t.Errorf("why the time is gone: %q", got)
	}
}

func TestNothingTypedBecomesMarkup(t *testing.T) {
	const mark = `"><script>alert(1)</script><b id=mark>`
	b := booking()
	b.Input = clinic.PatientInput{FamilyName: mark, GivenName: mark, BirthYear: mark, Sex: mark, Phone: mark, Email: mark}
	b.Attribution.Attribution = clinic.Attribution{Area: mark, Article: mark}
	for i := range b.Questions {
		b.Questions[i].Values = []string{mark}
	}
	doc := render(t, "ja", patient.BookingPage(b))
	if doc.Find("#mark, script:not([src])").Length() != 0 {
		t.Error("typed text became markup")
	}
	if got, _ := doc.Find("[name=family_name]").Attr("value"); got != mark {
		t.Errorf("typed text was changed: %q", got)
	}
	if got := doc.Find("textarea[name=request]").Text(); got != mark {
		t.Errorf("typed text was changed: %q", got)
	}
}
