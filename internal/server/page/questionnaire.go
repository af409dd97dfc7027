package page

import (
	"context"

	"madoguchi/internal/intake"
)

// CurrentQuestionnaire is what is asked of whoever books now.
func (s *Site) CurrentQuestionnaire(context.Context) (*intake.Questionnaire, error) {
	return s.Questions, nil
}

// QuestionnaireOf is the version that the patient of a booking was asked.
func (s *Site) QuestionnaireOf(context.Context, string) (*intake.Questionnaire, error) {
	return s.Questions, nil
}

// QuestionByID is a question of q, or else of the newest version that has it. One that no version has is nothing but its
// id.
func (s *Site) QuestionByID(_ context.Context, q *intake.Questionnaire, id string) (intake.Question, error) {
	question, ok := q.Question(id)
	if !ok {
		question = intake.Question{ID: id}
	}
	return question, nil
}
