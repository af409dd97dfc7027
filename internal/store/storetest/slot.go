package storetest

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// AddSlots opens n slots of ten minutes for a doctor, one after the other, and returns them in order.
func AddSlots(tb testing.TB, s *store.Store, branch clinic.Branch, doctor clinic.Doctor, first time.Time, n int) []clinic.SlotWithState {
	tb.Helper()
	const length = 10 * time.Minute
	var slots []clinic.Slot
	for i := range n {
		start := first.Add(time.Duration(i) * length)
		slots = append(slots, clinic.Slot{BranchID: branch.ID, DoctorID: doctor.ID, StartsAt: start, EndsAt: start.Add(length)})
	}
	must(tb, s.AddSlots(tb.Context(), Owner, slots))
	open, err := s.Slots(tb.Context(), store.SlotQuery{BranchID: branch.ID, DoctorID: doctor.ID, From: first, Until: first.Add(time.Duration(n) * length), For: Owner})
	must(tb, err)
	return open
}
