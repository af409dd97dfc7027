package store_test

import (
	"bytes"
	"encoding/hex"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// everywhere is a patient of whom there is something in every table that can hold something of one.
type everywhere struct {
	noted
	patientID, merged string
	token             string // of the booking about which a note was signed
	plain             string // a booking about which nothing was signed
	waiting           string // what opens a place in line
	bookings          []string
}

const signedText = "署名した提案の文"

func openEverywhere(t *testing.T, s *store.Store, clock *storetest.Clock) everywhere {
	t.Helper()
	ctx := t.Context()
	e := everywhere{noted: noted{Clinic: storetest.NewClinic(t, s)}}
	first := storetest.Book(t, s, storetest.Request(slotOf(e.Clinic, 0), 1))
	e.bookingID, e.token = first.BookingID, first.Token
	again := storetest.Request(e.Slots[4].ID, 1)
	again.Another = true
	e.plain = storetest.Book(t, s, again).BookingID
	twin := storetest.Request(e.Slots[6].ID, 1)
	twin.Patient.Phone, twin.Patient.Email, twin.Patient.FamilyKana = "09000008888", "twin@example.jp", "フタゴ"
	other := storetest.Book(t, s, twin)
	for i, d := range e.Doctors {
		account, err := s.AddStaff(ctx, storetest.Owner, clinic.Staff{Role: clinic.DoctorRole, Name: d.GivenName, Email: []string{"a@example.jp", "b@example.jp"}[i], DoctorID: d.ID, EveryBranch: true})
		check(t, err)
		[]*clinic.Actor{&e.first, &e.second}[i].Kind, []*clinic.Actor{&e.first, &e.second}[i].Staff = clinic.ActorStaff, account
	}
	e.patientID, e.merged = appointmentOf(t, s, e.bookingID).Booking.PatientID, appointmentOf(t, s, other.BookingID).Booking.PatientID
	e.bookings = []string{e.bookingID, e.plain, other.BookingID}
	_, err := s.MergePatients(ctx, storetest.Owner, e.patientID, e.merged)
	check(t, err)
	answerAs(t, s, e.token, true, intake.Answers{"worry": {"後ろ姿のこと"}})
	day := clinic.DateOf(clock.Now(), e.Branch.Location())
	e.waiting = clinic.NewToken()
	check(t, s.GetInLine(ctx, clinic.Visitor("", "192.0.2.7"), clinic.WaitingRequest{
		BranchID: e.Branch.ID, Wish: clinic.Wish{First: day, Last: day.AddDays(40), At: -1}, Patient: storetest.Request("", 1).Patient, Lang: "ja", Token: e.waiting,
	}))
	check(t, s.SaveBookingMemo(ctx, storetest.Owner, e.bookingID, 0, "予約のメモ"))
	check(t, s.SavePatientMemo(ctx, storetest.Owner, e.patientID, 0, "方のメモ"))
	check(t, s.AskErasure(ctx, clinic.PatientByLink(e.token)))
	clock.Advance(26 * time.Hour)
	check(t, s.MarkRead(ctx, e.first, e.bookingID, 1))
	_, err = s.SignNote(ctx, e.first, e.bookingID, clinic.Screen{}, proposing(signedText), "", clinic.Signing{})
	check(t, err)
	check(t, s.CorrectNote(ctx, e.first, e.bookingID, 1, "直す理由"))
	return e
}

// TestErase_WaitsForASignature: what a doctor has written of a counseling and not signed may be a record that the law wants kept. A correction of
// what is signed, and what was written of somebody who did not come, keeps nothing.
func TestErase_WaitsForASignature(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		ctx := t.Context()
		n := openNoted(t, s, clock)
		admin := employed(t, s, clinic.Admin, "admin@example.jp")
		patientID := appointmentOf(t, s, n.bookingID).Booking.PatientID
		_, err := n.save(t, s, n.first, clinic.Screen{}, "書きかけ")
		check(t, err)
		before := storetest.Read(t, address)
		plan, err := s.ErasePlan(ctx, admin, patientID)
		check(t, err)
		if len(plan.Unsigned) != 1 || plan.Unsigned[0].Booking.ID != n.bookingID {
			t.Errorf("unsigned %v", plan.Unsigned)
		}
		_, err = s.Erase(ctx, admin, patientID)
		wantCode(t, err, clinic.Conflict)
		if changed := storetest.Read(t, address).Changed(before); len(changed) > 0 {
			t.Errorf("what was refused changes %v", changed)
		}
		check(t, s.Step(ctx, admin, n.bookingID, clinic.Booked, clinic.NoShow))
		plan, err = s.ErasePlan(ctx, admin, patientID)
		check(t, err)
		if len(plan.Unsigned) != 0 {
			t.Errorf("of somebody who did not come: unsigned %v", plan.Unsigned)
		}
		_, err = s.Erase(ctx, admin, patientID)
		check(t, err)
	})
}

// secretsOf are the bytes in a database that are a patient's: what is sealed of them, the blind indexes and the hashes, by where they stand. What must
// be kept is left out.
func secretsOf(t *testing.T, address string, ids ...string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for table, rows := range tablesOf(t, address) {
		if table == "note_versions" || table == "hold_releases" || table == "kept_records" || strings.HasPrefix(table, "audit_") || table == "idempotency_keys" {
			continue
		}
		for _, r := range rows {
			mine := false
			for column, value := range r {
				text, _ := value.(string)
				mine = mine || slices.Contains(ids, text) && (column == "id" || strings.HasSuffix(column, "_id"))
			}
			if !mine {
				continue
			}
			for column, value := range r {
				if packed, ok := value.(map[string]any); ok {
					if text, ok := packed["hex"].(string); ok {
						secret, err := hex.DecodeString(text)
						check(t, err)
						out[table+"."+column+" "+text[:8]] = secret
					}
				}
			}
		}
	}
	return out
}

// placeIDs are the ids of all places in line.
func placeIDs(t *testing.T, address string) (ids []string) {
	t.Helper()
	for _, r := range tablesOf(t, address)["waitings"] {
		id, _ := r["id"].(string)
		ids = append(ids, id)
	}
	return ids
}

// TestErase_LeavesNothing: of a person nothing is left but what the law keeps, in no table, and on SQLite in no byte of the files; who signed the note reads it
// with the name, and nobody else finds the person any more.
func TestErase_LeavesNothing(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		ctx := t.Context()
		e := openEverywhere(t, s, clock)
		admin := employed(t, s, clinic.Admin, "admin@example.jp")
		clock.Advance(7 * 24 * time.Hour)
		ids := append(append([]string{e.patientID, e.merged}, e.bookings...), placeIDs(t, address)...)
		secrets := secretsOf(t, address, ids...)
		for _, table := range []string{"patients", "bookings", "intakes", "intake_versions", "letters", "links", "patient_terms", "note_drafts", "booking_memos", "patient_memos", "waitings", "waiting_terms", "waiting_links"} {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(secrets)), func(at string) bool { return strings.HasPrefix(at, table+".") }) {
				t.Errorf("the test has nothing in %s", table)
			}
		}
		plan, err := s.ErasePlan(ctx, admin, e.patientID)
		check(t, err)
		if plan.Records != 2 || plan.Bookings != 3 || plan.Answers != 1 || plan.Drafts != 1 || plan.Memos != 2 || plan.Letters < 4 || plan.Places != 1 || len(plan.Kept) != 1 || plan.Kept[0].Notes != 1 || plan.Check() != nil {
			t.Fatalf("the plan is %+v", plan)
		}
		id, err := s.Erase(ctx, admin, e.patientID)
		check(t, err)
		check(t, s.Purge(ctx))

		for at, secret := range secretsOf(t, address, ids...) {
			if before, same := secrets[at]; same && bytes.Equal(before, secret) {
				t.Errorf("%s is still there", at)
			}
		}
		if path, sqlite := strings.CutPrefix(address, "sqlite:"); sqlite {
			for _, file := range []string{path, path + "-wal"} {
				content, err := os.ReadFile(file)
				if err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
				for at, secret := range secrets {
					if len(secret) > 15 && bytes.Contains(content, secret) {
						t.Errorf("%s is still in %s", at, file)
					}
				}
			}
		}
		e.nowhere(t, s, admin)

		note, err := s.NoteFor(ctx, e.first, e.bookingID)
		check(t, err)
		if p := note.Appointment.Patient; note.Newest().Proposal != signedText || p.Name() != "試験 花子一" || p.Phone != "" || p.Email != "" || note.Draft.Open || note.KeptUntil != plan.Kept[0].Until {
			t.Errorf("the doctor reads %+v of %+v until %v", note.Versions, note.Appointment.Patient, note.KeptUntil)
		}
		_, err = s.NoteFor(ctx, e.second, e.bookingID)
		wantCode(t, err, clinic.NotFound)
		wantCode(t, s.CorrectNote(ctx, e.first, e.bookingID, 1, "直す理由"), clinic.Conflict)
		if kept, err := s.KeptRecords(ctx, e.first); err != nil || len(kept) != 1 || kept[0].BookingID != e.bookingID {
			t.Errorf("the doctor has %+v (%v)", kept, err)
		}
		if done, err := s.Erased(ctx, admin, id); err != nil || done.Went != plan.Went || len(done.Kept) != 1 || done.By != admin.Staff.ID {
			t.Errorf("it says %+v (%v)", done, err)
		}
		if found := checked(t, s); len(found) > 0 {
			t.Errorf("the database is not sound: %v", found)
		}
		storetest.Book(t, s, storetest.Request(freeSlot(t, s, e.Clinic, clock), 1)) // as somebody new
	})
}

// freeSlot is a slot of the first doctor in a week.
func freeSlot(t *testing.T, s *store.Store, c storetest.Clinic, clock *storetest.Clock) string {
	t.Helper()
	return storetest.AddSlots(t, s, c.Branch, c.Doctors[0], clock.Now().Truncate(time.Hour).Add(7*24*time.Hour), 1)[0].ID
}

// nowhere asks everywhere for the person.
func (e everywhere) nowhere(t *testing.T, s *store.Store, admin clinic.Actor) {
	t.Helper()
	ctx := t.Context()
	for _, text := range []string{"シケン", "試験", "0001", "patient1@example.jp", ""} {
		if found, err := s.SearchPatients(ctx, admin, text, 10); err != nil || len(found.Patients) > 0 {
			t.Errorf("%q finds %+v (%v)", text, found.Patients, err)
		}
	}
	for _, id := range []string{e.patientID, e.merged} {
		_, err := s.Patient(ctx, admin, id)
		wantCode(t, err, clinic.NotFound)
	}
	for _, id := range e.bookings {
		_, err := s.Appointment(ctx, admin, id)
		wantCode(t, err, clinic.NotFound)
		wantCode(t, s.Cancel(ctx, admin, id), clinic.NotFound)
	}
	a := e.Slots[0]
	entries, cancelled, err := s.Day(ctx, admin, e.Branch, clinic.DateOf(a.StartsAt, e.Branch.Location()))
	check(t, err)
	for _, entry := range entries {
		if entry.Appointment != nil {
			t.Errorf("the day shows %+v", entry.Appointment.Patient)
		}
	}
	if len(cancelled) > 0 {
		t.Errorf("the day shows %d cancelled", len(cancelled))
	}
	_, err = s.Intake(ctx, clinic.PatientByLink(e.token))
	wantCode(t, err, clinic.NotFound)
	_, err = s.Place(ctx, e.waiting)
	wantCode(t, err, clinic.NotFound)
	_, err = s.ChartFor(ctx, e.first, e.bookingID)
	wantCode(t, err, clinic.NotFound)
	if open, err := s.OpenErasures(ctx, admin); err != nil || len(open) > 0 {
		t.Errorf("%d requests are open (%v)", len(open), err)
	}
}

// TestErase_WhatIsKeptGoesByItself: on the day after its last day, and not before; the database itself refuses it before.
func TestErase_WhatIsKeptGoesByItself(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		ctx := t.Context()
		e := openEverywhere(t, s, clock)
		admin := employed(t, s, clinic.Admin, "admin@example.jp")
		clock.Advance(7 * 24 * time.Hour)
		_, err := s.Erase(ctx, admin, e.patientID)
		check(t, err)
		for _, statement := range []string{
			"DELETE FROM note_versions", "DELETE FROM kept_records", "UPDATE kept_records SET until = '2026-01-01 00:00:00+00:00'", "UPDATE kept_records SET sealed = NULL, ended_at = '2027-01-01 00:00:00+00:00'",
		} {
			if err := tryExec(t, address, statement); err == nil || !strings.Contains(err.Error(), "stay") && !strings.Contains(err.Error(), "changes") && !strings.Contains(err.Error(), "CHECK") && !strings.Contains(err.Error(), "check") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		kept, err := s.KeptRecords(ctx, e.first)
		check(t, err)
		over := kept[0].Until.AddDays(1).In(e.Branch.Location())
		clock.Advance(over.Sub(clock.Now()) - time.Second)
		before := storetest.Read(t, address)
		check(t, s.EndKept(ctx))
		if changed := storetest.Read(t, address).Changed(before); len(changed) > 0 {
			t.Errorf("a second before its time is over, %v change", changed)
		}
		clock.Advance(time.Second)
		check(t, s.EndKept(ctx))
		facts := storetest.Read(t, address)
		if len(facts["note_versions"]) > 0 || !strings.Contains(facts["kept_records"][0], "sealed=<nil> ") {
			t.Errorf("afterwards there are %v and %v", facts["note_versions"], facts["kept_records"])
		}
		_, err = s.NoteFor(ctx, e.first, e.bookingID)
		wantCode(t, err, clinic.NotFound)
		before = storetest.Read(t, address)
		check(t, s.EndKept(ctx))
		if changed := storetest.Read(t, address).Changed(before); len(changed) > 0 {
			t.Errorf("once more, %v change", changed)
		}
	})
}

// TestErase_IsRefused: with a booking to come, to whoever manages some of the person's branches, and to everybody who manages none. Nothing changes then.
func TestErase_IsRefused(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		ctx := t.Context()
		e := openEverywhere(t, s, clock)
		admin := employed(t, s, clinic.Admin, "admin@example.jp")
		clock.Advance(7 * 24 * time.Hour)
		again := storetest.Request(freeSlot(t, s, e.Clinic, clock), 1)
		again.Another = true
		coming := storetest.Book(t, s, again)
		desk := employed(t, s, clinic.FrontDesk, "desk@example.jp")
		elsewhere := clinic.StaffActor(clinic.Staff{ID: admin.Staff.ID, Role: clinic.Admin, Active: true, Branches: []string{e.Other.ID}})
		before := storetest.Read(t, address)
		_, err := s.Erase(ctx, admin, e.patientID)
		wantCode(t, err, clinic.Conflict)
		for _, actor := range []clinic.Actor{desk, elsewhere, e.first} {
			_, err := s.Erase(ctx, actor, e.patientID)
			wantCode(t, err, clinic.NotFound)
			_, err = s.ErasePlan(ctx, actor, e.patientID)
			wantCode(t, err, clinic.NotFound)
		}
		if changed := storetest.Read(t, address).Changed(before); len(changed) > 0 {
			t.Errorf("what was refused changes %v", changed)
		}
		check(t, s.Cancel(ctx, admin, coming.BookingID))
		storetest.Exec(t, address, "INSERT INTO imported_patients (patient_id, branch_id) VALUES ('"+e.merged+"', '"+e.Other.ID+"')")
		one := clinic.StaffActor(clinic.Staff{ID: admin.Staff.ID, Role: clinic.Admin, Active: true, Branches: []string{e.Branch.ID}})
		_, err = s.Erase(ctx, one, e.patientID)
		wantCode(t, err, clinic.Conflict)
		_, err = s.Erase(ctx, admin, e.patientID)
		check(t, err)
		_, err = s.Erase(ctx, admin, e.patientID)
		wantCode(t, err, clinic.NotFound)
	})
}
