package office

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// zone is that in which what belongs to the whole clinic is dated.
func (p *Pages) zone() *time.Location { return clinic.Branch{Zone: clinic.DefaultZone}.Location() }

// ShowPublish shows what there is to say about the draft before it is published, and what it changes.
func (p *Pages) ShowPublish(c *gin.Context) error { return p.showPublish(c, http.StatusOK, false) }

func (p *Pages) showPublish(c *gin.Context, status int, stale bool) error {
	d, err := p.needDraft(c)
	if err != nil || c.IsAborted() {
		return err
	}
	i, err := p.Store.Inspect(c.Request.Context(), page.Actor(c), d)
	if err != nil {
		return err
	}
	v := view.Publishing{
		Frame: p.frame(c, clinic.Branch{}), Draft: d.Questions, Before: i.Before, Revision: d.Revision, Next: i.Next, Findings: i.Findings, Changes: i.Changes, Stale: stale,
	}
	draft, before := d.Questions.Lenient(), i.Before.Lenient()
	for _, person := range p.Typical {
		each := view.Length{Name: person.Name, Facts: person.Facts}
		each.Questions, each.Minutes = draft.Length(person.Answers, person.Facts)
		each.QuestionsBefore, each.MinutesBefore = before.Length(person.Answers, person.Facts)
		v.Lengths = append(v.Lengths, each)
	}
	stay(c, questionnairePath+"/publish")
	return page.Show(c, status, view.PublishPage(v))
}

// PublishQuestionnaire publishes the draft as it was shown. One that was changed since, or in which something is wrong, is shown again.
func (p *Pages) PublishQuestionnaire(c *gin.Context) error {
	form := c.Request.PostForm
	if form.Get("sure") == "" {
		return p.showPublish(c, http.StatusUnprocessableEntity, false)
	}
	_, err := p.Store.PublishDraft(c.Request.Context(), page.Actor(c), page.ReadSeen(form).Revision)
	switch {
	case clinic.IsStale(err):
		if _, _, ok, err := p.draft(c); err != nil || !ok { // it was published by somebody else
			return errors.Join(err, page.GoTo(c, questionnairePath))
		}
		return p.showPublish(c, http.StatusConflict, true)
	case clinic.CodeOf(err) == clinic.Invalid:
		return p.showPublish(c, http.StatusUnprocessableEntity, false)
	case err != nil:
		return err
	}
	return page.GoTo(c, questionnairePath+"?done=published")
}
