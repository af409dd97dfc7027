package intake

// Uses names the questions that the program itself works with, by their ids. Everything else is only asked and shown.
type Uses struct {
	Areas        string `json:"areas"`                  // the booking's question of the body areas: the fact "areas", the figure, links of articles
	MainArea     string `json:"main_area,omitempty"`    // which area troubles the patient most: stronger on the figure
	Height       string `json:"height,omitempty"`       // in cm; with Weight it gives the BMI
	Weight       string `json:"weight,omitempty"`       // in kg
	Guardian     string `json:"guardian,omitempty"`     // how a minor's guardian agrees; the API cannot ask it
	Interest     string `json:"interest,omitempty"`     // what the patient would like to hear about; options called like treatments name them
	Privacy      string `json:"privacy"`                // the required consent to the handling of personal and health data
	Cancellation string `json:"cancellation,omitempty"` // the consent to the rules for changes and cancellations
}

// check refuses a use that the question cannot serve. That of the areas is checked earlier, because conditions need it.
func (u Uses) check(q *Questionnaire) error {
	booking := scopeOf(q.Booking)
	intake := scopeOf(q.Intake...)
	consent := booking[u.Privacy]
	switch {
	case u.Areas != FactAreas && q.asks(FactAreas):
		return atQuestion(FactAreas).because(": conditions mean the answer to %q by this name", u.Areas)
	case consent.Kind != Agree || !consent.Required:
		return Refusal{Part: "uses"}.because("uses privacy: %q is no required %s of the booking", u.Privacy, Agree)
	case (u.Height == "") != (u.Weight == ""):
		return Refusal{Part: "uses"}.because("uses height and weight: both are needed, or neither")
	}
	for _, use := range []struct {
		name, id string
		among    scope
		good     func(Question) bool
		want     string
	}{
		{"main_area", u.MainArea, intake, func(q Question) bool { return q.Kind == One && q.OptionsOf == u.Areas }, "question of the intake with one of the options of the areas"},
		{"height", u.Height, intake, func(q Question) bool { return q.Kind == Number && q.Unit == "cm" }, "number in cm of the intake"},
		{"weight", u.Weight, intake, func(q Question) bool { return q.Kind == Number && q.Unit == "kg" }, "number in kg of the intake"},
		{"interest", u.Interest, intake, func(q Question) bool { return q.Kind == Many }, "question of the intake of type many"},
		{"guardian", u.Guardian, booking, func(q Question) bool { return q.Kind == One }, "question of the booking of type one"},
		{"cancellation", u.Cancellation, booking, func(q Question) bool { return q.Kind == Agree }, "consent of the booking"},
	} {
		if question, ok := use.among[use.id]; use.id != "" && (!ok || !use.good(question)) {
			return Refusal{Part: "uses"}.because("uses "+use.name+": %q is no "+use.want, use.id)
		}
	}
	return nil
}

// scopeOf are the questions of some sections by their ids.
func scopeOf(sections ...Section) scope {
	out := scope{}
	for _, s := range sections {
		for _, question := range s.Questions {
			out[question.ID] = question
		}
	}
	return out
}

// Areas is the question of the booking whose options are the body areas.
func (q *Questionnaire) Areas() Question {
	question, _ := q.Question(q.Uses.Areas)
	return question
}
