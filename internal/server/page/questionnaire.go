package page

import (
	"context"

	"madoguchi/internal/intake"
)

// QuestionnaireOf is the version that the patient of a booking is asked, by the booking's version. Where a booking has
// none, because nothing was asked with it, it is the current one.
func (s *Site) QuestionnaireOf(ctx context.Context, version string) (*intake.Questionnaire, error) {
	if version == "" {
		return s.Store.CurrentQuestionnaire(ctx)
	}
	return s.Store.Questionnaire(ctx, version)
}

// QuestionByID is a question of q, or else of the newest version that has it. One that no version has is nothing but its
// id.
func (s *Site) QuestionByID(ctx context.Context, q *intake.Questionnaire, id string) (intake.Question, error) {
	if question, ok := q.Question(id); ok {
		return question, nil
	}
	all, err := s.Store.Questionnaires(ctx)
	if err != nil {
		return intake.Question{}, err
	}
	for _, other := range all {
		if question, ok := other.Question(id); ok {
			return question, nil
		}
	}
	return intake.Question{ID: id, Kind: intake.LongText}, nil
}
