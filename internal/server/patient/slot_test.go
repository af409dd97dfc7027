package patient_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// A filter and a doctor that cannot go together are told apart from a calendar without a free time, and either can be given up.
func TestSlots_ContradictingFilters(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := s.Visitor(t)
	at := "/slots?branch=" + s.Branch.ID
	woman, man := s.Doctors[0], s.Doctors[1]

	chip := v.Get(at).Want(http.StatusOK).Find("a.chip")
	if chip.Length() != 1 || servertest.Words(chip) != "女性医師" {
		t.Fatalf("the filter is not offered: %q", servertest.Words(chip))
	}
	women := v.Get(chip.AttrOr("href", "")).Want(http.StatusOK)
	for _, who := range women.Texts("button.time") {
		if !strings.Contains(who, woman.Name("ja")) {
			t.Errorf("with the filter, %q is offered", who)
		}
	}
	if again := women.Find("a.chip[aria-current=true]").AttrOr("href", "sex="); strings.Contains(again, "sex=") {
		t.Errorf("a second tap leads to %q", again)
	}

	a := v.Get(at + "&sex=f&doctor=" + man.ID).Want(http.StatusOK)
	a.WantText(".notice", man.Name("ja"))
	if a.Find("[name=slot]").Length() != 0 || strings.Contains(a.Body, "空きがありません") {
		t.Error("the contradiction reads as if there were no free time")
	}
	links := a.Find(".notice a")
	if links.Length() != 2 {
		t.Fatalf("%d ways on", links.Length())
	}
	links.Each(func(i int, _ *goquery.Selection) {
		if v.Get(links.Eq(i).AttrOr("href", "")).Want(http.StatusOK).Find("[name=slot]").Length() == 0 {
			t.Errorf("the way on %d shows no times", i)
		}
	})
	v.Get(at+"&sex=f&doctor="+woman.ID).Want(http.StatusOK).WantText("button.time", woman.Name("ja"))

	only, err := s.Store.SaveDoctor(t.Context(), storetest.Owner, clinic.Doctor{
		FamilyName: "見本", GivenName: "東", FamilyKana: "ミホン", GivenKana: "アズマ", Sex: clinic.Male,
	}, []string{s.Other.ID})
	servertest.Must(t, err)
	storetest.AddSlots(t, s.Store, s.Other, only, storetest.Begin.AddDate(0, 0, 2), 3)
	a = v.Get("/slots?sex=f&branch=" + s.Other.ID).Want(http.StatusOK)
	a.WantText(".notice", "女性の医師がいません")
	if a.Find("[name=slot]").Length() != 0 || a.Find(".notice a[href='/slots']").Length() != 1 {
		t.Error("there is no way to the other branches")
	}
}

// The times that stand first are the earliest, the next in the evening and the next on a Saturday, however far off, each with
// its length.
func TestSlots_NextTimes(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	tokyo := s.Branch.Location()
	storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], time.Date(2026, 12, 4, 18, 0, 0, 0, tokyo), 1)
	storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], time.Date(2026, 12, 19, 11, 0, 0, 0, tokyo), 1)
	got := s.Visitor(t).Get("/slots?branch=" + s.Branch.ID).Want(http.StatusOK).Texts("button.time")
	for i, want := range []string{"いちばん早い 11月25日（水）10:00 60分", "夕方以降 12月4日（金）18:00 10分", "土曜 12月19日（土）11:00 10分"} {
		if len(got) != 3 || !strings.HasPrefix(got[i], want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A time beyond the weeks that are looked at first is found as well.
func TestSlots_NextTimeFarOff(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	doctor, err := s.Store.SaveDoctor(t.Context(), storetest.Owner, s.Doctors[0], []string{s.Branch.ID, s.Other.ID})
	servertest.Must(t, err)
	storetest.AddSlots(t, s.Store, s.Other, doctor, time.Date(2027, 1, 30, 11, 0, 0, 0, s.Other.Location()), 1)
	got := s.Visitor(t).Get("/slots?branch=" + s.Other.ID).Want(http.StatusOK).Texts("button.time")
	if len(got) != 1 || !strings.HasPrefix(got[0], "いちばん早い・土曜 1月30日（土）11:00") {
		t.Errorf("%q", got)
	}
}

// Nothing can be booked today: the page says why, and whom to call.
func TestSlots_TodayIsOver(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v, at := s.Visitor(t), "/slots?branch="+s.Branch.ID
	v.Get(at).Want(http.StatusOK).WantText("main", "本日のご予約は承っていません")
	s.Clock.Advance(24 * time.Hour)
	if a := v.Get(at).Want(http.StatusOK); strings.Contains(a.Body, "本日") {
		t.Error("today can be booked, and is said to be closed")
	}
	s.Clock.Advance(9 * time.Hour)
	a := v.Get(at).Want(http.StatusOK)
	a.WantText("main", "本日の受付は終了しました")
	a.WantText(".week thead .why", "終了")
}
