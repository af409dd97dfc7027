package intake

import (
	"slices"
)

// Cell is a part of the strip that always stands at the top of a chart: the medicines, the allergies and so on, in the
// patient's own words.
type Cell struct {
	ID        string    `json:"id"`
	Label     Text      `json:"label"`
	Questions []Part    `json:"questions"` // in the order in which they are told
	None      Condition `json:"none"`      // when the patient said that there is nothing
}

// CellState says what a cell tells.
type CellState string

// The states of a cell.
const (
	CellSaid     CellState = "said"      // there is something
	CellNone     CellState = "none"      // なし: the patient said so
	CellNotAsked CellState = "not_asked" // 該当なし: it is not asked of them
	CellSilent   CellState = "silent"    // 未回答
	CellUnknown  CellState = "unknown"   // 聞いていません: this version of the questionnaire does not ask it of anybody
)

// StripCell is a cell of the strip about a patient.
type StripCell struct {
	Cell     Cell
	State    CellState
	Words    []Reason // what was answered; free text is whole
	Severity Severity // the gravest of the rules that name an answer of the cell; empty where none does
	Added    bool     // something was not there in an earlier version of the answers (see SinceStrip)
}

// Strip is the strip about a patient, of whom a digest says what the rules say.
func (q *Questionnaire) Strip(a Answers, f Facts, d Digest) []StripCell {
	now := q.state(a, f)
	cells := q.cells()
	out := make([]StripCell, len(cells))
	for i, cell := range cells {
		out[i] = StripCell{Cell: cell, Words: now.cellWords(cell)}
		out[i].State = now.cellState(cell, out[i].Words)
		for _, line := range slices.Concat(d.Lines, d.Notes) {
			for _, item := range line.Items {
				if slices.ContainsFunc(item.Values, func(v string) bool { return cell.has(item.Question.ID, v) }) {
					out[i].Severity = graver(out[i].Severity, item.Severity)
				}
			}
		}
		if out[i].State != CellSaid {
			out[i].Words = nil
		}
	}
	return out
}

func (c Cell) has(question, value string) bool {
	return slices.ContainsFunc(c.Questions, func(p Part) bool { return p.covers(question, value) })
}

// cellWords are the answers of a cell. One that only opened another question of the cell says nothing once that is answered.
func (s *state) cellWords(c Cell) []Reason {
	var out []Reason
	for _, p := range c.Questions {
		question := s.q.named(p.Question)
		var values []string
		for _, v := range s.values(p.Question) {
			answered := slices.ContainsFunc(c.Questions, func(other Part) bool {
				return len(s.kept[other.Question]) > 0 && s.q.named(other.Question).openedBy(question.ID, v)
			})
			if p.covers(question.ID, v) && !answered {
				values = append(values, v)
			}
		}
		if len(values) > 0 {
			out = append(out, Reason{question, values})
		}
	}
	// "None of these" says nothing beside something that is said elsewhere in the cell. That something is not known does.
	some := slices.DeleteFunc(slices.Clone(out), func(r Reason) bool {
		return !slices.ContainsFunc(r.Values, func(v string) bool { return !r.Question.Exclusive(v) || v == UnknownCode })
	})
	if len(some) > 0 {
		return some
	}
	return out
}

func (s *state) cellState(c Cell, words []Reason) CellState {
	asked := slices.ContainsFunc(c.Questions, func(p Part) bool {
		return s.q.named(p.Question).ShowIf.mayHold(s, map[string]bool{})
	})
	// What denies is told only where it is all there is.
	denied := len(c.None.Any) > 0 && c.None.holds(s) && !slices.ContainsFunc(words, func(r Reason) bool {
		return !slices.ContainsFunc(c.None.Tests(), func(t Test) bool { return t.Question == r.Question.ID })
	})
	switch {
	case len(c.Questions) == 0:
		return CellUnknown
	case denied:
		return CellNone
	case len(words) > 0:
		return CellSaid
	case !asked && !slices.ContainsFunc(c.None.Tests(), func(t Test) bool { return s.visible[t.Question] }):
		return CellNotAsked
	}
	return CellSilent
}

// SinceStrip marks the cells that tell something which an earlier strip about the same patient did not.
func SinceStrip(now, before []StripCell) []StripCell {
	out := slices.Clone(now)
	for i := range out {
		for _, r := range out[i].Words {
			out[i].Added = out[i].Added || !slices.ContainsFunc(before, func(old StripCell) bool {
				return old.Cell.ID == out[i].Cell.ID && slices.ContainsFunc(old.Words, func(o Reason) bool {
					return o.Question.ID == r.Question.ID && slices.Equal(o.Values, r.Values)
				})
			})
		}
	}
	return out
}

func (q *Questionnaire) checkCells() error {
	nameable := q.nameable()
	ids := map[string]bool{}
	for _, c := range q.Cells {
		where := at("strip", "strip", c.ID)
		if !isCode(c.ID) || ids[c.ID] || len(c.Questions) == 0 || len(c.None.Any) == 0 {
			return where.because(": an id of its own (small letters, digits, underscores), questions and none are needed")
		}
		ids[c.ID] = true
		if err := needText(where, c.Label); err != nil {
			return err
		}
		for _, p := range c.Questions {
			if err := p.check(where, nameable); err != nil {
				return err
			}
		}
		if err := c.None.check(nameable); err != nil {
			return where.in(" none").of(err)
		}
	}
	return nil
}

// Cell finds a cell of the strip by its ID.
func (q *Questionnaire) Cell(id string) (Cell, bool) {
	at := slices.IndexFunc(q.Cells, func(c Cell) bool { return c.ID == id })
	if at < 0 {
		return Cell{}, false
	}
	return q.Cells[at], true
}

// ChangeCell takes over what a form says of a cell.
func (q *Questionnaire) ChangeCell(changed Cell) error {
	at := slices.IndexFunc(q.Cells, func(c Cell) bool { return c.ID == changed.ID })
	if at < 0 {
		return ErrNoPlace
	}
	changed.Label = tidyText(changed.Label)
	q.Cells[at] = changed
	return nil
}

// OfIntake are the questions of the intake in the order in which they are asked, with the options that they offer: what the strip can tell.
func (q *Questionnaire) OfIntake() (out []Question) {
	for _, s := range q.Intake {
		for _, question := range s.Questions {
			out = append(out, q.WithOptions(question))
		}
	}
	return out
}

// Complaint is why a patient came: what they chose, and what they wrote about it. Each is told by the name of its own question, because
// what somebody wrote as a worry is not what they came for.
type Complaint struct {
	Chosen []Reason
	Words  []Reason // free text, to be quoted
}

// Complaint tells why a patient came, by the questions that Summary names for it.
func (q *Questionnaire) Complaint(a Answers, f Facts) Complaint {
	now := q.state(a, f)
	var out Complaint
	for _, id := range q.complaint() {
		question, values := q.named(id), now.kept[id]
		if id == q.Uses.Areas {
			values = f.Areas
		}
		switch {
		case len(values) == 0:
		case question.Kind == LongText:
			out.Words = append(out.Words, Reason{question, values})
		default:
			out.Chosen = append(out.Chosen, Reason{question, values})
		}
	}
	return out
}

// Wanted are the treatments about which the patient would like to hear, by the question that Uses names for it. It is no
// choice of a treatment.
func (q *Questionnaire) Wanted(a Answers, f Facts) []Treatment {
	_, kept := q.walk(a, f)
	return slices.DeleteFunc(slices.Clone(Columns), func(t Treatment) bool {
		return !slices.Contains(kept[q.Uses.Interest], string(t))
	})
}
