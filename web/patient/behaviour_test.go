package patient_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
)

// typing fills fields in as a person does: the value, then the event.
const typing = `const type = (name, value) => { const f = document.querySelector("[name=" + name + "]"); f.value = value; f.dispatchEvent(new Event("input", {bubbles: true})); };`

// sent is what the form would send, as name=value.
const sent = `[...new FormData(document.querySelector("form[data-questions]"))].map(([n, v]) => n + "=" + v)`

func TestQuestionsFollowTheAnswers(t *testing.T) {
	site := siteOf(t, mihon)
	v := browsertest.Visit(t, site.URL, browsertest.Desktop)
	v.Open("/page/ja/intake-posture")
	if got := browsertest.Read[[]string](v, sent); !slices.Contains(got, "asked=pain_lv") || !slices.Contains(got, "pain_lv=4") {
		t.Errorf("with a pain named, its strength is asked: %v", got)
	}
	got := browsertest.Read[[]string](v, `document.querySelector("[name=pain][value=none]").click(); `+sent)
	if !slices.Contains(got, "pain=none") || slices.Contains(got, "pain=back") {
		t.Errorf("none stands alone: %v", got)
	}
	if strings.Contains(strings.Join(got, " "), "pain_lv") || !browsertest.Read[bool](v, `document.querySelector("[name=pain_lv]").closest("fieldset[data-show-if]").hidden`) {
		t.Errorf("without a pain, nothing of it is sent or shown: %v", got)
	}
	got = browsertest.Read[[]string](v, `document.querySelector("[name=pain][value=knee]").click(); `+sent)
	if slices.Contains(got, "pain=none") || !slices.Contains(got, "pain_lv=4") {
		t.Errorf("another answer unticks none and brings the rest back as it was: %v", got)
	}
}

func TestBirthDateTellsEraAndAge(t *testing.T) {
	site := siteOf(t, mihon)
	v := browsertest.Visit(t, site.URL, browsertest.Desktop)
	v.Open("/page/ja/booking")
	guardian := `!document.querySelector("[name=guardian]").closest("fieldset[data-show-if]").hidden`
	if browsertest.Read[bool](v, guardian) {
		t.Error("the guardian is asked before a birth date is there")
	}
	// The counseling is on 2026-11-24: that day's birthday makes an adult.
	for birth, want := range map[string]struct {
		era   string
		minor bool
	}{
		`"2008", "11", "25"`: {"（平成20年）", true},
		`"２００８", "１１", "24"`: {"（平成20年）", false},
		`"平成1", "1", "8"`:    {"（平成元年）", false},
		`"1989", "", ""`:     {"（昭和64年／平成元年）", false},
	} {
		got := browsertest.Read[string](v, `(() => { `+typing+` [`+birth+`].forEach((v, i) => type(["birth_year", "birth_month", "birth_day"][i], v)); return document.querySelector("[data-era]").textContent.trim(); })()`)
		if minor := browsertest.Read[bool](v, guardian); got != want.era || minor != want.minor {
			t.Errorf("%s: era %q, guardian asked %v", birth, got, minor)
		}
	}
}

// The era can be chosen where only digits can be typed, and the address that may have been meant is taken with one touch.
func TestEraAndLikelyAddressAreATouchAway(t *testing.T) {
	site := siteOf(t, mihon)
	v := browsertest.Visit(t, site.URL, browsertest.Phone)
	v.Open("/page/ja/booking-likely")
	era := `document.querySelector("[data-era]").textContent.trim()`
	if got := browsertest.Read[string](v, era); got != "（平成2年）" && !strings.HasPrefix(got, "（平成2年") {
		t.Errorf("the era that was chosen reads %q", got)
	}
	choose := `(() => { ` + typing + ` const era = document.querySelector("[name=birth-era]"); era.value = "昭和"; era.dispatchEvent(new Event("input", {bubbles: true})); ["60", "3", "4"].forEach((v, i) => type(["birth_year", "birth_month", "birth_day"][i], v)); return ` + era + `; })()`
	if got := browsertest.Read[string](v, choose); got != "（昭和60年）" {
		t.Errorf("60 in Showa reads %q", got)
	}
	take := `(() => { const b = document.querySelector("[data-take]"); const shown = !b.hidden; b.click(); return [String(shown), String(b.hidden), document.querySelector("#email").value, document.activeElement.id, sessionStorage.getItem("draft:book")]; })()`
	got := browsertest.Read[[]string](v, take)
	if !slices.Equal(got[:4], []string{"true", "true", "hanako@gmail.com", "email"}) || !strings.Contains(got[4], "hanako@gmail.com") {
		t.Errorf("the address was not taken: %q", got)
	}
}

func TestWhatIsTypedSurvives(t *testing.T) {
	site := siteOf(t, mihon)
	v := browsertest.Visit(t, site.URL, browsertest.Desktop)
	fill := `(() => { ` + typing + ` type("family_name", "試験"); type("request", "夜は電話に出られません"); document.querySelector("[name=contact][value=tel]").click(); return true; })()`
	held := `[document.querySelector("[name=family_name]").value, document.querySelector("[name=request]").value, String(document.querySelector("[name=contact][value=tel]").checked)]`
	want := []string{"試験", "夜は電話に出られません", "true"}
	const offered = "[data-draft-offer]:not([hidden])"

	v.Open("/page/ja/booking")
	browsertest.Read[bool](v, fill)
	for _, elsewhere := range []string{"/page/ja/booking", "/page/ja/privacy", "/page/ja/problem-500"} {
		v.Open(elsewhere)
		v.Open("/page/en/booking")
		if got := browsertest.Read[[]string](v, held); slices.Equal(got, want) || !v.Sees(offered) {
			t.Errorf("after %s: put back unasked, or not offered: %v", elsewhere, got)
		}
		v.Click("[data-draft-use]")
		if got := browsertest.Read[[]string](v, held); !slices.Equal(got, want) {
			t.Errorf("after %s and another language: %v", elsewhere, got)
		}
	}
	if kept := browsertest.Read[string](v, `sessionStorage.getItem("draft:book")`); strings.Contains(kept, "k-1") || strings.Contains(kept, "s-2414") {
		t.Errorf("the idempotency key or the slot must come from the server: %s", kept)
	}
	// Typing goes on before the offer is answered: what was typed earlier is still offered, and used it leaves the newer alone.
	const mail = `document.querySelector("[name=email]")`
	v.Open("/page/ja/booking")
	browsertest.Read[bool](v, `(() => { `+mail+`.value = "later@example.jp"; `+mail+`.dispatchEvent(new Event("input", {bubbles: true})); return true; })()`)
	v.Open("/page/ja/booking")
	if !v.Sees(offered) {
		t.Error("the first sign that was typed ended the offer")
	}
	browsertest.Read[bool](v, `(() => { `+mail+`.value = "latest@example.jp"; `+mail+`.dispatchEvent(new Event("input", {bubbles: true})); return true; })()`)
	v.Click("[data-draft-use]")
	if got := browsertest.Read[[]string](v, held); !slices.Equal(got, want) {
		t.Errorf("what was typed before the offer: %v", got)
	}
	if got := browsertest.Read[string](v, mail+`.value`); got != "latest@example.jp" {
		t.Errorf("what was typed after the offer: %q", got)
	}

	v.Open("/page/ja/booking-wrong")
	if got := browsertest.Read[string](v, `document.querySelector("[name=given_name]").value + document.querySelector("[name=phone]").value`); got != "花子090-0000" {
		t.Errorf("what the server sent back was overwritten: %q", got)
	}

	// Sent, and answered by a problem: kept. Sent, and answered by the confirmation: forgotten.
	for _, step := range []struct {
		answer string
		kept   bool
	}{{"problem-500", true}, {"mybooking", false}} {
		v.Open("/page/ja/booking")
		browsertest.Read[bool](v, `document.querySelector("form[data-draft]").dispatchEvent(new Event("submit", {bubbles: true, cancelable: true}))`)
		v.Open("/page/ja/" + step.answer)
		if kept := browsertest.Read[bool](v, `sessionStorage.getItem("draft:book") !== null`); kept != step.kept {
			t.Errorf("after %s the draft is kept: %v", step.answer, kept)
		}
	}
}

// A draft is offered for an hour, brings along the revision it was typed on, and goes with the booking.
func TestDrafts(t *testing.T) {
	site := siteOf(t, mihon)
	v := browsertest.Visit(t, site.URL, browsertest.Phone)
	const (
		offered  = "[data-draft-offer]:not([hidden])"
		name     = "draft:/intake/tokentokentokentokentoken/posture"
		page     = "/page/ja/intake-posture"
		revision = `document.querySelector("[name=seen-revision]").value`
		sitting  = `document.querySelector("[name=sit_h]:checked").value`
	)
	// leave puts a draft into the browser, as typed some minutes ago on a page of revision 7.
	leave := func(minutes int) {
		browsertest.Read[bool](v, fmt.Sprintf(`(() => { sessionStorage.setItem(%q, JSON.stringify({at: Date.now() - %d * 60000, revision: "7", values: {sit_h: ["h3"]}})); return true; })()`, name, minutes))
	}
	kept := func() bool {
		return browsertest.Read[bool](v, fmt.Sprintf(`sessionStorage.getItem(%q) !== null`, name))
	}

	v.Open(page)
	if v.Sees(offered) {
		t.Error("a draft is offered that there is not")
	}
	leave(59)
	v.Open(page)
	if got := browsertest.Read[string](v, sitting+" + "+revision); !v.Sees(offered) || got != "h9p0" {
		t.Errorf("the draft is not offered, or lies over what is stored: %s", got)
	}
	v.Look("draft")
	v.Click("[data-draft-use]")
	if got := browsertest.Read[string](v, sitting+" + "+revision); v.Sees(offered) || got != "h37" {
		t.Errorf("the draft was used, and the form says %s", got)
	}

	leave(1)
	v.Open(page)
	v.Click("[data-draft-drop]")
	if got := browsertest.Read[string](v, sitting); v.Sees(offered) || kept() || got != "h9p" {
		t.Errorf("the draft was refused, and is kept, or the form says %s", got)
	}

	leave(61)
	v.Open("/page/ja/privacy")
	if kept() {
		t.Error("a draft is kept for longer than an hour")
	}
	for _, end := range []string{"intake-over", "intake-cancelled", "intake-done", "mybooking-over", "mybooking-cancelled"} {
		leave(1)
		v.Open("/page/ja/" + end)
		if kept() {
			t.Errorf("after %s the draft is kept", end)
		}
	}
	leave(1)
	v.Open("/page/ja/mybooking")
	if !kept() {
		t.Error("the confirmation ends what was typed into the intake")
	}
	// What the server sends back with its errors is what was typed last: nothing is offered over it.
	leave(1)
	browsertest.Read[bool](v, `(() => { sessionStorage.setItem("draft:book", JSON.stringify({at: Date.now(), revision: "", values: {given_name: ["別人"]}})); return true; })()`)
	v.Open("/page/ja/booking-wrong")
	if v.Sees(offered) {
		t.Error("a draft is offered over what the server sent back")
	}
}

func TestFormsGoOnce(t *testing.T) {
	site := siteOf(t, mihon)
	v := browsertest.Visit(t, site.URL, browsertest.Desktop)
	posts := make(chan string, 10)
	site.Config.Handler.(*http.ServeMux).HandleFunc("POST /hold", func(w http.ResponseWriter, r *http.Request) { //nolint:errcheck // siteOf made it
		posts <- r.FormValue("slot")
		http.Redirect(w, r, "/page/ja/booking", http.StatusSeeOther)
	})
	v.Open("/page/ja/slots")
	if !browsertest.Read[bool](v, `(() => { const b = document.querySelector("button.time"); b.click(); b.click(); b.click(); return b.getAttribute("aria-busy") === "true"; })()`) {
		t.Error("the button does not show that it is busy")
	}
	v.WaitFor("form[data-draft=book]")
	if slot := <-posts; slot != "s-2414" || len(posts) != 0 {
		t.Errorf("slot %q was sent, and %d more times", slot, len(posts))
	}
}

func TestErrorsLeadToTheirFields(t *testing.T) {
	site := siteOf(t, mihon)
	v := browsertest.Visit(t, site.URL, browsertest.Desktop)
	v.Open("/page/ja/booking-wrong")
	if got := browsertest.Read[string](v, `document.activeElement.id`); got != "wrongs" {
		t.Errorf("the page begins at %q", got)
	}
	for _, field := range []string{"family_kana", "birth_date", "contact", "c_privacy"} {
		if got := browsertest.Read[string](v, `document.querySelector(".wrongs a[href='#`+field+`']").click(); document.activeElement.id`); got != field {
			t.Errorf("the line of %s leads to %q", field, got)
		}
	}
}

func TestTimeLeftRunsOut(t *testing.T) {
	site := siteOf(t, mihon)
	v := browsertest.Visit(t, site.URL, browsertest.Desktop)
	v.Open("/page/ja/booking-late")
	v.WaitFor("[data-over]")
	if got := browsertest.Read[string](v, `document.querySelector("[data-left]").textContent`); got != "お取り置きの時間が過ぎました" {
		t.Errorf("the time left reads %q", got)
	}
}

// The first thing that is typed is said to the server, with the token that travels where there is one.
func TestTypingIsSaid(t *testing.T) {
	site, said := siteOf(t, mihon), make(chan string, 10)
	mux := http.NewServeMux()
	mux.Handle("/", site.Config.Handler)
	mux.HandleFunc("POST /typed", func(w http.ResponseWriter, r *http.Request) {
		said <- r.PostFormValue("hold")
		w.WriteHeader(http.StatusNoContent)
	})
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	v := browsertest.Visit(t, front.URL, browsertest.Phone)
	v.Open("/page/ja/booking-travelling")
	v.Type("family_name", "試")
	select {
	case token := <-said:
		if token != "token-that-travels" {
			t.Errorf("the token is %q", token)
		}
	case <-time.After(time.Minute):
		t.Error("nothing was said")
	}
}

// Where one main area is asked for, a press on the figure chooses it; another press on the same leaves it, because a radio button cannot be taken
// back.
func TestFigureChoosesTheMainArea(t *testing.T) {
	site := siteOf(t, mihon)
	v := browsertest.Visit(t, site.URL, browsertest.Phone)
	v.Open("/page/ja/intake-area")
	lit := `[...new Set([...document.querySelectorAll(".picture .zone")].filter(e => getComputedStyle(e).strokeDasharray === "none").map(e => e.dataset.zone))].join()`
	for _, step := range []struct{ zone, want string }{{"belly", "belly"}, {"back", "back"}, {"back", "back"}} {
		got := browsertest.Read[string](v, `(() => { document.querySelector(".picture [data-zone=`+step.zone+`]").dispatchEvent(new MouseEvent("click", {bubbles: true})); return [...document.querySelectorAll("[name=main_area]:checked")].map(e => e.value) + " " + `+lit+`; })()`)
		if got != step.want+" "+step.want {
			t.Errorf("a press on %s leaves chosen and lit %q", step.zone, got)
		}
	}
	v.Look("main-area")
}
