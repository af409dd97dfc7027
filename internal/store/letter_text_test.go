package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestLetterText_FromOneRevisionOneWins: a text is saved over what was seen, by those who manage the branch.
func TestLetterText_FromOneRevisionOneWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		t.Helper()
		c := storetest.NewClinic(t, s)
		w, err := s.LetterWording(t.Context(), storetest.Owner, c.Branch.ID, clinic.Reminder, "ja")
		check(t, err)
		if w.Revision != 0 || w.Text != (clinic.LetterText{}) {
			t.Fatalf("before anybody worded it: %+v", w)
		}
		w.Text = clinic.LetterText{Subject: "{{日時}} のご予約", Note: "駐車場は裏手です。"}
		check(t, s.SaveLetterWording(t.Context(), storetest.Owner, w))
		if err := s.SaveLetterWording(t.Context(), storetest.Owner, w); !clinic.IsStale(err) {
			t.Errorf("over what was not seen: %v", err)
		}
		again, err := s.LetterWording(t.Context(), storetest.Owner, c.Branch.ID, clinic.Reminder, "ja")
		check(t, err)
		if again.Revision != 1 || again.Text != w.Text {
			t.Errorf("stored: %+v", again)
		}
		again.Text = clinic.LetterText{}
		check(t, s.SaveLetterWording(t.Context(), storetest.Owner, again))
		all, err := s.LetterWordings(t.Context(), storetest.Owner, c.Branch.ID)
		check(t, err)
		if len(all) != 1 || all[0].Revision != 2 || all[0].Text != (clinic.LetterText{}) {
			t.Errorf("all: %+v", all)
		}
		for name, actor := range map[string]clinic.Actor{
			"front desk":   clinic.StaffActor(clinic.Staff{ID: "desk", Role: clinic.FrontDesk, Active: true, EveryBranch: true}),
			"other branch": clinic.StaffActor(clinic.Staff{ID: "elsewhere", Role: clinic.Admin, Active: true, Branches: []string{c.Other.ID}}),
			"visitor":      clinic.Visitor("a cookie", "192.0.2.40"),
		} {
			if _, err := s.LetterWording(t.Context(), actor, c.Branch.ID, clinic.Reminder, "ja"); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("the %s reads it: %v", name, err)
			}
			if err := s.SaveLetterWording(t.Context(), actor, again); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("the %s saves it: %v", name, err)
			}
			if err := s.SendTextTrial(t.Context(), actor, again); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("the %s sends it: %v", name, err)
			}
		}
		again.Kind = clinic.FailedToday
		if err := s.SaveLetterWording(t.Context(), storetest.Owner, again); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("a letter to staff is worded: %v", err)
		}
	})
}

// TestLetterText_IsSealedWithItsLetter: a letter says what its branch said when it was written, in its language; one of the future what is said
// when it goes.
func TestLetterText_IsSealedWithItsLetter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		t.Helper()
		c := storetest.NewClinic(t, s)
		save := func(kind clinic.LetterKind, lang, lead string) {
			t.Helper()
			w, err := s.LetterWording(t.Context(), storetest.Owner, c.Branch.ID, kind, lang)
			check(t, err)
			w.Text = clinic.LetterText{Lead: lead}
			check(t, s.SaveLetterWording(t.Context(), storetest.Owner, w))
		}
		save(clinic.Confirmation, "ja", "はじめの言葉")
		save(clinic.Confirmation, "en", "first words")
		save(clinic.Reminder, "ja", "はじめの前日の言葉")
		slots := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], clock.Now().AddDate(0, 0, 20), 1)
		receipt, err := s.Book(t.Context(), clinic.Visitor("a cookie", "192.0.2.41"), storetest.Request(slots[0].ID, 1))
		check(t, err)
		save(clinic.Confirmation, "ja", "あとの言葉")
		save(clinic.Reminder, "ja", "あとの前日の言葉")
		claimed := func(kind clinic.LetterKind) clinic.Letter {
			t.Helper()
			for {
				l, ok, err := s.ClaimLetter(t.Context())
				check(t, err)
				if !ok {
					t.Fatalf("no %s is due", kind)
				}
				if l.Kind == kind && l.BookingID == receipt.BookingID {
					return l
				}
			}
		}
		if got := claimed(clinic.Confirmation).Content.Text.Lead; got != "はじめの言葉" {
			t.Errorf("the confirmation says %q", got)
		}
		clock.Advance(slots[0].StartsAt.Add(-12 * time.Hour).Sub(clock.Now()))
		check(t, s.WriteDue(t.Context()))
		if got := claimed(clinic.Reminder).Content.Text.Lead; got != "あとの前日の言葉" {
			t.Errorf("the reminder says %q", got)
		}
	})
}

// TestTextTrial_GoesToWhoeverAsks: a test has the words that were typed, goes to the person who asked, one after the other, and stores no text.
func TestTextTrial_GoesToWhoeverAsks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		t.Helper()
		c := storetest.NewClinic(t, s)
		who := clinic.StaffActor(clinic.Staff{ID: "manager", Name: "管理 見本", Email: "manager@example.jp", Role: clinic.Admin, Active: true, EveryBranch: true})
		if _, err := s.TextTrial(t.Context(), who); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("before any was sent: %v", err)
		}
		w := clinic.LetterWording{BranchID: c.Branch.ID, Kind: clinic.Reminder, Lang: "ja", Text: clinic.LetterText{Lead: "試しの言葉"}}
		check(t, s.SendTextTrial(t.Context(), who, w))
		if err := s.SendTextTrial(t.Context(), who, w); clinic.CodeOf(err) != clinic.TooMany {
			t.Errorf("at once again: %v", err)
		}
		for n := range 2 {
			l, ok, err := s.ClaimLetter(t.Context())
			check(t, err)
			if !ok || l.Content.To != "manager@example.jp" || l.Content.Text != w.Text || l.Kind != clinic.Reminder || !l.IsTrial() || l.BookingID != "" || l.Resends != n {
				t.Errorf("test %d: %t %+v", n, ok, l)
			}
			check(t, s.LetterSent(t.Context(), l))
			sent, err := s.TextTrial(t.Context(), who)
			check(t, err)
			if sent.Status != clinic.LetterSent {
				t.Errorf("the test is %s", sent.Status)
			}
			clock.Advance(clinic.TextTrialPause)
			w.Text.Lead, w.Kind = "つぎの言葉", clinic.Reminder
			check(t, s.SendTextTrial(t.Context(), who, w))
		}
		all, err := s.LetterWordings(t.Context(), storetest.Owner, c.Branch.ID)
		check(t, err)
		if len(all) != 0 {
			t.Errorf("a test stored %+v", all)
		}
	})
}
