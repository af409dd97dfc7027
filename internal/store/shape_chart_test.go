package store_test

import (
	"madoguchi/internal/store/storetest"
)

// fillReads lets each doctor read what was answered to them so far.
func (f *filler) fillReads() {
	f.Helper()
	ctx, s := f.Context(), f.store
	for _, d := range f.clinic.Doctors {
		doctor := storetest.DoctorActor(d.ID)
		charts, err := s.Charts(ctx, doctor, storetest.Begin, storetest.Begin.AddDate(0, 0, 7))
		check(f.T, err)
		for _, c := range charts {
			check(f.T, s.MarkRead(ctx, doctor, c.Appointment.Booking.ID, c.Intake.Revision))
		}
		for _, c := range charts[:min(1, len(charts))] {
			check(f.T, s.MarkUnread(ctx, doctor, c.Appointment.Booking.ID))
		}
	}
}

// restOfCharts calls what a doctor asks of their charts beside the lists.
func (f *filler) restOfCharts() {
	ctx, s := f.Context(), f.store
	for _, d := range f.clinic.Doctors {
		doctor := storetest.DoctorActor(d.ID)
		charts, err := s.Charts(ctx, doctor, storetest.Begin, storetest.Begin.AddDate(0, 0, 7))
		check(f.T, err)
		for _, c := range charts {
			_, err := s.ChartHistory(ctx, doctor, c.Appointment.Booking.ID)
			check(f.T, err)
		}
	}
}
