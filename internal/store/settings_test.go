package store_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// rename is an edit of the settings.
func rename(name string) func(clinic.Settings) clinic.Settings {
	return func(s clinic.Settings) clinic.Settings {
		s.Name = name
		return s
	}
}

func wantName(t *testing.T, s *store.Store, want string) {
	t.Helper()
	got, err := s.Settings(t.Context())
	if err != nil || got.Name != want {
		t.Errorf("the clinic is called %q (%v), want %q", got.Name, err, want)
	}
}

// The settings of the files are the first ones, however many servers start at once, and never come back.
func TestSeedSettings_OnlyTheFirstTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		wantName(t, s, "")
		var starts sync.WaitGroup
		var found [8]string
		for i := range found {
			starts.Go(func() {
				err := s.SeedSettings(t.Context(), clinic.Settings{Name: fmt.Sprint("第", i, "クリニック")})
				now, readErr := s.Settings(t.Context())
				if found[i] = now.Name; err != nil || readErr != nil {
					t.Error(err, readErr)
				}
			})
		}
		starts.Wait()
		for _, name := range found {
			if name == "" || name != found[0] {
				t.Errorf("the servers that started at once found %q", found)
			}
		}
		check(t, s.ChangeSettings(t.Context(), storetest.Owner, rename("架空クリニック")))
		check(t, s.SeedSettings(t.Context(), storetest.Settings))
		wantName(t, s, "架空クリニック")
	})
}

func TestChangeSettings_KeepsWhatIsNotChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		check(t, s.SeedSettings(t.Context(), storetest.Settings))
		admin := clinic.StaffActor(clinic.Staff{ID: "admin", Role: clinic.Admin, Active: true, EveryBranch: true})
		logo := clinic.Logo{PNG: []byte("\x89PNG\x00"), Hash: "hash", Width: 600, Height: 110}
		check(t, s.ChangeSettings(t.Context(), admin, func(now clinic.Settings) clinic.Settings {
			now.Logo = logo
			return now
		}))
		check(t, s.ChangeSettings(t.Context(), admin, rename("架空クリニック")))
		got, err := s.Settings(t.Context())
		want := clinic.Settings{Name: "架空クリニック", NameEn: "Mihon Clinic", Logo: logo, Revision: 3}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// What belongs to the whole clinic is for who manages all of it.
func TestChangeSettings_IsForWhoManagesEveryBranch(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			s := storetest.Open(t, at, filepath.Join(t.TempDir(), "keys"), storetest.NewClock().Now)
			c := storetest.NewClinic(t, s)
			before := storetest.Read(t, at)
			for what, actor := range map[string]clinic.Actor{
				"a visitor": clinic.Visitor("cookie", "192.0.2.1"), "a patient": clinic.PatientByLink("token"), "a program": clinic.API(clinic.APIKey{}),
				"an admin of one branch": clinic.StaffActor(clinic.Staff{ID: "a", Role: clinic.Admin, Active: true, Branches: []string{c.Branch.ID, c.Other.ID}}),
				"an admin who left":      clinic.StaffActor(clinic.Staff{ID: "b", Role: clinic.Admin, EveryBranch: true}),
				"the front desk":         clinic.StaffActor(clinic.Staff{ID: "c", Role: clinic.FrontDesk, Active: true, EveryBranch: true}),
				"a doctor":               storetest.DoctorActor(c.Doctors[0].ID),
			} {
				t.Run(what, func(t *testing.T) {
					wantCode(t, s.ChangeSettings(t.Context(), actor, rename("のっとり")), clinic.Forbidden)
				})
			}
			if changed := storetest.Read(t, at).Changed(before); len(changed) > 0 {
				t.Errorf("rows were written in %v", changed)
			}
		})
	}
}

// What one instance changes, the others see when they look next: the clinic's name, a branch, and what a letter says of both.
func TestSettings_AreSeenByEveryInstance(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, keys, clock := address(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
			here, there := storetest.Open(t, at, keys, clock.Now), storetest.Open(t, at, keys, clock.Now)
			c := storetest.NewClinic(t, here)
			for _, s := range []*store.Store{here, there} {
				wantName(t, s, "見本クリニック")
				wantHours(t, s, c.Branch.ID, "平日 10:00–18:00")
			}
			check(t, here.ChangeSettings(t.Context(), storetest.Owner, rename("架空クリニック")))
			wantName(t, there, "架空クリニック")
			c.Branch.Settings.PhoneHours = "毎日 9:00–21:00"
			_, err := here.SaveBranch(t.Context(), storetest.Owner, c.Branch)
			check(t, err)
			wantHours(t, there, c.Branch.ID, "毎日 9:00–21:00")
			wantHours(t, there, c.Other.ID, "平日 10:00–18:00")
			check(t, there.ChangeSettings(t.Context(), storetest.Owner, rename("例示クリニック")))
			wantName(t, here, "例示クリニック")

			receipt := storetest.Book(t, here, storetest.Request(c.Slots[0].ID, 1))
			check(t, there.ChangeSettings(t.Context(), storetest.Owner, rename("試験クリニック")))
			check(t, here.Cancel(t.Context(), storetest.Owner, receipt.BookingID))
			wantLetter(t, there, "試験クリニック") // the confirmation was withdrawn
			storetest.Book(t, here, storetest.Request(c.Slots[1].ID, 2))
			wantLetter(t, there, "試験クリニック")
			chart, err := there.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
			if a := chart.Appointment; err != nil || a.Branch.Settings.PhoneHours != "毎日 9:00–21:00" {
				t.Errorf("the booking's branch answers the telephone %q, %v", a.Branch.Settings.PhoneHours, err)
			}
		})
	}
}

func wantHours(t *testing.T, s *store.Store, branchID, want string) {
	t.Helper()
	b, err := s.Branch(t.Context(), branchID)
	if err != nil || b.Settings.PhoneHours != want {
		t.Errorf("the branch answers the telephone %q (%v), want %q", b.Settings.PhoneHours, err, want)
	}
}

func wantLetter(t *testing.T, s *store.Store, clinicName string) {
	t.Helper()
	l, ok, err := s.ClaimLetter(t.Context())
	if err != nil || !ok || l.Content.ClinicName != clinicName || l.Content.PhoneHours != "毎日 9:00–21:00" {
		t.Errorf("%t, %v, the letter is from %q, whose hours are %q", ok, err, l.Content.ClinicName, l.Content.PhoneHours)
	}
	check(t, s.LetterSent(t.Context(), l))
}

// What is remembered is not read again while the counter stands still, and is what a page falls back on when the database
// does not answer.
func TestSettings_AreRemembered(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			s := storetest.Open(t, at, filepath.Join(t.TempDir(), "keys"), storetest.NewClock().Now)
			c := storetest.NewClinic(t, s)
			wantName(t, s, "見本クリニック")
			storetest.Exec(t, at, "UPDATE branches SET name = '別の院'")
			if b, err := s.Branch(t.Context(), c.Branch.ID); err != nil || b.Name != c.Branch.Name {
				t.Errorf("the branch was read again: %q, %v", b.Name, err)
			}
			storetest.Exec(t, at, "UPDATE change_counters SET value = value + 1")
			if b, err := s.Branch(t.Context(), c.Branch.ID); err != nil || b.Name != "別の院" {
				t.Errorf("the branch is still %q, %v", b.Name, err)
			}
			// Whoever sorts or cuts the list of branches does it to a copy.
			branches, err := s.Branches(t.Context())
			check(t, err)
			branches[0].Name = "並べ替え"
			if again, err := s.Branches(t.Context()); err != nil || again[0].Name != "別の院" {
				t.Errorf("the remembered branch became %q, %v", again[0].Name, err)
			}
			check(t, s.Close())
			settings, err := s.Settings(t.Context())
			branches, branchesErr := s.Branches(t.Context())
			if err == nil || branchesErr == nil || settings.Name != "見本クリニック" || len(branches) != 2 {
				t.Errorf("without a database: %q, %v; %d branches, %v", settings.Name, err, len(branches), branchesErr)
			}
		})
	}
}
