package store

import (
	"context"
	"maps"
	"slices"
	"sync"

	"madoguchi/internal/clinic"
)

// opened are the bookings that the front desk's days were made of last. A day that is drawn anew has changed in one booking, and to open the
// others again would be most of the work.
type opened struct {
	mu  sync.Mutex
	all map[string]openedBooking // by their ids
}

// openedBooking is what was typed with a booking. It is shared, so nobody changes it.
type openedBooking struct {
	revision int // of the booking; what was typed changes with it alone
	patient  clinic.Patient
	details  clinic.Details
	same     [][]byte // samePerson of the patient
}

// mostOpened is how many bookings are kept at most: some weeks of a large branch. They are all given up together when there are more.
const mostOpened = 4096

// openShared opens what was typed with some bookings, for those who only look at them. It is read from the database only for bookings that
// were never opened, or have another revision now.
func (s *Store) openShared(ctx context.Context, all []*clinic.Appointment) error {
	unknown := map[string]*clinic.Appointment{}
	s.opened.mu.Lock()
	for _, a := range all {
		if have, ok := s.opened.all[a.Booking.ID]; ok && have.revision == a.Booking.Revision {
			have.into(a)
		} else {
			unknown[a.Booking.ID] = a
		}
	}
	s.opened.mu.Unlock()
	if len(unknown) == 0 {
		return nil
	}
	var rows []struct {
		ID       string
		Revision int
		Sealed   []byte
	}
	if err := s.reader(ctx).Raw("SELECT id, revision, sealed FROM bookings WHERE id IN ?", slices.Collect(maps.Keys(unknown))).Scan(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		a := unknown[row.ID]
		if err := s.openBooking(a, row.Sealed); err != nil {
			return err
		}
		s.keepOpened(row.ID, openedBooking{revision: row.Revision, patient: a.Patient, details: a.Booking.Details})
	}
	return nil
}

// into puts what was typed where it belongs.
func (b openedBooking) into(a *clinic.Appointment) {
	a.Patient, a.Booking.Details = b.patient, b.details
	a.Patient.ID, a.Patient.CreatedAt = a.Booking.PatientID, a.Booking.CreatedAt
}

func (s *Store) keepOpened(bookingID string, b openedBooking) {
	s.opened.mu.Lock()
	defer s.opened.mu.Unlock()
	if s.opened.all == nil || len(s.opened.all) >= mostOpened {
		s.opened.all = map[string]openedBooking{}
	}
	s.opened.all[bookingID] = b
}

// sameAs is samePerson for the patient of an appointment, made once for each that is kept.
func (s *Store) sameAs(a clinic.Appointment) ([][]byte, error) {
	s.opened.mu.Lock()
	have, ok := s.opened.all[a.Booking.ID]
	s.opened.mu.Unlock()
	ok = ok && have.patient == a.Patient
	if ok && have.same != nil {
		return have.same, nil
	}
	same, err := s.samePerson(a.Patient)
	if err == nil && ok {
		have.same = same
		s.keepOpened(a.Booking.ID, have)
	}
	return same, err
}
