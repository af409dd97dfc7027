package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/seal"
)

// Person is all that the clinic has of one person.
type Person struct {
	Records  []clinic.Patient // the one who is kept first, then who was merged into them
	Memos    []clinic.Memo    // about the person
	Bookings []PersonBooking  // in order of start, cancelled ones included
	Places   []clinic.Waiting
	Letters  []clinic.Letter // to whom waits; those about a booking stand with it
	Requests []clinic.Erasure
	Seen     []clinic.AuditEntry // who saw and changed it, the latest first
}

// PersonBooking is a booking of the person with all that belongs to it.
type PersonBooking struct {
	Chart                     // with every release
	Versions []intake.Version // of the answers, as they were sent
	Notes    []clinic.Signed
	Memo     clinic.Memo
	Letters  []clinic.Letter // with what they said, as far as it is still there
}

// personSeen is how many entries of the audit log a person is given.
const personSeen = 5000

// Person is all that the clinic has of a patient whom an actor manages at every branch that knows them. One who is known elsewhere as well is a Conflict;
// anybody else answers NotFound. Who gives somebody their data must have it in hand, so that this is the one place where an administrator gets answers
// and notes, and whoever calls it writes that down. Drafts of notes are not the person's yet.
func (s *Store) Person(ctx context.Context, actor clinic.Actor, patientID string) (p Person, err error) {
	db := s.reader(ctx)
	w, elsewhere, err := s.wholePerson(db, actor, patientID)
	if err == nil && elsewhere > 0 {
		err = clinic.ErasePlan{Elsewhere: elsewhere}.Check()
	}
	if err != nil {
		return p, wrap("Person", err)
	}
	p.Records = w.people[:len(w.patients)]
	slices.SortStableFunc(p.Records, func(a, b clinic.Patient) int { return slices.Index(w.patients, a.ID) - slices.Index(w.patients, b.ID) })
	for _, id := range w.patients {
		memo, err := s.memo(ctx, patientMemos, id)
		if err != nil {
			return p, wrap("Person", err)
		}
		if memo.Text != "" {
			p.Memos = append(p.Memos, memo)
		}
	}
	if p.Bookings, err = s.personBookings(ctx, w); err != nil {
		return p, wrap("Person", err)
	}
	if p.Places, err = s.waitings(db, s.now(), true, "w.id IN ?", w.places); err != nil {
		return p, wrap("Person", err)
	}
	if p.Letters, err = s.lettersInFull(db, "waiting_id IN ?", w.places); err != nil {
		return p, wrap("Person", err)
	}
	if p.Requests, err = s.erasures(db.Where("b.patient_id IN ?", w.patients)); err != nil {
		return p, wrap("Person", err)
	}
	p.Seen, err = s.seenOf(db, patientID)
	return p, wrap("Person", err)
}

func (s *Store) personBookings(ctx context.Context, w whole) ([]PersonBooking, error) {
	db := s.reader(ctx)
	charts := make([]Chart, len(w.bookings))
	for i, a := range w.bookings {
		charts[i].Appointment = a
	}
	if err := s.readIntakes(db, charts); err != nil {
		return nil, err
	}
	if err := s.readReleases(db, charts); err != nil {
		return nil, err
	}
	out := make([]PersonBooking, len(charts))
	for i, chart := range charts {
		id := chart.Appointment.Booking.ID
		out[i].Chart = chart
		var err error
		if out[i].Versions, err = s.versions(db, id); err != nil {
			return nil, err
		}
		if out[i].Notes, err = s.signed(db, id); err != nil {
			return nil, err
		}
		if out[i].Memo, err = s.memo(ctx, bookingMemos, id); err != nil {
			return nil, err
		}
		if out[i].Letters, err = s.lettersInFull(db, "booking_id = "+aText, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lettersInFull are letters with what they say, the oldest first.
func (s *Store) lettersInFull(db *gorm.DB, condition string, args ...any) (out []clinic.Letter, err error) {
	var rows []letterRow
	if err := db.Where(condition, args...).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		l := row.letter()
		if row.Sealed != nil {
			var stored storedLetter
			if err := s.keyring.Open(seal.Contact, letterAD(row.ID), row.Sealed, &stored); err != nil {
				return nil, err
			}
			l.Content = stored.content()
		}
		out = append(out, l)
	}
	return out, nil
}

// seenOf are the entries of the audit log about a patient.
func (s *Store) seenOf(db *gorm.DB, patientID string) ([]clinic.AuditEntry, error) {
	condition, args, err := s.auditOf(db, patientID)
	if err != nil {
		return nil, err
	}
	var rows []auditRow
	if err := db.Where(condition, args...).Order("id DESC").Limit(personSeen).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]clinic.AuditEntry, len(rows))
	for i, row := range rows {
		if out[i], err = s.openAudit(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}
