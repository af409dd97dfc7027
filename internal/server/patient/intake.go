package patient

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/patient"
)

func intakePath(token, page string) string { return "/intake/" + token + "/" + page }

// ShowIntake goes to the first section that remains, or to the overview when none does.
func (p *Pages) ShowIntake(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	return page.GoTo(c, chart.next(c.Param("token"), "review"))
}

// next is the page of the first section that remains, or another one.
func (chart openChart) next(token, otherwise string) string {
	if remaining := chart.questions.Remaining(chart.Intake, chart.facts); len(remaining) > 0 {
		return intakePath(token, remaining[0].ID)
	}
	return intakePath(token, otherwise)
}

// ShowSection is one page of questions with what was answered before.
func (p *Pages) ShowSection(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	section, ok := chart.questions.Section(c.Param("section"))
	if !ok {
		return store.NotFound()
	}
	if !chart.Appointment.Booking.Status.Live() {
		return page.GoTo(c, "/booking/"+c.Param("token"))
	}
	return p.showSection(c, http.StatusOK, chart, view.IntakeSection{Section: section, Fresh: true}, chart.Intake.Answers)
}

func (p *Pages) showSection(c *gin.Context, status int, chart openChart, data view.IntakeSection, values map[string][]string) error {
	asked := chart.questions.Asked(chart.Intake, chart.facts)
	at := slices.IndexFunc(asked, func(s intake.Section) bool { return s.ID == data.Section.ID })
	if at < 0 { // nothing in it is asked of this patient
		return page.GoTo(c, chart.next(c.Param("token"), "review"))
	}
	data.Token, data.Number, data.Total, data.Edit = c.Param("token"), at+1, len(asked), c.Query("edit") != ""
	if at > 0 {
		data.Back = asked[at-1].ID
	}
	var err error
	if data.Questions, err = chart.pageOf(data.Section, values); err != nil {
		return err
	}
	page.Private(c)
	return page.Show(c, status, view.IntakeSectionPage(data))
}

// AnswerSection stores one page of answers and goes on: to the next section that remains and, behind the last, to the review;
// back to the review where the page was opened from there. What is wrong is shown at its question; questions that the
// answers have only now made visible are asked on the same page.
func (p *Pages) AnswerSection(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	section, ok := chart.questions.Section(c.Param("section"))
	if !ok {
		return store.NotFound()
	}
	sent := c.Request.PostForm
	later := sent.Get("next") == "later"
	var before store.Chart
	var errs clinic.Errors
	after, err := p.Store.AnswerIntake(c.Request.Context(), clinic.PatientByLink(c.Param("token")), func(stored store.Chart) (intake.Record, error) {
		before = stored
		record, wrong := chart.questions.Answer(stored.Intake, section, sent, chart.facts, p.Now().UTC())
		if later && len(wrong) > 0 {
			return chart.questions.Postpone(stored.Intake, section, sent, chart.facts, p.Now().UTC()), nil
		}
		errs = wrong
		return record, wrong.Err()
	})
	switch chart.Chart = after; {
	case len(errs) > 0:
		chart.Chart = before
		return p.askAgain(c, chart, section, sent, errs)
	case err != nil:
		return err
	case later:
		return page.GoTo(c, intakePath(c.Param("token"), "review?later=1"))
	case chart.unasked(section, sent, nil):
		return p.askAgain(c, chart, section, sent, nil)
	}
	if c.Query("edit") != "" {
		return page.GoTo(c, intakePath(c.Param("token"), "review"))
	}
	return page.GoTo(c, chart.next(c.Param("token"), "review"))
}

// unasked reports whether the answers made questions visible that were not on the page, as happens without JavaScript. It
// is false when something is wrong with a question that was there.
func (chart openChart) unasked(section intake.Section, sent map[string][]string, errs clinic.Errors) bool {
	visible := visible(chart.questions, section, sent, chart.Intake.Answers, chart.facts)
	for _, e := range errs {
		if wasAsked(sent, e.Field) {
			return false
		}
	}
	return slices.ContainsFunc(section.Questions, func(q intake.Question) bool {
		return visible[q.ID] && !wasAsked(sent, q.ID)
	})
}

// wasAsked reports whether a question was on the page that was sent. The page names its questions in the field "asked", and
// a question with an answer was there in any case. A form without that field is not from our page, so that nothing can be
// asked on it again: it counts as having had every question.
func wasAsked(sent map[string][]string, id string) bool {
	asked, said := sent["asked"]
	return !said || slices.Contains(asked, id) || strings.Join(sent[id], "") != ""
}

// askAgain shows the section as it was typed: with its errors, or with the questions that have only now come up.
func (p *Pages) askAgain(c *gin.Context, chart openChart, section intake.Section, sent map[string][]string, errs clinic.Errors) error {
	if chart.unasked(section, sent, errs) {
		return p.showSection(c, http.StatusOK, chart, view.IntakeSection{Section: section, More: true}, sent)
	}
	return p.showSection(c, http.StatusUnprocessableEntity, chart, view.IntakeSection{Section: section, Errors: errs}, sent)
}

// ShowReview is every answer, with the way to change it.
func (p *Pages) ShowReview(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	remaining := chart.questions.Remaining(chart.Intake, chart.facts)
	visible := chart.questions.Visible(chart.Intake.Answers, chart.facts)
	data := view.IntakeReview{Token: c.Param("token"), Later: c.Query("later") != ""}
	for _, s := range chart.questions.Asked(chart.Intake, chart.facts) {
		entry := view.ReviewSection{
			Section: s, Done: !slices.ContainsFunc(remaining, func(r intake.Section) bool { return r.ID == s.ID }),
		}
		for _, q := range s.Questions {
			if values := chart.Intake.Answers[q.ID]; visible[q.ID] && (entry.Done || len(values) > 0) {
				lang := page.Lang(c)
				entry.Answers = append(entry.Answers, view.Shown{Label: q.Name(lang), Values: q.Show(values, lang)})
			}
		}
		data.Sections = append(data.Sections, entry)
	}
	return page.Show(c, http.StatusOK, view.IntakeReviewPage(data))
}

// ShowDone thanks for the answers.
func (p *Pages) ShowDone(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	a := chart.Appointment
	if !chart.questions.Complete(chart.Intake, chart.facts) {
		return page.GoTo(c, intakePath(c.Param("token"), "review"))
	}
	return page.Show(c, http.StatusOK, view.IntakeDonePage(view.IntakeDone{
		Token: c.Param("token"), Reference: a.Booking.Reference, Time: p.appointmentTime(c, a), Branch: a.Branch,
	}))
}
