package intake

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
)

var asideAt = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

// browserForm is what the page of a section sends: the questions that what is given shows, with the options that are offered.
func browserForm(q *Questionnaire, r Record, s Section, f Facts, given map[string][]string) Form {
	form := Form{Values: map[string][]string{}, Asked: []string{}, Seen: clinic.Seen{Revision: r.Revision}, Keep: true}
	filledIn := map[string][]string{}
	for _, drawn := range q.Page(s, r.Answers, f).Questions {
		question, _ := q.Question(drawn.ID)
		filledIn[drawn.ID] = slices.DeleteFunc(slices.Clone(given[drawn.ID]), func(v string) bool { return question.option(v) && !drawn.option(v) })
	}
	shown := browser(s, q.ClientConditions(s, r.Answers, f), filledIn)
	for id, visible := range shown {
		if visible {
			form.Asked = append(form.Asked, id)
			form.Values[id] = filledIn[id]
		}
	}
	return form
}

// Keeping pages in any order, with taps that are taken back in between, ends where typing the last of it once ends: what other answers
// hide for a while is not lost. Nobody meets a conflict, and the answers never hold what is hidden.
func TestKeep_WhatIsTakenBackWasNeverGiven(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		r, given := Record{}, Answers{} // what somebody gave last to each question, be it hidden now
		tap := func(s Section, question Question, values []string) {
			drawn := q.state(r.Answers, f).draw(question)
			var both []string
			for _, o := range question.Options { // a box that is not on the page stays as it is
				offered := drawn.option(o.Code)
				if offered && slices.Contains(values, o.Code) || !offered && slices.Contains(given[question.ID], o.Code) {
					both = append(both, o.Code)
				}
			}
			if _, problem := question.Check(both); problem == nil && len(both) > 0 {
				values = both
			}
			given[question.ID], _ = question.Check(values) // in stored form
			next, unseen, errs := q.Receive(r, s, browserForm(q, r, s, f, given), f, asideAt)
			if len(unseen) > 0 || len(errs) > 0 {
				t.Fatalf("%s of %v says %v, %v", question.ID, values, unseen, errs)
			}
			r = next.Follow(r)
			if want := q.Prune(given, f); !reflect.DeepEqual(r.Answers, want) {
				t.Fatalf("after %s of %v it holds %v, given was %v", question.ID, values, r.Answers, want)
			}
		}
		for range rapid.IntRange(1, 20).Draw(t, "taps") {
			s := rapid.SampledFrom(q.Intake).Draw(t, "page")
			now := q.state(r.Answers, f)
			asked := slices.DeleteFunc(slices.Clone(s.Questions), func(question Question) bool { return !now.visible[question.ID] })
			if len(asked) == 0 {
				continue
			}
			question := rapid.SampledFrom(asked).Draw(t, "question")
			before := r.Answers[question.ID]
			tap(s, question, drawAnswer(t, now.draw(question)))
			if len(before) > 0 && rapid.Bool().Draw(t, "taken back") {
				tap(s, question, before)
			}
		}
	})
}

// A wrong tap on one page and its taking back change nothing at all, whatever the other pages hold, also where the tap was sent, the page is
// an older tab's or another device is used.
func TestKeep_AWrongTapTakenBackChangesNothing(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		r := Record{}
		for _, s := range q.Intake {
			next := q.Keep(r, s, browserForm(q, r, s, f, drawGood(t, s)).Values, f, asideAt)
			r = next.Follow(r)
		}
		s := rapid.SampledFrom(q.Intake).Draw(t, "page")
		page := map[string][]string{}
		for _, question := range s.Questions {
			page[question.ID] = r.Given(question.ID)
		}
		wrong := maps.Clone(page)
		for _, question := range s.Questions {
			if rapid.Bool().Draw(t, "wrong "+question.ID) {
				wrong[question.ID] = drawAnswer(t, question)
			}
		}
		form := browserForm(q, r, s, f, wrong)
		form.Later = rapid.Bool().Draw(t, "sent")
		form.Keep = !form.Later
		tapped, unseen, errs := q.Receive(r, s, form, f, asideAt)
		if len(unseen) > 0 || len(errs) > 0 {
			t.Fatalf("%v %v", unseen, errs)
		}
		if tapped.CompletedAt != nil {
			return
		}
		for _, question := range s.Questions {
			if len(page[question.ID]) == 0 && len(wrong[question.ID]) > 0 && (question.Required || len(question.RequiredIf.Any) > 0) {
				return // an empty field takes back no answer that must be there
			}
		}
		back := q.Keep(tapped.Follow(r), s, browserForm(q, tapped, s, f, page).Values, f, asideAt)
		for _, each := range q.Intake {
			for _, question := range each.Questions {
				if id := question.ID; each.ID != s.ID && !sameValues(back.Answers[id], r.Answers[id]) {
					t.Fatalf("%s was %v and is %v", id, r.Answers[id], back.Answers[id])
				}
			}
		}
	})
}

// drawGood answers every question of a section.
func drawGood(t *rapid.T, s Section) map[string][]string {
	form := map[string][]string{}
	for _, question := range s.Questions {
		form[question.ID] = drawAnswer(t, question)
	}
	return form
}
