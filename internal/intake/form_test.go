package intake

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
)

// medicines asks whether somebody takes medicine, and which, and on another page how often.
func medicines(t interface{ Fatal(...any) }) *Questionnaire {
	text := Text{"見本", "sample"}
	q := small(
		Question{ID: "takes", Kind: One, Required: true, Options: options("yes", "no")},
		Question{ID: "names", Kind: LongText, Required: true, ShowIf: AnyOf(Test{"takes", Has, []string{"yes"}})},
		Question{ID: "height", Kind: Number, Required: true, Unit: "cm", Min: 100, Max: 230},
	)
	q.Intake = append(q.Intake, Section{Code: "L", ID: "often", Title: text, Questions: []Question{
		{ID: "how_often", Kind: Number, Required: true, Label: text, Max: 100, ShowIf: AnyOf(Test{"takes", Has, []string{"yes"}})},
		{ID: "wish", Kind: LongText, Label: text},
	}})
	return reparse(t, q)
}

// saver saves forms over a record one after the other, as the store does.
type saver struct {
	q *Questionnaire
	f Facts
	r Record
}

func (s *saver) send(section string, form Form) (unseen []string, errs clinic.Errors) {
	found, _ := s.q.Section(section)
	next, unseen, errs := s.q.Receive(s.r, found, form, s.f, time.Date(2026, 11, 24, 5, 0, s.r.Revision, 0, time.UTC))
	if len(unseen) == 0 && len(errs) == 0 {
		s.r = next.Follow(s.r)
	}
	return unseen, errs
}

func mustSave(t *testing.T, s *saver, section string, form Form) {
	t.Helper()
	if unseen, errs := s.send(section, form); unseen != nil || errs != nil {
		t.Fatalf("%v was refused: unseen %v, %v", form.Values, unseen, errs)
	}
}

func filledIn(revision int, values map[string][]string) Form {
	return Form{Values: values, Asked: slices.Collect(maps.Keys(values)), Seen: clinic.Seen{Revision: revision}}
}

func TestReceive_AnOlderPageErasesNothing(t *testing.T) {
	s := saver{q: medicines(t)}
	none := map[string][]string{"takes": {"no"}, "height": {"158"}}
	if unseen, errs := s.send("goal", filledIn(0, map[string][]string{"takes": {"yes"}, "names": {"ワルファリン"}, "height": {"158"}})); unseen != nil || errs != nil {
		t.Fatal(unseen, errs)
	}
	if unseen, errs := s.send("often", filledIn(1, map[string][]string{"how_often": {"2"}, "wish": {"朝"}})); unseen != nil || errs != nil {
		t.Fatal(unseen, errs)
	}
	stored := s.r

	// A page that was drawn before all of it, and one that has seen the first page's answers and not the second's.
	for revision, want := range map[int][]string{0: {"takes", "names", "how_often"}, 1: {"how_often"}, 2: nil} {
		s.r = stored
		unseen, errs := s.send("goal", filledIn(revision, none))
		if len(errs) > 0 || !slices.Equal(unseen, want) {
			t.Errorf("drawn from revision %d: unseen %v, want %v (%v)", revision, unseen, want, errs)
		}
		if kept := reflect.DeepEqual(s.r, stored); kept != (len(want) > 0) {
			t.Errorf("drawn from revision %d: the record is as it was: %v", revision, kept)
		}
	}

	// What the patient chooses is done: the stored answers with all that hangs on them, or what they typed.
	s.r = stored
	kept := filledIn(0, none)
	kept.Seen.Shown, kept.Seen.Choices = 2, map[string]clinic.Choice{"takes": clinic.KeepStored}
	if unseen, errs := s.send("goal", kept); unseen != nil || errs != nil || !reflect.DeepEqual(s.r.Answers, stored.Answers) {
		t.Errorf("unseen %v, %v, the answers are %v", unseen, errs, s.r.Answers)
	}
	s.r = stored
	chosen := filledIn(0, none)
	chosen.Seen.Shown, chosen.Seen.Choices = 2, map[string]clinic.Choice{"takes": clinic.KeepTyped, "names": clinic.KeepTyped, "how_often": clinic.KeepTyped}
	if unseen, errs := s.send("goal", chosen); unseen != nil || errs != nil || len(s.r.Answers["names"]) > 0 || s.r.Answers["takes"][0] != "no" {
		t.Errorf("unseen %v, %v, the answers are %v", unseen, errs, s.r.Answers)
	}

	// A choice counts for what was shown, not for what has been stored since.
	s.r = stored
	chosen.Seen.Shown = 1
	if unseen, _ := s.send("goal", chosen); !slices.Equal(unseen, []string{"how_often"}) {
		t.Errorf("unseen %v", unseen)
	}
}

func TestReceive_DevicesThatAnswerDifferentQuestionsDoNotMeet(t *testing.T) {
	s := saver{q: medicines(t)}
	for _, send := range []struct {
		section string
		values  map[string][]string
	}{
		{"often", map[string][]string{"wish": {"朝"}}},
		{"goal", map[string][]string{"takes": {"no"}, "height": {"158"}}},
		{"goal", map[string][]string{"takes": {"no"}, "height": {"158"}}}, // the same from both
	} {
		if unseen, errs := s.send(send.section, filledIn(0, send.values)); unseen != nil || errs != nil {
			t.Errorf("%v: unseen %v, %v", send, unseen, errs)
		}
	}
	if len(s.r.Answers) != 3 {
		t.Errorf("the answers are %v", s.r.Answers)
	}
}

func TestPostpone_KeepsWhatWasTypedAndTheAnswerBefore(t *testing.T) {
	long := strings.Repeat("長", clinic.MaxText+1)
	s := saver{q: medicines(t)}
	section, _ := s.q.Section("goal")
	if _, errs := s.send("goal", filledIn(0, map[string][]string{"takes": {"yes"}, "names": {"ワルファリン"}, "height": {"158"}})); errs != nil {
		t.Fatal(errs)
	}
	later := filledIn(1, map[string][]string{"takes": {"yes"}, "names": {long}, "height": {" 158センチ"}})
	later.Later = true
	if unseen, errs := s.send("goal", later); unseen != nil || errs != nil {
		t.Fatal(unseen, errs)
	}
	wantAnswers := Answers{"takes": {"yes"}, "names": {"ワルファリン"}, "height": {"158"}}
	wantTyped := map[string][]string{"names": {long}, "height": {" 158センチ"}}
	if !reflect.DeepEqual(s.r.Answers, wantAnswers) || !reflect.DeepEqual(s.r.Typed, wantTyped) {
		t.Errorf("in force %v, typed %.60v", s.r.Answers, s.r.Typed)
	}
	if errs := s.q.Incomplete(s.r, section, s.f); len(errs) != 2 || errs[0].Message != "error.long" || errs[1].Message != "error.number" {
		t.Errorf("incomplete: %v", errs)
	}
	if remaining := s.q.Remaining(s.r, s.f); len(remaining) == 0 || remaining[0].ID != "goal" || s.r.CompletedAt != nil {
		t.Errorf("remaining: %v", remaining)
	}
	if got := s.r.Given("height"); !slices.Equal(got, []string{" 158センチ"}) {
		t.Errorf("given last: %v", got)
	}

	// Emptied, which is no answer either; and a gate that is wrong, with what hangs on it.
	later = filledIn(2, map[string][]string{"takes": {"yes", "no"}, "names": {"アスピリン"}, "height": {""}})
	later.Later = true
	mustSave(t, &s, "goal", later)
	if s.r.Answers["height"][0] != "158" || s.r.Answers["takes"][0] != "yes" || s.r.Answers["names"][0] != "アスピリン" {
		t.Errorf("in force %v", s.r.Answers)
	}
	if !reflect.DeepEqual(s.r.Typed, map[string][]string{"takes": {"yes", "no"}, "height": {""}}) {
		t.Errorf("typed %v", s.r.Typed)
	}

	// Another page leaves it; a good answer ends it.
	mustSave(t, &s, "often", filledIn(3, map[string][]string{"how_often": {"2"}}))
	if len(s.r.Typed) != 2 {
		t.Errorf("typed %v", s.r.Typed)
	}
	if unseen, errs := s.send("goal", filledIn(4, map[string][]string{"takes": {"no"}, "height": {"159"}})); unseen != nil || errs != nil || len(s.r.Typed) != 0 {
		t.Errorf("typed %v, unseen %v, %v", s.r.Typed, unseen, errs)
	}
	if !reflect.DeepEqual(s.r.Answers, Answers{"takes": {"no"}, "height": {"159"}}) {
		t.Errorf("in force %v", s.r.Answers)
	}
}

// What hangs on a question that is wrong for now is not thrown away.
func TestPostpone_KeepsWhatIsNotAskedYet(t *testing.T) {
	s := saver{q: medicines(t)}
	later := filledIn(0, map[string][]string{"takes": {"yes", "no"}, "names": {"ワルファリン"}, "height": {"158"}})
	later.Later = true
	mustSave(t, &s, "goal", later)
	if got := s.r.Typed["names"]; !slices.Equal(got, []string{"ワルファリン"}) || len(s.r.Answers["names"]) > 0 {
		t.Errorf("typed %v, in force %v", s.r.Typed, s.r.Answers)
	}
}

// What another device typed and has been told is kept is not overwritten unseen either.
func TestReceive_WhatWasTypedIsNotOverwrittenUnseen(t *testing.T) {
	s := saver{q: medicines(t)}
	later := filledIn(0, map[string][]string{"height": {"158センチ"}})
	later.Later = true
	mustSave(t, &s, "goal", later)
	unseen, _ := s.send("goal", filledIn(0, map[string][]string{"takes": {"no"}, "height": {"160"}}))
	if !slices.Equal(unseen, []string{"height"}) {
		t.Errorf("unseen %v", unseen)
	}
}

func TestFollow_AnswersFromBeforeRevisionsWereKeptCountAsTheLast(t *testing.T) {
	old := Record{Revision: 7, Answers: Answers{"takes": {"yes"}, "height": {"158"}}}
	s := saver{q: medicines(t), r: old}
	if unseen, _ := s.send("goal", filledIn(6, map[string][]string{"takes": {"no"}, "height": {"158"}})); !slices.Equal(unseen, []string{"takes"}) {
		t.Errorf("unseen %v", unseen)
	}
	if unseen, errs := s.send("often", filledIn(7, map[string][]string{"how_often": {"2"}})); unseen != nil || errs != nil {
		t.Fatal(unseen, errs)
	}
	if want := map[string]int{"takes": 7, "height": 7, "how_often": 8}; !maps.Equal(s.r.Changed, want) {
		t.Errorf("changed in %v, want %v", s.r.Changed, want)
	}
}

// device is somebody's page of a section, drawn from a record that others change meanwhile.
type device struct {
	section Section
	drawn   Record
	form    Form // that is being decided about, after a refusal; zero otherwise
}

// Whatever two devices send, in whatever order, with pages as old as they like: an answer, or what was typed and told to be
// kept, changes only by somebody whose page had it or was shown it.
func TestReceive_NeverLosesWhatWasAcknowledged(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		s := saver{q: q, f: f}
		devices := make([]device, 2)
		for i := range devices {
			devices[i].section = rapid.SampledFrom(q.Intake).Draw(t, "first section")
		}
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			d := &devices[rapid.IntRange(0, 1).Draw(t, "device")]
			if rapid.IntRange(0, 3).Draw(t, "looks") == 0 {
				*d = device{section: rapid.SampledFrom(q.Intake).Draw(t, "section"), drawn: s.r}
			}
			form := d.form
			if form.Values == nil {
				form = Form{Values: drawForm(t, d.section), Later: rapid.Bool().Draw(t, "later"), Seen: clinic.Seen{Revision: d.drawn.Revision}}
				if rapid.IntRange(0, 3).Draw(t, "patience") > 0 {
					form.Values = mend(t, q, d.section, form.Values, s.r.Answers, f)
				}
				if rapid.Bool().Draw(t, "names what was asked") {
					form.Asked = []string{}
				}
			}
			before := s.r
			unseen, errs := s.send(d.section.ID, form)
			switch {
			case len(errs) > 0:
				d.form = Form{}
			case len(unseen) > 0:
				if !reflect.DeepEqual(before, s.r) {
					t.Fatal("a refusal changed the record")
				}
				// Both values are shown, and some of them chosen.
				d.form = form
				d.drawn.Answers, d.drawn.Typed = maps.Clone(d.drawn.Answers), maps.Clone(d.drawn.Typed)
				d.form.Seen.Shown, d.form.Seen.Choices = before.Revision, map[string]clinic.Choice{}
				for _, id := range unseen {
					if rapid.IntRange(0, 4).Draw(t, "decides") > 0 {
						d.drawn.take(before, id)
						d.form.Seen.Choices[id] = rapid.SampledFrom([]clinic.Choice{clinic.KeepStored, clinic.KeepTyped}).Draw(t, "choice")
					}
				}
			default:
				checkNothingLost(t, q, f, before, s.r, d.drawn, form.Seen)
				*d = device{section: d.section, drawn: s.r}
			}
		}
	})
}

// take makes a question of r what it is in another record.
func (r *Record) take(from Record, id string) {
	put := func(to *map[string][]string, values []string, ok bool) {
		if delete(*to, id); !ok {
			return
		}
		if *to == nil {
			*to = map[string][]string{}
		}
		(*to)[id] = values
	}
	answers, typed := map[string][]string(r.Answers), r.Typed
	had, ok := from.Answers[id]
	put(&answers, had, ok)
	had, ok = from.Typed[id]
	put(&typed, had, ok)
	r.Answers, r.Typed = answers, typed
}

// checkNothingLost compares what was given to each question with what whoever saved had before them.
func checkNothingLost(t *rapid.T, q *Questionnaire, f Facts, before, after, drawn Record, seen clinic.Seen) {
	for _, section := range q.Intake {
		for _, question := range section.Questions {
			id := question.ID
			if !before.differs(after, id) || !before.differs(drawn, id) {
				continue // unchanged, or changed by who had it before them
			}
			if len(before.Answers[id]) == 0 && len(before.Typed[id]) == 0 {
				continue // nothing was acknowledged
			}
			if len(before.Answers[id]) == 0 && !q.Visible(after.Answers, f)[id] {
				continue // it was hidden and is, and now the intake is complete
			}
			t.Fatalf("%s was %v (%v) and is %v (%v), saved from a page that had %v; seen %+v", id, before.Answers[id], before.Typed[id], after.Answers[id], after.Typed[id], drawn.Answers[id], seen)
		}
	}
}
