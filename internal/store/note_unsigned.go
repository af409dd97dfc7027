package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// NoteState is how far the note of a booking is, for one doctor.
type NoteState struct {
	Version int       // the newest that was signed; 0 for none
	Draft   bool      // the doctor has something that is not signed
	SavedAt time.Time // when that was saved last
	Owed    bool      // the doctor owes the note: it is one of UnsignedNotes
}

// Unsigned is a booking of which a doctor owes a note.
type Unsigned struct {
	Appointment clinic.Appointment
	NoteState
}

// unsigned is a condition in SQL, with its arguments, on the booking b and its slot s: the doctor has a draft of its note, or reads its
// chart and nobody has signed a note since the counseling ended (clinic.NotesDueSince).
func (s *Store) unsigned(doctor clinic.Actor) (condition string, args []any) {
	now := s.now()
	due, args := ownCharts(doctor, clinic.NotesDueSince(now), now)
	args = append(args, now.UTC(), clinic.NoteDueStatuses, chartsOf(doctor))
	return "b.erased_at IS NULL AND (" + due + ` AND s.ends_at <= ? AND b.status IN ? AND NOT EXISTS (SELECT 1 FROM note_versions nv WHERE nv.booking_id = b.id)
		OR b.id IN (SELECT nd.booking_id FROM note_drafts nd WHERE nd.doctor_id = ` + aText + ` AND nd.sealed IS NOT NULL))`, args
}

// UnsignedNotes are the bookings of which a doctor owes a note, the latest first.
func (s *Store) UnsignedNotes(ctx context.Context, doctor clinic.Actor) ([]Unsigned, error) {
	condition, args := s.unsigned(doctor)
	all, err := s.appointments(s.reader(ctx), condition+" ORDER BY s.starts_at DESC", args...)
	if err != nil {
		return nil, wrap("UnsignedNotes", err)
	}
	ids := make([]string, len(all))
	for i, a := range all {
		ids[i] = a.Booking.ID
	}
	states, err := s.noteStates(s.reader(ctx), doctor, ids)
	out := make([]Unsigned, len(all))
	for i, a := range all {
		out[i] = Unsigned{a, states[a.Booking.ID]}
	}
	return out, wrap("UnsignedNotes", err)
}

// CountUnsignedNotes is how many UnsignedNotes there are.
func (s *Store) CountUnsignedNotes(ctx context.Context, doctor clinic.Actor) (n int, err error) {
	condition, args := s.unsigned(doctor)
	err = s.reader(ctx).Raw("SELECT count(*) FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE "+condition, args...).Scan(&n).Error
	return n, wrap("CountUnsignedNotes", err)
}

// NoteStates are how far the notes of some bookings are whose charts a doctor reads, by the booking. One that is missing has none.
func (s *Store) NoteStates(ctx context.Context, doctor clinic.Actor, bookingIDs ...string) (map[string]NoteState, error) {
	out, err := s.noteStates(s.reader(ctx), doctor, bookingIDs)
	return out, wrap("NoteStates", err)
}

func (s *Store) noteStates(db *gorm.DB, doctor clinic.Actor, ids []string) (map[string]NoteState, error) {
	doctorID, out := chartsOf(doctor), map[string]NoteState{}
	if len(ids) == 0 || doctorID == "" {
		return out, nil
	}
	var rows []struct {
		BookingID string
		Version   int
		SavedAt   *time.Time
		Owed      bool
	}
	owed, args := s.unsigned(doctor)
	err := db.Raw(`SELECT b.id AS booking_id, COALESCE((SELECT max(nv.version) FROM note_versions nv WHERE nv.booking_id = b.id), 0) AS version, nd.saved_at, (`+owed+`) AS owed
		FROM bookings b JOIN slots s ON s.id = b.slot_id
		LEFT JOIN note_drafts nd ON nd.booking_id = b.id AND nd.doctor_id = `+aText+` AND nd.sealed IS NOT NULL
		WHERE b.id IN ? AND (`+chartDoctor+" = "+aText+" OR nd.booking_id IS NOT NULL)", append(args, doctorID, ids, doctorID)...).Scan(&rows).Error
	for _, row := range rows {
		state := NoteState{Version: row.Version, Owed: row.Owed}
		if row.SavedAt != nil {
			state.Draft, state.SavedAt = true, row.SavedAt.UTC()
		}
		out[row.BookingID] = state
	}
	return out, err
}

// LastNote is when a note about a patient was signed last, who is known at a branch where the actor may change bookings; zero where there is none.
// It says nothing else: whoever settles a request to erase must know that there is a record, and reads none.
func (s *Store) LastNote(ctx context.Context, actor clinic.Actor, patientID string) (time.Time, error) {
	condition, args := knownPatient(actor, clinic.ChangeBooking, patientID)
	var row struct{ At *time.Time }
	err := s.reader(ctx).Raw(`SELECT v.signed_at AS at FROM patients p JOIN bookings b ON b.patient_id = p.id JOIN note_versions v ON v.booking_id = b.id
		WHERE `+condition+" ORDER BY v.signed_at DESC LIMIT 1", args...).Scan(&row).Error
	if err != nil || row.At == nil {
		return time.Time{}, wrap("LastNote", err)
	}
	return row.At.UTC(), nil
}
