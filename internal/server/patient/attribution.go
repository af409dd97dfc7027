package patient

import (
	"net/url"

	"madoguchi/internal/clinic"
	view "madoguchi/web/patient"
)

// areasQuestion is the question of the booking whose options are the body areas.
const areasQuestion = "areas"

// attribution is what the visitor brought from an article, cleaned. values are the query of a page or the form of a post.
func (p *Pages) attribution(values url.Values) view.Attribution {
	question, _ := p.Questions.Question(areasQuestion)
	codes := make([]string, len(question.Options))
	for i, o := range question.Options {
		codes[i] = o.Code
	}
	t := view.Attribution{Attribution: clinic.CleanAttribution(clinic.Attribution{
		Area: values.Get("area"), Article: values.Get("article"), Campaign: values.Get("campaign"),
	}, codes)}
	for _, o := range question.Options {
		if o.Code == t.Attribution.Area {
			t.Area = o.Text
		}
	}
	return t
}

// attributionQuery adds the attribution to a query that a redirect carries on.
func attributionQuery(t view.Attribution, query url.Values) url.Values {
	for name, value := range map[string]string{"area": t.Attribution.Area, "article": t.Article, "campaign": t.Campaign} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}
