package patient_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
	"madoguchi/web/patient"
)

func render(t *testing.T, lang string, page templ.Component) *goquery.Document {
	t.Helper()
	var b bytes.Buffer
	if err := page.Render(web.WithPath(web.WithLocale(t.Context(), lang), "/here?area=back"), &b); err != nil {
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

// key is what an unresolved text looks like.
var key = regexp.MustCompile(`\b(ui|patient|error|office)\.[a-z]`)

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
			if strings.HasPrefix(a.Key, "on") || slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "tel:") {
				t.Errorf("%s=%q", a.Key, a.Val)
			}
		}
	})
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

func TestTrailGoesThroughEverything(t *testing.T) {
	all := pages()
	for _, name := range []string{"home", "slots", "slots-taken", "book", "book-expired", "problem-409"} {
		doc := render(t, "ja", all[name])
		doc.Find("main form").Each(func(_ int, s *goquery.Selection) {
			for field, want := range map[string]string{"area": "back", "article": "000", "campaign": "opening"} {
				if got, _ := s.Find("[name=" + field + "]").Attr("value"); got != want {
					t.Errorf("%s: a form has %s=%q", name, field, got)
				}
			}
		})
		doc.Find("main a[href*='/slots']").Each(func(_ int, s *goquery.Selection) {
			if href, _ := s.Attr("href"); !strings.Contains(href, "area=back&article=000") || !strings.Contains(href, "campaign=opening") {
				t.Errorf("%s: a link forgets where the visitor came from: %s", name, href)
			}
		})
	}
	if got := text(render(t, "ja", all["home"]).Find("main p").First()); got != "背中 のご相談として承ります。" {
		t.Errorf("the first page says %q", got)
	}
}

func TestSlotsPage(t *testing.T) {
	view := slots()
	doc := render(t, "ja", patient.SlotsPage(view))
	form := only(t, doc, "form[action='/hold'][method=post]")
	offered := map[string]string{}
	for _, row := range view.Week.Rows {
		for _, cell := range row.Cells {
			if cell.SlotID != "" {
				offered[cell.SlotID] = map[clinic.Mark]string{clinic.MarkFree: "○", clinic.MarkFew: "△"}[cell.Mark]
			}
		}
	}
	shown := map[string]string{}
	form.Find(".week button[name=slot]").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("value")
		shown[id] = text(s)
	})
	if len(offered) == 0 || !maps.Equal(offered, shown) {
		t.Errorf("offered %v, shown %v", offered, shown)
	}
	if got, _ := form.Find(".week button[data-mark=few]").First().Attr("aria-label"); got != "11月25日（水） 10:00 残りわずか" {
		t.Errorf("a screen reader says %q", got)
	}
	if got := text(form.Find(".week thead th").Eq(1)); got != "月 ・祝 23 勤労感謝の日" {
		t.Errorf("the holiday reads %q", got)
	}
	if n := form.Find("button.time[name=slot]").Length(); n != len(view.Next) {
		t.Errorf("%d next times", n)
	}
	if n := form.Find(".week td .sr-only").Length(); n == 0 {
		t.Error("a full cell has no words")
	}
	for field, want := range map[string]string{"branch": "chuo", "doctor": "", "sex": "", "week": "2026-11-23"} {
		if got, ok := form.Find("[name=" + field + "]").Attr("value"); !ok || got != want {
			t.Errorf("%s is %q", field, got)
		}
	}
	if doc.Find(".week-link[href]").Length() != 1 {
		t.Error("there is no week before this one, and one after")
	}
}

func TestBookPageKeepsWhatWasTyped(t *testing.T) {
	view := wrongBook()
	doc := render(t, "ja", patient.BookPage(view))
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

func TestBookPageMarksWhatMustBeFilledIn(t *testing.T) {
	doc := render(t, "ja", patient.BookPage(book()))
	for label, want := range map[string]string{"family_name": "姓※必須", "request": "ご質問・ご要望任意"} {
		if got := text(only(t, doc, "label[for="+label+"]")); got != want {
			t.Errorf("%q", got)
		}
	}
	if doc.Find("#c_ads[checked]").Length() != 0 {
		t.Error("the consent to news is ticked beforehand")
	}
	if got := text(doc.Find("[data-left]")); got != "あと10分" {
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

func TestBookPageOffersOtherTimes(t *testing.T) {
	for _, name := range []string{"book-expired", "book-lost"} {
		doc := render(t, "ja", pages()[name])
		offers := doc.Find("form[action='/book'] button[name=change_slot][formnovalidate]")
		if offers.Length() != 3 || doc.Find("[data-left]").Length() != 0 {
			t.Errorf("%s: %d offers, %d countdowns", name, offers.Length(), doc.Find("[data-left]").Length())
		}
		if got, _ := doc.Find("[name=family_name]").Attr("value"); got != "試験" {
			t.Errorf("%s: what was typed is lost: %q", name, got)
		}
	}
	if got := text(render(t, "ja", pages()["book-lost"]).Find(".notice").First()); !strings.Contains(got, "ほかの方のご予約が先に入りました") {
		t.Errorf("why the time is gone: %q", got)
	}
}

func TestNothingTypedBecomesMarkup(t *testing.T) {
	const mark = `"><script>alert(1)</script><b id=mark>`
	b := book()
	b.Input = clinic.PatientInput{FamilyName: mark, GivenName: mark, BirthYear: mark, Sex: mark, Phone: mark, Email: mark}
	b.Attribution.Attribution = clinic.Attribution{Area: mark, Article: mark}
	for i := range b.Questions {
		b.Questions[i].Values = []string{mark}
	}
	doc := render(t, "ja", patient.BookPage(b))
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

func TestBookedPage(t *testing.T) {
	doc := render(t, "ja", patient.BookedPage(booked()))
	main := text(doc.Find("main"))
	for _, want := range []string{"M7K-4Q2P", "2026年11月24日（火）14:00〜15:00", "見本クリニック 中央院", "東京都架空区中央1-2-3", "見本 花 医師", "ha***@example.jp", "3〜5分"} {
		if !strings.Contains(main, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if html, err := doc.Html(); err != nil || strings.Contains(html, "hanako@") {
		t.Error("the page has the whole address", err)
	}
	if doc.Find("a[download][href='/booking/tokentokentokentokentoken/calendar.ics']").Length() != 1 || doc.Find("a.button[href='/intake/tokentokentokentokentoken']").Length() != 1 {
		t.Error("the calendar file or the questionnaire is not linked")
	}
	if doc.Find("meta[name=robots][content=noindex]").Length() != 1 {
		t.Error("search engines may list a patient's page")
	}
}

func TestSectionPage(t *testing.T) {
	doc := render(t, "ja", patient.SectionPage(posture()))
	if doc.Find("form[action='/intake/tokentokentokentokentoken/posture'][method=post]").Length() != 1 {
		t.Error("the form goes elsewhere")
	}
	if got := text(doc.Find("main .num").First()); !strings.Contains(got, "2 / 8") {
		t.Errorf("progress reads %q", got)
	}
	if n := doc.Find("[role=radiogroup] input[name=pain_lv]").Length(); n != 11 {
		t.Errorf("the scale has %d steps", n)
	}
	if got, _ := doc.Find("[name=pain_lv][checked]").Attr("value"); got != "4" {
		t.Errorf("the scale stands at %q", got)
	}
	if doc.Find("[data-exclusive] [name=posture][value=none][data-alone]").Length() != 1 || doc.Find("[name=posture][value=hunch][data-alone]").Length() != 0 {
		t.Error("only なし stands alone")
	}
	if doc.Find("button[name=next][value=later]").Length() != 1 || doc.Find("a[href='/intake/tokentokentokentokentoken/goal']").Length() != 1 {
		t.Error("no way to finish later, or back")
	}
	medical := render(t, "ja", patient.SectionPage(medical()))
	if !strings.Contains(text(medical.Find("main")), "このページの回答は、医師だけが拝見します。") {
		t.Error("the medical section does not say who reads it")
	}
}

func TestReviewPage(t *testing.T) {
	doc := render(t, "ja", patient.ReviewPage(review(2)))
	if got := text(doc.Find("dd").Eq(1)); got != "猫背、巻き肩" {
		t.Errorf("an answer reads %q", got)
	}
	if href, _ := doc.Find("a.button").First().Attr("href"); href != "/intake/tokentokentokentokentoken/c" {
		t.Errorf("going on leads to %q", href)
	}
	if doc.Find("a[href$='/done']").Length() != 0 || render(t, "ja", patient.ReviewPage(review(8))).Find("a[href$='/done']").Length() != 1 {
		t.Error("the end is offered when nothing remains, and only then")
	}
}

func TestProblemPage(t *testing.T) {
	for status, want := range map[int]string{404: "ページが見つかりません", 405: "ページが見つかりません", 410: "このリンクの期限が過ぎました", 500: "申し訳ありません。問題が起きました", 599: "申し訳ありません。問題が起きました"} {
		if got := text(render(t, "ja", patient.ProblemPage(patient.Problem{Status: status})).Find("h1")); got != want {
			t.Errorf("%d: %q", status, got)
		}
	}
	if got := text(render(t, "en", pages()["problem-500"]).Find("main")); !strings.Contains(got, "5kq2vhz3") {
		t.Error("the request number is missing")
	}
	if render(t, "ja", pages()["problem-409"]).Find("form[action='/hold'] button[name=slot]").Length() != 3 {
		t.Error("no other times are offered")
	}
}

// TestTermsHaveTheirVersion: a consent is stored with the version of its text, so a change of the text needs a new one.
func TestTermsHaveTheirVersion(t *testing.T) {
	const version, digest = "2026-11", "87209e3cce00326c"
	sum := sha256.New()
	for _, lang := range web.Languages() {
		content, err := os.ReadFile("../locales/" + lang + ".patient.json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(content, &texts); err != nil {
			t.Fatal(err)
		}
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			if strings.HasPrefix(key, "patient.privacy.") {
				sum.Write([]byte(texts[key] + "\n"))
			}
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil)[:8]); patient.TermsVersion != version || got != digest {
		t.Errorf("version %s has the texts %s; this test knows version %s with %s. Give changed texts a new TermsVersion, then write both here.", patient.TermsVersion, got, version, digest)
	}
}

// TestNumbersKeepTheirUnit also shows that a wrong number stays in its field.
func TestNumbersKeepTheirUnit(t *testing.T) {
	doc := render(t, "ja", patient.SectionPage(goal()))
	height := only(t, doc, "#height")
	if value, _ := height.Attr("value"); value != "9999" || text(height.Parent()) != "cm" {
		t.Errorf("%q %q", value, text(height.Parent()))
	}
	if got := text(doc.Find("#height-error")); got != "エラー：100から250cmまでの数字で入力してください。" {
		t.Errorf("%q", got)
	}
	if kind := goal().Questions[0].Kind; kind != intake.Number {
		t.Fatal(kind)
	}
}
