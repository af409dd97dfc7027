package store_test

import (
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func photoOf(name string) clinic.Photo {
	return clinic.Photo{Hash: name, Large: []byte("large " + name), Small: []byte("small " + name)}
}

// A photo is where doctors and branches are read from, goes over one that was seen only, and leaves nothing behind.
func TestPhoto_IsSetReplacedAndTakenAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		ctx, doctor := t.Context(), c.Doctors[0]
		receipt := storetest.Book(t, s, storetest.Request(sameDoctor(c, clinic.SlotWithState{Slot: clinic.Slot{DoctorID: doctor.ID}}), 1))
		stands := func(want string) {
			t.Helper()
			d, _, err := s.Doctor(ctx, doctor.ID)
			check(t, err)
			a, err := s.Appointment(ctx, storetest.Owner, receipt.BookingID)
			check(t, err)
			entries, _, err := s.Day(ctx, storetest.Owner, c.Branch, clinic.DateOf(a.Slot.StartsAt, c.Branch.Location()))
			check(t, err)
			at := "none"
			for _, e := range entries {
				if e.Appointment != nil {
					at = e.Appointment.Doctor.Photo
				}
			}
			if d.Photo != want || a.Doctor.Photo != want || at != want {
				t.Errorf("the doctor has %q, their appointment %q, the day %q, want %q", d.Photo, a.Doctor.Photo, at, want)
			}
		}
		served := func(hash string, want bool) {
			t.Helper()
			for size, text := range map[clinic.PhotoSize]string{clinic.LargePhoto: "large " + hash, clinic.SmallPhoto: "small " + hash} {
				file, err := s.Photo(ctx, hash, size)
				if want && (err != nil || string(file) != text) || !want && clinic.CodeOf(err) != clinic.NotFound {
					t.Errorf("%s in %d is %q, %v", hash, size, file, err)
				}
			}
		}
		check(t, s.SetDoctorPhoto(ctx, storetest.Owner, doctor.ID, "", photoOf("first")))
		stands("first")
		served("first", true)
		if err := s.SetDoctorPhoto(ctx, storetest.Owner, doctor.ID, "", photoOf("unseen")); !clinic.IsStale(err) {
			t.Errorf("a photo goes over one that was not seen: %v", err)
		}
		served("unseen", false)
		check(t, s.SetDoctorPhoto(ctx, storetest.Owner, doctor.ID, "first", photoOf("first"))) // sent twice
		served("first", true)
		check(t, s.SetDoctorPhoto(ctx, storetest.Owner, doctor.ID, "first", photoOf("second")))
		served("first", false)

		// The form of the doctor, as somebody opened it before, leaves the photo alone.
		_, err := s.SaveDoctor(ctx, storetest.Owner, doctor, []string{c.Branch.ID})
		check(t, err)
		stands("second")
		check(t, s.SetDoctorPhoto(ctx, storetest.Owner, doctor.ID, "second", clinic.Photo{}))
		stands("")
		served("second", false)
		wantCode(t, s.SetDoctorPhoto(ctx, storetest.Owner, "nobody", "", photoOf("x")), clinic.NotFound)
		served("x", false)

		check(t, s.SetBranchPhoto(ctx, storetest.Owner, c.Branch.ID, "", photoOf("house")))
		_, err = s.SaveBranch(ctx, storetest.Owner, c.Branch)
		check(t, err)
		if b, err := s.Branch(ctx, c.Branch.ID); err != nil || b.Photo != "house" {
			t.Errorf("the branch has %q, %v", b.Photo, err)
		}
		for role, may := range map[clinic.Role]clinic.Code{clinic.Admin: "", clinic.FrontDesk: clinic.NotFound, clinic.DoctorRole: clinic.NotFound} {
			who := clinic.StaffActor(clinic.Staff{ID: "x", Role: role, Active: true, Branches: []string{c.Branch.ID}})
			if err := s.SetBranchPhoto(ctx, who, c.Branch.ID, "house", photoOf("house")); clinic.CodeOf(err) != may {
				t.Errorf("%s at their branch: %v", role, err)
			}
			wantCode(t, s.SetBranchPhoto(ctx, who, c.Other.ID, "", photoOf("theirs")), clinic.NotFound)
			if err := s.SetDoctorPhoto(ctx, who, doctor.ID, "", photoOf("one")); clinic.CodeOf(err) != may {
				t.Errorf("%s, of a doctor: %v", role, err)
			}
			if may == "" {
				check(t, s.SetDoctorPhoto(ctx, who, doctor.ID, "one", clinic.Photo{}))
			}
			wantCode(t, s.MoveDoctor(ctx, who, doctor.ID, true), clinic.Forbidden) // the order is of the whole clinic
		}
	})
}

// Doctors and branches are read in the order that the clinic gives, by every instance.
func TestPlaces_AreTheClinicsOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		ctx := t.Context()
		wantFirst := func(doctor, branch string) {
			t.Helper()
			doctors, err := s.DoctorsAt(ctx, c.Branch.ID)
			check(t, err)
			all, err := s.Doctors(ctx)
			check(t, err)
			branches, err := s.Branches(ctx)
			check(t, err)
			if doctors[0].ID != doctor || all[0].ID != doctor || branches[0].ID != branch {
				t.Errorf("first are %s, %s and %s", doctors[0].GivenName, all[0].GivenName, branches[0].Name)
			}
		}
		wantFirst(c.Doctors[0].ID, c.Branch.ID)
		check(t, s.MoveDoctor(ctx, storetest.Owner, c.Doctors[1].ID, true))
		wantFirst(c.Doctors[1].ID, c.Branch.ID)
		check(t, s.MoveDoctor(ctx, storetest.Owner, c.Doctors[1].ID, true)) // it is the first already
		check(t, s.MoveBranch(ctx, storetest.Owner, c.Branch.ID, false))
		wantFirst(c.Doctors[1].ID, c.Other.ID)
		check(t, s.MoveDoctor(ctx, storetest.Owner, c.Doctors[1].ID, false))
		check(t, s.MoveBranch(ctx, storetest.Owner, c.Branch.ID, true))
		wantFirst(c.Doctors[0].ID, c.Branch.ID)
		wantCode(t, s.MoveBranch(ctx, storetest.Owner, "nowhere", true), clinic.NotFound)
	})
}
