package intake

import (
	"cmp"
	"slices"
	"strings"
)

// Digest is what a doctor has to see of a patient's answers: every fact about which a rule has something to say, once,
// with what it means for each treatment. The badge of a list, the chart and the paper all tell the same Digest.
type Digest struct {
	Lines          []Line // what holds a treatment or must be checked, the gravest first
	Notes          []Line // what is only good to know (参考)
	Contradictions []Contradiction
}

// Line is one fact.
type Line struct {
	ID       string   // of the fact; the same for the same fact of every patient
	Severity Severity // the gravest of its marks
	Label    Text     // before the items, where they need it
	Items    []Item   // what was answered
	Words    []Quote  // free text that stands beside it, whole
	Marks    []Mark   // for each treatment of which a rule speaks; where none does, nothing is known, least of all that it is safe
}

// Item is one answer of a fact, or one value that was worked out.
type Item struct {
	Reason
	Severity Severity // the gravest of the rules that name it; empty where none does
	From     []Reason // what a value was worked out of
	Named    bool     // the values need the question's name before them
	Empty    bool     // it was asked and left empty
	Added    bool     // it was not there in an earlier version of the answers (see Since)
}

// Mark is what a fact means for a treatment.
type Mark struct {
	Treatment Treatment // never AllTreatments: a rule for all marks each of them
	Severity  Severity
	Rules     []Raised // the gravest first

	Release *MarkRelease // where a doctor has released it; nil otherwise
}

// Raised is a rule that holds, with the answers that made it hold.
type Raised struct {
	Rule    Rule
	Reasons []Reason
}

// Columns are the treatments that a line has marks for, in the order in which they are shown.
var Columns = []Treatment{Cool, Injection, Drug}

// Counts are how many facts hold a treatment (保留), and how many others a doctor must check (確認). What was released holds no more.
func (d Digest) Counts() (held, check int) {
	for _, line := range d.Lines {
		switch line.Open() {
		case Block:
			held++
		case Doctor:
			check++
		case Note:
		}
	}
	return held, check
}

// Mark is what the fact means for a treatment. Where no rule speaks of it (規則なし) its severity is empty.
func (l Line) Mark(t Treatment) Mark {
	for _, m := range l.Marks {
		if m.Treatment == t {
			return m
		}
	}
	return Mark{Treatment: t}
}

// Sources are those of all rules behind the fact, each once.
func (l Line) Sources() []Source {
	var out []Source
	for _, m := range l.Marks {
		for _, r := range m.Rules {
			for _, s := range r.Rule.Sources {
				if !slices.ContainsFunc(out, func(other Source) bool { return other.Code == s.Code }) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// RuleWords are the words of the rules behind the fact, each once, the gravest first.
func (l Line) RuleWords() []Text {
	return l.wordsOf(func(Rule) bool { return true })
}

// OwnWords are those of them that the doctors of the clinic have written themselves, of what holds a treatment or must be checked. Good
// to know is not urgent enough to be told before it is asked for.
func (s CautionSet) OwnWords(l Line) []Text {
	return l.wordsOf(func(r Rule) bool { return r.Severity != Note && s.words(r) })
}

// words reports whether the words of a rule are the doctors' own and not those that were delivered.
func (s CautionSet) words(r Rule) bool {
	key := r.Key()
	named := func(d Rule) bool { return d.Key() == key }
	if !slices.ContainsFunc(s.Edits, func(e CautionEdit) bool { return e.Rule == key && e.Words == r.Words }) {
		return false
	}
	at := slices.IndexFunc(s.Delivered, named)
	return at < 0 || s.Delivered[at].Words != r.Words
}

// wordsOf are the words of some of the rules behind the fact, each once, the gravest first.
func (l Line) wordsOf(which func(Rule) bool) []Text {
	var out []Text
	for _, severity := range severities {
		for _, m := range l.Marks {
			for _, r := range m.Rules {
				if words := r.Rule.Words; r.Rule.Severity == severity && words.JA != "" && !slices.Contains(out, words) && which(r.Rule) {
					out = append(out, words)
				}
			}
		}
	}
	return out
}

// Title is the fact in the patient's words: the label, if it has one, and the short names of what was answered.
func (l Line) Title(lang string) string {
	between, colon := "、", "："
	if lang == "en" {
		between, colon = ", ", ": "
	}
	var items []string
	for _, item := range l.Items {
		if said := item.Title(lang); !slices.Contains(items, said) { // two questions may ask for one illness
			items = append(items, said)
		}
	}
	title := strings.Join(items, between)
	if l.Label != (Text{}) {
		title = l.Label.In(lang) + colon + title
	}
	return title
}

// Title is the answer by its short name, with the question's before it where it would not be understood alone.
func (i Item) Title(lang string) string {
	between, colon, empty := "、", "：", "未回答"
	if lang == "en" {
		between, colon, empty = ", ", ": ", "not answered"
	}
	said := strings.Join(i.Question.Brief(i.Values, lang), between)
	switch {
	case i.Empty:
		return i.Question.Name(lang) + colon + empty
	case i.Question.Kind == Number || i.Question.Kind == Scale:
		return i.Question.Name(lang) + " " + said
	case i.Named:
		return i.Question.Name(lang) + colon + said
	}
	return said
}

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

// Since marks what an earlier Digest of the same patient did not tell yet.
func (d Digest) Since(before Digest) Digest {
	told := map[string]bool{}
	key := func(l Line, i Item) string {
		return l.ID + "\x00" + i.Question.ID + "\x00" + strings.Join(i.Values, "\x00")
	}
	for _, l := range slices.Concat(before.Lines, before.Notes) {
		for _, i := range l.Items {
			told[key(l, i)] = true
		}
	}
	fresh := func(lines []Line) []Line {
		out := slices.Clone(lines)
		for n := range out {
			out[n].Items = slices.Clone(out[n].Items)
			for i := range out[n].Items {
				out[n].Items[i].Added = !told[key(out[n], out[n].Items[i])]
			}
		}
		return out
	}
	d.Lines, d.Notes = fresh(d.Lines), fresh(d.Notes)
	return d
}
