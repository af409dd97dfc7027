package store_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
	"madoguchi/web/office"
)

// administrator is somebody who manages some branches; none for all of them.
func administrator(t *testing.T, s *store.Store, branches ...string) clinic.Actor {
	t.Helper()
	p, err := s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{
		Role: clinic.Admin, Name: "管理 見本", Email: clinic.NewID() + "@example.jp", Branches: branches, EveryBranch: len(branches) == 0, PasswordHash: "-",
	})
	check(t, err)
	p.Branches, p.Active = branches, true
	return clinic.StaffActor(p)
}

// importing is a file that is about to be taken over.
type importing struct {
	*testing.T
	store *store.Store
	actor clinic.Actor
	of    clinic.Import
}

func sendImport(t *testing.T, s *store.Store, actor clinic.Actor, branchID string, kind clinic.ImportKind, text string) importing {
	t.Helper()
	of := clinic.Import{Kind: kind, BranchID: branchID, Source: "見本予約", Minutes: 60, Text: text}
	var err error
	of.ID, err = s.KeepImport(t.Context(), actor, of)
	check(t, err)
	of, err = s.Import(t.Context(), actor, of.ID)
	check(t, err)
	return importing{t, s, actor, of}
}

func (i importing) examine() clinic.Examined {
	i.Helper()
	e, err := i.store.ExamineImport(i.Context(), i.actor, i.of)
	check(i.T, err)
	return e
}

func (i importing) run() clinic.Import {
	i.Helper()
	for {
		of, err := i.store.RunImport(i.Context(), i.actor, i.of.ID)
		check(i.T, err)
		if of.EndedAt != nil {
			return of
		}
	}
}

// words are what each line comes to, and what is wrong with it.
func words(e clinic.Examined) (out []string) {
	for _, o := range e.Outcomes {
		word := fmt.Sprintf("%d %s", o.Line.N, o.Does)
		if o.As != 0 {
			word += fmt.Sprintf(" as %d", o.As)
		}
		if o.Alike {
			word += " alike"
		}
		for _, wrong := range o.Line.Errors {
			word += " " + wrong.Field + ":" + strings.TrimPrefix(wrong.Message, "error.")
		}
		out = append(out, word)
	}
	return out
}

func wantWords(t *testing.T, e clinic.Examined, want ...string) {
	t.Helper()
	if got := words(e); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// wantAsExamined checks that what was taken over is what was said before.
func wantAsExamined(t interface{ Errorf(string, ...any) }, e clinic.Examined, i clinic.Import) {
	var refused []int
	for _, o := range e.Refused() {
		refused = append(refused, o.Line.N)
	}
	patients := e.NewPatients() + e.Count(clinic.ImportKnown)
	bookings, slots := e.Count(clinic.ImportOnSlot, clinic.ImportNewSlot), e.Count(clinic.ImportNewSlot)
	if i.Patients != patients || i.Bookings != bookings || i.Slots != slots || i.There != e.Count(clinic.ImportThere) || !slices.Equal(i.Refused, refused) {
		t.Errorf("taken over were %d patients, %d bookings, %d slots, %d there, without %v; said were %d, %d, %d, %d, %v\n%s",
			i.Patients, i.Bookings, i.Slots, i.There, i.Refused, patients, bookings, slots, e.Count(clinic.ImportThere), refused, strings.Join(words(e), "\n"))
	}
}

// wantNothingMore takes the same file over again: nothing but the import itself is written.
func wantNothingMore(t *testing.T, address string, again importing) {
	t.Helper()
	for range 2 { // the second after all terms have been made
		before := storetest.Read(t, address)
		e := again.examine()
		if fine := e.Fine(); fine > 0 {
			t.Errorf("%d lines would be taken over again:\n%s", fine, strings.Join(words(e), "\n"))
		}
		again.run()
		if changed := storetest.Read(t, address).Changed(before); !slices.Equal(changed, []string{"imports"}) && len(changed) > 0 {
			t.Errorf("rows were written in %v", changed)
		}
		check(t, again.store.FillTerms(t.Context()))
		again = sendImport(t, again.store, again.actor, again.of.BranchID, again.of.Kind, again.of.Text)
	}
}

// TestImport_Patients: whoever is new is taken over, whoever is known is recognised and left as they are, and each mistake is named; all of
// it as it was said before.
func TestImport_Patients(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		known := storetest.Request(c.Slots[0].ID, 1)
		known.Patient.GivenName = "花子"
		knownID := patientOf(t, s, storetest.Book(t, s, known))
		admin := administrator(t, s)
		desk := frontDesk(t, s, "受付 見本", c.Branch.ID)
		foreign := frontDesk(t, s, "他院 見本", c.Other.ID)
		file := "氏名,フリガナ,電話,メール,生年月日,性別,メモ,院\n" + strings.Join([]string{
			"取込 一子,トリコミ イチコ,09000000801,ichiko@example.jp,平成元年5月1日,女,駐車場の質問あり,",
			"試験 花子,シケン ハナコ,09000000001,,,,,",                           // known, by phone
			"試験 花子,シケンハナコ,0312345678,patient1@example.jp,1990/4/2,女,,", // by mail
			"試験 花子,しけん はなこ,0312345679,,1990年4月2日,女,,",                  // by kana and birth date
			"試験 太郎,シケン タロウ,09000000001,,,男,,",                          // of the family
			"試験 花子,シケン ハナコ,09000000001,,1962/1/1,女,,",                  // born on another day
			"取込 一子,トリコミ イチコ,090-0000-0801,,,,,",                        // a line before
			"取込 二子,トリコミ ニコ,なし,,1990/2/30,,,",                           // two mistakes
			"取込 三子,トリコミ サンコ,09000000803,,,,,第2院",                       // at another branch
			"取込 四子,トリコミ ヨンコ,09000000804,,,,,北院",                        // at none
			"試験 花子,シケン ハナコ,09000000001,,,,,第2院",                        // known elsewhere
			"試験 花子,シケン ハナコ,09000000001,,,,,第2院",
		}, "\n") + "\n"
		before := storetest.Read(t, address)
		i := sendImport(t, s, admin, c.Branch.ID, clinic.ImportPatients, file)
		e := i.examine()
		wantWords(t, e,
			"2 new", "3 there", "4 there", "5 there", "6 new alike", "7 new alike", "8 there as 2", "9 refused phone:phone.letters birth:birth.impossible",
			"10 new", "11 refused branch:import.branch", "12 known", "13 known")
		if changed := storetest.Read(t, address).Changed(before); !slices.Equal(changed, []string{"imports"}) {
			t.Errorf("looking at it has written in %v", changed)
		}
		done := i.run()
		// The line after the one that makes somebody known at a branch finds them there.
		if done.Patients != 5 || done.There != 5 || done.Done != 12 || !slices.Equal(done.Refused, []int{9, 11}) {
			t.Errorf("taken over: %+v", done)
		}
		if now := storetest.Read(t, address); slices.Contains(now.Changed(before), "bookings") || slices.Contains(now.Changed(before), "letters") || len(now["patients"]) != len(before["patients"])+4 {
			t.Errorf("written in %v", now.Changed(before))
		}
		record, err := s.Patient(ctx, admin, knownID)
		if err != nil || record.Patient.Phone != known.Patient.Phone || record.Patient.Email != known.Patient.Email || record.Revision != 1 {
			t.Errorf("who was known is %+v, %v", record, err)
		}

		check(t, s.FillTerms(ctx))
		found, err := s.SearchPatients(ctx, desk, "とりこみ いちこ", 5)
		if err != nil || len(found.Patients) != 1 {
			t.Fatalf("found %+v, %v", found, err)
		}
		ichiko := found.Patients[0].Patient
		memo, err := s.PatientMemo(ctx, desk, ichiko.ID)
		if err != nil || memo.Text != "駐車場の質問あり" || ichiko.Birth != (clinic.Date{Year: 1989, Month: time.May, Day: 1}) || ichiko.Sex != clinic.Female {
			t.Errorf("taken over was %+v with %q, %v", ichiko, memo.Text, err)
		}
		if latest, err := s.SearchPatients(ctx, desk, "", 20); err != nil || len(latest.Patients) != 4 {
			t.Errorf("the latest are %d, %v", len(latest.Patients), err)
		}
		// At another branch nobody knows of them, but for those who belong there.
		if _, err := s.Patient(ctx, foreign, ichiko.ID); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("another branch reads the patient: %v", err)
		}
		if latest, err := s.SearchPatients(ctx, foreign, "", 20); err != nil || len(latest.Patients) != 2 {
			t.Errorf("the other branch knows %d, %v", len(latest.Patients), err)
		}
		wantNothingMore(t, address, sendImport(t, s, admin, c.Branch.ID, clinic.ImportPatients, file))

		// Also not once somebody has married and moved.
		married := ichiko
		married.FamilyName, married.FamilyKana, married.Phone, married.Email = "婚姻", "コンイン", "09000000899", ""
		check(t, s.CorrectPatient(ctx, admin, ichiko.ID, 1, married))
		once := strings.Replace(file, "取込 一子,トリコミ イチコ,090-0000-0801,,,,,\n", "", 1) // who says less than before is not known again
		wantNothingMore(t, address, sendImport(t, s, admin, c.Branch.ID, clinic.ImportPatients, once))
		// Whoever is known without a booking gets one on the telephone.
		call := storetest.Request(c.Slots[3].ID, 77)
		call.PatientID, call.Patient = ichiko.ID, married
		receipt, err := s.Book(ctx, desk, call)
		check(t, err)
		if got := patientOf(t, s, receipt); got != ichiko.ID {
			t.Errorf("booked for %s, want %s", got, ichiko.ID)
		}
		for table, rows := range storetest.Read(t, address) {
			for _, row := range rows {
				if strings.Contains(row, "取込") || strings.Contains(row, "0900000080") || strings.Contains(row, "駐車場の質問") {
					t.Errorf("%s holds it as it was written: %.200s", table, row)
				}
			}
		}
		clock.Advance(time.Second)
	})
}

// bookingFile is a file of bookings, each line given by its cells.
func bookingFile(lines ...string) string {
	return "予約番号,日時,終了,担当,院,部屋,状態,氏名,フリガナ,電話,メール,メモ\n" + strings.Join(lines, "\n") + "\n"
}

// TestImport_Bookings: a booking takes the slot that is there, or makes one; each reason why it cannot is named at its column; and nothing is
// booked twice.
func TestImport_Bookings(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		admin, desk := administrator(t, s), frontDesk(t, s, "受付 見本", c.Branch.ID)
		// 11:00 of the first doctor is booked, 12:00 held; at 18:00 a room is taken.
		of := func(doctor, hour int) clinic.Slot {
			for _, slot := range c.Slots {
				if slot.DoctorID == c.Doctors[doctor].ID && slot.StartsAt.In(c.Branch.Location()).Hour() == hour {
					return slot.Slot
				}
			}
			t.Fatal("there is no such slot")
			return clinic.Slot{}
		}
		known := storetest.Request(of(0, 11).ID, 1)
		known.Patient.GivenName = "花子"
		storetest.Book(t, s, known)
		_, err := s.HoldAtDesk(ctx, desk, of(0, 12).ID)
		check(t, err)
		evening := of(1, 15).StartsAt.Add(3 * time.Hour)
		check(t, s.AddSlots(ctx, storetest.Owner, []clinic.Slot{{BranchID: c.Branch.ID, DoctorID: c.Doctors[1].ID, StartsAt: evening, EndsAt: evening.Add(time.Hour), Room: "室1"}}))
		file := bookingFile(
			"A1,2026/11/25 10:00,,見本 花,,,確定,取込 一子,トリコミ イチコ,09000000801,ichiko@example.jp,初回です",
			"A2,2026/11/25 19:00,19:30,見本 花,,,,試験 花子,シケン ハナコ,09000000001,,",    // known; a slot is made
			"A3,2026/11/25 11:00,,見本 花,,,,取込 三子,トリコミ サンコ,09000000803,,",        // taken
			",2026/11/25 11:00,,見本 花,,,,試験 花子,シケン ハナコ,09000000001,,",           // that is theirs
			"A5,2026/11/25 12:00,,見本 花,,,,取込 五子,トリコミ ゴコ,09000000805,,",         // held
			"A6,2026/11/25 13:30,,見本 花,,,,取込 六子,トリコミ ロクコ,09000000806,,",        // across two slots
			"A7,2026/11/25 13:00,14:30,見本 花,,,,取込 七子,トリコミ ナナコ,09000000807,,",   // longer than the slot
			"A8,2026/11/25 18:00,,見本 花,,室1,,取込 八子,トリコミ ハチコ,09000000808,,",      // the room
			"A9,2026/11/20 10:00,,見本 花,,,,取込 九子,トリコミ キュウコ,09000000809,,",       // past
			"A10,2026/11/25 14:00,,見本 花,,,キャンセル済,取込 十子,トリコミ トオコ,09000000810,,", // cancelled there
			"A11,2026/11/25 14:00,,例示 翼,,,,取込 丁子,トリコミ チョウコ,09000000811,,",      // nobody here
			"A12,2026/11/25 14:00,,見本,,,,取込 丁子,トリコミ チョウコ,09000000811,,",        // two of that name
			"A13,2026/11/25 14:00,,,,,,取込 丁子,トリコミ チョウコ,09000000811,,",
			"A14,2026/11/25 14:00,,見本 花,北院,,,取込 丁子,トリコミ チョウコ,09000000811,,",
			"A15,2026/11/25 10:00,,見本 花,,,,取込 乙子,トリコミ オトコ,09000000815,,",      // as a line before
			"A16,2026/11/25 19:15,,見本 花,,,,取込 乙子,トリコミ オトコ,09000000815,,",      // over the slot that a line before makes
			"A1,2026/11/25 15:00,,見本 花,,,,取込 一子,トリコミ イチコ,09000000801,,",       // a number twice
			"A18,2041/11/25 10:00,,見本 花,,,,取込 丙子,トリコミ ヘイコ,09000000818,,",      // farther than anybody plans
			"A19,2026/11/26 09:00,,見本 守,,室2,仮予約,取込 一子,トリコミ イチコ,09000000801,,", // waits for an approval
			"A20,2026/11/26 10時,,花先生,,,,,,09000000820,,",
		)
		i := sendImport(t, s, admin, c.Branch.ID, clinic.ImportBookings, file)
		e := i.examine()
		wantWords(t, e,
			"2 on_slot", "3 new_slot", "4 refused start:import.taken", "5 there", "6 refused start:import.held", "7 refused start:import.overlap", "8 refused end:import.longer",
			"9 refused room:import.room", "10 refused date:import.past", "11 refused status:import.cancelled", "12 refused doctor:import.doctor.unknown",
			"13 refused doctor:import.doctor.many", "14 refused doctor:import.doctor.empty", "15 refused branch:import.branch", "16 refused start:import.twice",
			"17 refused start:import.twice", "18 refused reference:import.number", "19 refused date:date.range", "20 new_slot as 2",
			"21 refused name:name.empty doctor:import.doctor.unknown")
		done := i.run()
		wantAsExamined(t, e, done)

		record, err := s.SearchPatients(ctx, desk, "とりこみ いちこ", 5)
		if err != nil || len(record.Patients) != 1 {
			t.Fatalf("found %+v, %v", record, err)
		}
		all, _, err := s.BookingsOf(ctx, desk, record.Patients[0].Patient.ID)
		check(t, err)
		if len(all) != 2 {
			t.Fatalf("the patient has %d bookings", len(all))
		}
		pending, booked := all[0], all[1]
		memo, err := s.BookingMemo(ctx, desk, booked.Booking.ID)
		check(t, err)
		if booked.Slot.ID != of(0, 10).ID || booked.Booking.Channel != clinic.ByImport || booked.Booking.Status != clinic.Booked || memo.Text != "初回です" || booked.Booking.Reference == "" {
			t.Errorf("booked was %+v, %q", booked.Booking, memo.Text)
		}
		if pending.Booking.Status != clinic.Pending || pending.Slot.EndsAt.Sub(pending.Slot.StartsAt) != time.Hour {
			t.Errorf("what waits for an approval is %+v at %v", pending.Booking, pending.Slot)
		}
		if letters := storetest.Read(t, address).Count("letters")["letters"]; letters != 1 { // of the one who booked online
			t.Errorf("%d letters were written", letters)
		}
		wantNothingMore(t, address, sendImport(t, s, admin, c.Branch.ID, clinic.ImportBookings, file))

		// Also not once one was moved and the other cancelled: neither comes back.
		_, err = s.Move(ctx, desk, booked.Booking.ID, of(1, 13).ID, false)
		check(t, err)
		check(t, s.Cancel(ctx, desk, pending.Booking.ID))
		clock.Advance(time.Second)
		wantWords(t, sendImport(t, s, admin, c.Branch.ID, clinic.ImportBookings, bookingFile(
			"A1,2026/11/25 10:00,,見本 花,,,確定,取込 一子,トリコミ イチコ,09000000801,ichiko@example.jp,初回です",
			"A19,2026/11/26 09:00,,見本 守,,室2,仮予約,取込 一子,トリコミ イチコ,09000000801,,",
		)).examine(), "2 there", "3 there")
	})
}

// TestImport_Letters: a confirmation goes to those who have an address, if somebody wants that, and opens their booking.
func TestImport_Letters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c, ctx := storetest.NewClinic(t, s), t.Context()
		admin := administrator(t, s)
		id, err := s.KeepImport(ctx, admin, clinic.Import{Kind: clinic.ImportBookings, BranchID: c.Branch.ID, Minutes: 30, Letters: true, Text: bookingFile(
			",2026/11/25 10:00,,見本 花,,,,取込 一子,トリコミ イチコ,09000000801,ichiko@example.jp,", ",2026/11/25 11:00,,見本 花,,,,取込 二子,トリコミ ニコ,09000000802,,")})
		check(t, err)
		_, err = s.RunImport(ctx, admin, id)
		check(t, err)
		l := claim(t, s)
		if l.Kind != clinic.Confirmation || l.Content.To != "ichiko@example.jp" {
			t.Errorf("the letter is %s to %s", l.Kind, l.Content.To)
		}
		if _, err := s.Intake(ctx, clinic.PatientByLink(l.Content.Token)); err != nil {
			t.Errorf("its link: %v", err)
		}
		if _, more, err := s.ClaimLetter(ctx); err != nil || more {
			t.Errorf("there is another letter: %v", err)
		}
	})
}

// TestImport_IsOnesOwn: a file is there for whoever has sent it, for the branches that they manage.
func TestImport_IsOnesOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c, ctx := storetest.NewClinic(t, s), t.Context()
		admin, other := administrator(t, s, c.Branch.ID), administrator(t, s)
		const text = "氏名,フリガナ,電話,院\n取込 一子,トリコミ イチコ,09000000801,\n取込 二子,トリコミ ニコ,09000000802,第2院\n"
		i := sendImport(t, s, admin, c.Branch.ID, clinic.ImportPatients, text)
		wantWords(t, i.examine(), "2 new", "3 refused branch:import.branch")
		for name, actor := range map[string]clinic.Actor{"another": other, "the front desk": frontDesk(t, s, "受付 見本", c.Branch.ID), "a job": storetest.Owner} {
			_, read := s.Import(ctx, actor, i.of.ID)
			_, ran := s.RunImport(ctx, actor, i.of.ID)
			ended := s.EndImport(ctx, actor, i.of.ID)
			all, err := s.Imports(ctx, actor)
			if clinic.CodeOf(read) != clinic.NotFound || clinic.CodeOf(ran) != clinic.NotFound || clinic.CodeOf(ended) != clinic.NotFound || len(all) != 0 || err != nil {
				t.Errorf("%s: %v, %v, %v, %d, %v", name, read, ran, ended, len(all), err)
			}
		}
		of := i.of
		for name, actor := range map[string]clinic.Actor{"of another branch": administrator(t, s, c.Other.ID), "of the front desk": frontDesk(t, s, "受付 見本", c.Branch.ID)} {
			if _, err := s.KeepImport(ctx, actor, of); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("a file %s: %v", name, err)
			}
		}
		if done := i.run(); done.Patients != 1 || !slices.Equal(done.Refused, []int{3}) {
			t.Errorf("taken over: %+v", done)
		}
		if all, err := s.Imports(ctx, admin); err != nil || len(all) != 1 || all[0].Patients != 1 || all[0].EndedAt == nil || all[0].Text != "" {
			t.Errorf("what is kept of it: %+v, %v", all, err)
		}
	})
}

// TestImport_FilesAreForgotten: the file is gone once it was taken over, given up or left alone.
func TestImport_FilesAreForgotten(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		admin := administrator(t, s)
		const text = "氏名,フリガナ,電話\n取込 一子,トリコミ イチコ,09000000801\n"
		send := func() importing { return sendImport(t, s, admin, c.Branch.ID, clinic.ImportPatients, text) }
		kept := func() (n int) {
			for _, row := range storetest.Read(t, address)["imports"] {
				if !strings.Contains(row, "sealed=<nil> ") {
					n++
				}
			}
			return n
		}
		given := send()
		if kept() != 1 {
			t.Fatal("nothing is kept")
		}
		check(t, s.EndImport(ctx, admin, given.of.ID))
		if done, err := s.RunImport(ctx, admin, given.of.ID); err != nil || done.Patients != 0 || kept() != 0 {
			t.Errorf("what was given up: %+v, %v, %d files", done, err, kept())
		}
		send().run()
		if kept() != 0 {
			t.Error("what was taken over is kept")
		}
		alone := send()
		clock.Advance(clinic.ImportKept)
		check(t, s.ForgetImports(ctx))
		if of, err := s.Import(ctx, admin, alone.of.ID); err != nil || of.Text != "" || !of.Ended(clock.Now()) || kept() != 0 {
			t.Errorf("what was left alone: %+v, %v", of, err)
		}
		late := send()
		clock.Advance(clinic.ImportKept) // before anybody has come to forget it
		if done, err := s.RunImport(ctx, admin, late.of.ID); err != nil || done.Done != 0 {
			t.Errorf("what is too late: %+v, %v", done, err)
		}
		if of, err := s.Import(ctx, admin, late.of.ID); err != nil || of.Text != "" {
			t.Errorf("what is too late can be read: %v", err)
		}
	})
}

// TestImport_GoesOnWhereItStopped: a long file is taken over in parts; what was taken over before somebody stops stays, and nothing is done twice.
func TestImport_GoesOnWhereItStopped(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		admin := administrator(t, s)
		var text strings.Builder
		text.WriteString("氏名,フリガナ,電話\n")
		const lines = 620
		for n := range lines {
			fmt.Fprintf(&text, "取込 子,トリコミ コ,090%08d\n", n)
		}
		i := sendImport(t, s, admin, c.Branch.ID, clinic.ImportPatients, text.String())
		first, err := s.RunImport(ctx, admin, i.of.ID)
		if err != nil || first.Done != 500 || first.Patients != 500 || first.EndedAt != nil {
			t.Fatalf("the first part: %+v, %v", first, err)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := s.RunImport(gone, admin, i.of.ID); err == nil {
			t.Log("the context was not looked at in time")
		}
		check(t, s.EndImport(ctx, admin, i.of.ID))
		again := sendImport(t, s, admin, c.Branch.ID, clinic.ImportPatients, text.String())
		e := again.examine()
		done := again.run()
		wantAsExamined(t, e, done)
		if rows := storetest.Read(t, address).Count("patients", "imported_patients"); rows["patients"] != lines || rows["imported_patients"] != lines || done.There < 500 {
			t.Errorf("there are %v, and %d were there", rows, done.There)
		}
	})
}

// TestImport_RefusedByTheDatabase: where the database refuses one line of a batch, the others are taken over all the same.
func TestImport_RefusedByTheDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c, ctx := storetest.NewClinic(t, s), t.Context()
		admin := administrator(t, s)
		leaving, err := s.SaveDoctor(ctx, storetest.Owner, clinic.Doctor{FamilyName: "例示", GivenName: "翼", FamilyKana: "レイジ", GivenKana: "ツバサ", Sex: clinic.Male}, []string{c.Branch.ID})
		check(t, err)
		i := sendImport(t, s, admin, c.Branch.ID, clinic.ImportBookings, bookingFile(
			"B1,2026/12/01 10:00,,見本 花,,,,取込 一子,トリコミ イチコ,09000000801,,", "B2,2026/12/01 10:00,,例示 翼,,,,取込 二子,トリコミ ニコ,09000000802,,",
			"B3,2026/12/01 11:00,,見本 花,,,,取込 三子,トリコミ サンコ,09000000803,,"))
		done, err := s.RunImportLate(ctx, admin, i.of.ID, func() {
			_, err := s.SaveDoctor(ctx, storetest.Owner, leaving, []string{c.Other.ID})
			check(t, err)
		})
		if err != nil || done.Bookings != 2 || !slices.Equal(done.Refused, []int{3}) || done.EndedAt == nil {
			t.Errorf("taken over: %+v, %v", done, err)
		}
	})
}

// TestImport_AtOnce: the same file sent twice and taken over at once, while visitors book the same slots, comes to one set, and no slot has two.
func TestImport_AtOnce(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		var text []string
		for n, slot := range c.Slots {
			at, doctor := slot.StartsAt.In(c.Branch.Location()), c.Doctors[0]
			if slot.DoctorID != doctor.ID {
				doctor = c.Doctors[1]
			}
			number := ""
			if n%2 == 0 {
				number = fmt.Sprintf("C%d", n)
			}
			text = append(text, fmt.Sprintf("%s,%s,,%s,,,,取込 子,トリコミ コ,0900000%04d,,", number, at.Format("2006/01/02 15:04"), doctor.Name("ja"), 800+n),
				fmt.Sprintf(",%s,,%s,,,,取込 子,トリコミ コ,0900000%04d,,", at.AddDate(0, 0, 3).Format("2006/01/02 15:04"), doctor.Name("ja"), 800+n))
		}
		file := bookingFile(text...)
		var imports []importing
		for range 3 {
			imports = append(imports, sendImport(t, s, administrator(t, s), c.Branch.ID, clinic.ImportBookings, file))
		}
		var all sync.WaitGroup
		var lock sync.Mutex
		bookings, visitors := 0, 0
		for _, i := range slices.Concat(imports, imports) { // each in two windows
			all.Go(func() {
				for {
					done, err := s.RunImport(ctx, i.actor, i.of.ID)
					if err != nil {
						t.Errorf("an import: %v", err)
						return
					}
					if done.EndedAt != nil {
						return
					}
				}
			})
		}
		for n, slot := range c.Slots[:6] {
			all.Go(func() {
				_, err := s.Book(ctx, clinic.API(clinic.APIKey{}), storetest.Request(slot.ID, 500+n))
				if err != nil && clinic.CodeOf(err) != clinic.SlotTaken {
					t.Errorf("a visitor: %v", err)
				}
				if err == nil {
					lock.Lock()
					visitors++
					lock.Unlock()
				}
			})
		}
		all.Wait()
		for _, i := range imports {
			done, err := s.Import(ctx, i.actor, i.of.ID)
			check(t, err)
			bookings += done.Bookings
			if done.Bookings+done.There+len(done.Refused) != done.Lines {
				t.Errorf("some lines came to nothing, or to two things: %+v", done)
			}
		}
		rows := storetest.Read(t, address).Count("bookings", "claims", "imported_bookings", "patients")
		if want := 2 * len(c.Slots); rows["bookings"] != want || rows["claims"] != want || bookings+visitors != want || rows["imported_bookings"] != bookings || rows["patients"] != len(c.Slots)+visitors {
			t.Errorf("%v after %d taken over and %d visitors, want %d", rows, bookings, visitors, want)
		}
	})
}

// TestImport_PatientsAtOnce: a long file of patients, sent three times and each gone on with in two windows: everybody is there once, and every
// line is counted once.
func TestImport_PatientsAtOnce(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		var text strings.Builder
		text.WriteString("氏名,フリガナ,電話\n")
		const people = 160
		for n := range people {
			fmt.Fprintf(&text, "取込 子,トリコミ コ,090%08d\n", n)
		}
		var imports []importing
		for range 3 {
			imports = append(imports, sendImport(t, s, administrator(t, s), c.Branch.ID, clinic.ImportPatients, text.String()))
		}
		var all sync.WaitGroup
		for _, i := range slices.Concat(imports, imports) {
			all.Go(func() {
				for {
					done, err := s.RunImport(ctx, i.actor, i.of.ID)
					if err != nil {
						t.Errorf("an import: %v", err)
						return
					}
					if done.EndedAt != nil {
						return
					}
				}
			})
		}
		all.Wait()
		made := 0
		for _, i := range imports {
			done, err := s.Import(ctx, i.actor, i.of.ID)
			check(t, err)
			made += done.Patients
			if done.Patients+done.There != people || done.Done != people {
				t.Errorf("some lines came to nothing, or to two things: %+v", done)
			}
		}
		if rows := storetest.Read(t, address).Count("patients", "imported_patients"); made != people || rows["patients"] != people || rows["imported_patients"] != people {
			t.Errorf("%d were taken over, and there are %v", made, rows)
		}
	})
}

// TestImport_MergedIsKnownAtBoth: whoever is kept of two is known wherever either was, and what was not theirs is not, once the merge is undone.
func TestImport_MergedIsKnownAtBoth(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		admin, foreign := administrator(t, s), frontDesk(t, s, "他院 見本", c.Other.ID)
		sendImport(t, s, admin, c.Branch.ID, clinic.ImportPatients, "氏名,フリガナ,電話,院\n取込 一子,トリコミ イチコ,09000000801,第1院\n取込 壱子,トリコミ イチコ,09000000802,第2院\n").run()
		found, err := s.SearchPatients(ctx, admin, "とりこみ", 5)
		check(t, err)
		byName := map[string]string{}
		for _, r := range found.Patients {
			byName[r.Patient.GivenName] = r.Patient.ID
		}
		before := storetest.Read(t, address)
		merge, err := s.MergePatients(ctx, admin, byName["一子"], byName["壱子"])
		check(t, err)
		if p, err := s.Patient(ctx, foreign, byName["一子"]); err != nil || p.Patient.GivenName != "一子" {
			t.Errorf("the one who was kept is %+v, %v", p, err)
		}
		check(t, s.UndoMerge(ctx, admin, byName["一子"], merge))
		if _, err := s.Patient(ctx, foreign, byName["一子"]); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("after the merge was undone: %v", err)
		}
		if after := storetest.Read(t, address); !slices.Equal(after["imported_patients"], before["imported_patients"]) {
			t.Errorf("known at\n%v\nwere\n%v", after["imported_patients"], before["imported_patients"])
		}
	})
}

// drawnLine is any line of bookings around one day: of a few people, doctors and times, so that much of it meets.
func drawnLine(t *rapid.T, n int) []string {
	person := rapid.IntRange(0, 5).Draw(t, "person")
	at := fmt.Sprintf("2026/11/%d %d:%s", rapid.IntRange(24, 26).Draw(t, "day"), rapid.IntRange(8, 18).Draw(t, "hour"), rapid.SampledFrom([]string{"00", "30"}).Draw(t, "minute"))
	phone := fmt.Sprintf("0900000%04d", 800+person)
	if rapid.IntRange(0, 9).Draw(t, "lost") == 0 {
		phone = phone[1:]
	}
	return []string{
		rapid.SampledFrom([]string{"", "", fmt.Sprintf("N%d", n), fmt.Sprintf("N%d", n/2)}).Draw(t, "number"), at,
		rapid.SampledFrom([]string{"", "", "19:00"}).Draw(t, "end"), rapid.SampledFrom([]string{"見本 花", "見本 守", "見本 守", "例示"}).Draw(t, "doctor"),
		"", rapid.SampledFrom([]string{"", "室1"}).Draw(t, "room"), rapid.SampledFrom([]string{"確定", "確定", "仮予約", "キャンセル"}).Draw(t, "status"),
		fmt.Sprintf("取込 %c子", []rune("一二三四五六")[person]), fmt.Sprintf("トリコミ %sコ", strings.Repeat("ア", person+1)), phone, "", "",
	}
}

func drawnFile(t *rapid.T) string {
	var text strings.Builder
	out := csv.NewWriter(&text)
	_ = out.Write([]string{"予約番号", "日時", "終了", "担当", "院", "部屋", "状態", "氏名", "フリガナ", "電話", "メール", "メモ"})
	for n := range rapid.IntRange(1, 12).Draw(t, "lines") {
		_ = out.Write(drawnLine(t, n))
	}
	out.Flush()
	return text.String()
}

// TestImport_DoesWhatItSays: whatever stands in a file and in the clinic, what is taken over is what was said before; and the same file again adds
// nothing.
func TestImport_DoesWhatItSays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c, ctx := storetest.NewClinic(t, s), t.Context()
		admin := administrator(t, s)
		rounds := 0
		rapid.Check(t, func(rt *rapid.T) {
			if rounds++; rounds > 25 {
				return // the days are full by then
			}
			for kind, text := range map[clinic.ImportKind]string{clinic.ImportBookings: drawnFile(rt), clinic.ImportPatients: drawnFile(rt)} {
				for again := range 2 {
					i := sendImport(t, s, admin, c.Branch.ID, kind, text)
					e := i.examine()
					done := i.run()
					wantAsExamined(rt, e, done)
					if again > 0 && e.Fine() > 0 {
						rt.Errorf("again, %d lines would add something:\n%s\n%s", e.Fine(), text, strings.Join(words(e), "\n"))
					}
				}
			}
			check(t, s.FillTerms(ctx))
		})
	})
}

// exported is our own list of a branch's bookings, as its file.
func exported(t *testing.T, s *store.Store, c storetest.Clinic, lang string) string {
	t.Helper()
	day := clinic.DateOf(storetest.Begin, c.Branch.Location())
	all, err := s.Bookings(t.Context(), storetest.Owner, c.Branch, store.BookingQuery{First: day.AddDays(-7), Last: day.AddDays(90), Limit: 10000})
	check(t, err)
	var text strings.Builder
	text.WriteString("\ufeff")
	out := csv.NewWriter(&text)
	out.UseCRLF = true
	l := web.Find(lang)
	check(t, out.Write(office.ListColumns(l)))
	for _, a := range all {
		cells := office.ListRow(l, a, intake.Question{})
		for i := range cells {
			cells[i] = clinic.NeutralCell(cells[i])
		}
		check(t, out.Write(cells))
	}
	out.Flush()
	return text.String()
}

// TestImport_OwnListFromBefore: also a list from before a booking was moved brings nothing back.
func TestImport_OwnListFromBefore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		text := exported(t, s, c, "ja")
		_, err := s.Move(t.Context(), storetest.Owner, receipt.BookingID, c.Slots[4].ID, false)
		check(t, err)
		wantWords(t, sendImport(t, s, administrator(t, s), c.Branch.ID, clinic.ImportBookings, text).examine(), "2 there")
	})
}

// TestImport_OwnListAddsNothing: our own list of bookings, in either language, read as bookings and as patients, whoever booked however
// and whatever has become of it: all of it is there already.
func TestImport_OwnListAddsNothing(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c, ctx := storetest.NewClinic(t, s), t.Context()
		admin, n := administrator(t, s), 0
		rapid.Check(t, func(rt *rapid.T) {
			if n++; n > 10 {
				return
			}
			slots := storetest.AddSlots(t, s, c.Branch, c.Doctors[n%2], storetest.Begin.AddDate(0, 0, 2+n), 4)
			for k, slot := range slots {
				r := storetest.Request(slot.ID, rapid.IntRange(0, 40).Draw(rt, "patient"))
				p := &r.Patient
				p.Phone = rapid.SampledFrom([]string{p.Phone, p.Phone, "+12025550123", "0312345678"}).Draw(rt, "phone")
				switch rapid.IntRange(0, 4).Draw(rt, "kind") {
				case 0:
					p.FamilyName, p.GivenName, p.FamilyKana, p.GivenKana = "Smith", "Mary-Jane", "", ""
				case 1:
					p.Birth, p.Email, p.Sex = clinic.Date{}, "", clinic.NoSex
				case 2:
					p.FamilyName, p.GivenName = p.FamilyKana, p.GivenKana
				}
				receipt, err := s.Book(ctx, storetest.Owner, r)
				check(t, err)
				switch rapid.IntRange(0, 3).Draw(rt, "becomes") {
				case 0:
					check(t, s.Cancel(ctx, storetest.Owner, receipt.BookingID))
				case 1:
					if k+1 < len(slots) && k%2 == 0 {
						free := storetest.AddSlots(t, s, c.Branch, c.Doctors[k%2], storetest.Begin.AddDate(0, 0, 40+4*n+k), 1)
						_, err := s.Move(ctx, storetest.Owner, receipt.BookingID, free[0].ID, false)
						check(t, err)
					}
				}
			}
			for _, lang := range web.Languages() {
				text := exported(t, s, c, lang)
				for _, kind := range []clinic.ImportKind{clinic.ImportBookings, clinic.ImportPatients} {
					before := storetest.Read(t, address)
					i := sendImport(t, s, admin, c.Branch.ID, kind, text)
					if e := i.examine(); e.Count(clinic.ImportThere) != len(e.Outcomes) || len(e.Outcomes) == 0 {
						rt.Fatalf("%s as %s:\n%s\n%s", lang, kind, strings.Join(words(e), "\n"), text)
					}
					done := i.run()
					changed := storetest.Read(t, address).Changed(before)
					if slices.Sort(changed); !slices.Equal(changed, []string{"imports"}) || done.There != done.Lines {
						rt.Errorf("%s as %s has written in %v: %+v", lang, kind, changed, done)
					}
				}
			}
			clock.Advance(time.Minute)
		})
	})
}
