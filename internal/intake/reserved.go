package intake

import "slices"

// A section's id is part of the address of its page, and a question's id is the name of a field and the id of an element
// on a page that has others. The names that these pages use for themselves are no ids; a test in internal/server finds
// those that are really used and holds the lists to them.
//
// The lists are closed. A name added to them would make a published questionnaire that has it unreadable, so a new page or
// field gets a name that no id can have, such as one with a hyphen.
var (
	// ReservedSections are the pages beside the sections, under /intake/TOKEN/.
	ReservedSections = []string{"done", "review"}

	// ReservedQuestions are the fields, the elements and the element properties that patients' forms use.
	ReservedQuestions = []string{
		"another", "area", "article", "asked", "back", "branch", "campaign", "change_slot", "doctor", "hold", "key", "lang", "next", "slot", "version", "week", "women",
		"birth_date", "birth_day", "birth_month", "birth_year", "email", "family_kana", "family_name", "given_kana", "given_name", "phone", "sex",
		"about", "consents", "main", "offers", "person", "wrongs",
		"dataset", "elements", "method", "querySelector",
	}
)

func (q *Questionnaire) checkReserved() error {
	for _, s := range q.Intake {
		if slices.Contains(ReservedSections, s.ID) {
			return atSection(s.ID).because(": another page has this name")
		}
	}
	for _, s := range q.sections() {
		for _, question := range s.Questions {
			if slices.Contains(ReservedQuestions, question.ID) {
				return atQuestion(question.ID).because(": the forms use this name themselves")
			}
		}
	}
	return nil
}
