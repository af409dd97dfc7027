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
		ids[i] = storetest.Book(f.T, s, storetest.Request(slot.ID, 60+i)).BookingID
		if i == 0 {
			_, err := s.SignNote(ctx, clinic.StaffActor(doctor), ids[i], clinic.Screen{}, proposing("署名"), "", clinic.Signing{Sure: true})
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
