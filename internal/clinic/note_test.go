package clinic_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
)

// someNote is any note that a form could send, good or not.
func someNote() *rapid.Generator[clinic.Note] {
	word := func(field clinic.NoteField) *rapid.Generator[string] {
		return rapid.SampledFrom(append([]string{"", "", "?"}, clinic.FindingWords[field]...))
	}
	text := rapid.StringOfN(rapid.SampledFrom([]rune("あ運。\n 動;x")), 0, 12, -1)
	number := rapid.SampledFrom([]string{"", "0", "10", "11", "24", "24.5", "24.55", "300", "301", "-1", "１２", "たくさん", "1e2", ".5", "5."})
	return rapid.Custom(func(t *rapid.T) clinic.Note {
		n := clinic.Note{
			Other: text.Draw(t, "other"), Wish: text.Draw(t, "wish"), Proposal: text.Draw(t, "proposal"),
			Next: rapid.SampledFrom(append([]string{"", "?"}, clinic.NoteNexts...)).Draw(t, "next"), NextOn: rapid.SampledFrom([]string{"", "2026-11-25", "2026-11-26", "2027-02-30", "2030-01-01"}).Draw(t, "on"),
			Ask: rapid.SliceOfNDistinct(rapid.SampledFrom(clinic.NoteAsks), 0, 2, rapid.ID[string]).Draw(t, "ask"),
		}
		for _, area := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"back", "chin", "thigh_b"}), 0, 3, rapid.ID[string]).Draw(t, "areas") {
			n.Findings = append(n.Findings, clinic.Finding{
				Area: area, Fat: word(clinic.FieldFat).Draw(t, "fat"), Muscle: word(clinic.FieldMuscle).Draw(t, "muscle"), Sagging: word(clinic.FieldSagging).Draw(t, "sagging"),
				Thickness: number.Draw(t, "thickness"), Skin: word(clinic.FieldSkin).Draw(t, "skin"), Pain: number.Draw(t, "pain"),
			})
		}
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(append([]string{"pah"}, clinic.AlwaysExplained...)), 0, 3, rapid.ID[string]).Draw(t, "explained") {
			n.Explained = append(n.Explained, clinic.Explained{ID: id, Text: "言葉"})
		}
		return n
	})
}

var noteDay = clinic.Date{Year: 2026, Month: time.November, Day: 25}

// TestNote_WhatIsSignedIsGood: a note that passes has nothing in it that its fields could not mean, and what a draft may not hold is never signed.
func TestNote_WhatIsSignedIsGood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := someNote().Draw(t, "note").Tidied()
		draft, errs := n.CheckDraft(), n.CheckNote(noteDay)
		for _, e := range draft {
			if errs.For(e.Field) == nil {
				t.Fatalf("%s may not be kept and is signed", e.Field)
			}
		}
		if len(errs) > 0 {
			return
		}
		if n.IsEmpty() {
			t.Fatal("nothing is signed")
		}
		for _, f := range n.Findings {
			for _, field := range clinic.FindingFields {
				words, value := clinic.FindingWords[field], f.Word(field)
				good := value == "" || slices.Contains(words, value) ||
					field == clinic.FieldPain && slices.Contains([]string{"0", "10"}, value) ||
					field == clinic.FieldThickness && slices.Contains([]string{"0", "10", "11", "12", "24", "24.5", "300"}, value)
				if !good {
					t.Fatalf("%s is signed as %q", field, value)
				}
			}
		}
		if (n.Next == string(clinic.NextDay)) != (n.NextOn == "2026-11-26") {
			t.Fatalf("it goes on with %q on %q", n.Next, n.NextOn)
		}
	})
}

// TestNote_KeepBothLosesNothing: every text and box of either note is in what is kept, every choice in its field or among what is written
// beside, and a note kept together with itself is itself.
func TestNote_KeepBothLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		theirs, mine := someNote().Draw(t, "theirs").Tidied(), someNote().Draw(t, "mine").Tidied()
		both, lost := clinic.KeepBoth(theirs, mine)
		for _, n := range []clinic.Note{theirs, mine} {
			if !strings.Contains(both.Other, n.Other) || !strings.Contains(both.Wish, n.Wish) || !strings.Contains(both.Proposal, n.Proposal) {
				t.Fatalf("a text is lost: %+v", both)
			}
			for _, e := range n.Explained {
				if !both.HasExplained(e.ID) {
					t.Fatalf("%s is lost", e.ID)
				}
			}
			for _, ask := range n.Ask {
				if !slices.Contains(both.Ask, ask) {
					t.Fatalf("%s is lost", ask)
				}
			}
			for _, f := range n.Findings {
				for _, field := range clinic.FindingFields {
					value := f.Word(field)
					beside := slices.ContainsFunc(lost, func(c clinic.NoteChange) bool { return c.Field == field && c.Area == f.Area && c.Before == value })
					if value != "" && both.Finding(f.Area).Word(field) != value && !beside {
						t.Fatalf("%s of %s is lost: %q", field, f.Area, value)
					}
				}
			}
		}
		for _, line := range strings.Split(theirs.Other+"\n"+mine.Other, "\n") {
			if !slices.Contains(strings.Split(both.Other, "\n"), line) && line != "" {
				t.Fatalf("the line %q is lost: %q", line, both.Other)
			}
		}
		if same, nothing := clinic.KeepBoth(mine, mine); len(clinic.NoteChanges(same, mine)) > 0 || len(nothing) > 0 {
			t.Fatalf("a note with itself is %+v and %v", same, nothing)
		}
	})
}

// TestNote_KeepBothOfTextsOfWhichOneBeginsAsTheOther: 圧痛あり is a part of 圧痛ありません, and says the opposite.
func TestNote_KeepBothOfTextsOfWhichOneBeginsAsTheOther(t *testing.T) {
	for _, c := range []struct{ theirs, mine, want string }{
		{"圧痛あり", "圧痛ありません", "圧痛あり\n圧痛ありません"},
		{"左右", "右", "左右\n右"},
		{"一行目\n二行目", "二行目", "一行目\n二行目"},
		{"一行目", "一行目\n二行目", "一行目\n二行目"},
		{"", "右", "右"},
		{"同じ", "同じ", "同じ"},
	} {
		both, _ := clinic.KeepBoth(clinic.Note{Other: c.theirs, Wish: c.theirs, Proposal: c.theirs}, clinic.Note{Other: c.mine, Wish: c.mine, Proposal: c.mine})
		if both.Other != c.want || both.Wish != c.want || both.Proposal != c.want {
			t.Errorf("%q and %q became %q", c.theirs, c.mine, both.Other)
		}
	}
}

// TestNote_ChangesAndTexts: two notes without a change are the same, and the parts of two texts put together are the two texts.
func TestNote_ChangesAndTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := someNote().Draw(t, "before").Tidied(), someNote().Draw(t, "after").Tidied()
		if len(clinic.NoteChanges(before, before)) > 0 {
			t.Fatal("a note differs from itself")
		}
		if forth, back := clinic.NoteChanges(before, after), clinic.NoteChanges(after, before); len(forth) != len(back) {
			t.Fatalf("%d changes, and back %d", len(forth), len(back))
		}
		var was, now string
		for _, p := range clinic.CompareTexts(before.Wish, after.Wish) {
			if !p.Added {
				was += p.Text
			}
			if !p.Removed {
				now += p.Text
			}
		}
		if was != before.Wish || now != after.Wish {
			t.Fatalf("%q and %q came back as %q and %q", before.Wish, after.Wish, was, now)
		}
	})
}

// TestDraft_OfAnyScreens: however screens save, in whatever order what they send arrives, a save that is taken was made by somebody who had seen
// what it replaces, or replaces nothing but what the same screen had sent before.
func TestDraft_OfAnyScreens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stored, lastScreen, lastSave := clinic.Draft{}, "", int64(0)
		for range rapid.IntRange(1, 20).Draw(t, "saves") {
			s := clinic.Screen{
				ID: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "screen"), Save: rapid.Int64Range(0, 9).Draw(t, "save"), Revision: rapid.IntRange(0, 5).Draw(t, "seen"),
			}
			if err := stored.CheckSave(0, s, lastScreen, lastSave); err != nil {
				if !clinic.IsStale(err) {
					t.Fatal(err)
				}
				continue
			}
			if s.Revision != stored.Revision && (s.ID == "" || s.ID != lastScreen || s.Save <= lastSave) {
				t.Fatalf("%+v was taken over revision %d of screen %q", s, stored.Revision, lastScreen)
			}
			stored.Revision, stored.Open, lastScreen, lastSave = stored.Revision+1, true, s.ID, s.Save
		}
	})
}

func TestNote_Signing(t *testing.T) {
	loc := (clinic.Branch{Zone: clinic.DefaultZone}).Location()
	now := time.Date(2026, time.November, 25, 2, 0, 0, 0, time.UTC)
	author := clinic.Doctor{ID: "d", FamilyName: "見本", GivenName: "花"}
	first := clinic.Draft{Note: clinic.Note{Proposal: " 運動。 "}}
	if _, err := first.CheckSigning(clinic.Signed{}, author, now, clinic.Signing{}, now, loc); clinic.CodeOf(err) != clinic.Invalid {
		t.Errorf("nothing was explained: %v", err)
	}
	told := clinic.Draft{Note: clinic.Note{Proposal: "運動。", Explained: []clinic.Explained{{ID: "cost"}}}}
	for what, c := range map[string]struct {
		begins time.Time
		open   int
		field  string
	}{"begun": {now, 0, ""}, "not begun": {now.Add(time.Second), 0, "begins"}, "something open": {now, 2, "open"}} {
		_, err := told.CheckSigning(clinic.Signed{}, author, c.begins, clinic.Signing{Open: c.open}, now, loc)
		errs := clinic.Errors{}
		if errors.As(err, &errs); len(errs) > 1 || (c.field == "") != (err == nil) || c.field != "" && errs.For(c.field) == nil || err != nil && !errs.AskOnceMore() {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := told.CheckSigning(clinic.Signed{}, author, c.begins, clinic.Signing{Open: c.open, Sure: true}, now, loc); err != nil {
			t.Errorf("%s, and sure: %v", what, err)
		}
	}
	v, err := first.CheckSigning(clinic.Signed{}, author, now, clinic.Signing{Sure: true}, now, loc)
	if err != nil || v.Version != 1 || v.Author != "見本 花" || v.Proposal != "運動。" {
		t.Errorf("signed is %+v, %v", v, err)
	}
	if _, err := first.CheckSigning(v, author, now, clinic.Signing{Sure: true}, now, loc); !clinic.IsStale(err) {
		t.Errorf("over a version that was not seen: %v", err)
	}
	if until := clinic.NoteKeptUntil(now, loc); until != (clinic.Date{Year: 2031, Month: time.November, Day: 25}) {
		t.Errorf("kept until %v", until)
	}
}

func TestPhrases_Change(t *testing.T) {
	list, errs := clinic.ChangePhrase(nil, -1, clinic.Phrase{Shortcut: " うんどう ", Text: " 運動。\r\n水分。 "})
	if len(errs) > 0 || len(list) != 1 || list[0] != (clinic.Phrase{Shortcut: "うんどう", Text: "運動。\n水分。"}) {
		t.Errorf("got %v, %v", list, errs)
	}
	for what, p := range map[string]clinic.Phrase{
		"twice": {Shortcut: "うんどう", Text: "x"}, "a blank": {Shortcut: "う ん", Text: "x"}, "a sign": {Shortcut: "う。", Text: "x"}, "no text": {Shortcut: "ん", Text: " "},
		"long": {Shortcut: strings.Repeat("あ", clinic.MaxPhraseShortcut+1), Text: "x"}, "long text": {Shortcut: "ん", Text: strings.Repeat("あ", clinic.MaxPhraseText+1)},
	} {
		if after, errs := clinic.ChangePhrase(list, -1, p); len(errs) == 0 || len(after) != 1 {
			t.Errorf("%s: %v, %v", what, after, errs)
		}
	}
	if _, errs := clinic.ChangePhrase(list, 1, clinic.Phrase{Shortcut: "ん", Text: "x"}); len(errs) == 0 {
		t.Error("one that is not there is changed")
	}
	for len(list) < clinic.MaxPhrases {
		list = append(list, clinic.Phrase{Shortcut: strings.Repeat("あ", 1+len(list)%20) + string(rune('い'+len(list)/20)), Text: "x"})
	}
	if _, errs := clinic.ChangePhrase(list, -1, clinic.Phrase{Shortcut: "ん", Text: "x"}); errs.For("shortcut") == nil {
		t.Error("there is no end of them")
	}
}
