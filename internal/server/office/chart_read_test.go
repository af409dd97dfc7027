package office_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestChart_IsUnreadUntilItIsRead: to look at a chart changes nothing. The button, or the script that presses it, marks what was shown, and what
// is answered afterwards is unread again.
func TestChart_IsUnreadUntilItIsRead(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.AnswerIntake(t, receipt.Token, grave)
		doctor, path := s.SignedIn(t, servertest.Doctor), "/office/charts/"+receipt.BookingID
		badge := func() bool {
			return strings.Contains(doctor.Get("/office/doctor?date=2026-11-25").Text(".visit"), "未読")
		}
		before := s.Facts(t)
		a := doctor.Get(path).Want(http.StatusOK)
		doctor.Get(path).Want(http.StatusOK)
		if changed := slices.DeleteFunc(s.Facts(t).Changed(before), func(table string) bool { return strings.Contains(table, "session") }); len(changed) > 0 {
			t.Errorf("to look at a chart writes %v", changed)
		}
		if !badge() || a.Find("form[data-read]").Length() != 1 {
			t.Fatal("a chart that nobody read is not unread")
		}
		shown := a.Find("form[data-read] input[name=revision]").AttrOr("value", "")
		s.AnswerIntake(t, receipt.Token, with(grave, "weight", "62")) // while the page is open
		if to := doctor.Post(path+"/read", "revision", shown).Want(http.StatusSeeOther).Location(); to != path {
			t.Errorf("the button leads to %s", to)
		}
		if !badge() {
			t.Error("what came after the page was drawn counts as read")
		}
		shown = doctor.Get(path).Find("form[data-read] input[name=revision]").AttrOr("value", "")
		doctor.Post(path+"/read", "revision", shown).Want(http.StatusSeeOther)
		if badge() || doctor.Get(path).Find("form[data-read]").Length() != 0 {
			t.Error("what was read is unread")
		}
		// Taken back, it is unread again, and the page they come back to says that it does not count by itself.
		to := doctor.Post(path+"/read", "do", "unread").Want(http.StatusSeeOther).Location()
		if !badge() || doctor.Get(to).Find("form[data-read][data-by-hand]").Length() != 1 {
			t.Error("a reading that was taken back counts")
		}
		doctor.Post(path+"/read", "revision", shown).Want(http.StatusSeeOther)
		for _, wrong := range []string{"", "x", "-1", "99999999999999999999"} {
			doctor.Post(path+"/read", "revision", wrong).Want(http.StatusSeeOther)
		}
		s.AnswerIntake(t, receipt.Token, with(grave, "weight", "63"))
		if !badge() {
			t.Error("what changed after it was read is not unread")
		}
		s.SignedIn(t, servertest.Colleague).Post(path+"/read", "revision", "1").Want(http.StatusNotFound)
		s.SignedIn(t, servertest.Colleague).Post(path+"/read", "do", "unread").Want(http.StatusNotFound)
		s.SignedIn(t, servertest.FrontDesk).Post(path+"/read", "revision", "1").Want(http.StatusForbidden)
	})
}

// TestChart_WhatWasReadStaysAVersion: a doctor reads, the patient changes something, the doctor reads that, too, and all within one
// sitting. Both readings stay versions of their own, so that the chart goes on saying what is new.
func TestChart_WhatWasReadStaysAVersion(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		doctor, path := s.SignedIn(t, servertest.Doctor), "/office/charts/"+receipt.BookingID
		read := func() *servertest.Answer {
			shown := doctor.Get(path).Find("form[data-read] input[name=revision]").AttrOr("value", "")
			doctor.Post(path+"/read", "revision", shown).Want(http.StatusSeeOther)
			return doctor.Get(path).Want(http.StatusOK)
		}
		s.AnswerIntake(t, receipt.Token, with(grave, "weight", "61"))
		read()
		s.AnswerIntake(t, receipt.Token, with(grave, "weight", "62"))
		read().WantText("[aria-labelledby=version-2] .change-list", "体重 前 61 kg 今 62 kg")
		s.AnswerIntake(t, receipt.Token, with(grave, "weight", "63"))
		a := read()
		a.WantText("[aria-labelledby=version-2] .change-list", "体重 前 61 kg 今 62 kg")
		a.WantText("[aria-labelledby=version-3] .change-list", "体重 前 62 kg 今 63 kg")
	})
}

// TestChart_SaysWhatChanged: since the version before, on the line and in the strip, and since the last visit.
func TestChart_SaysWhatChanged(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		full, _, _, _ := threeCharts(t, s)
		a := s.SignedIn(t, servertest.Doctor).Get("/office/charts/" + full.BookingID).Want(http.StatusOK)
		a.WantText(".chart-name", "2回目 前回 11/24")
		a.WantText(".chart-name", "前回より −1.2 kg")
		a.WantText(".chart-name", "回答 第2版")
		a.WantText("#line-bleeding .tag", "第2版で追加")
		a.WantText(".cell-medicines", "第2版で追加")
		if got := a.Find(".line .fact > .tag").Length(); got != 1 {
			t.Errorf("%d lines say that they are new", got)
		}
		a.WantText("[aria-labelledby=version-2] .change-list", "薬の名前 前 アムロジピン5mg 朝1錠 今 ワルファリン錠1mg 朝2錠、アムロジピン5mg 朝1錠")
		a.WantText("[aria-labelledby=since-visit] .change-list", "体重 前 61.6 kg 今 60.4 kg")
		a.WantText(".visits li", "61.6 kg この回の問診を開く")
	})
}

// TestChart_OfAVisitToAColleague says that there was one, and nothing that was said there.
func TestChart_OfAVisitToAColleague(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		before := storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[1], s.Clock.Now().Add(time.Hour), 1)[0]
		last := s.Book(t, before.Slot, 1)
		s.AnswerIntake(t, last.Token, with(grave, "worry", marker, "weight", "61.6"))
		s.Clock.Advance(before.StartsAt.Sub(s.Clock.Now()))
		servertest.Must(t, s.Store.Step(t.Context(), storetest.Owner, last.BookingID, clinic.Booked, clinic.Fulfilled))
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.AnswerIntake(t, receipt.Token, healthy)
		a := s.SignedIn(t, servertest.Doctor).Get("/office/charts/" + receipt.BookingID).Want(http.StatusOK)
		a.WantText(".visits li", s.Doctors[1].Name("ja")+" 回答を読めるのは、その回の担当医師だけです。")
		if strings.Contains(a.Body, marker) || strings.Contains(a.Body, "61.6") || strings.Contains(a.Body, last.BookingID) {
			t.Error("a doctor reads what a colleague was told")
		}
	})
}

// TestDoctorChanges_OfTheirDays: an answer of a shown day is heard at once, and whoever is no doctor hears nothing.
func TestDoctorChanges_OfTheirDays(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		const path = "/office/doctor/changes?first=2026-11-25&last=2026-11-26"
		l := listenAt(t, s, servertest.Doctor, path)
		s.AnswerIntake(t, receipt.Token, grave, 1)
		l.want("changed")
		s.Clock.Advance(clinic.SessionIdle + time.Minute)
		s.Book(t, s.SlotOf(t, 0, 1), 2)
		l.want("ended")
		for who, status := range map[string]int{servertest.FrontDesk: http.StatusForbidden, servertest.Admin: http.StatusForbidden} {
			s.SignedIn(t, who).Send(http.MethodGet, path, nil, http.Header{"Accept": {page.EventStream}}).Want(status)
		}
		s.SignedIn(t, servertest.Doctor).Send(http.MethodGet, "/office/doctor/changes?first=2026-11-25", nil, http.Header{"Accept": {page.EventStream}}).Want(http.StatusNotFound)
	})
}

// TestDoctorDays_AreThoseToCome: the page of the days to come has neither today nor a day without a counseling.
func TestDoctorDays_AreThoseToCome(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		today := storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], s.Clock.Now().Add(time.Hour), 1)[0]
		s.Book(t, today.Slot, 1)
		s.Book(t, s.SlotOf(t, 0, 0), 2)
		s.Book(t, storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], s.Clock.Now().AddDate(0, 0, 20), 1)[0].Slot, 3)
		s.Book(t, s.SlotOf(t, 1, 1), 4) // the colleague's
		a := s.SignedIn(t, servertest.Doctor).Get("/office/doctor/coming").Want(http.StatusOK)
		if got := a.Texts(".coming h2"); !slices.Equal(got, []string{"11月25日（水）", "12月14日（月）"}) {
			t.Errorf("days %q", got)
		}
		if got := a.Find(".visit").Length(); got != 2 {
			t.Errorf("%d counselings", got)
		}
	})
}
