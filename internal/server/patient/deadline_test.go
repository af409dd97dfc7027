package patient_test

import (
	"net/http"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// decide saves what the branch decides.
func decide(t *testing.T, s *servertest.Site, change func(*clinic.BranchSettings)) {
	t.Helper()
	branch, err := s.Store.Branch(t.Context(), s.Branch.ID)
	servertest.Must(t, err)
	change(&branch.Settings)
	s.Branch, err = s.Store.SaveBranch(t.Context(), storetest.Owner, branch)
	servertest.Must(t, err)
}

// TestDeadline_OfBookingOnline: from the deadline on a time is not offered and cannot be booked online, while whoever it was kept for
// still gets it, and staff book it.
func TestDeadline_OfBookingOnline(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		// It is 9:00 on the 24th; the times are on the 25th from 10:00 on.
		decide(t, s, func(b *clinic.BranchSettings) { b.Closes = clinic.Deadline{Days: 1, At: 18 * 60} })
		week := "/slots?branch=" + s.Branch.ID + "&week=2026-11-24"
		if free := s.Visitor(t).Get(week).Want(http.StatusOK).Find(`button[name="slot"]`).Length(); free == 0 {
			t.Fatal("nothing is offered before the deadline")
		}
		s.Clock.Advance(8*time.Hour + 55*time.Minute)
		kept := clinic.Visitor("a cookie of one in time", "192.0.2.1")
		slot, other := s.SlotOf(t, 0, 0), s.SlotOf(t, 0, 1)
		_, err := s.Store.Hold(t.Context(), kept, slot.ID)
		servertest.Must(t, err)
		s.Clock.Advance(5 * time.Minute) // 18:00
		if free := s.Visitor(t).Get(week).Want(http.StatusOK).Find(`button[name="slot"]`).Length(); free != 0 {
			t.Errorf("%d times are offered after the deadline", free)
		}
		late := clinic.Visitor("a cookie of one who is late", "192.0.2.2")
		if _, err := s.Store.Hold(t.Context(), late, other.ID); clinic.CodeOf(err) != clinic.SlotPast {
			t.Errorf("a hold after the deadline: %v", err)
		}
		if _, err := s.Store.Book(t.Context(), late, storetest.Request(other.ID, 1)); clinic.CodeOf(err) != clinic.SlotPast {
			t.Errorf("a booking after the deadline: %v", err)
		}
		if _, err := s.Store.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(other.ID, 1)); clinic.CodeOf(err) != clinic.SlotPast {
			t.Errorf("a program's booking after the deadline: %v", err)
		}
		_, err = s.Store.Book(t.Context(), kept, storetest.Request(slot.ID, 2))
		servertest.Must(t, err)
		_, err = s.Store.Book(t.Context(), storetest.Owner, storetest.Request(other.ID, 3))
		servertest.Must(t, err)
	})
}

// TestOpenDays_BoundWhatIsOffered: a time beyond the days for which the branch takes bookings is neither offered nor bookable online.
func TestOpenDays_BoundWhatIsOffered(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		decide(t, s, func(b *clinic.BranchSettings) { b.OpenDays = 1 })
		week := "/slots?branch=" + s.Branch.ID + "&week=2026-11-24"
		if free := s.Visitor(t).Get(week).Want(http.StatusOK).Find(`button[name="slot"]`).Length(); free != 0 {
			t.Errorf("%d times are offered beyond what the branch opens", free)
		}
		if _, err := s.Store.Book(t.Context(), clinic.Visitor("a cookie", "192.0.2.1"), storetest.Request(s.SlotOf(t, 0, 0).ID, 1)); clinic.CodeOf(err) != clinic.SlotEarly {
			t.Errorf("a booking too early: %v", err)
		}
		decide(t, s, func(b *clinic.BranchSettings) { b.OpenDays = 2 })
		if free := s.Visitor(t).Get(week).Want(http.StatusOK).Find(`button[name="slot"]`).Length(); free == 0 {
			t.Error("nothing is offered on the last day")
		}
	})
}

// TestChanges_AreLimitedInWords: the patient's page says until when plans may change.
func TestChanges_AreLimitedInWords(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		decide(t, s, func(b *clinic.BranchSettings) { b.Changes = clinic.Deadline{Hours: 24} })
		r := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.Visitor(t).Get("/booking/"+r.Token).Want(http.StatusOK).WantText("#booking .until", "どちらも 11月24日（火）10:00 まで、このページでできます。")
	})
}
