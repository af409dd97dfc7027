package patient

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/patient"
	"madoguchi/web/ui"
)

func intakePath(token, page string) string { return "/intake/" + token + "/" + page }

// intake is what the link in the path opens, as long as the answers are open to the patient. Once they are closed it says so, and a browser
// that may not see them is asked for a proof.
func (p *Pages) intake(c *gin.Context) (openChart, error) {
	chart, err := p.chart(c)
	switch {
	case err != nil || c.IsAborted():
	case chart.Appointment.CheckAnswers(p.Now()) != nil:
		err = p.showClosed(c, chart)
	case !chart.opens(p.Now()):
		err = p.unlock(c, &chart)
	}
	return chart, err
}

// showClosed says why the answers are closed to the patient, and ends the request. What they have just sent stands beside it: it is stored
// nowhere.
func (p *Pages) showClosed(c *gin.Context, chart openChart) error {
	c.Abort()
	page.Private(c)
	a := chart.Appointment
	data, status := view.IntakeClosed{
		Token: c.Param("token"), Cancelled: !a.Booking.Status.Live(), Begun: !a.Over(p.Now()), Time: p.appointmentTime(c, a), Branch: a.Branch,
	}, http.StatusGone
	if data.Typed = chart.typed(c); len(data.Typed) > 0 {
		status = http.StatusConflict
	}
	return page.Show(c, status, view.IntakeClosedPage(data))
}

// typed are the answers that a form of a section has brought, in its reader's words.
func (chart openChart) typed(c *gin.Context) (out []view.Shown) {
	l, form := web.LocaleOf(c.Request.Context()), readIntakeForm(c.Request.PostForm)
	section, ok := chart.questions.Section(c.Param("section"))
	if !ok || form.Keep {
		return nil
	}
	for _, q := range section.Questions {
		values := slices.DeleteFunc(slices.Clone(form.Values[q.ID]), func(v string) bool { return v == "" })
		if len(values) > 0 {
			out = append(out, view.Shown{Label: q.Name(l.Lang()), Values: q.Show(values, l.Lang())})
		}
	}
	return out
}

// ShowIntake goes to the first section that remains, and there to the first question without an answer, or to the overview when
// nothing remains: whoever comes back, also on another device, goes on where they stopped.
func (p *Pages) ShowIntake(c *gin.Context) error {
	chart, err := p.intake(c)
	if err != nil || c.IsAborted() {
		return err
	}
	to := chart.next(c.Param("token"), "review")
	if remaining := chart.questions.Remaining(chart.Intake, chart.facts); len(remaining) > 0 {
		open, ok := chart.questions.Open(chart.Intake, remaining[0], chart.facts)
		if begun := slices.ContainsFunc(remaining[0].Questions, func(q intake.Question) bool { return len(chart.Intake.Given(q.ID)) > 0 }); ok && begun {
			to += "#" + view.Anchor(open.ID)
		}
	}
	return page.GoTo(c, to)
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
	chart, err := p.intake(c)
	if err != nil || c.IsAborted() {
		return err
	}
	section, ok := chart.questions.Section(c.Param("section"))
	if !ok {
		return store.NotFound()
	}
	given := map[string][]string{}
	for _, q := range section.Questions {
		given[q.ID] = chart.Intake.Given(q.ID)
	}
	return p.showSection(c, http.StatusOK, chart, view.IntakeSection{
		Section: section, Fresh: true, Revision: chart.Intake.Revision, Errors: chart.questions.Incomplete(chart.Intake, section, chart.facts),
	}, given)
}

// progress is how far the patient is.
func (chart openChart) progress() (v view.IntakeProgress) {
	v.Answered, v.Asked = chart.questions.Answered(chart.Intake, chart.facts)
	v.Left.Least, v.Left.Most = chart.questions.Minutes(chart.Intake, chart.facts)
	return v
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
	data.Keep, data.Progress = chart.Intake.CompletedAt == nil, chart.progress()
	var err error
	if data.Questions, err = chart.pageOf(data.Section, values); err != nil {
		return err
	}
	page.Private(c)
	return page.Show(c, status, view.IntakeSectionPage(data))
}

// AnswerSection stores one page of answers and goes on: to the next section that remains and, behind the last, to the review;
// back to the review where the page was opened from there. What is wrong is shown at its question; questions that the
// answers have only now made visible are asked on the same page; answers that were stored elsewhere after the page was drawn are
// shown beside those that were typed.
func (p *Pages) AnswerSection(c *gin.Context) error {
	chart, err := p.intake(c)
	if err != nil || c.IsAborted() {
		return err
	}
	section, ok := chart.questions.Section(c.Param("section"))
	if !ok {
		return store.NotFound()
	}
	form := readIntakeForm(c.Request.PostForm)
	var before store.Chart
	var unseen []string
	var errs clinic.Errors
	after, err := p.Store.AnswerIntake(c.Request.Context(), clinic.PatientByLink(c.Param("token")), func(stored store.Chart) (record intake.Record, err error) {
		before = stored
		record, unseen, errs = chart.questions.Receive(stored.Intake, section, form, chart.facts, p.Now().UTC())
		if len(unseen) > 0 {
			return record, clinic.StaleError()
		}
		return record, errs.Err()
	})
	switch chart.Chart = after; {
	case len(unseen) > 0 && form.Keep: // the page says so, and asks once it is sent
		return p.showKept(c, http.StatusConflict, chart)
	case len(unseen) > 0:
		chart.Chart = before
		return p.showIntakeConflict(c, chart, section, form, unseen)
	case len(errs) > 0:
		chart.Chart = before
		return p.askAgain(c, chart, section, form, errs)
	case clinic.CodeOf(err) == clinic.Conflict: // closed since the request began
		return p.showClosed(c, chart)
	case err != nil:
		return err
	}
	if err := p.keepTyped(c, chart); err != nil {
		return err
	}
	switch {
	case form.Keep:
		return p.showKept(c, http.StatusOK, chart)
	case form.Later:
		return page.GoTo(c, intakePath(c.Param("token"), "review?later=1"))
	case chart.unasked(section, form, nil):
		form.Seen = clinic.Seen{Revision: chart.Intake.Revision}
		return p.askAgain(c, chart, section, form, nil)
	}
	if c.Query("edit") != "" {
		return page.GoTo(c, intakePath(c.Param("token"), "review"))
	}
	return page.GoTo(c, chart.next(c.Param("token"), "review"))
}

// showKept tells the script of a page that is being filled in what became of it.
func (p *Pages) showKept(c *gin.Context, status int, chart openChart) error {
	l, progress := web.LocaleOf(c.Request.Context()), chart.progress()
	c.JSON(status, gin.H{
		"revision": chart.Intake.Revision, "answered": progress.Answered, "asked": progress.Asked,
		"progress": progress.Questions(l), "left": progress.Rest(l), "saved": l.T("patient.intake_section.kept", "Time", l.Clock(p.Now(), chart.Appointment.Branch.Location())),
	})
	return nil
}

// readIntakeForm reads the form of a section. The page names its questions in the field "asked"; a form without that field is
// not from our page.
func readIntakeForm(sent url.Values) intake.Form {
	return intake.Form{Values: sent, Asked: sent["asked"], Seen: page.ReadSeen(sent), Later: sent.Get("next") == "later", Keep: sent.Get("next") == "keep"}
}

// unasked reports whether the answers made questions visible that were not on the page, as happens without JavaScript. It
// is false when something is wrong with a question that was there.
func (chart openChart) unasked(section intake.Section, form intake.Form, errs clinic.Errors) bool {
	visible := visible(chart.questions, section, form.Over(chart.Intake, section), chart.Intake.Answers, chart.facts)
	for _, e := range errs {
		if form.WasAsked(e.Field) {
			return false
		}
	}
	return slices.ContainsFunc(section.Questions, func(q intake.Question) bool {
		return visible[q.ID] && !form.WasAsked(q.ID)
	})
}

// askAgain shows the section as it was typed: with its errors, or with the questions that have only now come up.
func (p *Pages) askAgain(c *gin.Context, chart openChart, section intake.Section, form intake.Form, errs clinic.Errors) error {
	data, status := view.IntakeSection{Section: section, Revision: form.Seen.Revision, Errors: errs}, http.StatusUnprocessableEntity
	if chart.unasked(section, form, errs) {
		data.More, data.Errors, status = true, nil, http.StatusOK
	}
	return p.showSection(c, status, chart, data, form.Over(chart.Intake, section))
}

// showIntakeConflict shows what is stored and what was typed side by side, for the questions whose stored answers the page had not
// seen. Those that were not on the page only follow from what is chosen for the others.
func (p *Pages) showIntakeConflict(c *gin.Context, chart openChart, section intake.Section, form intake.Form, unseen []string) error {
	l := web.LocaleOf(c.Request.Context())
	var differences []ui.Difference
	for _, id := range unseen {
		q, _ := chart.questions.Question(id)
		differences = append(differences, ui.Difference{
			Name: id, Label: q.Name(l.Lang()), Stored: q.Show(chart.Intake.Given(id), l.Lang()), Typed: q.Show(form.Values[id], l.Lang()),
			Follows: !form.WasAsked(id) || !slices.ContainsFunc(section.Questions, func(q intake.Question) bool { return q.ID == id }),
		})
	}
	return page.Show(c, http.StatusConflict, view.IntakeConflictPage(view.IntakeConflict{
		Token: c.Param("token"), Section: section.ID, Edit: c.Query("edit") != "", Choosing: page.Choosing(l, c.Request.PostForm, chart.Intake.Revision, differences),
	}))
}

// ShowReview is every answer, with the way to change it.
func (p *Pages) ShowReview(c *gin.Context) error {
	chart, err := p.intake(c)
	if err != nil || c.IsAborted() {
		return err
	}
	remaining := chart.questions.Remaining(chart.Intake, chart.facts)
	visible := chart.questions.Visible(chart.Intake.Answers, chart.facts)
	data := view.IntakeReview{Token: c.Param("token"), Later: c.Query("later") != "", Progress: chart.progress()}
	l := web.LocaleOf(c.Request.Context())
	for _, s := range chart.questions.Asked(chart.Intake, chart.facts) {
		incomplete := chart.questions.Incomplete(chart.Intake, s, chart.facts)
		entry := view.ReviewSection{
			Section: s, Done: !slices.ContainsFunc(remaining, func(r intake.Section) bool { return r.ID == s.ID }),
		}
		for _, q := range s.Questions {
			values, problem := chart.Intake.Answers[q.ID], incomplete.For(q.ID)
			if visible[q.ID] && (entry.Done || len(values) > 0 || problem != nil) {
				shown := view.Shown{Label: q.Name(l.Lang()), Values: q.Show(values, l.Lang())}
				if problem != nil {
					shown.Typed, shown.Problem = q.Show(chart.Intake.Given(q.ID), l.Lang()), l.Sentence(problem)
				}
				entry.Answers = append(entry.Answers, shown)
			}
		}
		data.Sections = append(data.Sections, entry)
	}
	return page.Show(c, http.StatusOK, view.IntakeReviewPage(data))
}

// ShowDone thanks for the answers.
func (p *Pages) ShowDone(c *gin.Context) error {
	chart, err := p.intake(c)
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
