package store_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestAlone_LosesNobody: whatever is booked, corrected, merged and taken back, of nobody who has another booking, or may be somebody else, is it
// said that they are alone. The others of every booking and the missed appointments of everybody are the same once it is said of nobody.
func TestAlone_LosesNobody(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c := storetest.NewClinic(t, s)
		c.Branch.Settings.LiveBookings = clinic.MaxLiveBookings
		_, err := s.SaveBranch(t.Context(), storetest.Owner, c.Branch)
		check(t, err)
		clock.Advance(60 * 24 * time.Hour) // past the clinic's own slots
		world, alone, found := 0, 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			world++
			clock.Advance(24 * time.Hour)
			w := aloneWorld{T: rt, t: t, s: s, world: world, slots: storetest.AddSlots(t, s, c.Branch, c.Doctors[0], clock.Now().Add(time.Hour), 12)}
			rt.Repeat(map[string]func(*rapid.T){
				"book":           w.book,
				"book for":       w.bookKnown,
				"correct":        w.correctContact,
				"correct record": w.correctRecord,
				"merge":          w.merge,
				"undo":           w.undo,
				"cancel":         w.cancel,
				"fill":           func(*rapid.T) { check(t, s.FillTerms(t.Context())) },
			})
			clock.Advance(65 * time.Minute) // the first has begun
			for _, id := range w.booked[:min(1, len(w.booked))] {
				w.tried(s.Step(t.Context(), storetest.Owner, id, clinic.Booked, clinic.NoShow))
			}
			list := w.all()
			others, missed, err := s.OthersAndNoShows(t.Context(), storetest.Owner, list...)
			check(t, err)
			for _, of := range storetest.ReadTable(t, address, "patients") {
				if strings.Contains(of, "alone=true") {
					alone++
				}
			}
			storetest.Exec(t, address, "UPDATE patients SET alone = false")
			allOthers, allMissed, err := s.OthersAndNoShows(t.Context(), storetest.Owner, list...)
			check(t, err)
			if !maps.EqualFunc(others, allOthers, slices.Equal) || !reflect.DeepEqual(missed, allMissed) {
				rt.Fatalf("the others are %v and missed %v; where it is said of nobody that they are alone, %v and %v", others, missed, allOthers, allMissed)
			}
			found += len(others)
		})
		if found == 0 || alone == 0 {
			t.Errorf("%d had another booking and %d were alone: the test shows nothing", found, alone)
		}
	})
}

// aloneWorld are a few people who share phones, addresses and names.
type aloneWorld struct {
	*rapid.T

	t      *testing.T
	s      *store.Store
	world  int
	slots  []clinic.SlotWithState
	booked []string
	merges [][2]string // who was kept, and the merge
}

// patient is one of them: in one of three cases, where there is one, exactly as they said it before.
func (w *aloneWorld) patient(rt *rapid.T) clinic.Patient {
	if rapid.IntRange(0, 2).Draw(rt, "again") == 0 {
		if a := w.one(rt); a != nil {
			return a.Patient
		}
	}
	p := storetest.Request("", 0).Patient
	p.GivenKana = rapid.SampledFrom([]string{"ハナコ", "タロウ", "ジロウ"}).Draw(rt, "reading")
	p.Birth = clinic.Date{Year: 1990, Month: time.May, Day: 1}.AddDays(10*w.world + rapid.IntRange(0, 3).Draw(rt, "birth"))
	p.Phone = fmt.Sprintf("090%04d%04d", w.world, rapid.IntRange(0, 9).Draw(rt, "phone"))
	p.Email = fmt.Sprintf("p%d-%d@example.jp", w.world, rapid.IntRange(0, 9).Draw(rt, "mail"))
	return p
}

func (w *aloneWorld) request(rt *rapid.T) (clinic.Request, bool) {
	if len(w.booked) == len(w.slots) {
		return clinic.Request{}, false
	}
	r := storetest.Request(w.slots[len(w.booked)].ID, 0)
	r.Patient, r.Another = w.patient(rt), true
	return r, true
}

func (w *aloneWorld) take(r clinic.Request, actor clinic.Actor) {
	receipt, err := w.s.Book(w.t.Context(), actor, r)
	check(w.t, err)
	w.booked = append(w.booked, receipt.BookingID)
}

func (w *aloneWorld) book(rt *rapid.T) {
	if r, ok := w.request(rt); ok {
		w.take(r, rapid.SampledFrom([]clinic.Actor{storetest.Owner, clinic.API(clinic.APIKey{})}).Draw(rt, "actor"))
	}
}

// bookKnown books for somebody whom the front desk has recognised, who says perhaps something else of themselves now.
func (w *aloneWorld) bookKnown(rt *rapid.T) {
	a := w.one(rt)
	r, ok := w.request(rt)
	if a == nil || !ok {
		return
	}
	if r.PatientID = a.Booking.PatientID; rapid.Bool().Draw(rt, "as before") {
		r.Patient = a.Patient
	}
	w.take(r, storetest.Owner)
}

func (w *aloneWorld) all() (list []*clinic.Appointment) {
	all, err := w.s.Appointments(w.t.Context(), storetest.Owner, w.booked...)
	check(w.t, err)
	for _, id := range w.booked {
		a := all[id]
		list = append(list, &a)
	}
	return list
}

func (w *aloneWorld) one(rt *rapid.T) *clinic.Appointment {
	if len(w.booked) == 0 {
		return nil
	}
	return rapid.SampledFrom(w.all()).Draw(rt, "booking")
}

// tried lets what the rules refuse be.
func (w *aloneWorld) tried(err error) bool {
	if code := clinic.CodeOf(err); err != nil && code != clinic.Conflict && code != clinic.NotFound {
		check(w.t, err)
	}
	return err == nil
}

func (w *aloneWorld) correctContact(rt *rapid.T) {
	if a := w.one(rt); a != nil {
		w.tried(w.s.CorrectContact(w.t.Context(), storetest.Owner, a.Booking.ID, a.Booking.Revision, w.patient(rt)))
	}
}

func (w *aloneWorld) correctRecord(rt *rapid.T) {
	a := w.one(rt)
	if a == nil {
		return
	}
	record, err := w.s.Patient(w.t.Context(), storetest.Owner, a.Booking.PatientID)
	check(w.t, err)
	w.tried(w.s.CorrectPatient(w.t.Context(), storetest.Owner, record.Patient.ID, record.Revision, w.patient(rt)))
}

func (w *aloneWorld) merge(rt *rapid.T) {
	a, b := w.one(rt), w.one(rt)
	if a == nil || a.Booking.PatientID == b.Booking.PatientID {
		return
	}
	merge, err := w.s.MergePatients(w.t.Context(), storetest.Owner, a.Booking.PatientID, b.Booking.PatientID)
	if w.tried(err) {
		w.merges = append(w.merges, [2]string{a.Booking.PatientID, merge})
	}
}

func (w *aloneWorld) undo(*rapid.T) {
	if n := len(w.merges); n > 0 {
		w.tried(w.s.UndoMerge(w.t.Context(), storetest.Owner, w.merges[n-1][0], w.merges[n-1][1]))
		w.merges = w.merges[:n-1]
	}
}

func (w *aloneWorld) cancel(rt *rapid.T) {
	if a := w.one(rt); a != nil {
		w.tried(w.s.Cancel(w.t.Context(), storetest.Owner, a.Booking.ID))
	}
}

// TestCorrectPatient_IsFoundByWhatStandsThen: what a correction makes of what was typed with a booking, which may be neither what was typed nor what is
// stored of the patient, says as well who may be the same person.
func TestCorrectPatient_IsFoundByWhatStandsThen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c, ctx := storetest.NewClinic(t, s), t.Context()
		book := func(slot int, reading string, day int) *clinic.Appointment {
			r := person(c.Slots[slot].ID, reading, fmt.Sprintf("0900000000%d", slot), fmt.Sprintf("p%d@example.jp", slot))
			r.Patient.Birth.Day = day
			receipt, err := s.Book(ctx, storetest.Owner, r)
			check(t, err)
			a, err := s.Appointment(ctx, storetest.Owner, receipt.BookingID)
			check(t, err)
			return &a
		}
		hanako, taro, other := book(0, "ハナコ", 1), book(1, "タロウ", 1), book(2, "タロウ", 2)
		_, err := s.MergePatients(ctx, storetest.Owner, hanako.Patient.ID, taro.Patient.ID)
		check(t, err)
		corrected := hanako.Patient
		corrected.Birth.Day = 2
		check(t, s.CorrectPatient(ctx, storetest.Owner, hanako.Patient.ID, 1, corrected))
		others, _, err := s.OthersAndNoShows(ctx, storetest.Owner, other)
		check(t, err)
		if got := others[other.Booking.ID]; !slices.Contains(got, taro.Booking.ID) {
			t.Errorf("beside them stands %v; not %s, whose reading and birth date they have by now", got, taro.Booking.ID)
		}
	})
}
