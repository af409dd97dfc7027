package intake

import "slices"

// MoveSection puts a section of the intake to a place among them, from 0; a place beyond an end is that end.
func (q *Questionnaire) MoveSection(id string, to int) error {
	at := slices.IndexFunc(q.Intake, func(s Section) bool { return s.ID == id })
	if at < 0 {
		return ErrNoPlace
	}
	moved := q.Intake[at]
	rest := slices.Delete(q.Intake, at, at+1)
	q.Intake = slices.Insert(rest, min(max(to, 0), len(rest)), moved)
	return nil
}

// MoveQuestion puts a question to a place in a section, from 0. It stays with the booking or with the intake, because its answers
// are kept with the one or the other.
func (q *Questionnaire) MoveQuestion(id, sectionID string, to int) error {
	from, at, ok := q.SectionOf(id)
	if !ok || q.section(sectionID) == nil || (from.ID == q.Booking.ID) != (sectionID == q.Booking.ID) {
		return ErrNoPlace
	}
	source := q.section(from.ID)
	moved := source.Questions[at]
	source.Questions = slices.Delete(source.Questions, at, at+1)
	target := q.section(sectionID)
	target.Questions = slices.Insert(target.Questions, min(max(to, 0), len(target.Questions)), moved)
	return nil
}

// Step puts a section or a question one place up (-1) or down (1). A question at the end of its section goes on into the next one.
func (q *Questionnaire) Step(section bool, id string, by int) error {
	if section {
		at := slices.IndexFunc(q.Intake, func(s Section) bool { return s.ID == id })
		return q.MoveSection(id, at+by)
	}
	s, at, ok := q.SectionOf(id)
	if !ok {
		return ErrNoPlace
	}
	to := at + by
	if to >= 0 && to < len(s.Questions) || s.ID == q.Booking.ID {
		return q.MoveQuestion(id, s.ID, to)
	}
	next := slices.IndexFunc(q.Intake, func(each Section) bool { return each.ID == s.ID }) + by
	switch {
	case next < 0 || next >= len(q.Intake):
		return nil
	case by < 0:
		return q.MoveQuestion(id, q.Intake[next].ID, len(q.Intake[next].Questions))
	}
	return q.MoveQuestion(id, q.Intake[next].ID, 0)
}

// PutSection puts a section before another; behind all where that is empty or not there.
func (q *Questionnaire) PutSection(id, before string) error {
	at := slices.IndexFunc(q.Intake, func(s Section) bool { return s.ID == id })
	to := slices.IndexFunc(q.Intake, func(s Section) bool { return s.ID == before })
	switch {
	case to < 0:
		to = len(q.Intake)
	case at < to:
		to--
	}
	return q.MoveSection(id, to)
}

// PutQuestion puts a question before another of a section; behind all where that is empty or not there.
func (q *Questionnaire) PutQuestion(id, sectionID, before string) error {
	if id == before {
		return nil
	}
	s := q.section(sectionID)
	if s == nil {
		return ErrNoPlace
	}
	rest := slices.DeleteFunc(slices.Clone(s.Questions), func(question Question) bool { return question.ID == id })
	to := slices.IndexFunc(rest, func(question Question) bool { return question.ID == before })
	if to < 0 {
		to = len(rest)
	}
	return q.MoveQuestion(id, sectionID, to)
}
