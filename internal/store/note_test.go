package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// proposing is a note with a proposal and something that was explained.
func proposing(text string) clinic.Note {
	return clinic.Note{
		Findings: []clinic.Finding{{Area: "back", Fat: "middle", Thickness: "24"}}, Explained: []clinic.Explained{{ID: "cost"}}, Proposal: text, Next: string(clinic.NextQuarter),
	}
}

// noted is a clinic with a booking on the day of its counseling, and its two doctors with accounts.
type noted struct {
	storetest.Clinic
	bookingID        string
	first, second    clinic.Actor
	firstID, second2 string
}

func openNoted(t *testing.T, s *store.Store, clock *storetest.Clock) noted {
	t.Helper()
	n := noted{Clinic: storetest.NewClinic(t, s)}
	n.bookingID = storetest.Book(t, s, storetest.Request(slotOf(n.Clinic, 0), 1)).BookingID
	var actors []clinic.Actor
	for i, d := range n.Doctors {
		account, err := s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{Role: clinic.DoctorRole, Name: d.GivenName, Email: fmt.Sprintf("doctor%d@example.jp", i), DoctorID: d.ID, EveryBranch: true})
		check(t, err)
		actors = append(actors, clinic.StaffActor(account))
	}
	n.first, n.second, n.firstID, n.second2 = actors[0], actors[1], n.Doctors[0].ID, n.Doctors[1].ID
	clock.Advance(26 * time.Hour) // 11:00 of the day
	return n
}

// slotOf is the first slot of a doctor.
func slotOf(c storetest.Clinic, doctor int) string {
	for _, slot := range c.Slots {
		if slot.DoctorID == c.Doctors[doctor].ID {
			return slot.ID
		}
	}
	return ""
}

func (n noted) save(t *testing.T, s *store.Store, actor clinic.Actor, screen clinic.Screen, text string) (clinic.Draft, error) {
	t.Helper()
	return s.SaveDraft(t.Context(), actor, n.bookingID, screen, proposing(text), "")
}

// TestNote_BelongsToWhoReadsTheChart: nobody else writes, signs, or learns that there is a note.
func TestNote_BelongsToWhoReadsTheChart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		_, err := n.save(t, s, n.first, clinic.Screen{}, "運動を週2回。")
		check(t, err)
		_, err = s.SignNote(ctx, n.first, n.bookingID, clinic.Screen{Revision: 1}, proposing("運動を週2回。"), "", clinic.Signing{})
		check(t, err)
		desk := clinic.StaffActor(clinic.Staff{ID: "desk", Role: clinic.FrontDesk, Active: true, EveryBranch: true})
		admin := clinic.StaffActor(clinic.Staff{ID: "admin", Role: clinic.Admin, Active: true, EveryBranch: true, DoctorID: n.firstID})
		for who, actor := range map[string]clinic.Actor{"colleague": n.second, "front desk": desk, "administrator": admin, "job": storetest.Owner, "visitor": clinic.Visitor("x", "y")} {
			for what, err := range map[string]error{
				"read":    second(s.NoteFor(ctx, actor, n.bookingID)),
				"save":    second(n.save(t, s, actor, clinic.Screen{Revision: 2, Base: 1}, "x")),
				"sign":    second(s.SignNote(ctx, actor, n.bookingID, clinic.Screen{Revision: 2, Base: 1}, proposing("x"), "y", clinic.Signing{Sure: true})),
				"correct": s.CorrectNote(ctx, actor, n.bookingID, 1, "x"),
				"drop":    s.DropNoteDraft(ctx, actor, n.bookingID, clinic.Screen{Revision: 2}),
				"look":    second(s.HasNoteOpen(ctx, actor, n.bookingID, "screen", true)),
				"hand":    s.HandOver(ctx, actor, n.bookingID, n.second2, ""),
				"whom":    second(s.Colleagues(ctx, actor, n.bookingID)),
				"handed":  second(s.Handovers(ctx, actor, n.bookingID)),
			} {
				if clinic.CodeOf(err) != clinic.NotFound {
					t.Errorf("%s, %s: %v", who, what, err)
				}
			}
			states, err := s.NoteStates(ctx, actor, n.bookingID)
			if err != nil || len(states) > 0 {
				t.Errorf("%s learns %v, %v", who, states, err)
			}
		}
		_, err = s.NoteFor(ctx, n.first, "no such booking")
		wantCode(t, err, clinic.NotFound)
	})
}

func second[T any](_ T, err error) error { return err }

// TestNote_DraftsFollowOneAnother: a screen saves over what it has seen, may repeat what it has said, and never undoes what another has saved.
func TestNote_DraftsFollowOneAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n := openNoted(t, s, clock)
		d, err := n.save(t, s, n.first, clinic.Screen{ID: "a", Save: 1}, "一")
		check(t, err)
		if d.Revision != 1 || !d.SavedAt.Equal(clock.Now()) {
			t.Errorf("the first draft is %+v", d)
		}
		d, err = n.save(t, s, n.first, clinic.Screen{ID: "a", Save: 2}, "一")
		if err != nil || d.Revision != 1 {
			t.Errorf("the same again: %d, %v", d.Revision, err)
		}
		// The answer to a save was lost, so the screen does not know its revision.
		d, err = n.save(t, s, n.first, clinic.Screen{ID: "a", Save: 3}, "一二")
		if err != nil || d.Revision != 2 {
			t.Errorf("its own save, unheard of: %d, %v", d.Revision, err)
		}
		if _, err = n.save(t, s, n.first, clinic.Screen{ID: "a", Save: 2}, "一"); !clinic.IsStale(err) {
			t.Errorf("a save that comes late: %v", err)
		}
		if _, err = n.save(t, s, n.first, clinic.Screen{ID: "b", Save: 9, Revision: 1}, "別の画面"); !clinic.IsStale(err) {
			t.Errorf("another screen: %v", err)
		}
		_, err = n.save(t, s, n.first, clinic.Screen{ID: "b", Save: 10, Revision: 2}, "別の画面")
		check(t, err)
		if _, err = n.save(t, s, n.first, clinic.Screen{ID: "a", Save: 11, Revision: 2}, "一二三"); !clinic.IsStale(err) {
			t.Errorf("the first screen, after the other: %v", err)
		}
		note, err := s.NoteFor(t.Context(), n.first, n.bookingID)
		check(t, err)
		if diff := cmp.Diff(proposing("別の画面"), note.Draft.Note); diff != "" {
			t.Error(diff)
		}
		_, err = s.SaveDraft(t.Context(), n.first, n.bookingID, clinic.Screen{Revision: 3}, proposing(strings.Repeat("長", clinic.MaxNoteText+1)), "")
		var errs clinic.Errors
		if !errors.As(err, &errs) || errs.For("proposal") == nil {
			t.Errorf("too long: %v", err)
		}
	})
}

// TestNote_OfTwoWhoSignOneIsFirst: the versions follow one another, and whoever comes second is told, and loses nothing.
func TestNote_OfTwoWhoSignOneIsFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		_, err := n.save(t, s, n.first, clinic.Screen{}, "前の医師")
		check(t, err)
		check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""))
		var group sync.WaitGroup
		results := make([]error, 8)
		for i := range results {
			group.Go(func() {
				actor, revision := n.first, 1
				if i%2 == 1 {
					actor, revision = n.second, 0
				}
				_, results[i] = s.SignNote(ctx, actor, n.bookingID, clinic.Screen{Revision: revision}, proposing(fmt.Sprint("署名", i)), "", clinic.Signing{})
			})
		}
		group.Wait()
		signed := 0
		for _, err := range results {
			switch {
			case err == nil:
				signed++
			case clinic.CodeOf(err) != clinic.Conflict:
				t.Errorf("whoever was second is told %v", err)
			}
		}
		note, err := s.NoteFor(ctx, n.first, n.bookingID)
		check(t, err)
		if signed != 1 || len(note.Versions) != 1 || note.Versions[0].Version != 1 || note.Versions[0].SignedAt.IsZero() {
			t.Errorf("%d signed, and there are %d versions", signed, len(note.Versions))
		}
		// Whoever has seen the first version signs the second, and says why.
		actor, author := n.first, "見本 花"
		if note.Versions[0].DoctorID == n.firstID {
			actor, author = n.second, "見本 守"
		}
		other, err := s.NoteFor(ctx, actor, n.bookingID)
		check(t, err)
		_, err = s.SignNote(ctx, actor, n.bookingID, clinic.Screen{Revision: other.Draft.Revision, Base: 1}, proposing("両方"), " ", clinic.Signing{})
		var errs clinic.Errors
		if !errors.As(err, &errs) || errs.For("reason") == nil {
			t.Errorf("a change without a reason: %v", err)
		}
		v, err := s.SignNote(ctx, actor, n.bookingID, clinic.Screen{Revision: other.Draft.Revision, Base: 1}, proposing("両方"), "両方を残す", clinic.Signing{})
		if err != nil || v.Version != 2 || v.Author != author || v.Reason != "両方を残す" {
			t.Errorf("the second version is %+v, %v", v, err)
		}
	})
}

// TestNote_SavingAgainstSigning: whatever the order, what was signed is what was sent with the signature, and no draft comes back to life.
func TestNote_SavingAgainstSigning(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		_, err := n.save(t, s, n.first, clinic.Screen{ID: "a", Save: 1}, "書きかけ")
		check(t, err)
		var group sync.WaitGroup
		var signing error
		group.Go(func() {
			_, signing = s.SignNote(ctx, n.first, n.bookingID, clinic.Screen{ID: "a", Save: 100, Revision: 1}, proposing("署名した文"), "", clinic.Signing{})
		})
		for i := range 6 {
			group.Go(func() {
				_, err := n.save(t, s, n.first, clinic.Screen{ID: "a", Save: int64(2 + i), Revision: 1}, fmt.Sprint("書きかけ", i))
				if err != nil && !clinic.IsStale(err) {
					t.Errorf("a save meanwhile: %v", err)
				}
			})
		}
		group.Wait()
		check(t, signing)
		_, err = n.save(t, s, n.first, clinic.Screen{ID: "a", Save: 200, Revision: 1}, "遅れて来た文")
		if !clinic.IsStale(err) {
			t.Errorf("a save after the signature: %v", err)
		}
		note, err := s.NoteFor(ctx, n.first, n.bookingID)
		check(t, err)
		if len(note.Versions) != 1 || note.Versions[0].Proposal != "署名した文" || note.Draft.Open {
			t.Errorf("%d versions, of which the first says %q; a draft is open: %t", len(note.Versions), note.Newest().Proposal, note.Draft.Open)
		}
		// The same signature, sent twice, is one version.
		v, err := s.SignNote(ctx, n.first, n.bookingID, clinic.Screen{ID: "a", Save: 101, Revision: 1}, proposing("署名した文"), "", clinic.Signing{})
		if err != nil || v.Version != 1 {
			t.Errorf("pressed twice: %d, %v", v.Version, err)
		}
	})
}

// TestNote_Correction: a signed note is changed by a new version from the newest one on, or not at all.
func TestNote_Correction(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, at string) {
		n, ctx := openNoted(t, s, clock), t.Context()
		wantCode(t, s.CorrectNote(ctx, n.first, n.bookingID, 0, "まだ何もない"), clinic.Conflict)
		_, err := s.SignNote(ctx, n.first, n.bookingID, clinic.Screen{}, proposing("一"), "", clinic.Signing{})
		check(t, err)
		wantCode(t, s.CorrectNote(ctx, n.first, n.bookingID, 1, " "), clinic.Invalid)
		check(t, s.CorrectNote(ctx, n.first, n.bookingID, 1, "書きまちがい"))
		note, err := s.NoteFor(ctx, n.first, n.bookingID)
		check(t, err)
		if !note.Draft.Open || note.Draft.Base != 1 || note.Draft.Reason != "書きまちがい" || note.Draft.Proposal != "一" {
			t.Errorf("the correction begins as %+v", note.Draft)
		}
		check(t, s.DropNoteDraft(ctx, n.first, n.bookingID, clinic.Screen{Revision: note.Draft.Revision}))
		if _, err := n.save(t, s, n.first, clinic.Screen{Revision: note.Draft.Revision, Base: 1}, "遅れて"); !clinic.IsStale(err) {
			t.Errorf("a screen that was left open: %v", err)
		}
		check(t, s.CorrectNote(ctx, n.first, n.bookingID, 1, "もう一度"))
		note, err = s.NoteFor(ctx, n.first, n.bookingID)
		check(t, err)
		_, err = s.SignNote(ctx, n.first, n.bookingID, clinic.Screen{Revision: note.Draft.Revision, Base: 1}, proposing("二"), "もう一度", clinic.Signing{})
		check(t, err)
		note, err = s.NoteFor(ctx, n.first, n.bookingID)
		check(t, err)
		if len(note.Versions) != 2 || note.Versions[0].Proposal != "一" || note.Versions[1].Proposal != "二" || note.Versions[1].Reason != "もう一度" {
			t.Errorf("the versions are %+v", note.Versions)
		}
		// The database lets nobody change or take away what was signed, nor leave a version out.
		for what, statement := range map[string]string{
			"change":  "UPDATE note_versions SET signed_at = created_at FROM (SELECT created_at FROM bookings LIMIT 1) AS b",
			"erase":   "DELETE FROM note_versions WHERE version = 2",
			"skip":    "INSERT INTO note_versions SELECT booking_id, 4, doctor_id, staff_id, signed_at, sealed FROM note_versions WHERE version = 2",
			"precede": "INSERT INTO note_versions SELECT booking_id, 0, doctor_id, staff_id, signed_at, sealed FROM note_versions WHERE version = 2",
			"repeat":  "INSERT INTO note_versions SELECT * FROM note_versions WHERE version = 2",
		} {
			if err := tryExec(t, at, statement); err == nil || !strings.Contains(err.Error(), "note") {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// TestNote_IsBegunWhenSomebodyCame: not before the day, not for whom did not come; what is begun is brought to an end.
func TestNote_IsBegunWhenSomebodyCame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n := openNoted(t, s, clock)
		clock.Advance(-24 * time.Hour)
		_, err := n.save(t, s, n.first, clinic.Screen{}, "前の日")
		wantCode(t, err, clinic.Conflict)
		clock.Advance(24 * time.Hour)
		_, err = n.save(t, s, n.first, clinic.Screen{}, "当日")
		check(t, err)
		check(t, s.Step(t.Context(), storetest.Owner, n.bookingID, clinic.Booked, clinic.NoShow))
		_, err = n.save(t, s, n.first, clinic.Screen{Revision: 1}, "続き")
		check(t, err)
		other := n
		for _, slot := range n.Slots[2:] {
			if slot.DoctorID == n.firstID && slot.StartsAt.After(clock.Now()) {
				other.bookingID = storetest.Book(t, s, storetest.Request(slot.ID, 2)).BookingID
				break
			}
		}
		check(t, s.Cancel(t.Context(), storetest.Owner, other.bookingID))
		_, err = other.save(t, s, n.first, clinic.Screen{}, "来ていない")
		wantCode(t, err, clinic.Conflict)
	})
}

// TestNote_OpenScreens: each is told of the others that said so lately, and of none that left.
func TestNote_OpenScreens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		look := func(actor clinic.Actor, screen string, open bool) string {
			t.Helper()
			others, err := s.HasNoteOpen(ctx, actor, n.bookingID, screen, open)
			check(t, err)
			words := make([]string, len(others))
			for i, o := range others {
				words[i] = fmt.Sprint(o.Doctor.GivenName, o.Own)
			}
			return strings.Join(words, " ")
		}
		want := func(got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("open are %q, want %q", got, want)
			}
		}
		_, err := n.save(t, s, n.first, clinic.Screen{}, "前の医師")
		check(t, err)
		want(look(n.first, "a", true), "")
		want(look(n.first, "b", true), "花true")
		check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""))
		want(look(n.second, "c", true), "花false")
		want(look(n.first, "b", false), "")
		want(look(n.first, "a", true), "守false")
		clock.Advance(clinic.NoteScreenLife)
		want(look(n.first, "a", true), "")
		if _, err := s.HasNoteOpen(ctx, n.first, n.bookingID, strings.Repeat("x", 41), true); clinic.CodeOf(err) != clinic.Invalid {
			t.Errorf("a screen with a long name: %v", err)
		}
	})
}

// TestNote_Unsigned: drafts, and visits of the last weeks without a note, of the doctor who reads the chart.
func TestNote_Unsigned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		want := func(actor clinic.Actor, want ...string) {
			t.Helper()
			list, err := s.UnsignedNotes(ctx, actor)
			check(t, err)
			count, err := s.CountUnsignedNotes(ctx, actor)
			check(t, err)
			got := make([]string, len(list))
			for i, u := range list {
				got[i] = fmt.Sprintf("%t %d", u.Draft, u.Version)
			}
			if diff := cmp.Diff(append([]string{}, want...), got); diff != "" || count != len(want) {
				t.Errorf("%d are counted, %s", count, diff)
			}
		}
		clock.Advance(-time.Hour) // it has begun, and not ended
		want(n.first)
		clock.Advance(2 * time.Hour)
		want(n.first, "false 0")
		want(n.second)
		check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, "代わりに"))
		want(n.first)
		want(n.second, "false 0")
		_, err := n.save(t, s, n.second, clinic.Screen{}, "書きかけ")
		check(t, err)
		want(n.second, "true 0")
		_, err = s.SignNote(ctx, n.second, n.bookingID, clinic.Screen{Revision: 1}, proposing("確定"), "", clinic.Signing{})
		check(t, err)
		want(n.second)
		check(t, s.CorrectNote(ctx, n.second, n.bookingID, 1, "書きまちがい"))
		want(n.second, "true 1")
		clock.Advance(60 * 24 * time.Hour)
		want(n.second, "true 1")
	})
}

func TestPhrases_AreTheDoctorsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		list := []clinic.Phrase{{Shortcut: "うんどう", Text: "運動を週2回。"}}
		check(t, s.SavePhrases(ctx, n.first, clinic.Phrases{List: list}))
		if err := s.SavePhrases(ctx, n.first, clinic.Phrases{}); !clinic.IsStale(err) {
			t.Errorf("over what was not seen: %v", err)
		}
		got, err := s.Phrases(ctx, n.first)
		if diff := cmp.Diff(clinic.Phrases{List: list, Revision: 1}, got); err != nil || diff != "" {
			t.Error(diff, err)
		}
		got, err = s.Phrases(ctx, n.second)
		if err != nil || len(got.List) > 0 {
			t.Errorf("the colleague has %v, %v", got, err)
		}
		wantCode(t, s.SavePhrases(ctx, storetest.Owner, clinic.Phrases{}), clinic.NotFound)
	})
}
