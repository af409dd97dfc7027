package store

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// Appointment is one booking as the front desk sees it: no medical answers are read for it. One at a branch whose calendar
// the actor may not see answers NotFound.
func (s *Store) Appointment(ctx context.Context, actor clinic.Actor, bookingID string) (clinic.Appointment, error) {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	a, err := s.appointment(s.reader(ctx), "b.id = "+aText+" AND "+owned, append([]any{bookingID}, args...)...)
	return a, wrap("Appointment", err)
}

// Appointments are those of some bookings, by their ids, whose branch's calendar the actor may see.
func (s *Store) Appointments(ctx context.Context, actor clinic.Actor, bookingIDs ...string) (map[string]clinic.Appointment, error) {
	if len(bookingIDs) == 0 {
		return nil, nil //nolint:nilnil // an empty map
	}
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	all, err := s.appointments(s.reader(ctx), "b.id IN ? AND "+owned, append([]any{bookingIDs}, args...)...)
	return byID(all, func(a clinic.Appointment) string { return a.Booking.ID }), wrap("Appointments", err)
}

// AppointmentByReference finds a booking by the reference people say on the telephone.
func (s *Store) AppointmentByReference(ctx context.Context, actor clinic.Actor, reference string) (clinic.Appointment, error) {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	a, err := s.appointment(s.reader(ctx), "b.reference = "+aText+" AND "+owned, append([]any{reference}, args...)...)
	return a, wrap("AppointmentByReference", err)
}

// byLink is the booking b of a link, by the hash of its token and the present instant. A link that is unknown, revoked or has
// expired has none, the same for all.
const byLink = "b.id = (SELECT l.booking_id FROM links l WHERE l.token_hash = ? AND l.expires_at > ? AND l.revoked_at IS NULL)"

// bookingColumns are what appointments are made of, beside their slot and what was typed; scannedBooking reads them.
const bookingColumns = `b.id, b.reference, b.patient_id, b.status, b.sequence, b.revision, b.channel, b.lang, b.questionnaire_version, b.created_at,
	b.cancelled_at, b.cancelled_by, b.cancel_reason, b.status_at, b.status_by, b.arrived_at, b.moved_at, (SELECT 1 FROM intakes i WHERE i.booking_id = b.id AND i.completed_at IS NOT NULL),
	ht.id, ht.family_name, ht.given_name, ht.name_en`

// handedJoin joins to a booking b the doctor ht to whom its chart was given.
const handedJoin = ` LEFT JOIN handovers hb ON hb.booking_id = b.id AND hb.slot_id = b.slot_id AND hb.in_force LEFT JOIN doctors ht ON ht.id = hb.to_doctor_id`

// scannedBooking is a booking as a query returns it; all is empty where a LEFT JOIN found none.
type scannedBooking struct {
	id, reference, patientID, status, channel, lang, version sql.NullString
	cancelledBy, cancelReason, statusBy                      sql.NullString
	sequence, revision, answered                             sql.NullInt64
	createdAt, cancelledAt, statusAt, arrivedAt, movedAt     sql.NullTime
	handedTo                                                 [4]sql.NullString // a doctor
}

func (b *scannedBooking) targets() []any {
	return []any{
		&b.id, &b.reference, &b.patientID, &b.status, &b.sequence, &b.revision, &b.channel, &b.lang, &b.version, &b.createdAt,
		&b.cancelledAt, &b.cancelledBy, &b.cancelReason, &b.statusAt, &b.statusBy, &b.arrivedAt, &b.movedAt, &b.answered,
		&b.handedTo[0], &b.handedTo[1], &b.handedTo[2], &b.handedTo[3],
	}
}

// appointment puts a scanned booking and what surrounds it together. What was typed with it is still to be opened.
func (b scannedBooking) appointment(slot clinic.Slot, branch clinic.Branch, doctor clinic.Doctor) clinic.Appointment {
	slot.StartsAt, slot.EndsAt = slot.StartsAt.UTC(), slot.EndsAt.UTC()
	a := clinic.Appointment{
		Booking: clinic.Booking{
			ID: b.id.String, Reference: b.reference.String, SlotID: slot.ID, PatientID: b.patientID.String, Status: clinic.Status(b.status.String),
			Sequence: int(b.sequence.Int64), Revision: int(b.revision.Int64), Channel: clinic.Channel(b.channel.String), Lang: b.lang.String, QuestionnaireVersion: b.version.String,
			CreatedAt: b.createdAt.Time.UTC(), CancelledAt: orNone(b.cancelledAt), CancelledBy: clinic.ActorKind(b.cancelledBy.String),
			CancelReason: clinic.CancelReason(b.cancelReason.String), StatusAt: orNone(b.statusAt), StatusBy: b.statusBy.String, ArrivedAt: orNone(b.arrivedAt), MovedAt: orNone(b.movedAt),
		},
		Slot: slot, Branch: branch, Doctor: doctor, Answered: b.answered.Valid,
	}
	if h := b.handedTo; h[0].String != slot.DoctorID { // otherwise it was given back
		a.HandedTo = clinic.Doctor{ID: h[0].String, FamilyName: h[1].String, GivenName: h[2].String, NameEn: h[3].String}
	}
	return a
}

// orNone is an instant that a column may lack.
func orNone(t sql.NullTime) *time.Time {
	if !t.Valid {
		return nil
	}
	at := t.Time.UTC()
	return &at
}

// appointments are the bookings b, with their slot s, for which a condition holds. It is one query, scanned by hand, because
// whole days are made of it.
//
// A booking whose patient was erased is none.
func (s *Store) appointments(db *gorm.DB, condition string, args ...any) ([]clinic.Appointment, error) {
	return s.appointmentsThat(db, "b.erased_at IS NULL", condition, args...)
}

// appointmentsThat are appointments whose booking b is as standing says; condition may end with an order.
func (s *Store) appointmentsThat(db *gorm.DB, standing, condition string, args ...any) (out []clinic.Appointment, err error) {
	rows, err := db.Raw(`SELECT `+bookingColumns+`, b.sealed, s.id, s.branch_id, s.doctor_id, s.starts_at, s.ends_at, s.room,
			br.id, br.name, br.name_en, br.address, br.address_en, br.access, br.access_en, br.phone, br.zone, br.settings,
			d.id, d.family_name, d.given_name, d.family_kana, d.given_kana, d.name_en, d.sex, d.photo
		FROM bookings b JOIN slots s ON s.id = b.slot_id AND `+standing+` JOIN branches br ON br.id = s.branch_id JOIN doctors d ON d.id = s.doctor_id`+handedJoin+`
		WHERE `+condition, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		var b scannedBooking
		var slot clinic.Slot
		var branch clinic.Branch
		var settings storedBranch
		var doctor clinic.Doctor
		var sealed []byte
		err := rows.Scan(append(b.targets(), &sealed, &slot.ID, &slot.BranchID, &slot.DoctorID, &slot.StartsAt, &slot.EndsAt, &slot.Room,
			&branch.ID, &branch.Name, &branch.NameEn, &branch.Address, &branch.AddressEn, &branch.Access, &branch.AccessEn, &branch.Phone, &branch.Zone, &settings,
			&doctor.ID, &doctor.FamilyName, &doctor.GivenName, &doctor.FamilyKana, &doctor.GivenKana, &doctor.NameEn, &doctor.Sex, &doctor.Photo)...)
		if err != nil {
			return nil, err
		}
		branch.Settings = settings.open()
		a := b.appointment(slot, branch, doctor)
		if err := s.openBooking(&a, sealed); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// appointment is the one booking for which a condition holds, or NotFound.
func (s *Store) appointment(db *gorm.DB, condition string, args ...any) (clinic.Appointment, error) {
	all, err := s.appointments(db, condition, args...)
	if isInvalidText(err) || err == nil && len(all) == 0 {
		return clinic.Appointment{}, NotFound()
	}
	if err != nil {
		return clinic.Appointment{}, err
	}
	return all[0], nil
}

func byID[T any](list []T, id func(T) string) map[string]T {
	out := make(map[string]T, len(list))
	for _, v := range list {
		out[id(v)] = v
	}
	return out
}
