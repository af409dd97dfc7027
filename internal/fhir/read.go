package fhir

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

// maxDepth is how deeply groups may lie in groups.
const maxDepth = 12

// Read reads a Questionnaire from anywhere into a draft, without publishing or storing anything. What only we have, such as the
// booking's section and the uses, is taken from now, the version that is asked, where the resource does not bring it. The draft names
// the items of which something could not be taken over. What cannot be read at all is refused with a *clinic.Error.
func Read(data []byte, now *intake.Questionnaire, taken intake.Taken) (d intake.Draft, err error) {
	if len(data) > intake.MaxDraft {
		return d, refuse("error.questionnaire.import.long")
	}
	if !utf8.Valid(data) {
		return d, refuse("error.questionnaire.import.json")
	}
	var resource Questionnaire
	if err := json.Unmarshal(data, &resource); err != nil {
		return d, refuse("error.questionnaire.import.json")
	}
	if resource.ResourceType != "Questionnaire" {
		return d, refuse("error.questionnaire.import.resource")
	}
	r := &reader{now: now, taken: maps.Clone(taken), fromUs: own(resource.Extension, "uses") != nil, ids: map[string]string{}, codes: map[[2]string]string{}, english: strings.HasPrefix(resource.Language, "en")}
	r.draft = intake.Draft{Questions: &intake.Questionnaire{}}
	if err := r.top(resource); err != nil {
		return d, err
	}
	body, err := r.draft.Questions.Body()
	if err != nil {
		return d, refuse("error.questionnaire.import.json")
	}
	// Read as any other, so that nothing gets in that could not be written.
	if r.draft.Questions, err = intake.ReadDraft(body); err != nil {
		return d, refuse("error.questionnaire.import.large")
	}
	r.draft.Questions.Tidy()
	r.draft.Lost = r.said()
	return r.draft, nil
}

func refuse(message string, args ...string) *clinic.Error {
	e := &clinic.Error{Code: clinic.Invalid, Field: "file", Message: message, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		e.Args[args[i]] = args[i+1]
	}
	return e
}

type reader struct {
	now     *intake.Questionnaire
	taken   intake.Taken
	draft   intake.Draft
	ids     map[string]string    // of questions, by linkId
	codes   map[[2]string]string // of options, by linkId and code
	asked   []readItem           // the questions with a condition to be read once all are known
	count   int
	fromUs  bool // it was written by this program, so that its ids mean what they mean here
	known   bool // what is known without asking is being read: its ids are those of facts
	english bool // the texts are English, and what is translated is not
	lost    []intake.Lost
	written writer
}

func (r *reader) top(resource Questionnaire) error {
	q := r.draft.Questions
	fields := map[string]json.RawMessage{}
	r.fields(resource.Extension, fields, "version", "known", "booking", "intake")
	q.Version = clinic.Showable(resource.Version)
	var loose []item // questions that stand in no group
	for _, it := range resource.Item {
		switch {
		case it.LinkID == knownGroup && it.ReadOnly && r.fromUs:
			r.known = true
			for _, each := range it.Item {
				if question, ok, err := r.question(each, 1); err != nil {
					return err
				} else if ok {
					q.Known = append(q.Known, question)
				}
			}
			r.known = false
		case it.Type == "group":
			if err := r.section(it); err != nil {
				return err
			}
		default:
			loose = append(loose, it)
		}
	}
	if len(loose) > 0 {
		group := item{LinkID: "loose", Type: "group", Text: resource.Title, Item: loose}
		if group.Text == "" {
			group.Text = "問診"
		}
		if err := r.section(group); err != nil {
			return err
		}
	}
	if err := into(q, fields); err != nil {
		return refuse("error.questionnaire.import.own")
	}
	r.borrow()
	r.conditions()
	if len(q.Intake) == 0 {
		return refuse("error.questionnaire.import.empty")
	}
	return nil
}

// borrow takes from the version that is asked now what the resource does not bring.
func (r *reader) borrow() {
	q, now := r.draft.Questions, r.now.Clone()
	if len(q.Known) == 0 {
		q.Known = now.Known
	}
	if len(q.Booking.Questions) == 0 {
		q.Booking = now.Booking
	}
	if q.Uses == (intake.Uses{}) {
		q.Uses = intake.Uses{Areas: now.Uses.Areas, Privacy: now.Uses.Privacy, Cancellation: now.Uses.Cancellation, Guardian: now.Uses.Guardian}
	}
}

// conditions are read last, because they name other questions.
func (r *reader) conditions() {
	q := r.draft.Questions
	r.written = writer{q: q}
	conditions := map[string]intake.Condition{}
	for _, each := range r.asked {
		conditions[each.id] = r.condition(each.item)
	}
	for _, s := range append([]*intake.Section{&q.Booking}, pointers(q.Intake)...) {
		for i := range s.Questions {
			if c, ok := conditions[s.Questions[i].ID]; ok {
				s.Questions[i].ShowIf = c
			}
		}
	}
}

func pointers(sections []intake.Section) []*intake.Section {
	out := make([]*intake.Section, len(sections))
	for i := range sections {
		out[i] = &sections[i]
	}
	return out
}

// section reads a group. Groups within it are not told apart: their questions are asked on the same page.
func (r *reader) section(group item) error {
	q := r.draft.Questions
	if len(q.Intake) >= intake.MaxSections {
		return refuse("error.questionnaire.import.large")
	}
	s := intake.Section{Code: clip(group.Prefix, 4), Title: r.text(group.Text, group.TextMore)}
	fields := map[string]json.RawMessage{}
	r.fields(group.Extension, fields, "role", "id", "title", "intro", "questions")
	if err := into(&s, fields); err != nil {
		return refuse("error.questionnaire.import.item", "Item", clip(group.LinkID, 60))
	}
	id, isOurs := strings.CutPrefix(group.LinkID, sectionPrefix)
	s.ID = id
	if !isOurs || !r.free(id) {
		s.ID = r.draft.NewSection(r.taken)
	}
	r.taken[s.ID] = true
	if len(group.EnableWhen) > 0 {
		r.lose(intake.LostCondition, group, "")
	}
	if err := r.into(&s, group.Item, 1); err != nil {
		return err
	}
	if own(group.Extension, "role").text() == bookingRole {
		q.Booking = s
		return nil
	}
	if s.Code == "" {
		s.Code = strconv.Itoa(len(q.Intake) + 1)
	}
	q.Intake = append(q.Intake, s)
	return nil
}

func (r *reader) into(s *intake.Section, items []item, depth int) error {
	if depth > maxDepth {
		return refuse("error.questionnaire.import.deep")
	}
	for _, it := range items {
		switch {
		case it.Type == "display" && strings.HasSuffix(it.LinkID, introSuffix) && s.Intro == (intake.Text{}):
			s.Intro = r.text(it.Text, it.TextMore)
		case it.Type == "display":
			r.lose(intake.LostText, it, "")
		case it.Type == "group":
			r.loseGroup(it)
			if err := r.into(s, it.Item, depth+1); err != nil {
				return err
			}
		default:
			question, ok, err := r.question(it, depth)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			s.Questions = append(s.Questions, question)
			// What FHIR asks below an answer is asked behind it.
			if err := r.into(s, slices.DeleteFunc(slices.Clone(it.Item), func(below item) bool { return below.Type == "display" }), depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// fields gathers what our own extensions say, as JSON by the names of the fields.
// Those of the names in without are read elsewhere.
func (r *reader) fields(all []extension, fields map[string]json.RawMessage, without ...string) {
	for _, e := range all {
		_, name, isOurs := strings.Cut(e.URL, ours)
		name = strings.ReplaceAll(name, "-", "_")
		if !isOurs || slices.Contains(without, name) {
			continue
		}
		var value any
		switch {
		case e.ValueBoolean != nil:
			value = *e.ValueBoolean
		case e.ValueString != nil && e.ValueStringMore != nil:
			value = intake.Text{JA: *e.ValueString, EN: e.ValueStringMore.english()}
		case e.ValueString != nil:
			value = *e.ValueString
		case find(e.Extension, "json") != nil && json.Valid([]byte(find(e.Extension, "json").text())):
			value = json.RawMessage(find(e.Extension, "json").text())
		default:
			continue
		}
		if text, err := json.Marshal(value); err == nil {
			fields[name] = text
		}
	}
}

// into puts fields into a part of the questionnaire. One that there is not, or that has another form, is an error.
func into(part any, fields map[string]json.RawMessage) error {
	if len(fields) == 0 {
		return nil
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return intake.DecodePart(text, part)
}
