package store_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func birth(day string) clinic.ProofInput {
	return clinic.ProofInput{BirthYear: "1990", BirthMonth: "4", BirthDay: day}
}

// TestProve_FiveTriesAcrossInstances: what is wrong is counted for the booking, on whichever instance; after five, a right one is refused
// as well. What nobody can have meant does not count, nor does another booking's.
func TestProve_FiveTriesAcrossInstances(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, keys, clock := address(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
			one := storetest.Open(t, at, keys, clock.Now)
			two := one
			if engine == "postgres" { // SQLite has one server
				two = storetest.Open(t, at, keys, clock.Now)
			}
			c := storetest.NewClinic(t, one)
			r := storetest.Request(c.Slots[0].ID, 1)
			r.Patient.Birth = clinic.Date{Year: 1990, Month: time.April, Day: 1}
			receipt := storetest.Book(t, one, r)
			link := clinic.PatientByLink(receipt.Token)
			other := storetest.Book(t, one, storetest.Request(c.Slots[1].ID, 2))

			check(t, two.Prove(t.Context(), link, birth("1")))
			check(t, two.Prove(t.Context(), link, clinic.ProofInput{BirthEra: "平成", BirthYear: "2", BirthMonth: "４", BirthDay: "1"}))
			for _, half := range []clinic.ProofInput{{}, birth("31"), {BirthYear: "90", BirthMonth: "4", BirthDay: "1"}} {
				wantCode(t, one.Prove(t.Context(), link, half), clinic.Invalid)
			}
			for n := range clinic.MaxTries - 1 {
				s := one
				if n%2 == 1 {
					s = two
				}
				if err := s.Prove(t.Context(), link, birth("2")); messageOf(err) != "error.pass.wrong" {
					t.Fatalf("try %d: %v", n+1, err)
				}
			}
			check(t, one.Prove(t.Context(), link, birth("1"))) // it is not too late, and gives no tries back
			if err := two.Prove(t.Context(), link, birth("2")); messageOf(err) != "error.pass.tries" {
				t.Errorf("the fifth: %v", err)
			}
			if err := one.Prove(t.Context(), link, birth("1")); messageOf(err) != "error.pass.tries" {
				t.Errorf("a right one after five: %v", err)
			}
			n, err := two.Guesses(t.Context(), link)
			check(t, err)
			if n != clinic.MaxTries {
				t.Errorf("%d are counted", n)
			}
			if n, err := one.Guesses(t.Context(), clinic.PatientByLink(other.Token)); n != 0 || err != nil {
				t.Errorf("of another booking %d are counted, %v", n, err)
			}
			wantCode(t, one.Prove(t.Context(), clinic.PatientByLink(clinic.NewToken()), birth("1")), clinic.NotFound)
		})
	}
}

// TestGiveTries_AfterAllAreSpent: the front desk gives five new ones, at its own branches, and not before the old ones are used up; each time it
// is written down who did.
func TestGiveTries_AfterAllAreSpent(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c := storetest.NewClinic(t, s)
		r := storetest.Request(c.Slots[0].ID, 1)
		r.Patient.Birth = clinic.Date{Year: 1990, Month: time.April, Day: 1}
		receipt := storetest.Book(t, s, r)
		link := clinic.PatientByLink(receipt.Token)
		front, err := s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{Role: clinic.FrontDesk, Branches: []string{c.Branch.ID}, Name: "受付 見本", Email: "front@example.jp"})
		check(t, err)
		desk := clinic.StaffActor(front)
		elsewhere := clinic.StaffActor(clinic.Staff{ID: front.ID, Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
		for round := 1; round <= 2; round++ {
			wantCode(t, s.GiveTries(t.Context(), desk, receipt.BookingID), clinic.Conflict)
			for n := range clinic.MaxTries {
				want := "error.pass.wrong"
				if n == clinic.MaxTries-1 {
					want = "error.pass.tries"
				}
				if err := s.Prove(t.Context(), link, birth("2")); messageOf(err) != want {
					t.Fatalf("round %d, try %d: %v", round, n+1, err)
				}
			}
			if err := s.Prove(t.Context(), link, birth("1")); messageOf(err) != "error.pass.tries" {
				t.Errorf("a right one: %v", err)
			}
			if tries, err := s.Tries(t.Context(), desk, receipt.BookingID); !tries.Spent || err != nil {
				t.Errorf("the front desk sees %+v, %v", tries, err)
			}
			if tries, err := s.Tries(t.Context(), elsewhere, receipt.BookingID); tries.Spent || err != nil {
				t.Errorf("another branch sees %+v, %v", tries, err)
			}
			wantCode(t, s.GiveTries(t.Context(), elsewhere, receipt.BookingID), clinic.NotFound)
			wantCode(t, s.GiveTries(t.Context(), storetest.DoctorActor(c.Doctors[0].ID), receipt.BookingID), clinic.NotFound)
			clock.Advance(time.Hour)
			given := 0
			for _, err := range atOnce(4, func(int) error { return s.GiveTries(t.Context(), desk, receipt.BookingID) }) {
				if err == nil {
					given++
				} else {
					wantCode(t, err, clinic.Conflict)
				}
			}
			tries, err := s.Tries(t.Context(), desk, receipt.BookingID)
			check(t, err)
			if given != 1 || tries.Spent || tries.GivenBy != front.ID || tries.GivenAt == nil || !tries.GivenAt.Equal(clock.Now()) {
				t.Errorf("round %d: given %d times, and it stands as %+v", round, given, tries)
			}
			if n, err := s.Guesses(t.Context(), link); n != 0 || err != nil {
				t.Errorf("%d count still, %v", n, err)
			}
		}
		check(t, s.Prove(t.Context(), link, birth("1")))
		if acts := storetest.Read(t, address)["link_acts"]; len(acts) != 2*clinic.MaxTries+2 {
			t.Errorf("%d acts are kept", len(acts))
		}
	})
}

// TestProve_ManyAtOnce: of twenty who guess at once no more than five are heard.
func TestProve_ManyAtOnce(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			clock := storetest.NewClock()
			s := storetest.Open(t, address(t), filepath.Join(t.TempDir(), "keys"), clock.Now)
			c := storetest.NewClinic(t, s)
			link := clinic.PatientByLink(storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1)).Token)
			heard := 0
			for _, err := range atOnce(20, func(int) error {
				return s.Prove(t.Context(), link, clinic.ProofInput{BirthYear: "1901", BirthMonth: "1", BirthDay: "1"})
			}) {
				switch messageOf(err) {
				case "error.pass.wrong":
					heard++
				case "error.pass.tries":
				default:
					t.Errorf("somebody is answered %v", err)
				}
			}
			if n, err := s.Guesses(t.Context(), link); heard != clinic.MaxTries-1 || n != clinic.MaxTries || err != nil {
				t.Errorf("%d were told that they may try again, %d are counted, %v", heard, n, err)
			}
		})
	}
}

// TestPass_IsOfOneBookingAndOneTime: nobody can make a pass, or change one.
func TestPass_IsOfOneBookingAndOneTime(t *testing.T) {
	s := storetest.Open(t, storetest.SQLiteURL(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock().Now)
	pass := clinic.Pass{Kind: clinic.PassTyped, Revision: 3, Ends: storetest.Begin}
	sealed, err := s.SealPass("a", pass)
	check(t, err)
	if got, err := s.OpenPass("a", sealed); got != pass || err != nil {
		t.Errorf("it opens as %+v, %v", got, err)
	}
	for what, forged := range map[string]string{
		"another booking": sealed, "another kind": strings.Replace(sealed, "typed", "proved", 1), "another revision": strings.Replace(sealed, ".3.", ".4.", 1),
		"no sign": sealed[:strings.LastIndexByte(sealed, '.')+1], "nothing": "", "words": "proved.0.9999999999",
	} {
		booking := "a"
		if what == "another booking" {
			booking = "b"
		}
		if got, err := s.OpenPass(booking, forged); got != (clinic.Pass{}) || err != nil {
			t.Errorf("%s opens as %+v, %v", what, got, err)
		}
	}
}
