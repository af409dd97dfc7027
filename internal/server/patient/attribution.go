package patient

import (
	"net/url"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	view "madoguchi/web/patient"
)

// attribution is what the visitor brought from an article, cleaned. values are the query of a page or the form of a post.
func (p *Pages) attribution(c *gin.Context, values url.Values) (view.Attribution, error) {
	q, err := p.Store.CurrentQuestionnaire(c.Request.Context())
	if err != nil {
		return view.Attribution{}, err
	}
	return attributionOf(q, values), nil
}

func attributionOf(q *intake.Questionnaire, values url.Values) view.Attribution {
	areas := q.Areas().Options
	codes := make([]string, len(areas))
	for i, o := range areas {
		codes[i] = o.Code
	}
	t := view.Attribution{Attribution: clinic.CleanAttribution(clinic.Attribution{
		Area: values.Get("area"), Article: values.Get("article"), Campaign: values.Get("campaign"),
	}, codes)}
	for _, o := range areas {
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
