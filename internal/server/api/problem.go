package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// Problem is a refusal as RFC 9457 has it, with the code of the rule and the fields that are wrong.
type Problem struct {
	Title  string  `json:"title" doc:"The HTTP status in words"`
	Status int     `json:"status" doc:"The HTTP status"`
	Detail string  `json:"detail,omitempty" doc:"What is wrong, as a sentence in the language of Accept-Language (ja or en)"`
	Code   string  `json:"code,omitempty" doc:"What is wrong, as a word that does not change" example:"slot_taken"`
	Errors []Field `json:"errors,omitempty" doc:"Each field that is wrong"`
}

// Field is one wrong field. What was sent is not repeated: it is personal data.
type Field struct {
	Location string `json:"location" doc:"Where it is" example:"body.patient.family_name"`
	Message  string `json:"message" doc:"What is wrong with it, as a sentence"`
}

// Error is the developer's view.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return ProblemType }

// NewProblem is a refusal before or beside the calls; err may be nil.
func NewProblem(ctx context.Context, status int, err *clinic.Error) *Problem {
	p := &Problem{Title: http.StatusText(status), Status: status}
	if err != nil {
		p.Code, p.Detail = string(err.Code), web.LocaleOf(ctx).Sentence(err)
	}
	return p
}

// newProblem makes a Problem of what the library itself finds wrong with a call.
func newProblem(status int, message string, errs ...error) huma.StatusError {
	p := &Problem{Title: http.StatusText(status), Status: status, Detail: message}
	if status == http.StatusUnprocessableEntity {
		p.Code = string(clinic.Invalid)
	}
	for _, err := range errs {
		var detail huma.ErrorDetailer
		if errors.As(err, &detail) {
			d := detail.ErrorDetail()
			p.Errors = append(p.Errors, Field{d.Location, d.Message})
		}
	}
	return p
}

// refuse makes a Problem of an error of the store or a rule. A failure inside is logged and told by its status alone.
func (a *API) refuse(ctx context.Context, err error) error {
	status := a.status(ctx, err)
	p := &Problem{Title: http.StatusText(status), Status: status, Code: string(clinic.CodeOf(err))}
	l := web.LocaleOf(ctx)
	var several clinic.Errors
	var one *clinic.Error
	switch {
	case errors.As(err, &several):
		p.Detail = l.T("error.fields")
		for _, e := range several {
			p.Errors = append(p.Errors, Field{location(e.Field), l.Sentence(e)})
		}
	case errors.As(err, &one):
		p.Detail = l.Sentence(one)
		if one.Field != "" && one.Code == clinic.Invalid {
			p.Errors = []Field{{location(one.Field), p.Detail}}
		}
	}
	return p
}

// location is where a rule's field stands in the call.
func location(field string) string {
	switch field {
	case "family_name", "given_name", "family_kana", "given_kana", "birth_date", "sex", "phone", "email":
		return "body.patient." + field
	case "branch", "from", "days":
		return "query." + field
	}
	return "body." + field
}
