package store_test

import (
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// The database itself guards what must never be, whoever writes to it and however: each statement here is one that some
// program with a mistake could send.
func TestGuards_OfTheDatabase(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			wantGuards(t, at, storetest.Open(t, at, t.TempDir()+"/keys", storetest.NewClock().Now))
		})
	}
}

// wantGuards says which guard is missing in a database, whatever is in it already.
func wantGuards(t *testing.T, at string, s *store.Store) {
	t.Helper()
	c := storetest.NewClinic(t, s)
	book := func(n int) clinic.Receipt {
		r := storetest.Request(c.Slots[n-1].ID, n)
		r.QuestionnaireVersion = c.Questions.Version // a clinic with a questionnaire of its own has it, and not what is built in
		return storetest.Book(t, s, r)
	}
	booked, other, gone := book(1), book(2), book(3)
	check(t, s.Cancel(t.Context(), storetest.Owner, gone.BookingID))
	free, now := c.Slots[4], storetest.Begin
	room := []clinic.Slot{free.Slot, free.Slot}
	for i := range room {
		room[i].Room, room[i].DoctorID = "1", c.Doctors[i].ID
		room[i].StartsAt, room[i].EndsAt = free.StartsAt.AddDate(0, 0, 7), free.EndsAt.AddDate(0, 0, 7)
	}
	check(t, s.AddSlots(t.Context(), storetest.Owner, room[:1]))
	wantCode(t, s.AddSlots(t.Context(), storetest.Owner, room[1:]), clinic.Conflict)
	const columns = "(id, branch_id, doctor_id, starts_at, ends_at, created_at) "
	before := storetest.Read(t, at)
	for what, c := range map[string]struct {
		statement string
		args      []any
	}{
		"two claims on a slot":                    {"INSERT INTO claims (slot_id, holder_kind, holder, expires_at) VALUES ($1, 'staff', $2, $3)", []any{c.Slots[0].ID, []byte("x"), now}},
		"two slots of a booking":                  {"INSERT INTO claims (slot_id, holder_kind, booking_id) VALUES ($1, 'booking', $2)", []any{free.ID, booked.BookingID}},
		"two holds of a visitor":                  {"INSERT INTO claims (slot_id, holder_kind, holder, expires_at) SELECT id, 'visitor', $1, $2 FROM slots WHERE id IN ($3, $4)", []any{[]byte("x"), now, free.ID, c.Slots[5].ID}},
		"a booking that loses its claim":          {"DELETE FROM claims WHERE booking_id = $1", []any{booked.BookingID}},
		"a claim that changes its booking":        {"UPDATE claims SET booking_id = $1 WHERE booking_id = $2", []any{gone.BookingID, booked.BookingID}},
		"a booking that comes back to life":       {"UPDATE bookings SET status = 'booked', live = true, cancelled_at = NULL, cancelled_by = NULL WHERE id = $1", []any{gone.BookingID}},
		"a booking on another's slot":             {"UPDATE bookings SET slot_id = $1 WHERE id = $2", []any{c.Slots[1].ID, booked.BookingID}},
		"a booking without a claim":               {"INSERT INTO bookings (id, reference, slot_id, patient_id, status, live, channel, lang, sealed, created_at) SELECT 'new', 'AAA-AAAA', $1, patient_id, 'booked', true, channel, lang, sealed, created_at FROM bookings WHERE id = $2", []any{free.ID, booked.BookingID}},
		"a live booking that is cancelled":        {"UPDATE bookings SET status = 'cancelled' WHERE id = $1", []any{booked.BookingID}},
		"a status that nobody knows":              {"UPDATE bookings SET status = 'lost' WHERE id = $1", []any{booked.BookingID}},
		"a booked slot that closes":               {"UPDATE slots SET closed_at = $1, is_open = false WHERE id = $2", []any{now, c.Slots[0].ID}},
		"a booked slot that half closes":          {"UPDATE slots SET closed_at = $1 WHERE id = $2", []any{now, c.Slots[0].ID}},
		"a booked slot that vanishes":             {"DELETE FROM slots WHERE id = $1", []any{c.Slots[0].ID}},
		"slots of a doctor that overlap":          {"INSERT INTO slots " + columns + "SELECT 'new', branch_id, doctor_id, starts_at, ends_at, created_at FROM slots WHERE id = $1", []any{free.ID}},
		"a slot that moves over another":          {"UPDATE slots SET starts_at = $1, ends_at = $2 WHERE id = $3", []any{c.Slots[5].StartsAt, c.Slots[5].EndsAt, sameDoctor(c, c.Slots[5])}},
		"slots of a room that overlap":            {"UPDATE slots SET room = '1', starts_at = $1, ends_at = $2 WHERE id = $3", []any{room[1].StartsAt, room[1].EndsAt, otherDoctor(c, c.Doctors[0].ID)}},
		"a slot that ends before it begins":       {"UPDATE slots SET ends_at = starts_at WHERE id = $1", []any{free.ID}},
		"a slot at a branch without its doctor":   {"INSERT INTO slots " + columns + "SELECT 'new', $1, doctor_id, $2, $3, created_at FROM slots WHERE id = $4", []any{c.Other.ID, now, now.Add(time.Hour), free.ID}},
		"a doctor who leaves open slots behind":   {"UPDATE doctor_branches SET left_at = $1 WHERE doctor_id = $2", []any{now, free.DoctorID}},
		"a letter of an occasion that has one":    {"UPDATE letters SET once_key = $1 || '/confirmation' WHERE booking_id = $2", []any{other.BookingID, booked.BookingID}},
		"a letter of a kind that nobody knows":    {"UPDATE letters SET kind = 'rumour' WHERE booking_id = $1", []any{booked.BookingID}},
		"a second patient who is the same person": {"UPDATE patients SET identity = (SELECT identity FROM patients LIMIT 1)", nil},
		"a reference that exists":                 {"UPDATE bookings SET reference = $1 WHERE id = $2", []any{other.Reference, booked.BookingID}},
		"a role that nobody knows":                {"INSERT INTO staff (id, role, every_branch, email_term, password_hash, active, sealed, created_at) VALUES ('new', 'chief', true, $1, '', true, $1, $2)", []any{[]byte("x"), now}},
	} {
		err := tryExec(t, at, c.statement, c.args...)
		if err == nil || !isRefusal(err) {
			t.Errorf("%s: %v", what, err)
		}
		after := storetest.Read(t, at)
		if changed := after.Changed(before); len(changed) > 0 {
			t.Errorf("%s changed %q", what, changed)
		}
		before = after
	}
}

// sameDoctor is another slot of a slot's doctor, otherDoctor the last one of another doctor.
func sameDoctor(c storetest.Clinic, of clinic.SlotWithState) string {
	for _, s := range c.Slots {
		if s.DoctorID == of.DoctorID && s.ID != of.ID {
			return s.ID
		}
	}
	return ""
}

func otherDoctor(c storetest.Clinic, than string) (id string) {
	for _, s := range c.Slots {
		if s.DoctorID != than {
			id = s.ID
		}
	}
	return id
}

// tryExec runs one statement as a transaction of its own.
func tryExec(t *testing.T, address, statement string, args ...any) error {
	t.Helper()
	db := openSQL(t, address)
	_, err := db.ExecContext(t.Context(), statement, args...)
	check(t, db.Close())
	return err
}

// isRefusal reports that a constraint or a trigger refused a statement, and not that the statement itself was wrong.
func isRefusal(err error) bool {
	if strings.Contains(strings.ToUpper(err.Error()), "NOT NULL") || strings.Contains(err.Error(), "not-null") {
		return false // the test's own statement leaves something out
	}
	for _, words := range []string{"constraint", "never_overlap", "slots_have_a_doctor", "bookings_have_a_claim", "without a claim", "without a doctor"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}
