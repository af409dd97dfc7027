package intake

import (
	"cmp"
	"slices"
	"strings"
)

// Digest gathers what a doctor has to see. Hidden answers are left out before anything is compared.
func (q *Questionnaire) Digest(a Answers, f Facts) Digest {
	now := q.state(a, f)
	now.derive()
	d := &digest{state: now, lines: map[string]*Line{}}
	for _, rule := range q.Rules {
		for _, all := range rule.When.Any {
			if all.holds(now) {
				d.raise(rule, all)
			}
		}
	}
	var out Digest
	for _, id := range d.order {
		line := d.lines[id]
		d.complete(line)
		if line.Severity == Note {
			out.Notes = append(out.Notes, *line)
		} else {
			out.Lines = append(out.Lines, *line)
		}
	}
	for _, lines := range [][]Line{out.Lines, out.Notes} {
		slices.SortStableFunc(lines, func(x, y Line) int {
			return cmp.Or(cmp.Compare(rank(x.Severity), rank(y.Severity)), cmp.Compare(q.place(x), q.place(y)))
		})
	}
	out.Contradictions = now.contradictions()
	return out
}

// digest is a Digest in the making.
type digest struct {
	state *state
	lines map[string]*Line
	order []string // the lines' ids, as they came up
}

func rank(s Severity) int { return slices.Index(severities, s) }

// graver is the graver of two severities, either of which may be empty.
func graver(a, b Severity) Severity {
	if a == "" || b != "" && rank(b) < rank(a) {
		return b
	}
	return a
}

// raise tells of a rule by one of its alternatives that holds. The first test says which fact it is about; what the others
// found stands beside it.
func (d *digest) raise(rule Rule, all All) {
	var reasons []Reason
	for _, t := range all {
		reasons = append(reasons, d.state.reason(t))
	}
	first, about := all[0], reasons[0]
	byFact := map[string][]string{}
	var ids []string
	add := func(value string) {
		id, declared := d.state.q.factOf(about.Question, value, first.Op == Has)
		if d.lines[id] == nil {
			line := &Line{ID: id}
			if declared != nil {
				line.Label = declared.Label
			}
			d.lines[id], d.order = line, append(d.order, id)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		byFact[id] = append(byFact[id], value)
	}
	if first.Op == Has {
		for _, v := range about.Values {
			add(v)
		}
	} else {
		// A number, a count or what is not among the options is one answer, however many values it has.
		add(strings.Join(about.Values, ","))
		byFact[ids[0]] = about.Values
	}
	for _, id := range ids {
		line := d.lines[id]
		own := about
		own.Values = byFact[id]
		found := append([]Reason{own}, reasons[1:]...)
		for i, t := range all {
			line.add(t, found[i], rule.Severity)
		}
		line.mark(rule, found)
	}
}

// add puts what a test found among the items of the line: each option for itself.
func (l *Line) add(t Test, found Reason, severity Severity) {
	if t.Op != Has {
		l.merge(Item{Reason: found, Severity: severity, Named: true, Empty: t.Op == Unanswered})
		return
	}
	for _, v := range found.Values {
		l.merge(Item{Reason: Reason{found.Question, []string{v}}, Severity: severity, Named: found.Question.Kind != Many})
	}
}

func (l *Line) merge(item Item) {
	for i, known := range l.Items {
		if known.Question.ID == item.Question.ID && slices.Equal(known.Values, item.Values) {
			l.Items[i].Severity = graver(known.Severity, item.Severity)
			return
		}
	}
	l.Items = append(l.Items, item)
}

// mark tells what the rule means for its treatment, or for every one.
func (l *Line) mark(rule Rule, reasons []Reason) {
	l.Severity = graver(l.Severity, rule.Severity)
	for _, treatment := range Columns {
		if rule.Treatment != treatment && rule.Treatment != AllTreatments {
			continue
		}
		i := slices.IndexFunc(l.Marks, func(m Mark) bool { return m.Treatment == treatment })
		if i < 0 {
			i, l.Marks = len(l.Marks), append(l.Marks, Mark{Treatment: treatment})
		}
		m := &l.Marks[i]
		m.Severity = graver(m.Severity, rule.Severity)
		m.Rules = append(m.Rules, Raised{rule, reasons})
		slices.SortStableFunc(m.Rules, func(x, y Raised) int { return cmp.Compare(rank(x.Rule.Severity), rank(y.Rule.Severity)) })
	}
}

// complete adds what belongs to the fact without a rule that speaks of it, the free text and where values come from.
func (d *digest) complete(l *Line) {
	slices.SortStableFunc(l.Marks, func(x, y Mark) int {
		return cmp.Compare(slices.Index(Columns, x.Treatment), slices.Index(Columns, y.Treatment))
	})
	s := d.state
	if i := slices.IndexFunc(s.q.Facts, func(f Fact) bool { return f.ID == l.ID }); i >= 0 {
		fact := s.q.Facts[i]
		for _, p := range fact.Of {
			question := s.q.named(p.Question)
			for _, v := range s.values(p.Question) {
				known := slices.ContainsFunc(l.Items, func(item Item) bool { return item.Question.ID == question.ID && slices.Contains(item.Values, v) })
				if p.covers(p.Question, v) && !known && !question.Exclusive(v) {
					l.merge(Item{Reason: Reason{question, []string{v}}, Named: question.Kind != Many})
				}
			}
		}
		at := func(item Item) int {
			for i, p := range fact.Of {
				for _, v := range item.Values {
					if !p.covers(item.Question.ID, v) {
						continue
					}
					within := slices.Index(p.Codes, v)
					if within < 0 {
						within = slices.IndexFunc(item.Question.Options, func(o Option) bool { return o.Code == v })
					}
					return i*1000 + within + 1
				}
			}
			return len(fact.Of) * 1000
		}
		slices.SortStableFunc(l.Items, func(x, y Item) int { return cmp.Compare(at(x), at(y)) })
		l.Words = s.quotes(l.Items, fact.Words)
	}
	for i := range l.Items {
		l.Items[i].From = s.from(l.Items[i].Question.ID)
	}
}

// place is where among facts of one severity a line stands: those that the questionnaire declares in their order, then the
// others in that of the questions.
func (q *Questionnaire) place(l Line) int {
	if i := slices.IndexFunc(q.Facts, func(f Fact) bool { return f.ID == l.ID }); i >= 0 {
		return i
	}
	at := len(q.Facts)
	id := l.Items[0].Question.ID
	for _, s := range q.sections() {
		for _, question := range s.Questions {
			if at++; question.ID == id {
				return at
			}
		}
	}
	return at
}
