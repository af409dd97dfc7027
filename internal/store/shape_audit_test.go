package store_test

import (
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// fillAudit leaves an audit log that was let go of in part, with an entry of every kind of column.
func (f *filler) fillAudit(admin clinic.Staff) {
	f.now()
	check(f.T, f.store.ChainAudit(f.Context()))
	check(f.T, f.store.PurgeAudit(f.Context(), 0))
	ctx := store.WithOrigin(f.Context(), store.Origin{Client: "192.0.2.7", Request: "request"})
	actor, day := clinic.StaffActor(admin), clinic.DateOf(f.now(), f.clinic.Branch.Location())
	check(f.T, f.store.NoteSeen(ctx, actor, store.Seen{Action: clinic.SawCalendar, Of: clinic.AboutDays(f.clinic.Branch.ID, day, day)}))
	appointments, _, err := f.store.Day(ctx, actor, f.clinic.Branch, day)
	check(f.T, err)
	for _, e := range appointments {
		if e.Appointment != nil {
			check(f.T, f.store.NoteSeen(ctx, actor, store.Seen{Action: clinic.SawBooking, Of: clinic.AboutBooking(*e.Appointment)}))
		}
	}
	check(f.T, f.store.UnlockAccount(ctx, storetest.Owner, admin.ID))
	check(f.T, f.store.NoteDenied(ctx, actor, "GET /office/charts/:id", "", clinic.NotFound))
	check(f.T, f.store.ChainAudit(ctx))
}
