package intake

import (
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
