package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/seal"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// filler fills a database with everything that can be in one: by the store's own methods, and by SQL what no method
// writes yet.
type filler struct {
	*testing.T
	store   *store.Store
	clock   *storetest.Clock
	address string
	clinic  storetest.Clinic
	free    []clinic.SlotWithState // slots that nobody has yet
	known   known
}

// fillShape fills an empty database of the newest shape, whose keys it makes, and returns it as it is kept.
func fillShape(t *testing.T, address, keys string) (shape, *store.Store) {
	t.Helper()
	f := &filler{T: t, clock: storetest.NewClock(), address: address}
	f.store = storetest.Open(t, address, keys, f.clock.Now)
	f.fillClinic()
	f.fillBookings()
	f.fillClaims()
	f.fillRest()
	return shape{At: f.clock.Now(), Tables: tablesOf(t, address), Known: f.known}, f.store
}

// sql runs a statement with $1, $2, … in the order in which they stand.
func (f *filler) sql(statement string, args ...any) {
	f.Helper()
	check(f.T, tryExec(f.T, f.address, statement, args...))
}

// now is the present instant, after everything before.
func (f *filler) now() time.Time {
	f.clock.Advance(time.Second)
	return f.clock.Now()
}

func (f *filler) fillClinic() {
	f.clinic = storetest.NewClinic(f.T, f.store)
	c, ctx := f.clinic, f.Context()
	check(f.T, f.store.WriteDue(ctx)) // before there are any
	leaving, err := f.store.SaveDoctor(ctx, storetest.Owner, clinic.Doctor{
		FamilyName: "例示", GivenName: "翼", FamilyKana: "レイジ", GivenKana: "ツバサ", NameEn: "Tsubasa Reiji", Sex: clinic.Female,
		Career: "架空医科大学 卒業\n見本病院", CareerEn: "Kaku Medical University", Societies: "例示学会 会員", SocietiesEn: "Society of Examples",
	}, []string{c.Branch.ID, c.Other.ID})
	check(f.T, err)
	_, err = f.store.SaveDoctor(ctx, storetest.Owner, leaving, []string{c.Other.ID})
	check(f.T, err)

	day := f.clock.Now().AddDate(0, 0, 2)
	f.free = slices.Concat(c.Slots, storetest.AddSlots(f.T, f.store, c.Branch, c.Doctors[0], day, 16))
	slot := clinic.Slot{BranchID: c.Other.ID, DoctorID: leaving.ID, StartsAt: day, EndsAt: day.Add(time.Hour), Room: "第1相談室"}
	for _, origin := range []clinic.Origin{clinic.FromHours, clinic.ByHand, clinic.ByPhone} {
		slot.Origin, slot.StartsAt, slot.EndsAt = origin, slot.StartsAt.Add(time.Hour), slot.EndsAt.Add(time.Hour)
		check(f.T, f.store.AddSlots(ctx, storetest.Owner, []clinic.Slot{slot}))
	}
	slot.Audience, slot.StartsAt, slot.EndsAt = clinic.StaffOnly, slot.StartsAt.Add(time.Hour), slot.EndsAt.Add(time.Hour)
	check(f.T, f.store.AddSlots(ctx, storetest.Owner, []clinic.Slot{slot}))

	// A closed slot, and one that lies over it.
	closed := f.takeSlot()
	check(f.T, f.store.CloseSlot(ctx, storetest.Owner, closed.ID))
	check(f.T, f.store.AddSlots(ctx, storetest.Owner, []clinic.Slot{{BranchID: closed.BranchID, DoctorID: closed.DoctorID, StartsAt: closed.StartsAt, EndsAt: closed.EndsAt}}))

	_, err = f.store.PublishQuestionnaire(ctx, storetest.Owner, storetest.FirstVersion(f.T)) // which the kept requests were asked
	check(f.T, err)
	f.sql("INSERT INTO questionnaires (version, status, body, created_at) VALUES ('draft', 'draft', $1, $2)", []byte("{}"), f.now())
}

func (f *filler) takeSlot() clinic.SlotWithState {
	slot := f.free[0]
	f.free = f.free[1:]
	return slot
}

// keptRequest is the request of the n-th patient. It stays as it is: an older shape knows what was answered to it.
func keptRequest(slotID string, n int) clinic.Request {
	return clinic.Request{
		SlotID: slotID,
		Patient: clinic.Patient{
			FamilyName: "髙﨑", GivenName: fmt.Sprintf("花子%d", n), FamilyKana: "タカサキ", GivenKana: "ハナコ",
			Birth: clinic.Date{Year: 1990, Month: time.April, Day: n}, Sex: []clinic.Sex{clinic.Female, clinic.Male, clinic.NoSex}[n%3],
			Phone: fmt.Sprintf("0900000%04d", n), Email: fmt.Sprintf("hanako%d@example.jp", n),
		},
		Details: clinic.Details{
			Answers:     map[string][]string{"areas": {"back", "thigh_b"}, "request": {"夏までに <5kg> & 筋肉"}},
			Attribution: clinic.Attribution{Area: "back", Article: "back-fat", Campaign: "autumn"},
			Consents:    []clinic.Consent{{Kind: "c_privacy", Version: "1", At: storetest.Begin}},
		},
		Lang: "ja", QuestionnaireVersion: "1",
	}
}

func (f *filler) book(actor clinic.Actor, n int) clinic.Receipt {
	f.Helper()
	return f.bookRequest(actor, keptRequest(f.takeSlot().ID, n))
}

func (f *filler) bookRequest(actor clinic.Actor, r clinic.Request) clinic.Receipt {
	f.Helper()
	f.now()
	receipt, err := f.store.Book(f.Context(), actor, r)
	check(f.T, err)
	f.known.Links = append(f.known.Links, receipt.Token)
	return receipt
}

// letter is the confirmation of the booking that was made last, in a worker's hands.
func (f *filler) letter() clinic.Letter {
	f.Helper()
	f.now()
	return claim(f.T, f.store)
}

func (f *filler) fillBookings() {
	ctx := f.Context()
	front, err := f.store.AddStaff(ctx, storetest.Owner, clinic.Staff{
		Role: clinic.FrontDesk, Branches: []string{f.clinic.Branch.ID}, Name: "受付 見本", Email: "reception@example.jp", PasswordHash: "$argon2id$kept",
	})
	check(f.T, err)
	visitor := clinic.Visitor("a cookie of the first visitor", "192.0.2.1")

	sent := f.book(visitor, 1)
	check(f.T, f.store.LetterSent(ctx, f.letter()))
	f.answer(sent, false)
	f.answer(sent, true)
	f.answer(sent, true)

	f.fillCorrected(front)

	english := keptRequest(f.takeSlot().ID, 2)
	english.Lang, english.QuestionnaireVersion = "en", ""
	f.bookRequest(clinic.StaffActor(front), english)
	check(f.T, f.store.LetterFailed(ctx, f.letter(), "smtp 550 5.1.1", true))

	again := keptRequest(f.takeSlot().ID, 3)
	again.Key = "key of the third"
	f.known.Repeated = repeated{again.SlotID, 3, again.Key}
	key, _, err := f.store.AddAPIKey(ctx, storetest.Owner, "見本サイト")
	check(f.T, err)
	f.answer(f.bookRequest(clinic.API(key), again), false)
	check(f.T, f.store.LetterFailed(ctx, f.letter(), "smtp 451", false))

	// Cancelled by everybody who can. The first one's letter had not gone out; the patient of the last comes again.
	var cancelled []clinic.Receipt
	for i, by := range []clinic.ActorKind{clinic.ActorStaff, clinic.ActorJob, clinic.ActorVisitor, clinic.ActorPatient, clinic.ActorAPI} {
		b := f.book(visitor, 4+i)
		if i > 0 {
			check(f.T, f.store.LetterSent(ctx, f.letter()))
		}
		f.now()
		check(f.T, f.store.Cancel(ctx, clinic.StaffActor(front), b.BookingID))
		check(f.T, f.store.LetterSent(ctx, f.letter()))
		f.sql("UPDATE bookings SET cancelled_by = $1, cancel_reason = 'changed-mind' WHERE id = $2", string(by), b.BookingID)
		cancelled = append(cancelled, b)
	}
	f.sql("UPDATE links SET revoked_at = $1 WHERE booking_id = $2", f.now(), cancelled[1].BookingID)
	f.book(visitor, 8)
	f.letter() // its worker is sending it

	for i, status := range []clinic.Status{clinic.Pending, clinic.Arrived, clinic.Fulfilled, clinic.NoShow} {
		f.sql("UPDATE bookings SET status = $1 WHERE id = $2", string(status), f.book(visitor, 9+i).BookingID)
	}
	const patientOf = "(SELECT patient_id FROM bookings WHERE status = '%s')"
	noshow, arrived, pending := fmt.Sprintf(patientOf, clinic.NoShow), fmt.Sprintf(patientOf, clinic.Arrived), fmt.Sprintf(patientOf, clinic.Pending)
	f.sql("UPDATE patients SET online_closed_at = $1 WHERE id = "+noshow, f.now())
	f.sql("UPDATE patients SET merged_into = " + pending + " WHERE id = " + arrived)

	// A letter about no booking, whose content is written when it is due.
	f.sql(`INSERT INTO letters (id, kind, once_key, channel, status, due_at, created_at) VALUES ('letter', 'confirmation', 'OFFER/offer', 'mail', 'waiting', $1, $2)`,
		f.clock.Now().AddDate(1, 0, 0), f.now())
}

// fillCorrected makes a booking whose letter came back, was sent again, and whose address the patient corrected then.
func (f *filler) fillCorrected(front clinic.Staff) {
	f.Helper()
	ctx := f.Context()
	b := f.book(clinic.Visitor("a cookie of one who slips", "192.0.2.3"), 13)
	l := f.letter()
	check(f.T, f.store.LetterSent(ctx, l))
	f.now()
	check(f.T, f.store.Resend(ctx, clinic.StaffActor(front), b.BookingID, l.ID))
	l = f.letter()
	check(f.T, f.store.LetterSent(ctx, l))
	token := clinic.NewToken()
	f.clock.Advance(time.Minute)
	check(f.T, f.store.CorrectEmail(ctx, clinic.PatientByLink(b.Token), "corrected@example.jp", token))
	f.known.Links = append(f.known.Links, token)
	check(f.T, f.store.LetterSent(ctx, f.letter()))
	_, err := f.store.LetterBounced(ctx, l.ID, 2, "bounce 5.1.1")
	check(f.T, err)
}

// answer saves the patient's intake, whole or in part.
func (f *filler) answer(b clinic.Receipt, complete bool) {
	f.Helper()
	now := f.now()
	_, err := f.store.AnswerIntake(f.Context(), clinic.PatientByLink(b.Token), func(c store.Chart) (intake.Record, error) {
		r := c.Intake
		r.Answers, r.Done, r.UpdatedAt = intake.Answers{"height": {"158.5"}, "hx_cold": {"cad"}}, []string{"goal"}, now
		r.Typed = map[string][]string{"weight": {"五十五キロ半"}}
		if complete {
			r.Answers["meds"], r.Answers["meds_name"], r.Done = []string{"warf"}, []string{"ワルファリンを毎晩"}, []string{"goal", "health"}
			r.CompletedAt = &now
		}
		return r, nil
	})
	check(f.T, err)
}

func (f *filler) fillClaims() {
	ctx := f.Context()
	f.known.Visitors = []string{"a cookie of one who left", "a cookie of one who types"}
	for i, cookie := range f.known.Visitors {
		_, err := f.store.Hold(ctx, clinic.Visitor(cookie, fmt.Sprintf("192.0.2.%d", 10+i)), f.takeSlot().ID)
		check(f.T, err)
		check(f.T, f.store.Typed(ctx, clinic.Visitor(cookie, "")))
		if i == 0 {
			f.clock.Advance(clinic.HoldFor)
		}
	}
	for _, kind := range []clinic.HolderKind{clinic.HeldByOffer, clinic.HeldByStaff} {
		f.sql("INSERT INTO claims (slot_id, holder_kind, holder, expires_at) VALUES ($1, $2, $3, $4)",
			f.takeSlot().ID, string(kind), []byte("holder: "+string(kind)), f.clock.Now().Add(time.Hour))
	}
}

func (f *filler) fillRest() {
	ctx := f.Context()
	f.known.Emails = []string{"reception@example.jp"}
	for _, p := range []clinic.Staff{
		{Role: clinic.Admin, EveryBranch: true, Name: "管理 見本", Email: "admin@example.jp"},
		{Role: clinic.DoctorRole, EveryBranch: true, DoctorID: f.clinic.Doctors[0].ID, Name: "見本 花", Email: "doctor@example.jp"},
		{Role: clinic.FrontDesk, Branches: []string{f.clinic.Branch.ID, f.clinic.Other.ID}, Name: "退職 見本", Email: "gone@example.jp"},
	} {
		p.PasswordHash = "$argon2id$kept"
		p, err := f.store.AddStaff(ctx, storetest.Owner, p)
		check(f.T, err)
		f.known.Emails = append(f.known.Emails, p.Email)
		if p.Email == "gone@example.jp" {
			f.sql("UPDATE staff SET active = false WHERE id = $1", p.ID)
			continue
		}
		token, err := f.store.StartSession(ctx, p, clinic.Browser{}, false, "")
		check(f.T, err)
		f.known.Sessions = append(f.known.Sessions, token)
	}
	for range 2 {
		_, err := f.store.TrySignIn(ctx, clinic.Visitor("", "192.0.2.20"), "reception@example.jp", "")
		check(f.T, err)
	}
	f.fillSecondFactor()
	f.fillDesk()
	f.fillSteps()
	f.fillLinks()
	f.fillWaiting(f.known.Links[0])
	f.fillReads()
	f.fillNotes()
	f.fillReleases()
	f.fillDraft()
	f.fillErased()
	check(f.T, f.store.MarkDemo(ctx))
	f.sql("UPDATE change_counters SET value = value + 1")
	_, _, err := f.store.AddAPIKey(ctx, storetest.Owner, "以前のサイト")
	check(f.T, err)
	check(f.T, f.store.RevokeAPIKey(ctx, storetest.Owner, "以前のサイト"))
	f.now()
	check(f.T, f.store.Beat(ctx, "worker"))
	f.sql("INSERT INTO old_keys (prefix, retired_at) VALUES ($1, $2)", seal.Prefix(1), f.now())
	f.sql("INSERT INTO letters (id, kind, once_key, channel, status, due_at, created_at) VALUES ('held', 'cancellation', 'OFFER/held', 'mail', 'held', $1, $2)", f.now(), f.now())
	f.sql("UPDATE letters SET purged_at = $1 WHERE id = 'held'", f.now())
	f.sql("INSERT INTO letter_sendings (at, domain) VALUES ($1, $2)", f.now(), []byte("the blind index of a domain"))
	f.fillPhotos()
	admin, err := f.store.StaffByEmail(ctx, "admin@example.jp")
	check(f.T, err)
	check(f.T, f.store.SendTrial(ctx, clinic.StaffActor(admin), "ja"))
	check(f.T, f.store.SendCode(ctx, clinic.Visitor("", "192.0.2.7"), f.clinic.Branch, "code@example.jp", "ja"))
	for _, event := range clinic.FormEvents {
		f.store.CountForm(event)
	}
	check(f.T, f.store.KeepForms(ctx))
	f.fillAudit(admin)
	f.known.Searches = []string{"たかさき", "ﾀｶｻｷ ﾊﾅｺ", "090-0000-0002", "HANAKO3@example.jp"}
}

// fillPhotos gives a doctor and a branch a photo. The pictures are small, because the shape is kept as text.
func (f *filler) fillPhotos() {
	f.Helper()
	c := f.clinic
	photo := func(of string) clinic.Photo {
		return clinic.Photo{Hash: "hash-of-" + of, Large: []byte("\xff\xd8\xff large " + of), Small: []byte("\xff\xd8\xff small " + of)}
	}
	check(f.T, f.store.SetDoctorPhoto(f.Context(), storetest.Owner, c.Doctors[0].ID, "", photo("doctor")))
	check(f.T, f.store.SetBranchPhoto(f.Context(), storetest.Owner, c.Branch.ID, "", photo("branch")))
}

// fillDesk writes what the front desk has: opening hours, what differs from them, visits and patients.
func (f *filler) fillDesk() {
	f.Helper()
	c := f.clinic
	f.sql(`INSERT INTO opening_hours (id, branch_id, doctor_id, weekday, from_minute, until_minute, minutes, pause, room, audience, valid_from, valid_until)
		VALUES ('hours', $1, $2, 1, 600, 780, 60, 0, '', 'public', '2026-12-01', NULL), ('hours-2', $1, $2, 1, 840, 1140, 45, 15, '室1', 'staff', '2026-12-01', '2027-03-31')`,
		c.Branch.ID, c.Doctors[0].ID)
	f.sql("UPDATE doctor_branches SET hours_revision = 2 WHERE doctor_id = $1 AND branch_id = $2", c.Doctors[0].ID, c.Branch.ID)
	f.sql(`INSERT INTO closures (id, branch_id, doctor_id, kind, first_day, last_day, nth, weekday, from_minute, until_minute, minutes, reason, created_at)
		VALUES ('closed', $1, NULL, 'closed', '2026-12-29', '2027-01-03', 0, 0, 0, 1440, 0, '年末年始', $2)`, c.Branch.ID, f.now())
	f.sql(`INSERT INTO closures (id, branch_id, doctor_id, kind, first_day, last_day, nth, weekday, from_minute, until_minute, minutes, pause, room, reason, created_at)
		VALUES ('away', $1, $2, 'away', '2026-12-01', '2027-11-30', 4, 4, 0, 1440, 0, 0, '', '学会', $3),
			('extra', $1, $2, 'extra', '2026-12-12', '2026-12-12', 0, 0, 1140, 1260, 50, 10, '室1', '', $3)`,
		c.Branch.ID, c.Doctors[0].ID, f.now())
	closed := f.takeSlot()
	check(f.T, f.store.CloseSlot(f.Context(), storetest.Owner, closed.ID))
	f.sql("UPDATE slots SET closed_by = 'hours' WHERE id = $1", closed.ID)
	f.sql("UPDATE slots SET closed_by = 'staff' WHERE closed_at IS NOT NULL AND closed_by IS NULL")

	const front = "(SELECT id FROM staff WHERE role = 'reception' AND active LIMIT 1)"
	started := f.book(clinic.Visitor("a cookie of one who is with the doctor", "192.0.2.4"), 14)
	f.sql("UPDATE bookings SET status = 'in-progress', status_at = $1, arrived_at = $2, status_by = "+front+" WHERE id = $3",
		f.now(), f.clock.Now(), started.BookingID)
	check(f.T, f.store.SaveBookingMemo(f.Context(), storetest.Owner, started.BookingID, 0, "お母さまと来院。"))
	f.sql("UPDATE booking_memos SET updated_by = " + front)
	f.sql("UPDATE slots SET kept_at = $1 WHERE id = (SELECT slot_id FROM bookings WHERE id = $2)", f.now(), started.BookingID)
	f.sql("UPDATE claims SET staff_id = " + front + " WHERE holder_kind = 'staff'")
	const patient = "(SELECT patient_id FROM bookings WHERE status = '%s')"
	kept, merged := fmt.Sprintf(patient, clinic.Pending), fmt.Sprintf(patient, clinic.Arrived)
	a, err := f.store.Appointment(f.Context(), storetest.Owner, started.BookingID)
	check(f.T, err)
	check(f.T, f.store.SavePatientMemo(f.Context(), storetest.Owner, a.Booking.PatientID, 0, "耳が遠い方。"))
	f.sql("UPDATE patient_memos SET updated_by = " + front)
	f.sql("UPDATE patients SET revision = 2 WHERE id = " + kept)
	f.sql("INSERT INTO patient_merges (id, kept_id, merged_id, merged_at, merged_by) VALUES ('merge', "+kept+", "+merged+", $1, "+front+")", f.now())
	f.sql("INSERT INTO patient_merges (id, kept_id, merged_id, merged_at, undone_at) VALUES ('undone', "+merged+", "+kept+", $1, $2)", f.now(), f.now())
	for _, kind := range []clinic.LetterKind{
		"request", "change", "decline", "approval", "called_off", "corrected", "unfinished", "reminder", "morning", "thanks", "new_booking", "failed_today",
	} {
		f.sql("INSERT INTO letters (id, kind, once_key, channel, status, due_at, created_at) VALUES ($1, $2, $3, 'mail', 'withdrawn', $4, $5)",
			"letter-"+string(kind), string(kind), "OFFER/"+string(kind), f.now(), f.now())
	}
	words, err := f.store.LetterWording(f.Context(), storetest.Owner, f.clinic.Branch.ID, clinic.Thanks, "ja")
	check(f.T, err)
	words.Text = clinic.LetterText{Subject: "{{日時}} のお礼", Lead: "{{氏名}} 様、ありがとうございました。", Note: "傘立ては入口にあります。"}
	check(f.T, f.store.SaveLetterWording(f.Context(), storetest.Owner, words))
	f.sql("UPDATE letter_texts SET updated_by = " + front)
	f.sql("UPDATE letters SET status = 'dropped', failure = 'late' WHERE id = 'letter-reminder'")
	f.sql("INSERT INTO patient_merge_bookings (merge_id, booking_id) SELECT 'merge', id FROM bookings WHERE status = 'arrived'")
	f.sql("INSERT INTO patient_merge_terms (merge_id, term) SELECT 'merge', term FROM patient_terms WHERE patient_id = " + merged + " LIMIT 1")
	f.fillImports(front)
	f.clock.Advance(time.Minute)
	check(f.T, f.store.FillTerms(f.Context()))
}

// fillImports takes over a patient and a booking of another system, and leaves a file to be taken over.
func (f *filler) fillImports(front string) {
	f.Helper()
	ctx, owner, branch := f.Context(), storetest.Owner, f.clinic.Branch.ID
	slot := f.takeSlot()
	loc := f.clinic.Branch.Location()
	for kind, text := range map[clinic.ImportKind]string{
		clinic.ImportPatients: "氏名,フリガナ,電話\n取込 一子,トリコミ イチコ,09000000801\n取込 二子,トリコミ ニコ,なし\n",
		clinic.ImportBookings: "予約番号,日時,担当,氏名,フリガナ,電話\nA-1," + slot.StartsAt.In(loc).Format("2006/01/02 15:04") + ",見本 " + f.doctor(slot.DoctorID).GivenName + ",取込 三子,トリコミ サンコ,09000000803\n",
	} {
		i := clinic.Import{Kind: kind, BranchID: branch, Source: "見本予約", Minutes: 60, Text: text}
		id, err := f.store.KeepImport(ctx, owner, i)
		check(f.T, err)
		_, err = f.store.RunImport(ctx, owner, id)
		check(f.T, err)
		_, err = f.store.RunImport(ctx, owner, id)
		check(f.T, err)
	}
	f.now()
	_, err := f.store.KeepImport(ctx, owner, clinic.Import{Kind: clinic.ImportPatients, BranchID: branch, Source: "見本予約", Minutes: 60, Letters: true, Text: "氏名,フリガナ,電話\n取込 四子,トリコミ ヨンコ,09000000804\n"})
	check(f.T, err)
	f.sql("UPDATE imports SET patients = 1, bookings = 1, slots = 1, there = 1 WHERE ended_at IS NOT NULL")
	f.sql("UPDATE imports SET staff_id = " + front)
	f.sql("UPDATE imported_patients SET merge_id = 'undone'")
}

// doctor is the doctor of an id.
func (f *filler) doctor(id string) clinic.Doctor {
	if f.clinic.Doctors[1].ID == id {
		return f.clinic.Doctors[1]
	}
	return f.clinic.Doctors[0]
}

// fillSteps writes down what visitors did before they booked.
func (f *filler) fillSteps() {
	f.Helper()
	step := clinic.VisitorStep{
		BranchID: f.clinic.Branch.ID, Day: clinic.DateOf(f.clock.Now(), f.clinic.Branch.Location()),
		Attribution: clinic.Attribution{Area: "back", Article: "back-fat", Campaign: "autumn"},
	}
	for _, step.Step = range []clinic.Step{clinic.StepSeen, clinic.StepHeld, clinic.StepSeen} {
		f.store.CountStep(step)
	}
	check(f.T, f.store.KeepSteps(f.Context()))
}

// fillLinks lets a patient guess and move behind the link of a letter.
func (f *filler) fillLinks() {
	f.Helper()
	slots := storetest.AddSlots(f.T, f.store, f.clinic.Branch, f.clinic.Doctors[1], f.clock.Now().AddDate(0, 0, 2), 2)
	receipt := f.bookRequest(clinic.Visitor("a cookie of one who moves", "192.0.2.5"), keptRequest(slots[0].ID, 15))
	link := clinic.PatientByLink(receipt.Token)
	if err := f.store.Prove(f.Context(), link, clinic.ProofInput{BirthYear: "1901", BirthMonth: "1", BirthDay: "1"}); clinic.CodeOf(err) != clinic.Invalid {
		f.Errorf("a wrong birth date: %v", err)
	}
	check(f.T, f.store.MoveOwn(f.Context(), link, slots[1].ID, 0))
	f.fillLost(receipt)
}

// fillLost lets patients ask for another link and for the deletion of their data, and gives one new tries.
func (f *filler) fillLost(receipt clinic.Receipt) {
	f.Helper()
	ctx, visitor, link := f.Context(), clinic.Visitor("", "192.0.2.6"), clinic.PatientByLink(receipt.Token)
	r := keptRequest("", 15)
	check(f.T, f.store.AskForLink(ctx, visitor, clinic.Lost{Reference: receipt.Reference, Birth: r.Patient.Birth}))
	check(f.T, f.store.AnswerLost(ctx))
	check(f.T, f.store.AskForLink(ctx, visitor, clinic.Lost{Email: r.Patient.Email}))
	check(f.T, f.store.AskForLink(ctx, visitor, clinic.Lost{Reference: receipt.Reference, Birth: r.Patient.Birth}))
	a, err := f.store.Appointment(ctx, storetest.Owner, receipt.BookingID)
	check(f.T, err)
	for _, outcome := range []clinic.ErasureOutcome{clinic.ErasureRefused, clinic.ErasureDone, ""} {
		f.now()
		check(f.T, f.store.AskErasure(ctx, link))
		asked, err := f.store.OwnErasure(ctx, link)
		check(f.T, err)
		if outcome != "" {
			check(f.T, f.store.SettleErasure(ctx, storetest.Owner, a.Booking.PatientID, asked.ID, outcome, "診療の記録は、5年間の保存が必要です。"))
		}
	}
	f.sql("UPDATE erasure_requests SET settled_by = (SELECT id FROM staff WHERE role = 'reception' AND active LIMIT 1) WHERE settled_at IS NOT NULL")
	f.now()
	f.sql("INSERT INTO link_acts (booking_id, kind, n, at, staff_id) SELECT $1, 'tries', 1, $2, id FROM staff WHERE role = 'reception' AND active LIMIT 1", receipt.BookingID, f.now())
}

// fillSecondFactor gives somebody an app, a passkey and recovery codes, of which one is used, half a sign-in, and a link.
func (f *filler) fillSecondFactor() {
	f.Helper()
	ctx := f.Context()
	p, err := f.store.AddStaff(ctx, storetest.Owner, clinic.Staff{Role: clinic.FrontDesk, EveryBranch: true, Name: "二段 見本", Email: "second@example.jp", PasswordHash: "$argon2id$kept"})
	check(f.T, err)
	f.known.Emails = append(f.known.Emails, p.Email)
	secret, err := f.store.BeginApp(ctx, clinic.StaffActor(p))
	check(f.T, err)
	_, recovery, err := f.store.ConfirmApp(ctx, clinic.StaffActor(p), clinic.TOTPCode(secret, clinic.TOTPStep(f.clock.Now())), clinic.Browser{Agent: "Firefox/140.0", Network: "192.0.2.21"})
	check(f.T, err)
	key, _ := withPasskey(f.T, f.store, p, "窓口のパソコン") // which ends the session from before
	key.Count = 3
	holder, answer := passkeyAlone(f.T, f.store, key)
	session, err := signInAlone(f.T, f.store, holder, answer)
	check(f.T, err)
	f.known.Sessions = append(f.known.Sessions, session)
	_, err = f.store.AskForPasskey(ctx, clinic.Visitor("", "192.0.2.21"), passkeySite(f.T), "kept")
	check(f.T, err)
	half, err := f.store.BeginSignIn(ctx, p)
	check(f.T, err)
	token, err := f.store.FinishSignIn(ctx, half, recovery[0], clinic.Browser{Agent: "Firefox/140.0", Network: "192.0.2.21"}, "")
	check(f.T, err)
	f.known.Sessions = append(f.known.Sessions, token)
	_, err = f.store.BeginSignIn(ctx, p)
	check(f.T, err)
	_, err = f.store.NewStaffLink(ctx, storetest.Owner, p.ID)
	check(f.T, err)
}
