package store

import (
	"context"
	"database/sql"

	"madoguchi/internal/clinic"
)

// ChartAway is why a doctor reads the chart of a booking no more, and the version of the questionnaire that its patient was asked, for one
// who has had it: who was shown it, has had its note open, or gave or got it. Nobody else learns that there is a booking: both are zero.
func (s *Store) ChartAway(ctx context.Context, doctor clinic.Actor, bookingID string) (away clinic.Away, version string, err error) {
	id := chartsOf(doctor)
	if id == "" {
		return away, "", nil
	}
	var row struct {
		MovedAt sql.NullTime
		Version string
	}
	err = one(s.reader(ctx).Table("bookings b").Select("b.moved_at, b.questionnaire_version AS version").Where("b.id = "+aText+` AND (
		EXISTS (SELECT 1 FROM chart_reads r WHERE r.booking_id = b.id AND r.doctor_id = `+aText+`)
		OR EXISTS (SELECT 1 FROM note_screens n WHERE n.booking_id = b.id AND n.doctor_id = `+aText+`)
		OR EXISTS (SELECT 1 FROM note_drafts n WHERE n.booking_id = b.id AND n.doctor_id = `+aText+`)
		OR EXISTS (SELECT 1 FROM handovers h WHERE h.booking_id = b.id AND `+aText+` IN (h.from_doctor_id, h.to_doctor_id)))`, bookingID, id, id, id, id), &row)
	if clinic.CodeOf(err) == clinic.NotFound || isInvalidText(err) {
		return away, "", nil
	}
	if err != nil {
		return away, "", wrap("ChartAway", err)
	}
	handovers, err := s.handovers(s.reader(ctx), false, "h.booking_id = "+aText, bookingID)
	return clinic.WhyAway(id, orNone(row.MovedAt), handovers), row.Version, wrap("ChartAway", err)
}
