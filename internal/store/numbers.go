package store

import (
	"cmp"
	"context"
	"database/sql"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// NumbersQuery asks what the counselings of a branch in a period come to.
type NumbersQuery struct {
	Period    clinic.Period
	DoctorIDs []string // only with these; empty for all. The steps of visitors have no doctor, and are left out then
	Plain     bool     // leave out what is sealed: the areas, and where people came from

	piece int // how many rows are read at a time; numbersPiece where it is 0
}

func (q NumbersQuery) size() int { return cmp.Or(q.piece, numbersPiece) }

// numbersPiece is how many slots or bookings are read at a time, so that a long period needs no more memory than a short one and no
// query stays open for long.
const numbersPiece = 500

// Numbers counts. It reads what is typed with a booking, never what was answered to the questionnaire. For a branch whose calendar the
// actor may not see it returns NotFound.
func (s *Store) Numbers(ctx context.Context, actor clinic.Actor, branch clinic.Branch, q NumbersQuery) (*clinic.Numbers, error) {
	if !actor.May(clinic.SeeCalendar, branch.ID) {
		return nil, NotFound()
	}
	n := clinic.NewNumbers(q.Period, branch.Location(), s.now())
	var after BookingRow
	for more := true; more; {
		var err error
		if after, more, err = s.countSlots(ctx, actor, branch, q, after, n); err != nil {
			return nil, wrap("Numbers", err)
		}
	}
	after = BookingRow{}
	for more := true; more; {
		var err error
		if after, more, err = s.countBookings(ctx, actor, branch, q, after, n); err != nil {
			return nil, wrap("Numbers", err)
		}
	}
	if q.Plain || len(q.DoctorIDs) > 0 {
		return n, nil
	}
	return n, wrap("Numbers", s.countSteps(ctx, branch.ID, n))
}

// inPeriod is a condition in SQL, with its arguments, on the slots s that a query reads next: those of an actor's branch in a period,
// after the row that was read last, whose id the query calls id.
func inPeriod(actor clinic.Actor, branch clinic.Branch, q NumbersQuery, after BookingRow, id string) (condition string, args []any) {
	from, until := q.Period.First.In(branch.Location()).UTC(), q.Period.Last.AddDays(1).In(branch.Location()).UTC()
	if after.BookingID != "" {
		from = after.StartsAt.UTC()
	}
	owned, whose := ownedBy(actor, clinic.SeeCalendar)
	condition = "s.branch_id = " + aText + " AND s.starts_at >= ? AND s.starts_at < ? AND " + owned
	args = append([]any{branch.ID, from, until}, whose...)
	if after.BookingID != "" {
		condition += " AND (s.starts_at > ? OR " + id + " > ?)"
		args = append(args, from, after.BookingID)
	}
	if len(q.DoctorIDs) > 0 {
		condition += " AND s.doctor_id IN ?"
		args = append(args, q.DoctorIDs)
	}
	return condition, args
}

// countSlots tells the open slots that come after a row, as many as are read at a time, and says where the next ones begin.
func (s *Store) countSlots(ctx context.Context, actor clinic.Actor, branch clinic.Branch, q NumbersQuery, after BookingRow, n *clinic.Numbers) (BookingRow, bool, error) {
	condition, args := inPeriod(actor, branch, q, after, "s.id")
	rows, err := s.reader(ctx).Raw(`SELECT s.id, s.doctor_id, s.starts_at, c.booking_id IS NOT NULL FROM slots s LEFT JOIN claims c ON c.slot_id = s.id
		WHERE `+condition+` AND s.closed_at IS NULL ORDER BY s.starts_at, s.id LIMIT ?`, append(args, q.size())...).Rows()
	if err != nil {
		return after, false, err
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	read := 0
	for ; rows.Next(); read++ {
		var slot clinic.CountedSlot
		if err := rows.Scan(&after.BookingID, &slot.DoctorID, &slot.StartsAt, &slot.Taken); err != nil {
			return after, false, err
		}
		after.StartsAt = slot.StartsAt.UTC()
		n.AddSlot(slot)
	}
	return after, read == q.size(), rows.Err()
}

// countBookings is countSlots for the bookings, those that were cancelled included.
func (s *Store) countBookings(ctx context.Context, actor clinic.Actor, branch clinic.Branch, q NumbersQuery, after BookingRow, n *clinic.Numbers) (BookingRow, bool, error) {
	condition, args := inPeriod(actor, branch, q, after, "b.id")
	sealed := "b.sealed"
	if q.Plain {
		sealed = "NULL"
	}
	rows, err := s.reader(ctx).Raw(`SELECT b.id, b.status, b.created_at, s.starts_at, i.completed_at, b.questionnaire_version, `+sealed+`
		FROM slots s JOIN bookings b ON b.slot_id = s.id LEFT JOIN intakes i ON i.booking_id = b.id
		WHERE `+condition+` ORDER BY s.starts_at, b.id LIMIT ?`, append(args, q.size())...).Rows()
	if err != nil {
		return after, false, err
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	read := 0
	for ; rows.Next(); read++ {
		var b clinic.CountedBooking
		var completed sql.NullTime
		var version sql.NullString
		var typed []byte
		if err := rows.Scan(&after.BookingID, &b.Status, &b.CreatedAt, &b.StartsAt, &completed, &version, &typed); err != nil {
			return after, false, err
		}
		after.StartsAt = b.StartsAt.UTC()
		if completed.Valid {
			b.Complete = completed.Time
		}
		if !q.Plain {
			if err := s.openCounted(ctx, after.BookingID, version.String, typed, &b); err != nil {
				return after, false, err
			}
		}
		n.AddBooking(b)
	}
	return after, read == q.size(), rows.Err()
}

// countedDetails is what is counted of a storedBooking. The person is not among it.
type countedDetails struct {
	Format      format              `json:"format"`
	Answers     map[string][]string `json:"answers"`
	Attribution storedAttribution   `json:"attribution"`
}

// openCounted adds what is sealed to a booking that is counted. Which of the answers are the areas is said by the version of the
// questionnaire that the patient was asked.
func (s *Store) openCounted(ctx context.Context, bookingID, version string, sealed []byte, b *clinic.CountedBooking) error {
	var details countedDetails
	if err := s.keyring.Open(seal.Contact, bookingAD(bookingID), sealed, &details); err != nil {
		return err
	}
	b.Source = clinic.Source{Article: details.Attribution.Article, Campaign: details.Attribution.Campaign}
	if version == "" {
		return nil
	}
	asked, err := s.Questionnaire(ctx, version)
	if err != nil {
		return err
	}
	b.Areas = details.Answers[asked.Uses.Areas]
	return nil
}

// NumbersBegin is the day of a branch's first counseling that can be counted; false where there is none yet.
func (s *Store) NumbersBegin(ctx context.Context, actor clinic.Actor, branch clinic.Branch) (clinic.Date, bool, error) {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	var first []time.Time
	err := s.reader(ctx).Raw("SELECT s.starts_at FROM slots s WHERE s.branch_id = "+aText+" AND "+owned+" ORDER BY s.starts_at LIMIT 1",
		append([]any{branch.ID}, args...)...).Scan(&first).Error
	if err != nil || len(first) == 0 {
		return clinic.Date{}, false, wrap("NumbersBegin", err)
	}
	return clinic.DateOf(first[0], branch.Location()), true, nil
}
