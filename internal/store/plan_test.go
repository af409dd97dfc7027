package store_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// growing are the tables that grow for as long as a clinic books. The others have as many rows as it has branches, doctors or
// staff, or are emptied after a while, as sessions and idempotency keys are.
var growing = []string{"slots", "claims", "patients", "patient_terms", "bookings", "links", "intakes", "intake_versions", "letters", "visitor_steps", "imported_patients", "imported_bookings", "link_acts", "erasure_requests", "chart_reads", "waitings", "waiting_terms", "waiting_links", "offers", "handovers", "note_drafts", "note_versions", "hold_releases"}

// short are the indexes that hold a few rows of a growing table, and may be read as a whole.
var short = []string{"letters_in_trouble", "letters_leased", "bookings_pending", "erasure_requests_open", "waitings_in_line", "offers_live_of_slot", "offers_expiring"}

// rest calls what fills no shape and reads none.
func (f *filler) rest() {
	ctx, s, visitor := f.Context(), f.store, clinic.Visitor("a cookie", "192.0.2.30")
	must := func(_ any, err error) { f.Helper(); check(f.T, err) }
	must(s.Hold(ctx, visitor, f.takeSlot().ID))
	check(f.T, s.Typed(ctx, visitor))
	must(s.HoldOf(ctx, visitor))
	for n := range clinic.RunLength {
		r := storetest.Request(f.takeSlot().ID, 200+n)
		r.Own = "a key of their own"
		must(s.Book(ctx, visitor, r))
	}
	must(s.BookedUnder(ctx, "a key of their own"))
	runs, err := s.Runs(ctx, storetest.Owner)
	check(f.T, err)
	_, _, err = s.OthersAndNoShows(ctx, storetest.Owner, &runs[0][0])
	check(f.T, err)
	must(s.LinkEnd(ctx, clinic.PatientByLink(f.known.Links[0])))
	must(s.LetterHeld(ctx, clinic.PatientByLink(f.known.Links[0])))
	must(s.LettersInTrouble(ctx, storetest.Owner))
	must(s.Setups(ctx, storetest.Owner))
	must(s.CountLettersInTrouble(ctx, storetest.Owner))
	must(s.CancelTogether(ctx, storetest.Owner, []string{runs[0][0].Booking.ID}, true))
	for _, text := range []string{"", "シ", "しけん はなこ", "試験花子", "0002", "1990/4/3", "patient2@example.jp"} {
		must(s.SearchPatients(ctx, storetest.Owner, text, 5))
	}
	a := runs[0][0]
	must(s.Patient(ctx, storetest.Owner, a.Patient.ID))
	_, _, err = s.BookingsOf(ctx, storetest.Owner, a.Patient.ID)
	check(f.T, err)
	_, _, err = s.ComingOf(ctx, storetest.Owner, a.Patient.ID, a.Patient)
	check(f.T, err)
	must(s.Duplicates(ctx, storetest.Owner, a.Patient))
	corrected := a.Patient
	corrected.Phone = "09000007777"
	check(f.T, s.CorrectPatient(ctx, storetest.Owner, a.Patient.ID, 1, corrected))
	check(f.T, s.CloseOnline(ctx, storetest.Owner, a.Patient.ID, true))
	must(s.Rooms(ctx, f.clinic.Branch.ID))
	desk := clinic.OnCall(clinic.StaffActor(clinic.Staff{ID: f.frontDesk(), Role: clinic.FrontDesk, Active: true, EveryBranch: true}), "call")
	held := f.takeSlot()
	must(s.HoldForCaller(ctx, desk, held.ID))
	must(s.HoldOf(ctx, desk))
	check(f.T, s.Release(ctx, desk))
	outside := clinic.Slot{BranchID: f.clinic.Branch.ID, DoctorID: held.DoctorID, StartsAt: held.StartsAt, EndsAt: held.EndsAt, Room: "室9"}
	if err := s.CheckOutside(ctx, desk, outside); clinic.CodeOf(err) != clinic.Conflict {
		f.Errorf("an hour that the doctor has: %v", err)
	}
	other := runs[0][1].Patient.ID
	merge, err := s.MergePatients(ctx, storetest.Owner, a.Patient.ID, other)
	check(f.T, err)
	must(s.MergesInto(ctx, storetest.Owner, a.Patient.ID))
	check(f.T, s.UndoMerge(ctx, storetest.Owner, a.Patient.ID, merge))
	check(f.T, s.FillTerms(ctx))
	f.notes()
	f.releases()
	f.desk()
	f.restOfCharts()
	f.ownBooking()
	f.waiting()
	_, _, err = s.ClaimLetter(ctx)
	check(f.T, err)
	check(f.T, s.RecoverLeases(ctx))
	f.lettersDue()
	f.restOfHours()
	f.restOfNumbers()
	f.restOfImports()
	f.restOfLetters()
	check(f.T, s.Purge(ctx))
}

// ownBooking calls what a patient does behind their link.
func (f *filler) ownBooking() {
	ctx, s, c := f.Context(), f.store, f.clinic
	slots := storetest.AddSlots(f.T, s, c.Branch, c.Doctors[1], f.clock.Now().AddDate(0, 0, 25), 3)
	receipt, err := s.Book(ctx, clinic.Visitor("a cookie of their own", "192.0.2.31"), storetest.Request(slots[0].ID, 310))
	check(f.T, err)
	link := clinic.PatientAt(receipt.Token, "192.0.2.31")
	_, err = s.HoldForMove(ctx, link, slots[1].ID)
	check(f.T, err)
	_, err = s.HoldOf(ctx, link)
	check(f.T, err)
	check(f.T, s.MoveOwn(ctx, link, slots[1].ID, 0))
	if err := s.Prove(ctx, link, clinic.ProofInput{BirthYear: "1901", BirthMonth: "1", BirthDay: "1"}); clinic.CodeOf(err) != clinic.Invalid {
		f.Errorf("a wrong birth date: %v", err)
	}
	n, err := s.Guesses(ctx, link)
	check(f.T, err)
	if n != 1 {
		f.Errorf("%d guesses are counted", n)
	}
	check(f.T, s.SpeakTo(ctx, link, "en"))
	f.lostLinks(receipt, link)
	check(f.T, s.CancelOwn(ctx, link, clinic.Worried))
}

// lettersDue calls what writes the letters that nobody's deed writes.
func (f *filler) lettersDue() {
	ctx, s, c := f.Context(), f.store, f.clinic
	branch, err := s.Branch(ctx, c.Branch.ID)
	check(f.T, err)
	branch.Settings.Notices = "uketsuke@example.jp"
	_, err = s.SaveBranch(ctx, storetest.Owner, branch)
	check(f.T, err)
	words, err := s.LetterWording(ctx, storetest.Owner, c.Branch.ID, clinic.Reminder, "ja")
	check(f.T, err)
	check(f.T, s.SaveLetterWording(ctx, storetest.Owner, words))
	_, err = s.LetterWordings(ctx, storetest.Owner, c.Branch.ID)
	check(f.T, err)
	manager := clinic.StaffActor(clinic.Staff{ID: "manager", Name: "管理 見本", Email: "manager@example.jp", Role: clinic.Admin, Active: true, EveryBranch: true})
	check(f.T, s.SendTextTrial(ctx, manager, words))
	_, err = s.TextTrial(ctx, manager)
	check(f.T, err)
	slots := storetest.AddSlots(f.T, s, c.Branch, c.Doctors[1], f.clock.Now().AddDate(0, 0, 26), 1)
	receipt, err := s.Book(ctx, clinic.Visitor("a cookie of one who is reminded", "192.0.2.32"), storetest.Request(slots[0].ID, 311))
	check(f.T, err)
	f.clock.Advance(slots[0].StartsAt.Add(-12 * time.Hour).Sub(f.clock.Now()))
	for range 2 {
		check(f.T, s.WriteDue(ctx))
		check(f.T, s.TellFailed(ctx))
	}
	for {
		l, ok, err := s.ClaimLetter(ctx)
		check(f.T, err)
		if !ok {
			f.Error("no reminder is due")
		}
		if !ok || l.BookingID == receipt.BookingID && l.Kind == clinic.Reminder {
			return
		}
	}
}

// lostLinks calls what a patient does who has lost their link or wants to be forgotten, and what the front desk does about it.
func (f *filler) lostLinks(receipt clinic.Receipt, link clinic.Actor) {
	f.Helper()
	ctx, s, owner := f.Context(), f.store, storetest.Owner
	a, err := s.Appointment(ctx, owner, receipt.BookingID)
	check(f.T, err)
	for _, lost := range []clinic.Lost{{Reference: receipt.Reference, Birth: a.Patient.Birth}, {Email: a.Patient.Email}} {
		check(f.T, s.AskForLink(ctx, clinic.Visitor("", "192.0.2.31"), lost))
	}
	check(f.T, s.AnswerLost(ctx))
	for range clinic.MaxTries - 1 {
		if err := s.Prove(ctx, link, clinic.ProofInput{BirthYear: "1901", BirthMonth: "1", BirthDay: "1"}); err == nil {
			f.Error("a wrong birth date is right")
		}
	}
	_, err = s.Tries(ctx, owner, receipt.BookingID)
	check(f.T, err)
	check(f.T, s.GiveTries(ctx, owner, receipt.BookingID))
	check(f.T, s.AskErasure(ctx, link))
	asked, err := s.OwnErasure(ctx, link)
	check(f.T, err)
	desk := clinic.StaffActor(clinic.Staff{ID: f.frontDesk(), Role: clinic.FrontDesk, Active: true, Branches: []string{a.Branch.ID}})
	for _, actor := range []clinic.Actor{owner, desk} {
		_, err = s.OpenErasures(ctx, actor)
		check(f.T, err)
		_, err = s.ErasuresOf(ctx, actor, a.Booking.PatientID)
		check(f.T, err)
		_, err = s.CountOpenErasures(ctx, actor, a.Branch.ID)
		check(f.T, err)
	}
	check(f.T, s.SettleErasure(ctx, desk, a.Booking.PatientID, asked.ID, clinic.ErasureDone, ""))
}

// restOfHours calls what opening hours need.
func (f *filler) restOfHours() {
	ctx, s, c := f.Context(), f.store, f.clinic
	must := func(_ any, err error) { f.Helper(); check(f.T, err) }
	hours, err := s.Hours(ctx, storetest.Owner, c.Branch.ID, config.IsHoliday)
	check(f.T, err)
	w := week(c, 0, hours.Days.First, everyDay...)
	w.Revision = hours.Revisions[w.DoctorID]
	mustSaveWeek(f.T, s, w)
	now := f.clock.Now()
	slots, err := s.Slots(ctx, store.SlotQuery{BranchID: c.Branch.ID, DoctorID: w.DoctorID, From: now.AddDate(0, 1, 0), Until: now.AddDate(0, 2, 0), For: storetest.Owner})
	check(f.T, err)
	must(s.Book(ctx, storetest.Owner, storetest.Request(slots[0].ID, 300)))
	must(s.AppointmentsIn(ctx, storetest.Owner, slots[0].ID))
	w.Spans, w.Revision = nil, w.Revision+1
	mustSaveWeek(f.T, s, w)
	check(f.T, s.KeepBookings(ctx, storetest.Owner, c.Branch.ID, []string{slots[0].ID}))
	must(s.HoursBeside(ctx, c.Branch.ID, w.DoctorID))
	must(s.Preview(ctx, hours.Plan))
	e := clinic.Exception{ID: clinic.NewID(), BranchID: c.Branch.ID, Kind: clinic.ClinicClosed, First: hours.Days.First, Last: hours.Days.First, Pattern: clinic.Pattern{Until: 1440, Audience: clinic.Public}}
	must(s.AddException(ctx, storetest.Owner, e, nil, config.IsHoliday))
	must(s.RemoveException(ctx, storetest.Owner, e.ID, config.IsHoliday))
	branch, err := s.Branch(ctx, c.Branch.ID)
	check(f.T, err)
	must(s.SaveHolidays(ctx, storetest.Owner, branch, nil, config.IsHoliday))
	check(f.T, s.LayHours(ctx, config.IsHoliday))
}

// restOfLetters calls what staff see of letters, what sends them to a rate, and what erases them.
func (f *filler) restOfLetters() {
	ctx, s, c := f.Context(), f.store, f.clinic
	must := func(_ any, err error) { f.Helper(); check(f.T, err) }
	s.SetRates(clinic.Rates{All: 100, Domain: 1})
	for range 3 {
		_, _, err := s.ClaimLetter(ctx)
		check(f.T, err)
	}
	s.SetRates(clinic.Rates{})
	desk := clinic.StaffActor(clinic.Staff{ID: f.frontDesk(), Role: clinic.FrontDesk, Active: true, Branches: []string{c.Branch.ID}})
	now := f.clock.Now()
	for _, actor := range []clinic.Actor{storetest.Owner, desk} {
		for _, q := range []store.LetterQuery{{}, {BranchID: c.Branch.ID}, {Statuses: []clinic.LetterStatus{clinic.LetterSent}, Failures: []string{"connect"}, After: store.LetterRow{DueAt: now, ID: "x"}}} {
			q.From, q.Until, q.Limit = now.AddDate(0, 0, -7), now, 50
			must(s.LetterList(ctx, actor, q))
			must(s.LetterFailures(ctx, actor, q))
		}
		must(s.ResendableLetters(ctx, actor))
	}
	must(s.Workers(ctx))
	check(f.T, s.PurgeLetters(ctx))
}

// frontDesk is the id of somebody who works at the front desk.
func (f *filler) frontDesk() string {
	f.Helper()
	db := openSQL(f.T, f.address)
	defer func() { check(f.T, db.Close()) }()
	var id string
	check(f.T, db.QueryRowContext(f.Context(), "SELECT id FROM staff WHERE role = 'reception' AND active LIMIT 1").Scan(&id))
	return id
}

// desk calls what the front desk does and sees all day.
func (f *filler) desk() {
	ctx, s, owner := f.Context(), f.store, storetest.Owner
	must := func(_ any, err error) { f.Helper(); check(f.T, err) }
	slots := storetest.AddSlots(f.T, s, f.clinic.Branch, f.clinic.Doctors[1], f.clock.Now().AddDate(0, 0, 20), 3)
	receipt, err := s.Book(ctx, owner, storetest.Request(slots[0].ID, 300))
	check(f.T, err)
	slot, free := slots[1], slots[2]
	must(s.Move(ctx, owner, receipt.BookingID, slot.ID, true))
	a, err := s.Appointment(ctx, owner, receipt.BookingID)
	check(f.T, err)
	check(f.T, s.Pend(receipt.BookingID))
	_, _, err = s.PendingBookings(ctx, owner, a.Branch.ID)
	check(f.T, err)
	check(f.T, s.Step(ctx, owner, receipt.BookingID, clinic.Pending, clinic.Booked))
	check(f.T, s.CancelFor(ctx, owner, receipt.BookingID, clinic.Cancelling{Reason: clinic.ByClinic, Tell: true}))
	a, err = s.Appointment(ctx, owner, receipt.BookingID)
	check(f.T, err)
	check(f.T, s.Restore(ctx, owner, receipt.BookingID, clinic.Booked, *a.Booking.CancelledAt))
	_, _, err = s.OthersAndNoShows(ctx, owner, &a)
	check(f.T, err)
	must(s.Unrecorded(ctx, owner, a.Branch, clinic.DateOf(a.Slot.StartsAt, a.Branch.Location())))
	must(s.StaffNames(ctx, "nobody"))
	must(s.HoldAtDesk(ctx, owner, free.ID))
	_, _, err = s.HolderAtDesk(ctx, owner, free.ID)
	check(f.T, err)
	check(f.T, s.ReleaseSlot(ctx, owner, free.BranchID, free.ID))
	must(s.OfferSlots(ctx, owner, free.BranchID, []string{free.ID}, clinic.StaffOnly))
	_, _, _, err = s.CloseSlots(ctx, owner, free.BranchID, []string{free.ID})
	check(f.T, err)
	_, _, err = s.Day(ctx, owner, a.Branch, clinic.DateOf(free.StartsAt, a.Branch.Location()))
	check(f.T, err)
	_, _, err = s.OpenSlots(ctx, owner, free.BranchID, []string{free.ID}, time.Time{})
	check(f.T, err)
}

// restOfImports examines, takes over, gives up and forgets files of another system.
func (f *filler) restOfImports() {
	ctx, s, c := f.Context(), f.store, f.clinic
	day := f.clock.Now().AddDate(0, 1, 0).Format("2006/01/02")
	desk := clinic.StaffActor(clinic.Staff{ID: f.frontDesk(), Role: clinic.Admin, Active: true, Branches: []string{c.Branch.ID}})
	for _, actor := range []clinic.Actor{storetest.Owner, desk} {
		for kind, text := range map[clinic.ImportKind]string{
			clinic.ImportPatients: "氏名,フリガナ,電話\n取込 一子,トリコミ イチコ,09000000801\n",
			clinic.ImportBookings: "予約番号,日時,担当,部屋,氏名,フリガナ,電話,メモ\nB-1," + day + " 7:00,見本 花,室9,取込 一子,トリコミ イチコ,09000000801,メモ\nM7K-4Q2P," + day + " 7:00,見本 花,,取込 一子,トリコミ イチコ,09000000801,\n",
		} {
			id, err := s.KeepImport(ctx, actor, clinic.Import{Kind: kind, BranchID: c.Branch.ID, Minutes: 30, Text: text})
			check(f.T, err)
			i, err := s.Import(ctx, actor, id)
			check(f.T, err)
			_, err = s.ExamineImport(ctx, actor, i)
			check(f.T, err)
			_, err = s.RunImport(ctx, actor, id)
			check(f.T, err)
			check(f.T, s.EndImport(ctx, actor, id))
			if kind == clinic.ImportPatients {
				found, err := s.SearchPatients(ctx, actor, "トリコミ イチコ", 5)
				check(f.T, err)
				for _, r := range found.Patients {
					_, err := s.Patient(ctx, actor, r.Patient.ID)
					check(f.T, err)
				}
			}
		}
		_, err := s.Imports(ctx, actor)
		check(f.T, err)
	}
	check(f.T, s.ForgetImports(ctx))
}

// restOfNumbers counts a year, piece by piece.
func (f *filler) restOfNumbers() {
	c, period := f.clinic, clinic.LastWeeks(clinic.DateOf(f.clock.Now().AddDate(0, 1, 0), f.clinic.Branch.Location()), 52)
	desk := clinic.StaffActor(clinic.Staff{ID: "desk", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Branch.ID}})
	for _, actor := range []clinic.Actor{storetest.Owner, desk} {
		for _, q := range []store.NumbersQuery{{}, {Plain: true}, {DoctorIDs: []string{c.Doctors[0].ID}}} {
			q.Period = period
			_, err := f.store.Numbers(f.Context(), actor, c.Branch, q.InPieces(3))
			check(f.T, err)
		}
		_, _, err := f.store.NumbersBegin(f.Context(), actor, c.Branch)
		check(f.T, err)
	}
}

// TestPlans_ReadNoGrowingTableAsAWhole: whatever the store asks of SQLite while a clinic is at work, no statement reads a growing
// table from its beginning to its end. SQLite does so without a word when the condition of a partial index is not repeated as it
// stands, and then each booking takes longer than the one before.
func TestPlans_ReadNoGrowingTableAsAWhole(t *testing.T) {
	address := storetest.SQLiteURL(t)
	f := &filler{T: t, clock: storetest.NewClock(), address: address}
	f.store = storetest.Open(t, address, filepath.Join(t.TempDir(), "keys"), f.clock.Now)
	asked := map[string][]any{}
	f.store.OnStatement(func(statement string, args []any) { asked[statement] = args })
	f.fillClinic()
	f.fillBookings()
	f.fillClaims()
	f.fillRest()
	f.known.read(t, f.store)
	f.rest()

	db := openSQL(t, address)
	defer func() { check(t, db.Close()) }()
	explained := 0
	for statement, args := range asked {
		// The plan of an INSERT shows how broken references would be looked for, which SQLite does only when there are any.
		if verb, _, _ := strings.Cut(statement, " "); !slices.Contains([]string{"SELECT", "UPDATE", "DELETE"}, verb) {
			continue
		}
		if statement == "DELETE FROM patient_terms WHERE patient_id IN (?)" {
			continue // an erasure, a few times a year; an index for it would make each booking dearer
		}
		explained++
		for _, step := range planOf(t, db, statement, args) {
			words := strings.Fields(step) // SCAN l USING INDEX letters_in_trouble
			table := words[min(1, len(words)-1)]
			if words[0] == "SCAN" && (slices.Contains(growing, table) || len(table) == 1) && !slices.Contains(short, words[len(words)-1]) {
				t.Errorf("%s\nof %s", step, statement)
			}
		}
	}
	if explained < 50 {
		t.Errorf("only %d statements were looked at", explained)
	}
}

// planOf are the steps in which SQLite carries a statement out.
func planOf(t *testing.T, db *sql.DB, statement string, args []any) (steps []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, args...)
	check(t, err)
	defer func() { check(t, rows.Close()) }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		check(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	check(t, rows.Err())
	return steps
}
