package store_test

import (
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
)

// fillErased erases two people, of whom one has a record that is kept and the other one that was.
func (f *filler) fillErased() {
	ctx, s, c := f.Context(), f.store, f.clinic
	admin, err := s.StaffByEmail(ctx, "admin@example.jp")
	check(f.T, err)
	doctor, err := s.StaffByEmail(ctx, "doctor2@example.jp")
	check(f.T, err)
	slots := storetest.AddSlots(f.T, s, c.Branch, c.Doctors[1], f.clock.Now().Add(7*time.Hour).Truncate(time.Hour), 2)
	var ids [2]string
	var erasure string
	for i, slot := range slots {
		r := storetest.Request(slot.ID, 60+i)
		r.Patient.FamilyName = "髙﨑"
		ids[i] = storetest.Book(f.T, s, r).BookingID
		if i == 0 {
			signing := clinic.Signing{Sure: true}
			_, err := s.SignNote(ctx, clinic.StaffActor(doctor), ids[i], clinic.Screen{}, fullNote("署名した提案"), "", signing)
			check(f.T, err)
			check(f.T, s.CorrectNote(ctx, clinic.StaffActor(doctor), ids[i], 1, "厚みの書きまちがい"))
			_, err = s.SignNote(ctx, clinic.StaffActor(doctor), ids[i], clinic.Screen{Revision: 2, Base: 1}, fullNote("直した提案"), "厚みの書きまちがい", signing)
			check(f.T, err)
		}
		a := appointmentOf(f.T, s, ids[i])
		check(f.T, s.Cancel(ctx, storetest.Owner, ids[i]))
		erasure, err = s.Erase(ctx, clinic.StaffActor(admin), a.Booking.PatientID)
		check(f.T, err)
	}
	f.sql("INSERT INTO kept_records (booking_id, erasure_id, until, ended_at) VALUES ($1, $2, $3, $4)", ids[1], erasure, f.now(), f.now())
	f.sql("UPDATE bookings SET answers_purged_at = $1 WHERE id = $2", f.now(), ids[1])
	f.sql("INSERT INTO purged (branch_id, kind, day, n) VALUES ($1, 'answers', '2026-11-24', 3)", c.Branch.ID)
}
