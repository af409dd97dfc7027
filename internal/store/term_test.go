package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestFillTerms_FindsWhoWasHereBefore: whoever booked before there were terms for parts of a number is found by them once the worker has
// made them; made again, nothing is written; and whoever books later is found as well.
func TestFillTerms_FindsWhoWasHereBefore(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		for n := range 3 {
			storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n))
		}
		find := func(text string) (names []string) {
			t.Helper()
			found, err := s.SearchPatients(ctx, storetest.Owner, text, 10)
			check(t, err)
			for _, p := range found.Patients {
				names = append(names, p.Patient.GivenName)
			}
			return names
		}
		for _, when := range []string{"before there are such terms", "once there are"} {
			for _, text := range []string{"0001", "1990年4月2日"} {
				if found := find(text); !slices.Equal(found, []string{"花子一"}) {
					t.Errorf("%s %q finds %q", when, text, found)
				}
			}
			if found := find("試"); found != nil { // the beginning of a family name in kanji is no term
				t.Errorf("%s the beginning of a family name in kanji finds %q", when, found)
			}
			check(t, s.FillTerms(ctx))
		}
		clock.Advance(2 * time.Minute)
		check(t, s.FillTerms(ctx)) // goes past them
		before := storetest.Read(t, address)
		check(t, s.FillTerms(ctx))
		if changed := storetest.Read(t, address).Changed(before); len(changed) > 0 {
			t.Errorf("made again, it writes %q", changed)
		}
		storetest.Book(t, s, storetest.Request(c.Slots[3].ID, 3))
		check(t, s.FillTerms(ctx))
		for text, want := range map[string][]string{
			"0003": {"花子三"}, "1990年4月4日": {"花子三"}, "H2/4/2": {"花子一"}, "patient2@example.jp": {"花子二"}, "試験 花子二": {"花子二"}, "花子二": nil,
		} {
			if found := find(text); !slices.Equal(found, want) {
				t.Errorf("%q finds %q, want %q", text, found, want)
			}
		}
		if found := find("ハナコ"); len(found) != 4 {
			t.Errorf("the given name finds %q", found)
		}
	})
}

// TestFillTerms_GoesOnWhereItEnded: a clinic with more patients than are filled in at once is filled in by several calls.
func TestFillTerms_GoesOnWhereItEnded(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 0))
		clock.Advance(2 * time.Minute)
		check(t, s.FillTerms(ctx))
		storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 1))
		clock.Advance(2 * time.Minute)
		storetest.Exec(t, address, "UPDATE patient_term_progress SET after_id = ''") // as if it had not begun
		before := len(storetest.Read(t, address)["patient_terms"])
		check(t, s.FillTerms(ctx))
		facts := storetest.Read(t, address)
		if after := len(facts["patient_terms"]); after <= before || len(facts["patient_term_progress"]) != 1 {
			t.Errorf("%d terms before, %d after, progress %q", before, after, facts["patient_term_progress"])
		}
	})
}

// TestSearchPatients_OneSign: one sign of the kana is enough, whoever has just that for a family name comes first, and no more are
// returned than asked for.
func TestSearchPatients_OneSign(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		for n, kana := range []string{"リ", "リカ", "リク", "リコ"} {
			r := storetest.Request(c.Slots[n].ID, n)
			r.Patient.FamilyKana = kana
			clock.Advance(time.Second)
			storetest.Book(t, s, r)
		}
		found, err := s.SearchPatients(ctx, storetest.Owner, "り", 3)
		check(t, err)
		if len(found.Patients) != 3 || !found.More || found.Patients[0].Patient.FamilyKana != "リ" {
			t.Errorf("found %d, more %t, first %q", len(found.Patients), found.More, found.Patients[0].Patient.FamilyKana)
		}
		elsewhere := clinic.StaffActor(clinic.Staff{ID: "elsewhere", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
		for _, text := range []string{"り", "", "patient1@example.jp"} {
			if found, err := s.SearchPatients(ctx, elsewhere, text, 3); err != nil || len(found.Patients) != 0 {
				t.Errorf("from another branch %q finds %d patients, %v", text, len(found.Patients), err)
			}
		}
		if _, err := s.Patient(ctx, elsewhere, found.Patients[0].Patient.ID); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("a patient of another branch: %v", err)
		}
		latest, err := s.SearchPatients(ctx, storetest.Owner, "", 10)
		check(t, err)
		if got := fmt.Sprint(len(latest.Patients), " ", latest.Patients[0].Patient.FamilyKana); got != "4 リコ" {
			t.Errorf("the latest are %s", got)
		}
	})
}

// TestBook_KnownUnderAnotherName: somebody to whom FillTerms has come already, and who books under a family name in kanji that they did not have, is
// found by it.
func TestBook_KnownUnderAnotherName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		r := storetest.Request(c.Slots[0].ID, 0)
		first := storetest.Book(t, s, r)
		clock.Advance(2 * time.Minute)
		check(t, s.FillTerms(ctx))
		r.SlotID, r.Patient.FamilyName = c.Slots[1].ID, "架空"
		second := storetest.Book(t, s, r)
		check(t, s.FillTerms(ctx))
		if patientOf(t, s, first) != patientOf(t, s, second) {
			t.Fatal("they are two patients")
		}
		found, err := s.Search(ctx, storetest.Owner, "架空")
		check(t, err)
		if len(found.Appointments) != 2 {
			t.Errorf("the new name finds %d bookings", len(found.Appointments))
		}
	})
}
