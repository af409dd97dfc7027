package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// LetterQuery asks for letters about bookings that are or were due from an instant until another, the latest first.
type LetterQuery struct {
	BranchID    string // only of bookings at this branch; empty for all
	From, Until time.Time
	Statuses    []clinic.LetterStatus // only in these; empty for all
	Failures    []string              // only with one of these; empty for all
	After       LetterRow             // only what comes after it; zero for the beginning
	Limit       int                   // at most so many
}

// LetterRow is a place in the list that a LetterQuery answers.
type LetterRow struct {
	DueAt time.Time
	ID    string
}

// RowOfLetter is the place of a letter.
func RowOfLetter(l clinic.Letter) LetterRow { return LetterRow{l.DueAt, l.ID} }

// lettersAsked are the letters l that a query asks for, at the branches whose calendar an actor may see. They are read by when they are due and
// not by the branch, so that a query costs what its period holds and not what the branch ever had: hence the CROSS JOIN, whose order SQLite
// keeps.
func (s *Store) lettersAsked(ctx context.Context, actor clinic.Actor, q LetterQuery) *gorm.DB {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	db := s.reader(ctx).Table("letters AS l CROSS JOIN bookings b CROSS JOIN slots s").Where("b.id = l.booking_id AND s.id = b.slot_id AND b.erased_at IS NULL").Where(owned, args...)
	until, within := q.Until.UTC(), "l.due_at >= ? AND l.due_at < ?"
	if q.After.ID != "" {
		until, within = q.After.DueAt.UTC(), "l.due_at >= ? AND l.due_at <= ?"
	}
	db = db.Where(within, q.From.UTC(), until)
	if q.After.ID != "" {
		db = db.Where("(l.due_at < ? OR l.id < ?)", until, q.After.ID)
	}
	if q.BranchID != "" {
		db = db.Where("s.branch_id = "+aText, q.BranchID)
	}
	if len(q.Statuses) > 0 {
		db = db.Where("l.status IN ?", q.Statuses)
	}
	if len(q.Failures) > 0 {
		db = db.Where("l.failure IN ?", q.Failures)
	}
	return db
}

// LetterList answers a LetterQuery, without the letters' content.
func (s *Store) LetterList(ctx context.Context, actor clinic.Actor, q LetterQuery) ([]clinic.Letter, error) {
	all, err := letterList(s.lettersAsked(ctx, actor, q).Order("l.due_at DESC, l.id DESC").Limit(q.Limit))
	return all, wrap("LetterList", err)
}

// LetterFailures is how many of the letters that a query asks for have each failure, whatever place it asks to begin at. Those without any are
// not counted.
func (s *Store) LetterFailures(ctx context.Context, actor clinic.Actor, q LetterQuery) (map[string]int, error) {
	q.After, q.Failures = LetterRow{}, nil
	var rows []struct {
		Failure string
		N       int
	}
	err := s.lettersAsked(ctx, actor, q).Where("l.failure <> ''").Select("l.failure, COUNT(*) AS n").Group("l.failure").Find(&rows).Error
	out := map[string]int{}
	for _, r := range rows {
		out[r.Failure] = r.N
	}
	return out, wrap("LetterFailures", err)
}

// ResendTogetherLimit is the most letters that are sent again together. Whoever has more does it again.
const ResendTogetherLimit = 200

// ResendableLetters are letters in trouble that an actor may have sent again together, the oldest first and ResendTogetherLimit at the most. One that
// is held is not among them: somebody has to look at its address.
func (s *Store) ResendableLetters(ctx context.Context, actor clinic.Actor) ([]clinic.Letter, error) {
	owned, args := ownedBy(actor, clinic.ChangeBooking)
	var rows []struct {
		ID, BookingID, Failure          string
		Kind                            clinic.LetterKind
		Status                          clinic.LetterStatus
		Sequence, Resends, BookedChange int
		CreatedAt                       time.Time
		DatedAt, PurgedAt               *time.Time
		Booked                          clinic.Status
	}
	err := s.reader(ctx).Table("letters AS l").Joins("JOIN bookings b ON b.id = l.booking_id JOIN slots s ON s.id = b.slot_id").Where(owned, args...).
		Where(inTrouble, s.now(), clinic.TroubleAfter).Where("l.status NOT IN ('held', 'sending')").
		Select("l.id, l.booking_id, l.kind, l.sequence, l.status, l.failure, l.created_at, l.resends, l.dated_at, l.purged_at, b.status AS booked, b.sequence AS booked_change").
		Order("l.created_at, l.id").Limit(ResendTogetherLimit).Find(&rows).Error
	if err != nil {
		return nil, wrap("ResendableLetters", err)
	}
	var out []clinic.Letter
	for _, r := range rows {
		l := clinic.Letter{
			ID: r.ID, BookingID: r.BookingID, Failure: r.Failure, Kind: r.Kind, Status: r.Status, Sequence: r.Sequence, Resends: r.Resends,
			CreatedAt: r.CreatedAt, DatedAt: r.DatedAt, PurgedAt: r.PurgedAt,
		}
		if l.CanResend(clinic.Booking{Status: r.Booked, Sequence: r.BookedChange}) {
			out = append(out, l)
		}
	}
	return out, nil
}

// ResendTogether has the letters sent again that ResendableLetters answers and that failed for one of some reasons: the oldest, and no more than
// most. Asked twice, it sends them once: a letter that was written or sent again after seen, when whoever asks saw the list, is left
// alone. So is one about whose booking something has been decided meanwhile.
func (s *Store) ResendTogether(ctx context.Context, actor clinic.Actor, failures []string, seen time.Time, most int) (sent int, err error) {
	letters, err := s.ResendableLetters(ctx, actor)
	if err != nil {
		return 0, err
	}
	for _, l := range letters {
		last := l.CreatedAt
		if l.DatedAt != nil {
			last = *l.DatedAt
		}
		if sent == most || last.After(seen) || !slices.Contains(failures, l.Failure) {
			continue
		}
		var refused *clinic.Error
		err := s.Resend(ctx, actor, l.BookingID, l.ID)
		switch {
		case err == nil:
			sent++
		case errors.As(err, &refused) && (refused.Code == clinic.Conflict || refused.Code == clinic.NotFound):
		default:
			return sent, err
		}
	}
	return sent, nil
}

// workersLimit is more instances than anybody runs.
const workersLimit = 20

// Workers are those that were at work within the last day, who was last so first.
func (s *Store) Workers(ctx context.Context) ([]clinic.Worker, error) {
	var all []clinic.Worker
	err := s.reader(ctx).Raw("SELECT id, started_at, seen_at FROM workers WHERE seen_at > ? ORDER BY seen_at DESC, id LIMIT ?",
		s.now().Add(-clinic.WorkersWithin), workersLimit).Scan(&all).Error
	for i := range all {
		all[i].StartedAt, all[i].SeenAt = all[i].StartedAt.UTC(), all[i].SeenAt.UTC()
	}
	return all, wrap("Workers", err)
}
