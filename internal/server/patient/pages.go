// Package patient answers the patients' pages: choose a time, say who you are, answer the questionnaire.
package patient

import (
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	pages "madoguchi/web/patient"
)

// Pages are the patients' pages of a site.
type Pages struct{ *page.Site }

// areasQuestion is the question of the booking whose options are the body areas.
const areasQuestion = "areas"

// attribution is what the visitor brought from an article, cleaned. values are the query of a page or the form of a post.
func (p *Pages) attribution(values url.Values) pages.Attribution {
	question, _ := p.Questions.Question(areasQuestion)
	codes := make([]string, len(question.Options))
	for i, o := range question.Options {
		codes[i] = o.Code
	}
	t := pages.Attribution{Attribution: clinic.CleanAttribution(clinic.Attribution{
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
func attributionQuery(t pages.Attribution, query url.Values) url.Values {
	for name, value := range map[string]string{"area": t.Attribution.Area, "article": t.Article, "campaign": t.Campaign} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// time is a slot as pages show it.
func (p *Pages) time(c *gin.Context, slot clinic.Slot, branch clinic.Branch, doctor clinic.Doctor) pages.Time {
	loc := branch.Location()
	return pages.Time{
		SlotID: slot.ID, StartsAt: slot.StartsAt, EndsAt: slot.EndsAt, Zone: loc, Doctor: doctor,
		Holiday: p.HolidayName(clinic.DateOf(slot.StartsAt, loc), page.Lang(c)),
	}
}

func (p *Pages) appointmentTime(c *gin.Context, a clinic.Appointment) pages.Time {
	return p.time(c, a.Slot, a.Branch, a.Doctor)
}

// today is the day at a branch.
func (p *Pages) today(branch clinic.Branch) clinic.Date {
	return clinic.DateOf(p.Now(), branch.Location())
}

// question puts the answers to a question beside it, as the page shows it.
func question(q intake.Question, values []string, condition intake.ClientCondition, hidden bool) (pages.Question, error) {
	view := pages.Question{Question: q, Values: values, Hidden: hidden}
	if condition.Always() {
		return view, nil
	}
	text, err := condition.MarshalJSON()
	view.ShowIf = string(text)
	return view, err
}

// questions are the questions of a section that can be asked on its page, with what was typed or stored.
func (p *Pages) questions(s intake.Section, values map[string][]string, before intake.Answers, f intake.Facts) ([]pages.Question, error) {
	conditions := p.Questions.ClientConditions(s, before, f)
	visible := p.visible(s, values, before, f)
	var out []pages.Question
	for _, q := range s.Questions {
		if conditions[q.ID].Never() {
			continue
		}
		view, err := question(q, values[q.ID], conditions[q.ID], !visible[q.ID])
		if err != nil {
			return nil, err
		}
		out = append(out, view)
	}
	return out, nil
}

// visible are the questions that what was typed on a section's page, together with what was answered before, makes
// visible.
func (p *Pages) visible(s intake.Section, typed map[string][]string, before intake.Answers, f intake.Facts) map[string]bool {
	answers, _ := p.Questions.CheckSection(s, typed, before, f)
	return p.Questions.Visible(answers, f)
}

// left is how long a hold still lasts.
func (p *Pages) left(hold clinic.Hold) time.Duration { return hold.ExpiresAt.Sub(p.Now()) }
