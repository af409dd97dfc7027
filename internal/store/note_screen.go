package store

import (
	"context"

	"madoguchi/internal/clinic"
)

// NoteScreen is another screen on which a note is open.
type NoteScreen struct {
	Doctor clinic.Doctor
	Own    bool // it is the same doctor's
}

// HasNoteOpen says that a screen of a doctor has a note open, or has it no more, and returns the others that have, one for each doctor. A
// screen says so again and again while somebody looks at it (clinic.NoteScreenEvery); one that has been silent has gone.
func (s *Store) HasNoteOpen(ctx context.Context, doctor clinic.Actor, bookingID, screen string, open bool) (out []NoteScreen, err error) {
	err = s.change(ctx, "HasNoteOpen", doctor, func(tx *change) error {
		out = nil
		owned, args := ownNote(doctor)
		if _, err := s.appointment(tx.DB, "b.id = "+aText+" AND "+owned, append([]any{bookingID}, args...)...); err != nil {
			return err
		}
		if err := clinic.CheckScreen(screen); err != nil {
			return err
		}
		if !open {
			return tx.Exec("DELETE FROM note_screens WHERE booking_id = ? AND screen = ? AND doctor_id = ?", bookingID, screen, chartsOf(doctor)).Error
		}
		if _, err := tx.insert(`INSERT INTO note_screens (booking_id, screen, doctor_id, seen_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (booking_id, screen) DO UPDATE SET seen_at = excluded.seen_at, doctor_id = excluded.doctor_id`, bookingID, screen, chartsOf(doctor), tx.now); err != nil {
			return err
		}
		var doctors []clinic.Doctor
		err := tx.Where(`id IN (SELECT ns.doctor_id FROM note_screens ns WHERE ns.booking_id = `+aText+` AND ns.screen <> `+aText+` AND ns.seen_at > ?)`,
			bookingID, screen, tx.now.Add(-clinic.NoteScreenLife)).Order("position, id").Find(&doctors).Error
		for _, d := range doctors {
			out = append(out, NoteScreen{d, d.ID == chartsOf(doctor)})
		}
		return err
	})
	return out, err
}
