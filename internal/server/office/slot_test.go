package office_test

import (
	"net/http"
	"slices"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
)

// slotsOn are the slots of the n-th doctor on a day.
func slotsOn(t *testing.T, s *servertest.Site, doctor int, date string) []clinic.SlotWithState {
	t.Helper()
	day, _ := clinic.ParseDate(date)
	slots, err := s.Store.Slots(t.Context(), store.SlotQuery{
		BranchID: s.Branch.ID, DoctorID: s.Doctors[doctor].ID, From: day.In(s.Branch.Location()), Until: day.AddDays(1).In(s.Branch.Location()),
	})
	servertest.Must(t, err)
	return slots
}

func TestSlots_AreOpenedByTheDayOrOne(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		form := func(pairs ...string) []string {
			return append([]string{"branch", s.Branch.ID, "doctor", s.Doctors[0].ID}, pairs...)
		}
		day := form("date", "2026-11-30", "from", "10:00", "until", "17:00", "minutes", "60", "break_from", "12:00", "break_until", "13:00")
		a := b.Post("/office/slots", day...).Want(http.StatusSeeOther)
		a = b.Get(a.Location()).Want(http.StatusOK)
		a.WantText("[role=status]", "枠を開けました")
		a.WantText("#slots", "2026年11月30日（月）")
		if got := a.Texts(".slot-list b"); !slices.Equal(got, []string{"10:00–11:00", "11:00–12:00", "13:00–14:00", "14:00–15:00", "15:00–16:00", "16:00–17:00"}) {
			t.Errorf("slots %q", got)
		}
		// The same again: nothing is opened twice, and what was typed is still there.
		a = b.Post("/office/slots", day...).Want(http.StatusConflict)
		a.WantField("from", "10:00")
		if a.Find("#break_until").AttrOr("value", "") != "13:00" || len(slotsOn(t, s, 0, "2026-11-30")) != 6 {
			t.Error("something typed is lost, or the slots have changed")
		}
		// One single slot.
		b.Post("/office/slots", form("date", "2026-12-01", "from", "９:３０", "until", "", "minutes", "45")...).Want(http.StatusSeeOther)
		if got := slotsOn(t, s, 0, "2026-12-01"); len(got) != 1 || got[0].EndsAt.Sub(got[0].StartsAt).Minutes() != 45 {
			t.Errorf("slots %+v", got)
		}
		a = b.Post("/office/slots", form("date", "2026-12-02", "from", "早め", "until", "09:00", "minutes", "5")...).Want(http.StatusUnprocessableEntity)
		a.WantField("from", "早め")
		a.WantField("minutes", "5")
		if back := a.Find("form[action='/language'] input[name=back]").AttrOr("value", ""); back == "/" || b.Get(back).Status != http.StatusOK {
			t.Errorf("the language switch leads to %s", back)
		}
		// A doctor who does not work there, a branch that does not exist.
		a = b.Post("/office/slots", "branch", s.Other.ID, "doctor", s.Doctors[0].ID, "date", "2026-12-02", "from", "10:00", "minutes", "60").Want(http.StatusUnprocessableEntity)
		a.WantText(".empty", "この院を担当する医師が、まだいません。")
		b.Post("/office/slots", "branch", "nowhere", "doctor", s.Doctors[0].ID, "date", "2026-12-02", "from", "10:00", "minutes", "60").Want(http.StatusNotFound)
	})
}

func TestSlot_IsClosedUnlessSomebodyHasIt(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		booked, held, free := s.SlotOf(t, 0, 0), s.SlotOf(t, 0, 1), s.SlotOf(t, 0, 2)
		s.Book(t, booked, 1)
		s.Hold(t, held)
		path := "/office/slots?branch=" + s.Branch.ID + "&doctor=" + s.Doctors[0].ID + "&date=2026-11-25"
		a := b.Get(path).Want(http.StatusOK)
		if got := a.Texts(".slot-list li"); got[0] != "10:00–11:00 予約あり" || got[1] != "11:00–12:00 仮押さえ" || got[2] != "12:00–13:00 空き 閉じる" {
			t.Errorf("slots %q", got)
		}
		for _, slot := range []clinic.Slot{booked, held} {
			b.Post("/office/slots/"+slot.ID+"/remove").Want(http.StatusConflict).WantText("[role=alert]", "予約")
		}
		if len(slotsOn(t, s, 0, "2026-11-25")) != 6 {
			t.Fatal("a slot that somebody has is gone")
		}
		a = b.Post("/office/slots/" + free.ID + "/remove").Want(http.StatusSeeOther)
		b.Get(a.Location()).WantText("[role=status]", "枠を閉じました")
		if len(slotsOn(t, s, 0, "2026-11-25")) != 5 {
			t.Error("the free slot is still open")
		}
		b.Post("/office/slots/" + free.ID + "/remove").Want(http.StatusNotFound)
	})
}
