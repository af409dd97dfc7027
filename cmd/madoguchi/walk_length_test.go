package main_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/browsertest"
)

// The typical person, a healthy one with two areas, scrolls through at most 14 screens of a phone until everything is
// answered. internal/server counts the questions of all three people by whom the length is measured.
func TestWalk_TheIntakeIsShort(t *testing.T) {
	personas, err := config.Personas()
	must(t, err)
	who := personas[slices.IndexFunc(personas, func(p config.Persona) bool { return p.Name == "office" })]
	d := openDemo(t, "sqlite")
	defer d.close(t)
	other := newVisitor(t, d.process)
	form := url.Values{
		"slot": {freeSlotOf(t, other, "見本 花")}, "family_name": {"例示"}, "given_name": {"澄"}, "family_kana": {"レイジ"}, "given_kana": {"スミ"},
		"birth_year": {strconv.Itoa(time.Now().Year() - who.Age)}, "birth_month": {"1"}, "birth_day": {"1"}, "sex": {string(who.Sex)},
		"phone": {"090-0000-7777"}, "email": {"sumi.reiji@example.jp"},
	}
	for id, values := range who.Booking {
		form[id] = values
	}
	other.post("/hold", url.Values{"slot": form["slot"]}).expect(t, http.StatusOK, "/book")
	booked := other.post("/book", form).expect(t, http.StatusOK, "/booking/")

	v := browsertest.Visit(t, d.URL, browsertest.Phone)
	v.Open("/intake/" + strings.TrimPrefix(booked.URL.Path, "/booking/"))
	screens, pages := 0.0, 0
	for !strings.HasSuffix(v.Path(), "/review") {
		section, ok := questionnaire(t).Section(v.Path()[strings.LastIndex(v.Path(), "/")+1:])
		if !ok {
			t.Fatalf("the way leads to %s", v.Path())
		}
		fill(v, section, answers(who.Intake))
		screens += browsertest.Read[float64](v, `document.documentElement.scrollHeight / 844`)
		pages++
		v.FollowAt("form [data-main]")
	}
	if screens > 14 || pages != 5 {
		t.Errorf("%.2f screens on %d pages", screens, pages)
	}
	t.Logf("%.2f screens on %d pages, and %.2f of the review", screens, pages, browsertest.Read[float64](v, `document.documentElement.scrollHeight / 844`))
}
