package intake

import (
	"slices"
	"strconv"
)

// uses looks at what the program works with.
func (f *findings) uses() {
	for _, use := range f.draft.Uses.List() {
		switch {
		case *use.ID == "" && use.Needed, *use.ID != "" && !f.draft.asks(*use.ID):
			f.add(true, UseGone, Place{}, "uses."+use.Name, "Use", use.Name)
		case *use.ID != "" && !slices.ContainsFunc(f.draft.Candidates(use.Name), func(q Question) bool { return q.ID == *use.ID }):
			question, _ := f.draft.Question(*use.ID)
			f.add(true, UseUnfit, Place{}, "uses."+use.Name, "Use", use.Name, "Name", question.Name("ja"), "NameEn", question.Name("en"))
		}
	}
	if u := f.draft.Uses; (u.Height == "") != (u.Weight == "") {
		missing := map[bool]string{true: "height", false: "weight"}[u.Height == ""]
		f.add(true, UseGone, Place{}, "uses."+missing, "Use", missing)
	}
	for _, part := range f.draft.Summary.Parts() {
		for _, id := range *part.IDs {
			if !f.draft.asks(id) {
				f.add(true, SummaryGone, Place{}, "summary."+part.Name, "Name", f.formerName(id).JA, "NameEn", f.formerName(id).EN)
			}
		}
	}
}

// told looks at what is told a doctor of the answers: the strip, the causes, the facts and the contradictions.
func (f *findings) told() {
	nameable := f.draft.nameable()
	for id, question := range nameable {
		nameable[id] = f.draft.WithOptions(question)
	}
	for _, c := range f.draft.Cells {
		field := "strip." + c.ID
		f.text(Place{}, field, c.Label, true)
		if len(c.Questions) == 0 {
			f.add(true, CellEmpty, Place{}, field, "Name", c.Label.JA, "NameEn", c.Label.EN)
		}
		if len(c.None.Any) == 0 {
			f.add(true, CellNoNone, Place{}, field, "Name", c.Label.JA, "NameEn", c.Label.EN)
		}
		f.parts(field, c.Label, c.Questions, nameable)
		f.named(field, c.Label, c.None, nameable)
		f.length(field, len(c.Questions))
	}
	for _, c := range f.draft.Causes {
		field := "causes." + c.ID
		f.text(Place{}, field, c.Label, true)
		if len(c.Signs) == 0 {
			f.add(true, CauseGone, Place{}, field, "Name", c.Label.JA, "NameEn", c.Label.EN)
		}
		f.signs(field, c, nameable)
		f.length(field, len(c.Signs))
	}
	for _, fact := range f.draft.Facts {
		field := "facts." + fact.ID
		f.words(field, fact.Label)
		f.parts(field, fact.Label, fact.Of, nameable)
		f.length(field, len(fact.Of)+len(fact.Words))
	}
	for _, c := range f.draft.Contradictions {
		field := "contradictions." + c.ID
		f.words(field, c.Label)
		f.named(field, c.Label, c.When, nameable)
		for _, word := range c.Mentions {
			f.readable(Place{}, field, "", word)
		}
		f.length(field, len(c.Questions)+len(c.Mentions))
	}
	for _, d := range f.draft.Derived {
		f.words("derived."+d.ID, d.Label)
		f.words("derived."+d.ID, d.Short)
	}
	for _, known := range f.draft.Known {
		f.words("known."+known.ID, known.Label)
		f.words("known."+known.ID, known.Short)
		for _, o := range known.Options {
			f.words("known."+known.ID, o.Text)
		}
	}
	f.length("strip", len(f.draft.Cells))
	f.length("causes", len(f.draft.Causes))
	f.length("facts", len(f.draft.Facts))
	f.length("contradictions", len(f.draft.Contradictions))
	f.length("derived", len(f.draft.Derived))
}

// words finds what nobody can read in a text that doctors see.
func (f *findings) words(field string, t Text) {
	f.readable(Place{}, field, "ja", t.JA)
	f.readable(Place{}, field, "en", t.EN)
}

// length finds a list that nobody could read.
func (f *findings) length(field string, n int) {
	if n > MaxTold {
		f.add(true, TooMuch, Place{}, field, "Max", strconv.Itoa(MaxTold))
	}
}

// gone says that something told names a question, or an option of it, that is not there.
func (f *findings) gone(field string, of Text, id, value string) {
	name, code := f.formerName(id), ToldGone
	args := []string{"Of", of.JA, "OfEn", of.EN, "Name", name.JA, "NameEn", name.EN}
	if value != "" {
		option := f.formerOption(id, value)
		code, args = ToldValue, append(args, "Value", option.JA, "ValueEn", option.EN)
	}
	f.add(true, code, Place{}, field, args...)
}

// parts finds the answers that nobody can give.
func (f *findings) parts(field string, of Text, parts []Part, nameable scope) {
	for _, p := range parts {
		question, ok := nameable[p.Question]
		if !ok {
			f.gone(field, of, p.Question, "")
		}
		for _, code := range p.Codes {
			if ok && !question.option(code) {
				f.gone(field, of, p.Question, code)
			}
		}
	}
}

// named finds what a condition names and nobody can answer.
func (f *findings) named(field string, of Text, c Condition, nameable scope) {
	if c.TooLong() {
		f.add(true, ConditionLong, Place{}, field, "Max", strconv.Itoa(MaxTests))
		return
	}
	for _, t := range c.Tests() {
		question, ok := nameable[t.Question]
		if !ok || !t.Op.suits(question) {
			f.gone(field, of, t.Question, "")
			continue
		}
		for _, v := range t.Values {
			if (t.Op == Has || t.Op == HasNot) && !isSourceFact(t.Question) && !question.option(v) {
				f.gone(field, of, t.Question, v)
			}
		}
	}
}

// signs finds signs that nobody can give, and points that do not count.
func (f *findings) signs(field string, c Cause, nameable scope) {
	intake := scopeOf(f.draft.Intake...)
	for _, s := range c.Signs {
		if _, ok := intake[s.Question]; !ok {
			f.gone(field, c.Label, s.Question, "")
			continue
		}
		good := len(s.Points) > 0
		for code, points := range s.Points {
			good = good && points >= 1 && points <= s.Most
			if !nameable[s.Question].option(code) {
				f.gone(field, c.Label, s.Question, code)
			}
		}
		if !good {
			name := nameable[s.Question]
			f.add(true, BadPoints, Place{}, field, "Of", c.Label.JA, "OfEn", c.Label.EN, "Name", name.Name("ja"), "NameEn", name.Name("en"))
		}
	}
}
