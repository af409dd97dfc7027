package office_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// weekForm is the form of a week with one span on Mondays.
func weekForm(s *servertest.Site, revision, from, until string) url.Values {
	return url.Values{
		"branch": {s.Branch.ID}, "doctor": {s.Doctors[0].ID}, "revision": {revision}, "valid_from": {"2026-12-01"}, "span": {"0"}, "weekday-0": {"1"},
		"from-0": {from}, "until-0": {until}, "minutes-0": {"60"}, "pause-0": {"0"}, "room-0": {""}, "audience-0": {"public"},
	}
}

// Without a script: a button adds a span, another looks, the main one saves, and what is wrong is said at its field.
func TestHours_WithoutAScript(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		a := b.Get("/office/hours?branch=" + s.Branch.ID).Want(http.StatusOK)
		if a.Find("[name=span]").Length() != 0 || a.Find("button[name=step][value='add,1']").Length() != 1 {
			t.Error("the empty week cannot be drawn")
		}
		before := s.Facts(t)
		form := weekForm(s, "1", "10:00", "13:00")
		form.Set("step", "add,3")
		form["same-0"] = []string{"2"}
		a = b.PostForm("/office/hours/preview", form).Want(http.StatusOK)
		if got := a.Find("[name=span]").Length(); got != 3 {
			t.Errorf("there are %d spans, want Monday's, its copy and a new one", got)
		}
		a.WantText(".sum-up .plus", "+")
		s.WantUnchanged(t, before)

		a = b.PostForm("/office/hours", weekForm(s, "1", "早め", "9:00")).Want(http.StatusUnprocessableEntity)
		a.WantField("from-0", "早め")
		s.WantUnchanged(t, before)
		a = b.PostForm("/office/hours", weekForm(s, "1", "10:00", "13:00")).Want(http.StatusSeeOther)
		b.Get(a.Location()).Want(http.StatusOK).WantText("[role=status]", "診療時間を保存し")
		if got := slotsOn(t, s, 0, "2026-12-07"); len(got) != 3 {
			t.Errorf("Monday has %d slots", len(got))
		}
		// Somebody who opened the page before sees both sides, and saves theirs when they have seen them.
		a = b.PostForm("/office/hours", weekForm(s, "1", "10:00", "12:00")).Want(http.StatusConflict)
		a.WantText(".conflict-table", "10:00–13:00")
		a.WantText(".conflict-table", "10:00–12:00")
		if got := slotsOn(t, s, 0, "2026-12-07"); len(got) != 3 {
			t.Errorf("Monday has %d slots after a refusal", len(got))
		}
		b.PostForm("/office/hours", weekForm(s, a.Find("#week [name=revision]").AttrOr("value", ""), "10:00", "12:00")).Want(http.StatusSeeOther)
		if got := slotsOn(t, s, 0, "2026-12-07"); len(got) != 2 {
			t.Errorf("Monday has %d slots", len(got))
		}
	})
}

// A booking that the hours no longer want is listed with what can be done; reception reads the page and decides, and draws nothing.
func TestHours_ReceptionReadsAndDecides(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin, desk := s.SignedIn(t, servertest.Admin), s.SignedIn(t, servertest.FrontDesk)
		admin.PostForm("/office/hours", weekForm(s, "1", "10:00", "13:00")).Want(http.StatusSeeOther)
		slot := slotsOn(t, s, 0, "2026-12-07")[2]
		receipt := s.Book(t, slot.Slot, 1)
		a := admin.PostForm("/office/hours/preview", weekForm(s, "2", "10:00", "12:00")).Want(http.StatusOK)
		a.WantText(".humans", "試験")
		admin.PostForm("/office/hours", weekForm(s, "2", "10:00", "12:00")).Want(http.StatusSeeOther)

		page := "/office/hours?branch=" + s.Branch.ID
		a = desk.Get(page).Want(http.StatusOK)
		if a.Find(".humans a[href='/office/bookings/"+receipt.BookingID+"']").Length() == 0 || a.Find("[name=keep][value='"+slot.ID+"']").Length() != 1 {
			t.Error("the booking cannot be decided about")
		}
		if a.Find("[name=step], [name=valid_from], #exception").Length() > 0 {
			t.Error("reception is offered to draw")
		}
		desk.PostForm("/office/hours", weekForm(s, "3", "10:00", "13:00")).Want(http.StatusForbidden)
		desk.Post("/office/hours/keep", "branch", s.Branch.ID, "keep", slot.ID).Want(http.StatusSeeOther)
		if a = desk.Get(page).Want(http.StatusOK); a.Find(".humans").Length() != 0 {
			t.Error("what is decided is asked again")
		}
		s.SignedIn(t, servertest.Doctor).Get(page).Want(http.StatusForbidden)
		desk.Get("/office/bookings/" + receipt.BookingID).Want(http.StatusOK)
	})
}

// Exceptions and holidays change the slots at once, and back.
func TestHours_ExceptionsAndHolidays(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		form := weekForm(s, "1", "10:00", "13:00")
		b.PostForm("/office/hours", form).Want(http.StatusSeeOther)
		count := func(date string) int { return len(slotsOn(t, s, 0, date)) }
		away := url.Values{"branch": {s.Branch.ID}, "doctor": {s.Doctors[0].ID}, "kind": {"away"}, "who": {s.Doctors[0].ID}, "first": {"2026-12-07"}, "drawn": {clinic.NewToken()}, "reason": {"学会"}}
		b.PostForm("/office/hours/preview?about=exception", away).Want(http.StatusOK).WantText(".sum-up .minus", "−3")
		for range 2 { // sent twice, it is there once
			b.PostForm("/office/hours/exceptions", away).Want(http.StatusSeeOther)
			away.Set("drawn", clinic.NewToken()) // and so it is when it is typed twice
			b.PostForm("/office/hours/exceptions", away).Want(http.StatusSeeOther)
		}
		hours, err := s.Store.Hours(t.Context(), storetest.Owner, s.Branch.ID, func(clinic.Date) bool { return false })
		servertest.Must(t, err)
		if len(hours.Exceptions) != 1 || count("2026-12-07") != 0 || count("2026-12-14") != 3 {
			t.Errorf("%d exceptions, %d and %d slots", len(hours.Exceptions), count("2026-12-07"), count("2026-12-14"))
		}
		b.Get("/office/hours?branch="+s.Branch.ID).WantText(".table.dense", "学会")
		b.Post("/office/hours/exceptions/" + hours.Exceptions[0].ID + "/remove").Want(http.StatusSeeOther)
		if count("2026-12-07") != 3 {
			t.Error("the slots do not come back")
		}
		// 11 January is a holiday, and the only one on which this branch is open.
		holidays := url.Values{"branch": {s.Branch.ID}, "doctor": {s.Doctors[0].ID}, "holidays": {"closed"}, "differ": {"2027-01-11"}, "branch-revision": {"1"}}
		if before := count("2027-01-11"); before != 0 {
			t.Errorf("the holiday has %d slots", before)
		}
		b.PostForm("/office/hours/holidays", holidays).Want(http.StatusSeeOther)
		if count("2027-01-11") != 3 {
			t.Errorf("the holiday has %d slots", count("2027-01-11"))
		}
		b.PostForm("/office/hours/holidays", holidays).Want(http.StatusConflict)
		// The branch's own page leaves the holidays as they are.
		branch, err := s.Store.Branch(t.Context(), s.Branch.ID)
		servertest.Must(t, err)
		b.PostForm("/office/branches/"+s.Branch.ID, url.Values{
			"seen-revision": {"2"}, "name": {branch.Name}, "name_en": {branch.NameEn}, "address": {branch.Address}, "phone": {"03-0000-0009"}, "phone_hours": {"10:00–18:00"}, "live_bookings": {"2"}, "zone": {branch.Zone},
		}).Want(http.StatusSeeOther)
		if branch, err = s.Store.Branch(t.Context(), s.Branch.ID); err != nil || branch.Settings.Holidays.Differ != "2027-01-11" || branch.Phone != "03-0000-0009" {
			t.Errorf("%+v, %v", branch, err)
		}
	})
}

// Hours of another branch are as if there were none.
func TestHours_OfAnotherBranch(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Employ(t, clinic.Staff{Role: clinic.Admin, Name: "管理 第2", Email: "second@example.jp", Branches: []string{s.Other.ID}})
		b := s.SignedIn(t, "second@example.jp")
		before := s.Facts(t)
		form := weekForm(s, "1", "10:00", "13:00")
		for _, path := range []string{"/office/hours", "/office/hours/preview", "/office/hours/exceptions", "/office/hours/holidays", "/office/hours/keep"} {
			form.Set("kind", "closed")
			form.Set("first", "2026-12-07")
			form.Set("holidays", "open")
			b.PostForm(path, form).Want(http.StatusNotFound)
		}
		if a := b.Get("/office/hours?branch=" + s.Branch.ID).Want(http.StatusOK); strings.Contains(a.Body, s.Doctors[0].ID) {
			t.Error("the doctors of another branch are listed")
		}
		if changed := s.Facts(t).Changed(before); len(slices.DeleteFunc(changed, func(table string) bool { return table == "staff_sessions" || table == "sessions" })) > 0 {
			t.Errorf("rows were written in %v", changed)
		}
	})
}

// A weekday that there is not, which no form of ours sends, is refused and not a failure.
func TestHours_OfNoWeekday(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		for _, day := range []string{"-1", "7", "99999999999999999999", "月"} {
			for _, path := range []string{"/office/hours", "/office/hours/preview"} {
				form := weekForm(s, "1", "10:00", "13:00")
				form.Set("weekday-0", day)
				b.PostForm(path, form).Want(http.StatusUnprocessableEntity)
				form = weekForm(s, "1", "10:00", "13:00")
				form.Set("same-0", day)
				b.PostForm(path, form).Want(http.StatusUnprocessableEntity)
			}
		}
	})
}
