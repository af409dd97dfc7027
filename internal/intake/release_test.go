package intake

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
)

// Whatever is answered and released: what holds a treatment can be released and nothing else, a release counts for the answers it was made
// for and for no others, and taken back it counts no more.
func TestRelease_HoldsForItsAnswersOnly(t *testing.T) {
	q := ruled(t)
	at := time.Date(2026, 11, 27, 5, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		a, f := drawAnswers(t, q), drawFacts(t)
		d := q.Digest(a, f)
		var releases []Release
		for _, l := range d.Lines {
			for _, treatment := range Columns {
				r, err := d.CheckRelease(l.ID, treatment, "理由")
				if (err == nil) != (l.Mark(treatment).Severity == Block) {
					t.Fatalf("%s for %s: %v", l.ID, treatment, err)
				}
				if err == nil && rapid.Bool().Draw(t, "release") {
					r.At = at
					releases = append(releases, r)
				}
			}
		}
		held, _ := d.Counts()
		after := d.WithReleases(releases)
		now, _ := after.Counts()
		if now > held {
			t.Fatalf("%d held, then %d", held, now)
		}
		for _, r := range releases {
			if _, err := after.CheckRelease(r.Fact, r.Treatment, "もう一度"); clinic.CodeOf(err) != clinic.Conflict {
				t.Fatalf("%s was released twice: %v", r.Fact, err)
			}
		}
		for i := range releases {
			releases[i].WithdrawnAt = &at
			if releases[i].CheckWithdrawal() == nil {
				t.Fatal("taken back twice")
			}
		}
		if back, _ := d.WithReleases(releases).Counts(); back != held {
			t.Fatalf("%d held, %d after all was taken back", held, back)
		}
		for i := range releases {
			releases[i].WithdrawnAt = nil
		}
		// Other answers: where the fact reads otherwise, the hold stands and says so.
		b := drawAnswers(t, q)
		for _, l := range q.Digest(b, f).WithReleases(releases).Lines {
			for _, m := range l.Marks {
				if m.Release == nil {
					continue
				}
				if same := slices.Equal(m.Release.Answers, l.basis(m)); m.Held() == same || m.Release.Stale == same {
					t.Fatalf("%s: same answers %v, held %v", l.ID, same, m.Held())
				}
			}
		}
	})
}

// A release is for the rules that held when it was made: one that is raised later holds the treatment again.
func TestRelease_IsForTheRulesThatHeld(t *testing.T) {
	q := ruled(t)
	a := Answers{"preg": {"preg"}}
	r, err := q.Digest(a, Facts{Sex: "f"}).CheckRelease("pregnancy", Cool, "理由")
	if err != nil {
		t.Fatal(err)
	}
	if q.Digest(a, Facts{Sex: "f"}).WithReleases([]Release{r}).Lines[0].Mark(Cool).Held() {
		t.Fatal("it is held though it was released")
	}
	with := *q
	added, err := ParseCondition("preg=preg")
	if err != nil {
		t.Fatal(err)
	}
	with.Rules = append(slices.Clone(q.Rules), Rule{Treatment: Cool, Severity: Block, When: added, Sources: q.Rules[0].Sources})
	line := with.Digest(a, Facts{Sex: "f"}).WithReleases([]Release{r}).Lines[0]
	if m := line.Mark(Cool); !m.Held() || m.Release == nil || !m.Release.Stale {
		t.Errorf("a rule that was raised later is released by a doctor who did not know of it: %+v", m.Release)
	}
}

// A rule that says something else than what the doctor read holds the treatment again, until it says the same.
func TestRelease_IsForTheWordsOfTheRules(t *testing.T) {
	q := ruled(t)
	a := Answers{"preg": {"preg"}}
	r, err := q.Digest(a, Facts{Sex: "f"}).CheckRelease("pregnancy", Cool, "理由")
	if err != nil {
		t.Fatal(err)
	}
	with := *q
	with.Rules = slices.Clone(q.Rules)
	reword := func(words Text) {
		for i := range with.Rules {
			with.Rules[i].Words = words
		}
	}
	for _, c := range []struct {
		words Text
		held  bool
	}{{Text{"絶対に行わない。", ""}, true}, {Text{"絶対に行わない。", "Never."}, true}, {Text{}, false}} {
		reword(c.words)
		if held := with.Digest(a, Facts{Sex: "f"}).WithReleases([]Release{r}).Lines[0].Mark(Cool).Held(); held != c.held {
			t.Errorf("with the words %q it is held: %v", c.words.JA, held)
		}
	}
}

func TestLine_OpenIsWhatWasNotReleased(t *testing.T) {
	q := ruled(t)
	a := Answers{"preg": {"preg"}}
	d := q.Digest(a, Facts{Sex: "f"})
	var releases []Release
	for i, treatment := range Columns {
		r, err := d.CheckRelease("pregnancy", treatment, "理由")
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, r)
		line := d.WithReleases(releases).Lines[0]
		if want := map[bool]Severity{true: "", false: Block}[i == 2]; line.Open() != want || line.Severity != Block {
			t.Errorf("after %d releases it is open as %q", i+1, line.Open())
		}
	}
	if held, check := d.WithReleases(releases).Counts(); held+check != 0 {
		t.Errorf("%d held, %d to check", held, check)
	}
}

// However a set is changed, step after step: each rule says what was said of it last, what was delivered stays as it was, and what says the
// same as that is no edit.
func TestCautionSet_Change(t *testing.T) {
	delivered := ruled(t).Rules
	rapid.Check(t, func(t *rapid.T) {
		s := CautionSet{Version: "3", Number: 1, Delivered: delivered}
		want := map[string]CautionEdit{}
		for _, r := range delivered {
			want[r.Key()] = CautionEdit{r.Key(), r.Severity, r.Words}
		}
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			r := rapid.SampledFrom(delivered).Draw(t, "rule")
			words := rapid.SampledFrom([]Text{{}, {"言葉", "words"}, r.Words, {"片方", ""}, {"", "other"}, {strings.Repeat("長", 201), "x"}, {"a|b", "a|b"}}).Draw(t, "words")
			c := CautionChange{
				Rule: r.Key(), Severity: rapid.SampledFrom([]string{"block", "doctor", "note", "grave", ""}).Draw(t, "severity"), JA: words.JA, EN: words.EN,
				Reason: rapid.SampledFrom([]string{"理由", " ", strings.Repeat("長", 301)}).Draw(t, "reason"),
			}
			edits, reason, err := s.Change(c)
			good := slices.Contains(severities, Severity(c.Severity)) && (words.JA != "" || words.EN == "") && len([]rune(words.JA)) <= 200 &&
				!strings.Contains(words.JA, "|") && c.Reason == "理由"
			edit := CautionEdit{r.Key(), Severity(c.Severity), words}
			if same := want[r.Key()] == edit; (err == nil) != (good && !same) {
				t.Fatalf("%+v: %v", c, err)
			}
			var errs clinic.Errors
			if err != nil {
				if !errors.As(err, &errs) {
					t.Fatal(err)
				}
				continue
			}
			want[r.Key()] = edit
			s = CautionSet{Version: "3", Number: s.Number + 1, Delivered: delivered, Edits: edits, Reason: reason}
			for _, rule := range s.Rules() {
				if w := want[rule.Key()]; rule.Severity != w.Severity || rule.Words != w.Words {
					t.Fatalf("%s is %s %v, want %s %v", rule.When, rule.Severity, rule.Words, w.Severity, w.Words)
				}
			}
			for _, e := range edits {
				i := slices.IndexFunc(delivered, func(r Rule) bool { return r.Key() == e.Rule })
				if delivered[i].Severity == e.Severity && delivered[i].Words == e.Words {
					t.Fatal("an edit says what was delivered")
				}
			}
			if carried := Carried(edits, delivered[:len(delivered)/2]); len(carried) > len(edits) {
				t.Fatal("edits appear from nowhere")
			}
		}
	})
}

// The rules that ship are told apart by treatment and condition.
func TestRule_KeysAreTheirOwn(t *testing.T) {
	seen := map[string]Rule{}
	for _, r := range ruled(t).Rules {
		if other, again := seen[r.Key()]; again {
			t.Errorf("%s %s and %s %s have one key", r.Treatment, r.When, other.Treatment, other.When)
		}
		seen[r.Key()] = r
	}
}
