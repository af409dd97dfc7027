package intake

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPrune_IsIdempotentAndKeepsWhatIsVisible(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		a := drawAnswers(t, q)
		before := maps.Clone(a)
		pruned := q.Prune(a, f)
		if again := q.Prune(pruned, f); !reflect.DeepEqual(pruned, again) {
			t.Fatalf("%v pruned twice is %v", pruned, again)
		}
		if !reflect.DeepEqual(a, before) {
			t.Fatal("Prune changed what it was given")
		}
		visible := q.Visible(a, f)
		if !maps.Equal(visible, q.Visible(pruned, f)) {
			t.Fatal("hidden answers decide what is visible")
		}
		now := q.state(a, f)
		for id, values := range a {
			question, asked := q.Question(id)
			offered := asked && slices.ContainsFunc(values, func(v string) bool { return !question.option(v) || now.draw(question).option(v) })
			if _, kept := pruned[id]; kept != (visible[id] && offered) {
				t.Fatalf("%s: kept %v, visible %v, offered %v", id, kept, visible[id], offered)
			}
			if question.Kind == LongText && !slices.Equal(pruned[id], values) && visible[id] {
				t.Fatalf("%s became %v", id, pruned[id])
			}
		}
	})
}

func TestCheckSection_AnswersAreVisibleAndErrorsExplainTheRest(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		before := drawAnswers(t, q)
		s := rapid.SampledFrom(q.Intake).Draw(t, "section")
		form := drawForm(t, s)
		a, errs := q.CheckSection(s, form, before, f)

		now := q.state(a, f)
		visible := now.visible
		for id := range a {
			if !visible[id] {
				t.Fatalf("%s is hidden and answered", id)
			}
		}
		for _, question := range s.Questions {
			_, answered := a[question.ID]
			wrong := errs.For(question.ID) != nil
			switch {
			case !visible[question.ID] && wrong:
				t.Fatalf("%s is hidden and wrong", question.ID)
			case answered && wrong:
				t.Fatalf("%s is both good and wrong", question.ID)
			case visible[question.ID] && now.draw(question).Required && !answered && !wrong:
				t.Fatalf("%s must be answered, is not, and is not wrong", question.ID)
			}
		}
		// Other sections keep their answers, unless these hide them or what they chose. What these show again comes back.
		together := without(before, s)
		for _, question := range s.Questions {
			if values, ok := a[question.ID]; ok {
				together[question.ID] = values
			}
		}
		for id, values := range q.Prune(together, f) {
			if got, ok := a[id]; !ok {
				t.Fatalf("%s was lost", id)
			} else if !reflect.DeepEqual(got, values) {
				t.Fatalf("%s became %v from %v", id, got, values)
			}
		}
		// What was accepted is accepted as it stands.
		again, againErrs := q.CheckSection(s, a, a, f)
		if !reflect.DeepEqual(a, again) {
			t.Fatalf("%v checked twice is %v", a, again)
		}
		if len(errs) == 0 && len(againErrs) > 0 {
			t.Fatal(againErrs)
		}
	})
}

func TestCheckSection_EmptyFormNamesEveryRequiredQuestion(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		before := drawAnswers(t, q)
		for _, s := range q.Intake {
			now := q.state(without(before, s), f)
			var want, got []string
			for _, question := range s.Questions {
				if now.draw(question).Required && now.visible[question.ID] {
					want = append(want, question.ID)
				}
			}
			_, errs := q.CheckSection(s, nil, before, f)
			for _, e := range errs {
				got = append(got, e.Field)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("section %s names %v, want %v", s.ID, got, want)
			}
		}
	})
}

// Whatever is sent, in whatever order, however often.
func TestAnswer_InAnyOrder(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		r := Record{BookingID: "b", Version: "of the booking"}
		now := time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
		for range rapid.IntRange(0, 20).Draw(t, "forms") {
			now = now.Add(time.Minute)
			s := rapid.SampledFrom(q.Intake).Draw(t, "section")
			before := r
			var form map[string][]string
			if form = drawForm(t, s); rapid.IntRange(0, 9).Draw(t, "patience") > 0 {
				form = mend(t, q, s, form, r.Answers, f)
			}
			var errs error
			if r2, e := q.Answer(r, s, form, f, now); len(e) > 0 {
				errs, r = e, r2
				if !reflect.DeepEqual(before, r2) {
					t.Fatal("a wrong form changed the record")
				}
			} else {
				r = r2
				if !r.UpdatedAt.Equal(now) || r.Version != "of the booking" || !slices.Contains(r.Done, s.ID) {
					t.Fatalf("the record does not tell of it: %+v", r)
				}
			}
			checkProgress(t, q, r, f, errs)
		}
	})
}

// mend answers what a section still misses, as a patient does who reads the errors.
func mend(t *rapid.T, q *Questionnaire, s Section, form map[string][]string, before Answers, f Facts) map[string][]string {
	for range len(s.Questions) + 1 {
		_, errs := q.CheckSection(s, form, before, f)
		for _, e := range errs {
			for _, question := range q.Page(s, before, f).Questions {
				if question.ID == e.Field {
					form[e.Field] = drawAnswer(t, question)
				}
			}
		}
	}
	return form
}

func checkProgress(t *rapid.T, q *Questionnaire, r Record, f Facts, errs error) {
	if !reflect.DeepEqual(r.Answers, q.Prune(r.Answers, f)) && len(r.Answers) > 0 {
		t.Fatal("the record holds hidden answers")
	}
	clean := true
	for _, s := range q.Intake {
		_, wrong := q.CheckSection(s, r.Answers, r.Answers, f)
		visible := q.Visible(r.Answers, f)
		asked := slices.ContainsFunc(s.Questions, func(question Question) bool { return visible[question.ID] })
		clean = clean && len(wrong) == 0 && (slices.Contains(r.Done, s.ID) || !asked)
	}
	done, total := q.Progress(r, f)
	if q.Complete(r, f) != clean || (done == total) != clean || done < 0 || total > len(q.Intake) {
		t.Fatalf("clean %v, complete %v, progress %d/%d", clean, q.Complete(r, f), done, total)
	}
	if errs == nil && (r.CompletedAt != nil) != clean {
		t.Fatalf("clean %v, completed at %v", clean, r.CompletedAt)
	}
}

// What the browser shows is what the server would ask.
func TestClientConditions_AgreeWithTheServer(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		before := drawAnswers(t, q)
		s := rapid.SampledFrom(q.Intake).Draw(t, "section")
		page := without(before, s)
		conditions := q.ClientConditions(s, before, f)
		form := drawForm(t, s)
		for _, drawn := range q.Page(s, before, f).Questions { // what is not offered is not sent
			question, _ := q.Question(drawn.ID)
			form[drawn.ID] = slices.DeleteFunc(form[drawn.ID], func(v string) bool { return question.option(v) && !drawn.option(v) })
		}
		for id, values := range form {
			page[id] = filled(values)
		}
		want := q.Visible(page, f)
		got := browser(s, conditions, form)
		for _, question := range s.Questions {
			if got[question.ID] != want[question.ID] {
				t.Fatalf("%s (%s): the browser shows it: %v", question.ID, question.ShowIf, got[question.ID])
			}
		}
	})
}

func TestCautions_OfHiddenAnswersAreNone(t *testing.T) {
	asShipped := shipped(t)
	sources := []byte(`[{"code": "M", "ja": "資料", "en": "source"}]`)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		var lines string
		for _, s := range q.Intake {
			for _, question := range s.Questions {
				if test, ok := drawTest(t, []Question{question}); ok {
					lines += "all|doctor|" + AnyOf(test).String() + "|M\n"
				}
			}
		}
		withRules := *q
		var err error
		if withRules.Rules, err = ParseCautions([]byte(lines), sources, q); err != nil {
			t.Fatal(err)
		}
		a := drawAnswers(t, q)
		visible := q.Visible(a, f)
		for _, c := range withRules.Cautions(a, f) {
			for _, r := range c.Reasons {
				if !visible[r.Question.ID] || len(r.Values) == 0 {
					t.Fatalf("%s is hidden, or empty, and raises a caution", r.Question.ID)
				}
			}
		}
	})
}
