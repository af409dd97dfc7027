package store

import (
	"context"
	"strings"

	"madoguchi/internal/clinic"
)

// DayCounts counts the open slots of a branch for each day from the first to the last, in their order; only those of the doctors, where
// any are named. For a branch whose calendar the actor may not see it returns NotFound.
//
// The days and what they begin and end at are a table of the query, because they are the branch's and not the database's.
func (s *Store) DayCounts(ctx context.Context, actor clinic.Actor, branch clinic.Branch, first, last clinic.Date, doctorIDs []string) ([]clinic.DayCount, error) {
	if !actor.May(clinic.SeeCalendar, branch.ID) {
		return nil, NotFound()
	}
	now := s.now()
	var days []string
	var args []any
	var out []clinic.DayCount
	for day := first; !last.Before(day); day = day.AddDays(1) {
		days = append(days, "SELECT "+s.aNumber()+" AS n, "+s.anInstant()+" AS begins, "+s.anInstant()+" AS ends")
		args = append(args, len(out), day.In(branch.Location()).UTC(), day.AddDays(1).In(branch.Location()).UTC())
		out = append(out, clinic.DayCount{Day: day})
	}
	args = append(args, now, now, now, clinic.StaffOnly, now, now, now, branch.ID)
	only := ""
	if len(doctorIDs) > 0 {
		only = " AND s.doctor_id IN ?"
		args = append(args, doctorIDs)
	}
	rows, err := s.reader(ctx).Raw("WITH days AS ("+strings.Join(days, " UNION ALL ")+`)
		SELECT d.n, COUNT(*), COUNT(CASE WHEN b.status = 'pending' THEN 1 END), COUNT(CASE WHEN b.status = 'booked' THEN 1 END),
			COUNT(CASE WHEN b.status IN ('arrived', 'in-progress', 'fulfilled') THEN 1 END), COUNT(CASE WHEN b.status = 'noshow' THEN 1 END),
			COUNT(CASE WHEN c.expires_at > ? AND s.starts_at > ? THEN 1 END),
			COUNT(CASE WHEN s.starts_at > ? AND s.audience = ? AND (c.slot_id IS NULL OR c.expires_at <= ?) THEN 1 END),
			COUNT(CASE WHEN s.starts_at > ? AND (c.slot_id IS NULL OR c.expires_at <= ?) THEN 1 END)
		FROM days d JOIN slots s ON s.branch_id = `+aText+` AND s.starts_at >= d.begins AND s.starts_at < d.ends AND s.closed_at IS NULL`+only+`
			LEFT JOIN claims c ON c.slot_id = s.id LEFT JOIN bookings b ON b.id = c.booking_id
		GROUP BY d.n`, args...).Rows()
	if err != nil {
		return nil, wrap("DayCounts", err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		var n int
		var c clinic.DayCount
		if err := rows.Scan(&n, &c.Slots, &c.Pending, &c.Booked, &c.Came, &c.NoShow, &c.Held, &c.StaffOnly, &c.Free); err != nil {
			return nil, wrap("DayCounts", err)
		}
		c.Day = out[n].Day
		c.Free -= c.StaffOnly
		out[n] = c
	}
	return out, wrap("DayCounts", rows.Err())
}

// aNumber and anInstant are parameters in the list of a SELECT, where PostgreSQL would take them for text.
func (s *Store) aNumber() string {
	if s.engine == postgresEngine {
		return "CAST(? AS bigint)"
	}
	return "?"
}

func (s *Store) anInstant() string {
	if s.engine == postgresEngine {
		return "CAST(? AS timestamptz)"
	}
	return "?"
}
