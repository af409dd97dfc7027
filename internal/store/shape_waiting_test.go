package store_test

import (
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
)

// fillWaiting puts somebody in line, with a booking, and writes beside them every way in which a wait and an offer can end.
func (f *filler) fillWaiting(bookedToken string) {
	f.Helper()
	ctx, c := f.Context(), f.clinic
	now := f.now()
	wish := clinic.Wish{
		First: clinic.Date{Year: 2026, Month: time.November, Day: 24}, Last: clinic.Date{Year: 2026, Month: time.December, Day: 20}, From: 600, Until: 1200, At: -1,
		Weekdays: []time.Weekday{time.Monday, time.Saturday}, DoctorIDs: []string{c.Doctors[0].ID}, Sex: clinic.Female,
	}
	p := storetest.Request("", 77).Patient
	p.FamilyName, p.Birth, p.Sex = "髙﨑", clinic.Date{}, clinic.NoSex
	r := clinic.WaitingRequest{BranchID: c.Branch.ID, Wish: wish, Parts: []clinic.DayPart{clinic.MorningPart, clinic.EveningPart}, Patient: p, Lang: "ja", Token: clinic.NewToken()}
	check(f.T, f.store.GetInLine(ctx, clinic.Visitor("a cookie", "192.0.2.77"), r))
	r.Token = clinic.NewToken()
	check(f.T, f.store.GetInLine(ctx, clinic.PatientByLink(bookedToken), r))
	f.sql(`INSERT INTO letters (id, waiting_id, kind, once_key, channel, status, due_at, created_at, lapses_at) SELECT 'offer', id, 'offer', 'x/offer', 'mail', 'withdrawn', $1, $2, $3
		FROM waitings WHERE booking_id IS NULL`, now, now, now)
	f.sql(`INSERT INTO letters (id, waiting_id, kind, once_key, channel, status, due_at, created_at) SELECT 'offer_over', id, 'offer_over', 'x/offer_over', 'mail', 'withdrawn', $1, $2
		FROM waitings WHERE booking_id IS NULL`, now, now)
	for _, status := range []string{"offered", "accepted", "left", "over"} {
		inLine := status == "offered"
		var ended any = now
		if inLine {
			ended = nil
		}
		f.sql(`INSERT INTO waitings (id, branch_id, weekdays, parts, from_minute, until_minute, first_day, last_day, by_mail, status, in_line, lang, created_at, ended_at)
			VALUES ($1, $2, 0, 0, 0, 0, '2026-11-24', '2026-12-20', true, $3, $4, 'en', $5, $6)`, "waiting-"+status, c.Branch.ID, status, inLine, now, ended)
	}
	for _, outcome := range []string{"accepted", "declined", "over", "unsent", "failed", "left", "withdrawn"} {
		f.sql(`INSERT INTO offers (id, waiting_id, slot_id, letter_id, staff_id, minutes, offered_at, sent_at, expires_at, ended_at, outcome)
			SELECT $1, 'waiting-left', $2, 'offer', id, 60, $3, $4, $5, $6, $7 FROM staff WHERE role = 'reception' LIMIT 1`,
			"offer-"+outcome, c.Slots[0].ID, now, now, now, now, outcome)
	}
}

// waiting calls what is done about those who wait.
func (f *filler) waiting() {
	ctx, s, c := f.Context(), f.store, f.clinic
	must := func(_ any, err error) { f.Helper(); check(f.T, err) }
	slots := storetest.AddSlots(f.T, s, c.Branch, c.Doctors[1], f.clock.Now().AddDate(0, 0, 27), 6)
	receipt, err := s.Book(ctx, clinic.Visitor("a cookie that waits", "192.0.2.41"), storetest.Request(slots[5].ID, 410))
	check(f.T, err)
	link := clinic.PatientByLink(receipt.Token)
	wish := clinic.Wish{First: clinic.DateOf(f.clock.Now(), c.Branch.Location()), Last: clinic.DateOf(slots[0].StartsAt, c.Branch.Location()), At: -1, DoctorIDs: []string{c.Doctors[1].ID}}
	own, other := clinic.NewToken(), clinic.NewToken()
	check(f.T, s.GetInLine(ctx, link, clinic.WaitingRequest{Wish: wish, Token: own}))
	check(f.T, s.GetInLine(ctx, clinic.Visitor("", "192.0.2.42"), clinic.WaitingRequest{BranchID: c.Branch.ID, Wish: wish, Patient: storetest.Request("", 411).Patient, Lang: "ja", Token: other}))
	must(s.WaitsWith(ctx, link))
	check(f.T, s.Offer(ctx))
	place, err := s.Place(ctx, own)
	check(f.T, err)
	must(s.InLine(ctx, storetest.Owner, c.Branch.ID))
	must(s.WaitingFor(ctx, storetest.Owner, place.ID))
	_, _, err = s.WaitsAt(ctx, c.Branch, []clinic.Slot{slots[0].Slot}, c.Doctors[:])
	check(f.T, err)
	for { // until every letter has gone
		l, ok, err := s.ClaimLetter(ctx)
		check(f.T, err)
		if !ok {
			break
		}
		check(f.T, s.LetterSent(ctx, l))
	}
	if place.Offer != nil {
		must(s.AcceptMove(ctx, own, "192.0.2.41", place.Offer.ID))
	}
	if place, err = s.Place(ctx, other); err == nil && place.Offer != nil {
		check(f.T, s.DeclineOffer(ctx, other, place.Offer.ID))
	}
	check(f.T, err)
	check(f.T, s.OfferByHand(ctx, storetest.Owner, place.ID, slots[3].ID))
	check(f.T, s.WithdrawOffer(ctx, storetest.Owner, place.ID))
	check(f.T, s.OfferByHand(ctx, storetest.Owner, place.ID, slots[3].ID))
	f.clock.Advance(2 * time.Hour)
	check(f.T, s.Offer(ctx))
	check(f.T, s.TakeOutOfLine(ctx, storetest.Owner, place.ID))
	check(f.T, s.Leave(ctx, other))
}
