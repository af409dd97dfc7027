package fhir

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"madoguchi/internal/intake"
)

// response is a QuestionnaireResponse, as far as it is used. It names nobody: whose answers they are is known to whoever asks for them.
type response struct {
	ResourceType  string         `json:"resourceType"`
	Language      string         `json:"language,omitempty"`
	Questionnaire string         `json:"questionnaire"`
	Status        string         `json:"status"`
	Authored      string         `json:"authored,omitempty"`
	Item          []responseItem `json:"item,omitempty"`
}

type responseItem struct {
	LinkID string         `json:"linkId"`
	Text   string         `json:"text,omitempty"`
	Answer []answer       `json:"answer,omitempty"`
	Item   []responseItem `json:"item,omitempty"`
}

type answer struct {
	ValueCoding  *coding      `json:"valueCoding,omitempty"`
	ValueInteger *json.Number `json:"valueInteger,omitempty"`
	ValueDecimal *json.Number `json:"valueDecimal,omitempty"`
	ValueString  *string      `json:"valueString,omitempty"`
}

// WriteResponse is one patient's intake as a QuestionnaireResponse to the version that they were asked. Of the answers it has those that
// count: what a later answer has hidden is left out.
func WriteResponse(q *intake.Questionnaire, r intake.Record, f intake.Facts, canonical string) ([]byte, error) {
	w := writer{q: q, canonical: strings.TrimSuffix(canonical, "/")}
	out := response{
		ResourceType: "QuestionnaireResponse", Language: "ja", Questionnaire: w.canonical + "/Questionnaire/intake|" + q.Version, Status: "in-progress",
	}
	if r.CompletedAt != nil {
		out.Status = "completed"
	}
	if !r.UpdatedAt.IsZero() {
		out.Authored = r.UpdatedAt.UTC().Format(time.RFC3339)
	}
	answers := q.Prune(r.Answers, f)
	for _, s := range q.Intake {
		group := responseItem{LinkID: sectionPrefix + s.ID, Text: s.Title.JA}
		for _, question := range s.Questions {
			values := answers[question.ID]
			if len(values) == 0 {
				continue
			}
			each := responseItem{LinkID: question.ID, Text: question.Label.JA}
			for _, v := range values {
				each.Answer = append(each.Answer, w.answer(question, v))
			}
			group.Item = append(group.Item, each)
		}
		if len(group.Item) > 0 {
			out.Item = append(out.Item, group)
		}
	}
	return encode(out)
}

func (w writer) answer(q intake.Question, value string) answer {
	switch q.Kind {
	case intake.One, intake.Many, intake.Agree:
		c := coding{System: w.system(q), Code: value}
		if o, ok := q.Option(value); ok {
			c.Display = o.JA
		}
		return answer{ValueCoding: &c}
	case intake.Number, intake.Scale:
		n := json.Number(value)
		if _, err := strconv.ParseInt(value, 10, 32); err == nil && q.Decimals == 0 {
			return answer{ValueInteger: &n}
		}
		if _, err := strconv.ParseFloat(value, 64); err == nil && json.Valid([]byte(value)) {
			return answer{ValueDecimal: &n}
		}
	case intake.LongText:
	}
	return answer{ValueString: &value}
}
