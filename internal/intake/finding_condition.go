package intake

import "strconv"

// drawn looks at the conditions that decide how a question is drawn. They can name what is asked on earlier pages.
func (f *findings) drawn(s Section, q Question, all, before scope) {
	f.condition(Place{Section: s.ID, Question: q.ID}, "required_if", q.RequiredIf, all, before)
	for _, o := range q.Options {
		f.condition(Place{s.ID, q.ID, o.Code}, "show_if", o.ShowIf, all, before)
	}
}

// condition finds what a condition names and cannot have. all are the questions of the draft, nameable those that come before.
func (f *findings) condition(where Place, field string, c Condition, all, nameable scope) {
	if c.TooLong() {
		f.add(true, ConditionLong, where, field, "Max", strconv.Itoa(MaxTests))
		return
	}
	for _, t := range c.Tests() {
		named, ok := nameable[t.Question]
		switch later, exists := all[t.Question]; {
		case !ok && exists:
			f.add(true, ConditionLater, where, field, "Name", later.Name("ja"), "NameEn", later.Name("en"))
		case !ok:
			name := f.formerName(t.Question)
			f.add(true, ConditionGone, where, field, "Name", name.JA, "NameEn", name.EN)
		case !t.Op.suits(named):
			f.add(true, ConditionKind, where, field, "Name", named.Name("ja"), "NameEn", named.Name("en"))
		case t.Op == Has || t.Op == HasNot:
			for _, v := range t.Values {
				if !isSourceFact(t.Question) && !f.draft.offers(named, v) {
					value := f.formerOption(t.Question, v)
					f.add(true, ConditionValue, where, field, "Name", named.Name("ja"), "NameEn", named.Name("en"), "Value", value.JA, "ValueEn", value.EN)
				}
			}
		}
	}
}

// suits reports whether a comparison can be made with the answers to a question.
func (o Op) suits(q Question) bool {
	switch {
	case o == Unanswered, isSourceFact(q.ID):
		return true
	case o.counting():
		return q.Kind == Many
	case o.ordering():
		return q.Kind == Number || q.Kind == Scale
	}
	return q.hasOptions()
}

func (q Question) hasOptions() bool { return q.Kind == One || q.Kind == Many || q.Kind == Agree }

// offers reports whether an option can be answered to a question, its own or a borrowed one.
func (q *Questionnaire) offers(question Question, code string) bool {
	return q.WithOptions(question).option(code)
}

// formerName is what the version before calls a question that the draft lacks; its id, if it has none either.
func (f *findings) formerName(id string) Text {
	if q, ok := f.before.Question(id); ok {
		return Text{q.Name("ja"), q.Name("en")}
	}
	return Text{id, id}
}

func (f *findings) formerOption(id, code string) Text {
	q, _ := f.before.Question(id)
	if o, ok := q.Option(code); ok {
		return o.Text
	}
	return Text{code, code}
}

// everything are all questions that can be named, by their ids.
func (q *Questionnaire) everything() scope {
	all := scopeOf(q.sections()...)
	for _, known := range q.Known {
		all[known.ID] = known
	}
	return all
}

// factScope is what a condition of the intake can name before any question was asked.
func (q *Questionnaire) factScope() scope {
	out := scope{FactAreas: q.Areas()}
	for _, fact := range sourceFacts {
		out[fact.ID] = fact
	}
	for _, known := range q.Known {
		if known.ID == FactAge || known.ID == FactSex {
			out[known.ID] = known
		}
	}
	return out
}
