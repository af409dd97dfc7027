package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// saidOf writes what the doctor has to ask: the question, what was answered, and what opened it.
func saidOf(asks []Ask) (out []string) {
	for _, a := range asks {
		line := a.Question.ID + "=" + strings.Join(a.Values, ",")
		for _, r := range a.Because {
			line += " because of " + r.Question.ID + "=" + strings.Join(r.Values, ",")
		}
		out = append(out, line)
	}
	return out
}

func TestAsks_WhatWasTickedAndNotSaid(t *testing.T) {
	q := shipped(t)
	for _, c := range []struct {
		answers Answers
		want    []string
	}{
		{nil, nil}, // nobody said anything: the page says that the intake is not answered
		{Answers{"hx_group": {"none"}, "body": {"none"}, "med_any": {"no"}, "allergy_any": {"pollen"}}, nil},
		{Answers{"hx_group": {"sugar", "heart"}, "hx_sugar": {"t2"}}, []string{"hx_heart= because of hx_group=heart"}},
		{Answers{"body": {"op"}}, []string{"surgery= because of body=op"}},
		{Answers{"body": {"op"}, "surgery": {"y1"}}, []string{"surg_site= because of surgery=y1"}},
		{Answers{"med_any": {"yes"}}, []string{"med_names= because of med_any=yes", "meds= because of med_any=yes"}},
		{Answers{"med_any": {"yes"}, "med_names": {"見本錠"}, "meds": {"unknown"}}, []string{"meds=unknown"}},
		{Answers{"hx_group": {"gut"}, "hx_gut": {"other", "panc"}}, []string{"hx_txt= because of hx_gut=other"}},
		{Answers{"hx_group": {"gut"}, "hx_gut": {"other", "panc"}, "hx_txt": {"胃炎"}}, nil},
		{Answers{"body": {"device"}, "implant": {"other", "metal"}}, []string{"implant=other"}},
		{Answers{"fam": {"unknown"}}, []string{"fam=unknown"}},
		{Answers{"allergy_any": {"yes"}, "allergy": {"drug"}}, []string{"allergy_txt= because of allergy_any=yes"}},
		// The way of living may be left out, but not what a treatment did.
		{Answers{"posture": {"unknown"}, "ex30": {"w2"}, "level": {"mid"}}, nil},
		{Answers{"tried": {"inj"}, "tx_react": {"yes"}}, []string{"bad_tx= because of tx_react=yes"}},
		{Answers{"hx_group": {"none"}, "hx_sugar": {"other"}, "hx_txt": {""}}, nil}, // hidden
	} {
		if got := saidOf(q.Asks(c.answers, Facts{Age: 36, Sex: "f", Areas: []string{"back"}})); !slices.Equal(got, c.want) {
			t.Errorf("%v: the doctor has to ask %q, want %q", c.answers, got, c.want)
		}
	}
}

// Whatever was answered: each question that an answer opened and nobody answered is asked in person, once, and is no longer
// as soon as it is answered; nothing that is hidden is asked.
func TestAsks_SilenceIsNeverTakenForNone(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		for i := range q.Intake {
			if q != asShipped {
				q.Intake[i].DoctorOnly = rapid.Bool().Draw(t, "for the doctor alone")
			}
		}
		a := drawAnswers(t, q)
		now := q.state(a, f)
		visible, kept := now.visible, now.kept
		empty := map[string]bool{}
		for _, ask := range q.Asks(a, f) {
			id := ask.Question.ID
			switch {
			case empty[id] || !visible[id]:
				t.Fatalf("%s is asked twice, or although it is hidden", id)
			case len(ask.Values) == 0 && (len(kept[id]) > 0 || len(ask.Because) == 0):
				t.Fatalf("%s is answered with %v, opened by %v", id, kept[id], ask.Because)
			}
			empty[id] = len(ask.Values) == 0
		}
		for _, s := range q.Intake {
			for _, question := range s.Questions {
				ticked := slices.ContainsFunc(question.ShowIf.Any, func(all All) bool {
					return all.holds(now) && slices.ContainsFunc(all, func(test Test) bool {
						_, fact := f.values(test.Question)
						return !fact
					})
				})
				want := ticked && len(kept[question.ID]) == 0 && now.visible[question.ID] && (s.DoctorOnly || question.DoctorOnly || now.draw(question).Required)
				if empty[question.ID] != want {
					t.Fatalf("%s in %s: left empty after a tick %v, asked %v", question.ID, fmt.Sprint(kept), want, empty[question.ID])
				}
			}
		}
	})
}
