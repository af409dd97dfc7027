package office

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/patient"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

const walkPath = questionnairePath + "/preview/walk"

// made is the made-up patient that an address describes.
func made(query url.Values, q *intake.Questionnaire) intake.Facts {
	f := intake.Facts{Age: 36, Sex: "f"}
	if n, err := strconv.Atoi(clinic.Narrow(query.Get("age"))); err == nil && n > 0 && n <= 120 {
		f.Age = n
	}
	if sex, _ := q.Question(intake.FactSex); sex.ID != "" {
		if _, ok := sex.Option(query.Get("sex")); ok {
			f.Sex = query.Get("sex")
		}
	}
	for _, code := range query["areas"] {
		if _, ok := q.Areas().Option(code); ok && !slices.Contains(f.Areas, code) {
			f.Areas = append(f.Areas, code)
		}
	}
	return f
}

// langOf is the language in which the patient reads.
func langOf(query url.Values) string {
	if in := query.Get("in"); slices.Contains(web.Languages(), in) {
		return in
	}
	return web.Languages()[0]
}

// ShowQuestionnairePreview shows the choice of a made-up patient, and what they are asked.
func (p *Pages) ShowQuestionnairePreview(c *gin.Context) error {
	d, err := p.needDraft(c)
	if err != nil || c.IsAborted() {
		return err
	}
	query := c.Request.URL.Query()
	f := made(query, d.Questions)
	if len(query) == 0 && len(d.Questions.Areas().Options) > 0 {
		f.Areas = []string{d.Questions.Areas().Options[0].Code}
	}
	c.Header("Content-Security-Policy", page.Policy+"; frame-src 'self'")
	return page.Show(c, http.StatusOK, view.PreviewPage(view.QuestionnairePreview{
		Frame: p.frame(c, clinic.Branch{}), Draft: d.Questions, Age: f.Age, Sex: f.Sex, Areas: f.Areas, Lang: langOf(query),
	}))
}

// ShowWalk begins a walk through the draft, at the first section or at the one that is asked for. It stands in a frame.
func (p *Pages) ShowWalk(c *gin.Context) error {
	d, err := p.walkedDraft(c)
	if err != nil || c.IsAborted() {
		return err
	}
	query := c.Request.URL.Query()
	step := patient.PreviewStep{Section: query.Get("section")}
	if id := query.Get("question"); id != "" {
		step.Section = alone(d, id)
	}
	return p.showWalk(c, d, query, intake.Record{}, step)
}

// alone leaves a question alone on its page, asked of everybody, and returns the id of the page's section.
func alone(q *intake.Questionnaire, id string) string {
	s, at, ok := q.SectionOf(id)
	if !ok {
		return ""
	}
	question := s.Questions[at]
	question.ShowIf, question.RequiredIf = intake.Condition{}, intake.Condition{}
	for i := range question.Options {
		question.Options[i].ShowIf = intake.Condition{}
	}
	s.Questions = []intake.Question{question}
	q.PutSectionBack(s)
	return s.ID
}

func (p *Pages) walkedDraft(c *gin.Context) (*intake.Questionnaire, error) {
	d, _, err := p.Store.Draft(c.Request.Context(), page.Actor(c))
	if err != nil {
		return nil, err
	}
	return d.Questions.Lenient(), nil
}

// Walk takes the answers of a section and goes on. The answers before travel along in the form, and nothing is stored.
func (p *Pages) Walk(c *gin.Context) error {
	q, err := p.walkedDraft(c)
	if err != nil || c.IsAborted() {
		return err
	}
	form := c.Request.PostForm
	var answers intake.Answers
	if err := json.Unmarshal([]byte(form.Get("walk-answers")), &answers); err != nil {
		return page.UnreadableForm()
	}
	step := patient.PreviewStep{Section: form.Get("walk-section"), Form: form, Back: form.Get("walk-back") != ""}
	return p.showWalk(c, q, c.Request.URL.Query(), intake.Record{Answers: answers}, step)
}

// PreviewQuestion shows a question as it would be with what was typed, whether its condition holds or not. Nothing is stored.
func (p *Pages) PreviewQuestion(c *gin.Context) error {
	d, _, err := p.Store.Draft(c.Request.Context(), page.Actor(c))
	if err != nil {
		return err
	}
	form := c.Request.PostForm
	q, ok := questionOf(d.Questions, form.Get("question-id"))
	if !ok {
		return store.NotFound()
	}
	typed, _ := readQuestion(form, q, func() string { return d.NewOption(intake.Taken{}) })
	if err := d.Questions.ChangeQuestion(typed); err != nil {
		return err
	}
	shown := d.Questions.Lenient()
	return p.showWalk(c, shown, url.Values{}, intake.Record{}, patient.PreviewStep{Section: alone(shown, q.ID)})
}

func (p *Pages) showWalk(c *gin.Context, q *intake.Questionnaire, query url.Values, r intake.Record, step patient.PreviewStep) error {
	f := made(query, q)
	lang := langOf(query)
	framed(c, trialPolicy)
	c.Request = c.Request.WithContext(web.WithLocale(c.Request.Context(), lang))
	address := url.Values{"age": {strconv.Itoa(f.Age)}, "sex": {f.Sex}, "areas": f.Areas, "in": {lang}}
	return patient.ShowPreview(c, q, f, r, step, walkPath+"?"+address.Encode())
}
