package intake

import (
	"slices"
	"strconv"

	"madoguchi/internal/clinic"
)

// Answers holds what was answered by question id: option codes, or one number or text. A question without an answer has
// no entry.
type Answers map[string][]string

// Facts is what is known about the patient from the booking and may decide what is asked: the conditions' age, sex and
// areas. What is not known is left zero.
type Facts struct {
	Age   int // completed years on the day of the counseling
	Sex   string
	Areas []string
	From  clinic.Attribution // where the visitor came from
}

// The names that the facts have in conditions. The areas are the answer to the question of the booking that Uses names.
const (
	FactAge   = "age"
	FactSex   = "sex"
	FactBMI   = "bmi"
	FactAreas = "areas"

	// Where the visitor came from: the body area, the article and the campaign of the link. No id of a question can have such
	// a name.
	FactFromArea     = "from-area"
	FactFromArticle  = "from-article"
	FactFromCampaign = "from-campaign"
)

// sourceFacts are what is told of where a visitor came from. Unlike the other facts they are always known: a visitor without
// a link came from nowhere.
var sourceFacts = []Question{
	{ID: FactFromArea, Kind: One, Label: Text{"きっかけのページの部位", "Area of the page they came from"}},
	{ID: FactFromArticle, Kind: LongText, Label: Text{"きっかけの記事", "Article they came from"}},
	{ID: FactFromCampaign, Kind: LongText, Label: Text{"きっかけのご案内", "Campaign they came from"}},
}

func isSourceFact(name string) bool {
	return slices.ContainsFunc(sourceFacts, func(q Question) bool { return q.ID == name })
}

// isSourceCode reports whether s can be the code of an article or campaign, as clinic.CleanAttribution keeps them.
func isSourceCode(s string) bool {
	return s != "" && clinic.CleanAttribution(clinic.Attribution{Article: s}, nil).Article == s
}

// FactsOf gathers the facts about a patient, who came by a link, if by any, and answered the booking's questions so. on is the day of the counseling at
// the branch: the age on that day counts, and it stays the same however long the patient takes to answer. Without a birth
// date it is not known.
func (q *Questionnaire) FactsOf(p clinic.Patient, details clinic.Details, on clinic.Date) Facts {
	f := Facts{Sex: string(p.Sex), Areas: details.Answers[q.Uses.Areas], From: details.Attribution}
	if !p.Birth.IsZero() {
		f.Age = p.Birth.Age(on)
	}
	return f
}

// FactsFor gathers the facts about the patient of an appointment.
func (q *Questionnaire) FactsFor(a clinic.Appointment) Facts {
	on := clinic.DateOf(a.Slot.StartsAt, a.Branch.Location())
	return q.FactsOf(a.Patient, a.Booking.Details, on)
}

// values returns a fact in the form of an answer, and whether the name is one of a fact at all.
func (f Facts) values(name string) (values []string, isFact bool) {
	switch {
	case name == FactAge && f.Age > 0:
		return []string{strconv.Itoa(f.Age)}, true
	case name == FactSex && f.Sex != "":
		return []string{f.Sex}, true
	case name == FactAreas:
		return f.Areas, true
	case name == FactFromArea && f.From.Area != "":
		return []string{f.From.Area}, true
	case name == FactFromArticle && f.From.Article != "":
		return []string{f.From.Article}, true
	case name == FactFromCampaign && f.From.Campaign != "":
		return []string{f.From.Campaign}, true
	}
	return nil, name == FactAge || name == FactSex || isSourceFact(name)
}
