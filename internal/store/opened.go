package store

import (
	"bytes"
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
	sealed  []byte // of which it was opened
	patient clinic.Patient
	details clinic.Details
	same    [][]byte // samePerson of the patient
}

// mostOpened is how many bookings are kept at most: some weeks of a large branch. They are all given up together when there are more.
const mostOpened = 4096

// openShared is openBooking for appointments that are only looked at.
func (s *Store) openShared(a *clinic.Appointment, sealed []byte) error {
	s.opened.mu.Lock()
	have, ok := s.opened.all[a.Booking.ID]
	s.opened.mu.Unlock()
	if ok && bytes.Equal(have.sealed, sealed) {
		a.Patient, a.Booking.Details = have.patient, have.details
		a.Patient.ID, a.Patient.CreatedAt = a.Booking.PatientID, a.Booking.CreatedAt
		return nil
	}
	if err := s.openBooking(a, sealed); err != nil {
		return err
	}
	s.keepOpened(a.Booking.ID, openedBooking{sealed: sealed, patient: a.Patient, details: a.Booking.Details})
	return nil
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
