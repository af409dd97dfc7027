package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
)

// Parse reads a questionnaire (its grammar is described in config/README.md) and refuses one that could not be asked:
// unknown fields, ids or option codes that occur twice, a text that is missing in one of the languages, bounds that
// leave nothing to answer, and conditions on anything but the facts and earlier questions with options they really have.
func Parse(data []byte) (*Questionnaire, error) {
	q := &Questionnaire{}
	if err := decodeStrictly(data, q); err != nil {
		return nil, fmt.Errorf("questionnaire: %w", err)
	}
	if err := q.check(); err != nil {
		return nil, fmt.Errorf("questionnaire: %w", err)
	}
	return q, nil
}

// decodeStrictly reads one JSON value and nothing after it.
func decodeStrictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the end")
	}
	return nil
}

// scope is what a condition may name: the facts and the questions so far.
type scope map[string]Question

func (q *Questionnaire) check() error {
	if q.Version == "" {
		return Refusal{}.because("it has no version")
	}
	everything := scope{}
	for i := range q.Known {
		if err := q.Known[i].check(everything, scope{}); err != nil {
			return err
		}
		everything[q.Known[i].ID] = q.Known[i]
	}
	if len(q.Known) != 3 || everything[FactAge].Kind != Number || everything[FactSex].Kind != One || everything[FactBMI].Kind != Number {
		return Refusal{Part: "known"}.because("known must describe %s (number), %s (one) and %s (number)", FactAge, FactSex, FactBMI)
	}
	facts := scope{FactAge: everything[FactAge], FactSex: everything[FactSex]}

	// Questions of the booking are no answers of the intake, so the intake knows of them only the fact "areas".
	if err := q.Booking.check(everything, scope{FactAge: facts[FactAge], FactSex: facts[FactSex]}, nil); err != nil {
		return err
	}
	areas := everything[q.Uses.Areas]
	if areas.Kind != Many {
		return Refusal{Part: "uses"}.because("uses areas: %q is no question of the booking of type %s", q.Uses.Areas, Many)
	}
	facts[FactAreas] = areas
	for _, fact := range sourceFacts {
		if fact.ID == FactFromArea {
			fact.Options = areas.Options
		}
		facts[fact.ID] = fact
	}

	if len(q.Intake) == 0 {
		return Refusal{Part: "intake"}.because("the intake has no section")
	}
	ids := map[string]bool{q.Booking.ID: true}
	for i := range q.Intake {
		s := &q.Intake[i]
		if ids[s.ID] {
			return atSection(s.ID).because(" occurs twice")
		}
		ids[s.ID] = true
		if err := s.check(everything, facts, maps.Clone(facts)); err != nil {
			return err
		}
	}
	if err := q.checkDerived(everything); err != nil {
		return err
	}
	if err := q.checkReserved(); err != nil {
		return err
	}
	if err := q.Uses.check(q); err != nil {
		return err
	}
	if err := q.Summary.check(q); err != nil {
		return err
	}
	return errors.Join(q.checkZones(), q.checkCauses(), q.checkFacts(), q.checkCells(), q.checkContradictions())
}

// check checks the section and adds its questions to everything, and to what later conditions may name. before is what the
// conditions may name that decide how the page is drawn; it is nil for the booking's, of which nothing is known beforehand.
func (s *Section) check(everything, nameable, before scope) error {
	where := atSection(s.ID)
	if !isCode(s.ID) || s.Code == "" {
		return where.because(": an id (small letters, digits, underscores) and a code are needed")
	}
	if err := errors.Join(needText(where.in(" title"), s.Title), allowText(where.in(" intro"), s.Intro)); err != nil {
		return err
	}
	if len(s.Questions) == 0 {
		return where.because(" has no question")
	}
	for i := range s.Questions {
		question := &s.Questions[i]
		if err := errors.Join(question.check(everything, nameable), question.checkDrawn(before)); err != nil {
			return err
		}
		if before == nil && question.DoctorOnly {
			return atQuestion(question.ID).because(": what is asked with the booking is not for the doctor alone")
		}
		everything[question.ID], nameable[question.ID] = *question, *question
	}
	return nil
}

// check checks a question and completes it: borrowed options are copied in, and NoneCode joins Excludes.
func (q *Question) check(everything, nameable scope) error {
	where := atQuestion(q.ID)
	if !isCode(q.ID) {
		return where.because(": an id is small letters, digits and underscores")
	}
	if _, again := everything[q.ID]; again {
		return where.because(" occurs twice")
	}
	if err := errors.Join(needText(where, q.Label), allowText(where.in(" short"), q.Short), allowText(where.in(" help"), q.Help)); err != nil {
		return err
	}
	if q.OptionsOf != "" {
		lender, ok := everything[q.OptionsOf]
		if !ok || len(q.Options) > 0 {
			return where.because(": options_of wants an earlier question and no options of its own")
		}
		q.Options = lender.Options
	}
	if q.Kind == Many && q.option(NoneCode) && !q.Exclusive(NoneCode) {
		q.Excludes = append(q.Excludes, NoneCode)
	}
	if err := errors.Join(q.checkOptions(where), q.checkBounds(where)); err != nil {
		return err
	}
	if err := q.ShowIf.check(nameable); err != nil {
		return where.of(err)
	}
	return nil
}

// checkDrawn checks the conditions that decide how the question is drawn: on facts and on questions of earlier pages.
func (q *Question) checkDrawn(before scope) error {
	where := atQuestion(q.ID)
	if len(q.RequiredIf.Any) > 0 && q.Required {
		return where.because(" is required in any case, so required_if says nothing")
	}
	for _, t := range q.ShowIf.Tests() {
		if _, earlier := before[t.Question]; t.Op == Unanswered && !earlier {
			return where.because(": whether %q was left empty is known on a later page only", t.Question)
		}
	}
	if err := q.RequiredIf.check(before); err != nil {
		return where.in(" required_if").of(err)
	}
	for _, o := range q.Options {
		if err := o.ShowIf.check(before); err != nil {
			return where.in(" option ", o.Code).of(err)
		}
		if q.Kind == Agree && len(o.ShowIf.Any) > 0 {
			return where.in(" option ", o.Code).because(": a consent is always offered")
		}
	}
	return nil
}

func (q *Question) checkOptions(where Refusal) error {
	switch q.Kind {
	case One, Many:
		if len(q.Options) == 0 {
			return where.because(" has no options")
		}
	case Agree:
		if len(q.Options) != 1 || q.Options[0].Code != Agreed {
			return where.because(": a consent has the one option %q", Agreed)
		}
	case Number, Scale, LongText:
		if len(q.Options) > 0 {
			return where.because(": %s has no options", q.Kind)
		}
	default:
		return where.because(": unknown type %q", q.Kind)
	}
	seen := map[string]bool{}
	for _, o := range q.Options {
		if !isCode(o.Code) || seen[o.Code] {
			return where.because(": option code %q is wrong or occurs twice", o.Code)
		}
		seen[o.Code] = true
		if err := errors.Join(needText(where.in(" option ", o.Code), o.Text), allowText(where.in(" option ", o.Code).in(" short"), o.Short)); err != nil {
			return err
		}
	}
	for _, code := range q.Excludes {
		if q.Kind != Many || !seen[code] {
			return where.because(": excludes names %q, which is no option of a question of type %s", code, Many)
		}
	}
	return nil
}

func (q *Question) checkBounds(where Refusal) error {
	bounded := q.Kind == Number || q.Kind == Scale
	switch {
	case bounded && (q.Min < 0 || q.Min >= q.Max):
		return where.because(": min and max leave nothing to answer")
	case q.Decimals < 0 || q.Decimals > 3 || q.Kind == Scale && q.Decimals != 0:
		return where.because(": decimals must be 0 to 3, and 0 for a scale")
	case !bounded && (q.Min != 0 || q.Max != 0 || q.Decimals != 0), q.Kind != Number && q.Unit != "":
		return where.because(": min, max, decimals and unit belong to numbers")
	}
	return nil
}

func (q Question) option(code string) bool {
	_, ok := q.Option(code)
	return ok
}

// check refuses names that may not be used here and values that the question cannot have.
func (c Condition) check(nameable scope) error {
	for _, all := range c.Any {
		if len(all) == 0 {
			return Refusal{}.because("an alternative of the condition tests nothing")
		}
		for _, t := range all {
			if err := t.checkNames(nameable); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t Test) checkNames(nameable scope) error {
	named, ok := nameable[t.Question]
	_, isFact := Facts{}.values(t.Question)
	switch {
	case !ok:
		return Refusal{}.because("the condition names %q, which is neither a fact nor an earlier question", t.Question)
	case t.Op == Unanswered:
		if isFact || t.Question == FactAreas || t.Question == FactBMI {
			return Refusal{}.because("the condition asks whether %q was left empty, which is no question of the intake", t.Question)
		}
		return nil
	case t.Op.counting():
		if named.Kind != Many {
			return Refusal{}.because("the condition counts the options of %q, which is no question of type %s", t.Question, Many)
		}
		return nil
	case t.Op.ordering():
		if named.Kind != Number && named.Kind != Scale {
			return Refusal{}.because("the condition compares %q, which is no number", t.Question)
		}
		return nil
	case isSourceFact(t.Question) && t.Question != FactFromArea:
		return nil // the clinic's articles and campaigns are not listed anywhere
	}
	for _, v := range t.Values {
		if !named.option(v) {
			return Refusal{}.because("the condition names %q, which is no option of %q", v, t.Question)
		}
	}
	return nil
}

func needText(where Refusal, t Text) error {
	if strings.TrimSpace(t.JA) == "" || strings.TrimSpace(t.EN) == "" {
		return where.because(": the text is missing in Japanese or in English")
	}
	return nil
}

// allowText accepts a text in both languages or in none.
func allowText(where Refusal, t Text) error {
	if t == (Text{}) {
		return nil
	}
	return needText(where, t)
}
