package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// Appointment is one booking as the desk sees it: no medical answers are read for it.
func (s *Store) Appointment(ctx context.Context, bookingID string) (clinic.Appointment, error) {
	db := s.reader(ctx)
	return s.appointment(db, db.Where("id = ?", bookingID))
}

// Appointments are some bookings as the desk sees them, by their ids.
func (s *Store) Appointments(ctx context.Context, bookingIDs ...string) (map[string]clinic.Appointment, error) {
	db := s.reader(ctx)
	var rows []bookingRow
	if err := db.Where("id IN ?", bookingIDs).Find(&rows).Error; err != nil {
		return nil, asUnavailable(err)
	}
	all, err := s.assemble(db, rows)
	return byID(all, func(a clinic.Appointment) string { return a.Booking.ID }), err
}

// AppointmentByReference finds a booking by the reference people say on the telephone.
func (s *Store) AppointmentByReference(ctx context.Context, reference string) (clinic.Appointment, error) {
	db := s.reader(ctx)
	return s.appointment(db, db.Where("reference = ?", reference))
}

// AppointmentByToken is the booking that a patient's link opens. A link that is unknown or has expired answers NotFound,
// the same for both.
func (s *Store) AppointmentByToken(ctx context.Context, token string) (clinic.Appointment, error) {
	db := s.reader(ctx)
	return s.appointment(db, byToken(db, token, s.now()))
}

func byToken(db *gorm.DB, token string, now time.Time) *gorm.DB {
	return db.Where("token_hash = ? AND token_expires_at > ?", clinic.TokenHash(token), now)
}

func (s *Store) appointment(db, booking *gorm.DB) (clinic.Appointment, error) {
	var row bookingRow
	if err := one(booking, &row); err != nil {
		return clinic.Appointment{}, err
	}
	all, err := s.assemble(db, []bookingRow{row})
	if err != nil {
		return clinic.Appointment{}, err
	}
	return all[0], nil
}

// assemble opens bookings and puts their slots, branches, doctors and patients beside them, with one query each.
func (s *Store) assemble(db *gorm.DB, rows []bookingRow) ([]clinic.Appointment, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var bookings, slotIDs, patientIDs []string
	for _, r := range rows {
		bookings, slotIDs, patientIDs = append(bookings, r.ID), append(slotIDs, r.SlotID), append(patientIDs, r.PatientID)
	}
	var (
		slots    []clinic.Slot
		patients []patientRow
		branches []clinic.Branch
		doctors  []clinic.Doctor
		intakes  []string
	)
	for _, err := range []error{
		db.Where("id IN ?", slotIDs).Find(&slots).Error,
		db.Where("id IN ?", patientIDs).Find(&patients).Error,
		db.Find(&branches).Error,
		db.Find(&doctors).Error,
		db.Model(&intakeRow{}).Where("booking_id IN ? AND completed_at IS NOT NULL", bookings).Pluck("booking_id", &intakes).Error,
	} {
		if err != nil {
			return nil, asUnavailable(err)
		}
	}
	slotOf := byID(slots, func(v clinic.Slot) string { return v.ID })
	patientOf := byID(patients, func(v patientRow) string { return v.ID })
	branchOf := byID(branches, func(v clinic.Branch) string { return v.ID })
	doctorOf := byID(doctors, func(v clinic.Doctor) string { return v.ID })
	answered := byID(intakes, func(id string) string { return id })
	out := make([]clinic.Appointment, len(rows))
	for i, r := range rows {
		booking, err := s.openBooking(r)
		if err != nil {
			return nil, err
		}
		patient, err := s.openPatient(patientOf[r.PatientID])
		if err != nil {
			return nil, err
		}
		slot := slotOf[r.SlotID]
		slot.StartsAt, slot.EndsAt = slot.StartsAt.UTC(), slot.EndsAt.UTC()
		_, done := answered[r.ID]
		out[i] = clinic.Appointment{
			Booking: booking, Slot: slot, Branch: branchOf[slot.BranchID], Doctor: doctorOf[slot.DoctorID], Patient: patient, Answered: done,
		}
	}
	return out, nil
}

func byID[T any](list []T, id func(T) string) map[string]T {
	out := make(map[string]T, len(list))
	for _, v := range list {
		out[id(v)] = v
	}
	return out
}

// SlotEntry is one slot in the desk's day: free, held, or with its appointment.
type SlotEntry struct {
	Slot        clinic.OpenSlot
	Appointment *clinic.Appointment // the live booking, or nil
	HeldUntil   time.Time           // when the hold of a held slot expires; zero for any other
}

// Day is a branch's day as the desk sees it, in the order of start and doctor, and the bookings of that day that were
// cancelled, latest first. date is a day in the branch's zone.
func (s *Store) Day(ctx context.Context, branch clinic.Branch, date clinic.Date) (entries []SlotEntry, cancelled []clinic.Appointment, err error) {
	from, until := date.In(branch.Location()), date.AddDays(1).In(branch.Location())
	slots, err := s.Slots(ctx, SlotQuery{BranchID: branch.ID, From: from, Until: until})
	if err != nil {
		return nil, nil, err
	}
	appointments, err := s.appointmentsBetween(ctx, "branch_id = ?", branch.ID, from, until)
	if err != nil {
		return nil, nil, err
	}
	held, err := s.holdsBetween(ctx, branch.ID, from, until)
	if err != nil {
		return nil, nil, err
	}
	live := map[string]*clinic.Appointment{}
	for i, a := range appointments {
		if a.Booking.Status.Live() {
			live[a.Slot.ID] = &appointments[i]
		} else {
			cancelled = append(cancelled, a)
		}
	}
	for _, slot := range slots {
		entry := SlotEntry{Slot: slot, Appointment: live[slot.ID]}
		if slot.State == clinic.SlotHeld {
			entry.HeldUntil = held[slot.ID]
		}
		entries = append(entries, entry)
	}
	return entries, cancelled, nil
}

// holdsBetween are the instants at which the holds of a branch's slots that start in [from, until) expire, by slot.
func (s *Store) holdsBetween(ctx context.Context, branchID string, from, until time.Time) (map[string]time.Time, error) {
	var claims []clinic.Claim
	err := s.reader(ctx).Joins("JOIN slots ON slots.id = claims.slot_id").
		Where("claims.booking_id IS NULL AND slots.branch_id = ? AND slots.starts_at >= ? AND slots.starts_at < ?", branchID, from.UTC(), until.UTC()).
		Find(&claims).Error
	out := make(map[string]time.Time, len(claims))
	for _, c := range claims {
		out[c.SlotID] = c.ExpiresAt.UTC()
	}
	return out, asUnavailable(err)
}

// appointmentsBetween are the bookings of the slots that start in [from, until) and belong to a branch or a doctor,
// cancelled ones included, in the order of start.
func (s *Store) appointmentsBetween(ctx context.Context, owner, id string, from, until time.Time) ([]clinic.Appointment, error) {
	db := s.reader(ctx)
	var rows []bookingRow
	err := db.Table("bookings").Joins("JOIN slots ON slots.id = bookings.slot_id").
		Where("slots."+owner+" AND slots.starts_at >= ? AND slots.starts_at < ?", id, from.UTC(), until.UTC()).
		Order("slots.starts_at, bookings.created_at DESC").Select("bookings.*").Find(&rows).Error
	if err != nil {
		return nil, asUnavailable(err)
	}
	return s.assemble(db, rows)
}
