package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// people are the patients of some bookings, and their terms and rows, as they are stored.
type people struct {
	of    map[string]string // the patient of each booking
	terms []string
	rows  []string
}

func peopleAt(t *testing.T, address string) people {
	t.Helper()
	facts := storetest.Read(t, address)
	p := people{of: map[string]string{}, terms: facts["patient_terms"]}
	for _, row := range facts["patients"] { // who was merged once is not said to be alone again
		p.rows = append(p.rows, strings.NewReplacer("alone=true", "", "alone=false", "").Replace(row))
	}
	for _, row := range facts["bookings"] {
		var id, patient string
		for _, cell := range strings.Fields(row) {
			if value, ok := strings.CutPrefix(cell, "id="); ok {
				id = value
			}
			if value, ok := strings.CutPrefix(cell, "patient_id="); ok {
				patient = value
			}
		}
		p.of[id] = patient
	}
	return p
}

// TestMerge_UndoneExactly: what a merge has changed of bookings, patients and terms is as before once it is undone, and what was booked
// since stays where it belongs.
func TestMerge_UndoneExactly(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		a := patientOf(t, s, storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 0)))
		b := patientOf(t, s, storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 1)))
		check(t, s.FillTerms(ctx))
		check(t, s.SavePatientMemo(ctx, storetest.Owner, b, 0, "駐車場は北側"))
		check(t, s.CloseOnline(ctx, storetest.Owner, b, true))
		before := peopleAt(t, address)

		merge, err := s.MergePatients(ctx, storetest.Owner, a, b)
		check(t, err)
		all, _, err := s.BookingsOf(ctx, storetest.Owner, a)
		check(t, err)
		if len(all) != 2 {
			t.Errorf("%d bookings are of the one who was kept", len(all))
		}
		if got, err := s.Patient(ctx, storetest.Owner, b); err != nil || got.Patient.ID != a || got.OnlineClosed == nil {
			t.Errorf("the merged one is %s, closed %v, %v", got.Patient.ID, got.OnlineClosed, err)
		}
		for _, text := range []string{"patient1@example.jp", "0001", "1990/4/2"} {
			if found, err := s.SearchPatients(ctx, storetest.Owner, text, 5); err != nil || len(found.Patients) != 1 || found.Patients[0].Patient.ID != a {
				t.Errorf("%q finds %+v, %v", text, found, err)
			}
		}
		merges, err := s.MergesInto(ctx, storetest.Owner, a)
		check(t, err)
		if len(merges) != 1 || merges[0].Memo != "駐車場は北側" || merges[0].Merged.GivenName != "花子一" {
			t.Errorf("the page says %+v", merges)
		}

		// Online it is refused to both, by what was typed.
		var refusal *clinic.Error
		_, err = s.Book(ctx, clinic.Visitor("a cookie", "192.0.2.1"), storetest.Request(c.Slots[2].ID, 0))
		if !errors.As(err, &refusal) || refusal.Message != "error.booking.closed" || refusal.Args["Phone"] != "03-0000-0001" {
			t.Errorf("online: %v", err)
		}
		asMerged, err := s.Book(ctx, storetest.Owner, storetest.Request(c.Slots[2].ID, 1))
		check(t, err)
		if peopleAt(t, address).of[asMerged.BookingID] != a {
			t.Error("who books as the merged one does not book for the one who was kept")
		}

		check(t, s.UndoMerge(ctx, storetest.Owner, a, merge))
		after := peopleAt(t, address)
		if after.of[asMerged.BookingID] != b {
			t.Error("what the merged one has booked since stays with the other")
		}
		delete(after.of, asMerged.BookingID)
		if !mapsEqual(before.of, after.of) || !slices.Equal(before.terms, after.terms) || !slices.Equal(before.rows, after.rows) {
			t.Errorf("before\n%v\n%v\nafter\n%v\n%v", before.of, strings.Join(before.rows, "\n"), after.of, strings.Join(after.rows, "\n"))
		}
		if err := s.UndoMerge(ctx, storetest.Owner, a, merge); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("undone twice: %v", err)
		}
		again, err := s.MergePatients(ctx, storetest.Owner, a, b)
		check(t, err)
		clock.Advance(clinic.MergeUndo)
		if err := s.UndoMerge(ctx, storetest.Owner, a, again); clinic.CodeOf(err) != clinic.Conflict {
			t.Errorf("a day later: %v", err)
		}
		elsewhere := clinic.StaffActor(clinic.Staff{ID: "elsewhere", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
		if err := s.UndoMerge(ctx, elsewhere, a, again); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("from another branch: %v", err)
		}
	})
}

// TestMerge_WhateverTheOrder: whatever the order of bookings, corrections, merges and undos, no booking is lost, each is of one patient who
// was not merged into another, all patients find their bookings, and undoing all merges gives each booking to whoever booked it.
func TestMerge_WhateverTheOrder(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		loc := c.Branch.Location()
		day := clinic.DateOf(storetest.Begin, loc)
		person := 0
		rapid.Check(t, func(rt *rapid.T) {
			// Each round has people of its own, in slots of its own.
			var slots []clinic.SlotWithState
			for len(slots) == 0 {
				day = day.AddDays(1)
				opened, _ := clinic.DaySlots{Date: day.String(), From: "09:00", Until: "21:00", Minutes: "30"}.Slots(c.Branch, c.Doctors[0].ID, storetest.Begin)
				if err := s.AddSlots(ctx, storetest.Owner, opened); err != nil {
					continue
				}
				var err error
				slots, err = s.Slots(ctx, store.SlotQuery{BranchID: c.Branch.ID, DoctorID: c.Doctors[0].ID, From: day.In(loc), Until: day.AddDays(1).In(loc), For: storetest.Owner})
				check(t, err)
			}
			first := person
			person += 4
			type merged struct{ kept, id string }
			var merges []merged
			booked := map[string]string{} // the patient who has booked, by booking
			own := map[int]string{}
			book := func(n int) {
				receipt, err := s.Book(ctx, storetest.Owner, storetest.Request(slots[0].ID, first+n))
				check(t, err)
				slots = slots[1:]
				if own[n] == "" {
					own[n] = patientOf(t, s, receipt)
				}
				booked[receipt.BookingID] = own[n]
			}
			for n := range 4 {
				book(n)
			}
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				switch rapid.SampledFrom([]string{"book", "merge", "merge", "undo"}).Draw(rt, "step") {
				case "book":
					if len(slots) > 0 {
						book(rapid.IntRange(0, 3).Draw(rt, "who"))
					}
				case "merge":
					kept, other := own[rapid.IntRange(0, 3).Draw(rt, "kept")], own[rapid.IntRange(0, 3).Draw(rt, "merged")]
					id, err := s.MergePatients(ctx, storetest.Owner, kept, other)
					if err == nil {
						merges = append(merges, merged{kept, id})
					} else if clinic.CodeOf(err) != clinic.NotFound { // one of them has been merged already
						rt.Fatal(err)
					}
				case "undo":
					if len(merges) == 0 {
						continue
					}
					at := rapid.IntRange(0, len(merges)-1).Draw(rt, "which")
					err := s.UndoMerge(ctx, storetest.Owner, merges[at].kept, merges[at].id)
					if err == nil {
						merges = slices.Delete(merges, at, at+1)
					} else if clinic.CodeOf(err) != clinic.Conflict { // one that came after it is undone first
						rt.Fatal(err)
					}
				}
			}
			wantOnePatientEach(rt, address, booked)
			for len(merges) > 0 { // the latest first
				last := merges[len(merges)-1]
				check(t, s.UndoMerge(ctx, storetest.Owner, last.kept, last.id))
				merges = merges[:len(merges)-1]
			}
			of := peopleAt(t, address).of
			for id, patient := range booked {
				if of[id] != patient {
					rt.Fatalf("a booking of %s is of %s", patient, of[id])
				}
			}
			for n, id := range own {
				found, err := s.SearchPatients(ctx, storetest.Owner, fmt.Sprintf("0900000%04d", first+n), 5)
				check(t, err)
				if len(found.Patients) != 1 || found.Patients[0].Patient.ID != id {
					rt.Fatalf("the phone of %d finds %+v", n, found)
				}
			}
		})
	})
}

// wantOnePatientEach: every booking is there, and of a patient who was not merged into another.
func wantOnePatientEach(t *rapid.T, address string, booked map[string]string) {
	t.Helper()
	facts, err := storetest.TryRead(address)
	if err != nil {
		t.Fatal(err)
	}
	gone := map[string]bool{}
	for _, row := range facts["patients"] {
		var id string
		merged := false
		for _, cell := range strings.Fields(row) {
			if value, ok := strings.CutPrefix(cell, "id="); ok {
				id = value
			}
			if value, ok := strings.CutPrefix(cell, "merged_into="); ok && value != "<nil>" {
				merged = true
			}
		}
		gone[id] = merged
	}
	seen := 0
	for _, row := range facts["bookings"] {
		for _, cell := range strings.Fields(row) {
			value, ok := strings.CutPrefix(cell, "patient_id=")
			if !ok {
				continue
			}
			if merged, known := gone[value]; !known || merged {
				t.Fatalf("a booking is of %s, who was merged", value)
			}
		}
		for id := range booked {
			if strings.Contains(row, "id="+id) {
				seen++
			}
		}
	}
	if seen < len(booked) {
		t.Fatalf("%d of %d bookings are there", seen, len(booked))
	}
}

func mapsEqual(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

func patientOf(t *testing.T, s *store.Store, r clinic.Receipt) string {
	t.Helper()
	a, err := s.Appointment(t.Context(), storetest.Owner, r.BookingID)
	check(t, err)
	return a.Booking.PatientID
}

// TestCorrectPatient_ReachesWhatComes: a correction changes what is stored of the patient and what comes, at the branches where the reader
// may change bookings; nobody's correction is lost; and whoever would be somebody else is not overwritten.
func TestCorrectPatient_ReachesWhatComes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 0))
		id := patientOf(t, s, receipt)
		storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 1))
		desk := clinic.StaffActor(clinic.Staff{ID: "desk", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Branch.ID}})
		known, err := s.Patient(ctx, desk, id)
		check(t, err)
		corrected := known.Patient
		corrected.Phone, corrected.Email = "09000007777", "new@example.jp"
		check(t, s.CorrectPatient(ctx, desk, id, known.Revision, corrected))
		if err := s.CorrectPatient(ctx, desk, id, known.Revision, corrected); !clinic.IsStale(err) {
			t.Errorf("from a revision that is past: %v", err)
		}
		a, err := s.Appointment(ctx, desk, receipt.BookingID)
		check(t, err)
		if a.Patient.Phone != "09000007777" || a.Patient.Email != "new@example.jp" || a.Booking.PatientID != id {
			t.Errorf("the booking has %s, %s", a.Patient.Phone, a.Patient.Email)
		}
		for _, text := range []string{"090-0000-7777", "7777", "new@example.jp"} {
			if found, err := s.SearchPatients(ctx, desk, text, 5); err != nil || len(found.Patients) != 1 {
				t.Errorf("%q finds %+v, %v", text, found, err)
			}
		}
		other := storetest.Request("", 1).Patient
		other.GivenName = corrected.GivenName
		if err := s.CorrectPatient(ctx, desk, id, known.Revision+1, other); clinic.CodeOf(err) != clinic.Conflict || clinic.IsStale(err) {
			t.Errorf("to somebody who is there already: %v", err)
		}
		elsewhere := clinic.StaffActor(clinic.Staff{ID: "elsewhere", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
		if err := s.CorrectPatient(ctx, elsewhere, id, known.Revision+1, corrected); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("from another branch: %v", err)
		}
		clock.Advance(72 * time.Hour)
		corrected.Email = "later@example.jp"
		check(t, s.CorrectPatient(ctx, desk, id, known.Revision+1, corrected))
		if a, err = s.Appointment(ctx, desk, receipt.BookingID); err != nil || a.Patient.Email != "new@example.jp" {
			t.Errorf("what is over has %s, %v", a.Patient.Email, err)
		}
	})
}
