package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// Draft (下書き) is the questionnaire while somebody edits it. Nobody is asked it. It need not be right yet: what is wrong is found
// when it is to be published (Draft.Findings).
type Draft struct {
	Questions *Questionnaire // as it is written: nothing is completed, as Parse does
	Base      string         // the version that it was made from; empty for one that came from outside
	Made      int            // how many ids were made for it, so that none is made twice
	Revision  int            // how often it was saved
	Changed   map[string]int // the revision in which a section, a question or another part changed last, by its id (Part)
	Lost      []Lost         // what of the file that it was made from could not be taken over
	Cautions  *Cautions      // those that came with it; nil for those of the version that is asked now
}

// Cautions are the rules of a publication with their sources.
type Cautions struct {
	Rules   []byte // cautions.txt
	Sources []byte // sources.json
}

// ReadDraft reads a questionnaire as it is written, right or not. Fields that there are not, and more of anything than can be
// edited, are refused.
func ReadDraft(body []byte) (*Questionnaire, error) {
	if len(body) > MaxDraft {
		return nil, fmt.Errorf("questionnaire: it has more than %d bytes", MaxDraft)
	}
	q := &Questionnaire{}
	if err := decodeStrictly(body, q); err != nil {
		return nil, fmt.Errorf("questionnaire: %w", err)
	}
	return q, q.checkSize()
}

// checkSize refuses more than can be edited.
func (q *Questionnaire) checkSize() error {
	if len(q.Intake) > MaxSections {
		return refused("sections", "Max", strconv.Itoa(MaxSections))
	}
	questions := 0
	for _, s := range q.sections() {
		questions += len(s.Questions)
		for _, question := range s.Questions {
			if len(question.Options) > MaxOptions {
				return refused("options", "Name", question.Name("ja"), "Max", strconv.Itoa(MaxOptions))
			}
		}
	}
	if questions > MaxQuestions {
		return refused("questions", "Max", strconv.Itoa(MaxQuestions))
	}
	return nil
}

// Body is the questionnaire as the file of config/ has it. It is written from what ReadDraft has read; of what Parse has completed
// it would say more than was written.
func (q *Questionnaire) Body() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(q); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Clone is a questionnaire that shares nothing with q.
func (q *Questionnaire) Clone() *Questionnaire {
	body, err := json.Marshal(q)
	if err != nil {
		panic(err) // it consists of texts and numbers
	}
	copied := &Questionnaire{}
	if err := json.Unmarshal(body, copied); err != nil {
		panic(err)
	}
	return copied
}

// Taken are the ids that versions have used for sections, questions and options. None of them ever gets another meaning, because
// answers are kept by them.
type Taken map[string]bool

// TakenBy are the ids of some versions.
func TakenBy(versions ...*Questionnaire) Taken {
	taken := Taken{}
	for _, q := range versions {
		for _, question := range q.Known {
			taken[question.ID] = true
		}
		for _, s := range q.sections() {
			taken[s.ID] = true
			for _, question := range s.Questions {
				taken[question.ID] = true
				for _, o := range question.Options {
					taken[o.Code] = true
				}
			}
		}
	}
	return taken
}

// The letters with which the ids begin that are made for a draft.
const (
	sectionLetter  = "s"
	questionLetter = "q"
	optionLetter   = "o"
)

// NewSection makes the id of a section that is added.
func (d *Draft) NewSection(taken Taken) string { return d.newID(sectionLetter, taken) }

// NewQuestion makes the id of a question that is added.
func (d *Draft) NewQuestion(taken Taken) string { return d.newID(questionLetter, taken) }

// NewOption makes the code of an option that is added.
func (d *Draft) NewOption(taken Taken) string { return d.newID(optionLetter, taken) }

// newID makes an id that neither a version nor the draft has ever had: also one that the draft had and has no more is not made
// again, because a condition may still name it.
func (d *Draft) newID(letter string, taken Taken) string {
	own := TakenBy(d.Questions)
	for {
		d.Made++
		id := letter + strconv.Itoa(d.Made)
		if !taken[id] && !own[id] && !slices.Contains(ReservedQuestions, id) && !slices.Contains(ReservedSections, id) {
			return id
		}
	}
}

// ErrNoPlace is the answer to an edit of what is not there (any more).
var ErrNoPlace = errors.New("the draft has no such section or question")

// section is where a section stands in q; the booking's is one by its id.
func (q *Questionnaire) section(id string) *Section {
	if id == q.Booking.ID {
		return &q.Booking
	}
	for i := range q.Intake {
		if q.Intake[i].ID == id {
			return &q.Intake[i]
		}
	}
	return nil
}

// SectionOf finds the section with a question, and where in it the question stands.
func (q *Questionnaire) SectionOf(questionID string) (s Section, at int, ok bool) {
	for _, s := range q.sections() {
		for i, question := range s.Questions {
			if question.ID == questionID {
				return s, i, true
			}
		}
	}
	return Section{}, 0, false
}

// All are the sections in the order in which they are asked, the booking's first.
func (q *Questionnaire) All() []Section { return q.sections() }

// The parts of a draft that are edited on pages of their own, beside its sections and questions. No id has such a name.
const (
	OrderPart = "-order" // which sections and questions there are, and in which order
	RolesPart = "-roles" // uses and summary

	// BegunPart has changed once, when the draft was begun. What was drawn before that was drawn from another draft.
	BegunPart = "-begun"
)

// CellPart and CausePart are the parts that a cell of the strip and a cause are.
func CellPart(id string) string { return "-strip-" + id }

// CausePart is the part that a cause is.
func CausePart(id string) string { return "-cause-" + id }

// ChangedIn is the revision in which a part changed last: a section or a question by its id, or one of the parts above. Whatever the draft
// has is new to whoever has seen the one before alone.
func (d *Draft) ChangedIn(part string) int { return max(d.Changed[part], d.Changed[BegunPart]) }

// Begin makes it the draft that follows another: its revisions and the ids that are made for it go on where those of the other ended.
func (d *Draft) Begin(before Draft) {
	d.Revision, d.Made = before.Revision+1, max(d.Made, before.Made)
	d.Changed = map[string]int{BegunPart: d.Revision}
}

// IsOfAnother reports whether a page was drawn from a draft before this one. A page that does not say from which is taken for one of this.
func (d *Draft) IsOfAnother(seen int) bool { return seen > 0 && seen < d.Changed[BegunPart] }

// Edit changes the draft by f and counts it as a revision in which some parts have changed. A cell of the strip or a cause that is another
// afterwards has changed as well, and so have the questions of which it tells something else. When f fails, the draft is as it was.
func (d *Draft) Edit(f func(*Draft) error, parts ...string) error {
	before := *d
	d.Questions, d.Changed = d.Questions.Clone(), maps.Clone(d.Changed)
	if err := f(d); err != nil {
		*d = before
		return err
	}
	if d.Changed == nil {
		d.Changed = map[string]int{}
	}
	d.Revision++
	for _, part := range append(toldOtherwise(before.Questions, d.Questions), parts...) {
		d.Changed[part] = d.Revision
	}
	return nil
}

// toldOtherwise are the cells and causes of after that were others before, with the questions of which they tell something else.
func toldOtherwise(before, after *Questionnaire) (parts []string) {
	for _, now := range after.Cells {
		was, _ := before.Cell(now.ID)
		if reflect.DeepEqual(was, now) {
			continue
		}
		parts = append(parts, CellPart(now.ID))
		for _, p := range slices.Concat(was.Questions, now.Questions) {
			same := func(other Part) bool { return other.Question == p.Question }
			if slices.ContainsFunc(was.Questions, same) != slices.ContainsFunc(now.Questions, same) {
				parts = append(parts, p.Question)
			}
		}
	}
	for _, now := range after.Causes {
		was, _ := before.Cause(now.ID)
		if reflect.DeepEqual(was, now) {
			continue
		}
		parts = append(parts, CausePart(now.ID))
		for _, s := range slices.Concat(was.Signs, now.Signs) {
			if !reflect.DeepEqual(was.sign(s.Question), now.sign(s.Question)) {
				parts = append(parts, s.Question)
			}
		}
	}
	return parts
}

func (c Cause) sign(question string) Sign {
	for _, s := range c.Signs {
		if s.Question == question {
			return s
		}
	}
	return Sign{}
}

// IsID reports whether a text can be the id of a section or a question, or the code of an option.
func IsID(s string) bool { return isCode(s) }

// DecodePart reads JSON over a part of a questionnaire, such as a Question, and refuses fields that it has not.
func DecodePart(text []byte, part any) error { return decodeStrictly(text, part) }
