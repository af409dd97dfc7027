package store

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

// BookingQuery asks for the bookings of a branch, cancelled ones included, whose counseling is on a day from First to Last.
type BookingQuery struct {
	First, Last clinic.Date     // in the branch's zone
	DoctorIDs   []string        // only with these; empty for all
	Statuses    []clinic.Status // only in these; empty for all
	Channels    []clinic.Channel
	Unanswered  bool       // only those whose intake is not complete
	After       BookingRow // only what comes after it; zero for the beginning
	Limit       int        // at most so many
}

// BookingRow is a place in the list that a BookingQuery answers.
type BookingRow struct {
	StartsAt  time.Time
	BookingID string
}

// RowOf is the place of a booking.
func RowOf(a clinic.Appointment) BookingRow { return BookingRow{a.Slot.StartsAt, a.Booking.ID} }

// Bookings answers a BookingQuery in the order of the counseling. A list of any length is read in pieces, each after the last row of
// the one before, so that nothing is held meanwhile. For a branch whose calendar the actor may not see it returns NotFound.
func (s *Store) Bookings(ctx context.Context, actor clinic.Actor, branch clinic.Branch, q BookingQuery) ([]clinic.Appointment, error) {
	if !actor.May(clinic.SeeCalendar, branch.ID) {
		return nil, NotFound()
	}
	from, until := q.First.In(branch.Location()).UTC(), q.Last.AddDays(1).In(branch.Location()).UTC()
	if q.After.StartsAt.After(from) {
		from = q.After.StartsAt.UTC()
	}
	condition := "s.branch_id = " + aText + " AND s.starts_at >= ? AND s.starts_at < ?"
	args := []any{branch.ID, from, until}
	only := func(more string, arg ...any) {
		condition += " AND " + more
		args = append(args, arg...)
	}
	if q.After.BookingID != "" {
		only("(s.starts_at > ? OR b.id > ?)", from, q.After.BookingID) // none of those before begins at from
	}
	if len(q.DoctorIDs) > 0 {
		only("s.doctor_id IN ?", q.DoctorIDs)
	}
	if len(q.Statuses) > 0 {
		only("b.status IN ?", q.Statuses)
	}
	if len(q.Channels) > 0 {
		only("b.channel IN ?", q.Channels)
	}
	if q.Unanswered {
		only("NOT EXISTS (SELECT 1 FROM intakes i WHERE i.booking_id = b.id AND i.completed_at IS NOT NULL)")
	}
	all, err := s.appointments(s.reader(ctx), condition+" ORDER BY s.starts_at, b.id LIMIT ?", append(args, q.Limit)...)
	return all, wrap("Bookings", err)
}
