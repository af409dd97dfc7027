package intake

import (
	"slices"
	"time"

	"madoguchi/internal/clinic"
)

// Record is one patient's intake as it is stored.
type Record struct {
	BookingID   string
	Revision    int    // how often it was saved
	Version     string // of the questionnaire that is asked: the booking's
	Answers     Answers
	Done        []string // ids of the sections that were sent in good order, in the questionnaire's order
	CompletedAt *time.Time
	UpdatedAt   time.Time
}

// Consents are the agreements among the answers of the booking, to the version of the texts that was shown.
func (q *Questionnaire) Consents(a Answers, version string, at time.Time) []clinic.Consent {
	var out []clinic.Consent
	for _, question := range q.Booking.Questions {
		if question.Kind == Agree && len(a[question.ID]) > 0 {
			out = append(out, clinic.Consent{Kind: question.ID, Version: version, At: at})
		}
	}
	return out
}

// Answer takes the form of one section into a record. With errors the record comes back as it was. The record is
// completed at the instant at which nothing remains, and is so no longer should a later change ask something new.
func (q *Questionnaire) Answer(r Record, s Section, raw map[string][]string, f Facts, now time.Time) (Record, clinic.Errors) {
	answers, errs := q.CheckSection(s, raw, r.Answers, f)
	if len(errs) > 0 {
		return r, errs
	}
	done := r.Done
	r.Done = nil
	for _, each := range q.Intake {
		if each.ID == s.ID || slices.Contains(done, each.ID) {
			r.Done = append(r.Done, each.ID)
		}
	}
	r.Answers, r.UpdatedAt = answers, now
	switch complete := q.Complete(r, f); {
	case !complete:
		r.CompletedAt = nil
	case r.CompletedAt == nil:
		r.CompletedAt = &now
	}
	return r, nil
}

// Postpone takes the good answers of a section that the patient puts off half-way, so that they find them again. The
// section remains to be sent.
func (q *Questionnaire) Postpone(r Record, s Section, raw map[string][]string, f Facts, now time.Time) Record {
	r.Answers, _ = q.CheckSection(s, raw, r.Answers, f)
	r.Done = slices.DeleteFunc(slices.Clone(r.Done), func(id string) bool { return id == s.ID })
	r.UpdatedAt, r.CompletedAt = now, nil
	return r
}

// Remaining are the sections still to be sent, in order: those never sent in good order, and those in which a change
// elsewhere has since asked something that is not answered. A section without a visible question is not asked for.
func (q *Questionnaire) Remaining(r Record, f Facts) []Section {
	var out []Section
	for _, s := range q.Asked(r, f) {
		_, errs := q.CheckSection(s, r.Answers, r.Answers, f)
		if len(errs) > 0 || !slices.Contains(r.Done, s.ID) {
			out = append(out, s)
		}
	}
	return out
}

// Progress counts the sections that are done and those that are asked.
func (q *Questionnaire) Progress(r Record, f Facts) (done, total int) {
	total = len(q.Asked(r, f))
	return total - len(q.Remaining(r, f)), total
}

// Complete reports whether nothing remains.
func (q *Questionnaire) Complete(r Record, f Facts) bool { return len(q.Remaining(r, f)) == 0 }

// Asked are the sections of the intake with a visible question, in order.
func (q *Questionnaire) Asked(r Record, f Facts) []Section {
	visible := q.Visible(r.Answers, f)
	var out []Section
	for _, s := range q.Intake {
		if slices.ContainsFunc(s.Questions, func(question Question) bool { return visible[question.ID] }) {
			out = append(out, s)
		}
	}
	return out
}
