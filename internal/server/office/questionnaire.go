package office

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

const questionnairePath = "/office/questionnaire"

// draft is the draft that is being edited; ok is false where nothing is.
func (p *Pages) draft(c *gin.Context) (d intake.Draft, edited store.Edited, ok bool, err error) {
	d, edited, err = p.Store.Draft(c.Request.Context(), page.Actor(c))
	if clinic.CodeOf(err) == clinic.NotFound {
		return d, edited, false, nil
	}
	return d, edited, err == nil, err
}

// needDraft is the draft, or the way to the page where one is begun, which ends the request.
func (p *Pages) needDraft(c *gin.Context) (intake.Draft, error) {
	d, _, ok, err := p.draft(c)
	if err == nil && !ok {
		c.Abort()
		err = page.GoTo(c, questionnairePath)
	}
	return d, err
}

// partOf is the draft, for the page of one of its parts: where nothing is edited, the part is not there.
func (p *Pages) partOf(c *gin.Context) (intake.Draft, error) {
	d, _, err := p.Store.Draft(c.Request.Context(), page.Actor(c))
	return d, err
}

// ShowQuestionnaire shows the version that is asked and the draft, if there is one.
func (p *Pages) ShowQuestionnaire(c *gin.Context) error {
	versions, err := p.Store.Versions(c.Request.Context(), page.Actor(c))
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		return store.NotFound()
	}
	d, edited, ok, err := p.draft(c)
	if err != nil {
		return err
	}
	now := versions[0]
	v := view.Questionnaire{Frame: p.frame(c, clinic.Branch{}), Published: now.At, By: now.By, Zone: p.zone(), Done: c.Query("done")}
	if v.Current, err = intake.ReadDraft(now.Body); err != nil {
		return err
	}
	if shipped, offered, err := p.offered(c); err != nil {
		return err
	} else if offered {
		v.Shipped = shipped.Version
	}
	if v.Misfits, err = p.Store.Misfits(c.Request.Context(), page.Actor(c), now.Name); err != nil {
		return err
	}
	if len(v.Misfits) > 0 {
		if v.Wording, err = p.Store.Questionnaires(c.Request.Context()); err != nil {
			return err
		}
		if shipped, err := p.Shipped.Parse(); err == nil {
			v.Wording = append(v.Wording, shipped)
		}
	}
	if ok {
		v.Draft, v.SavedAt, v.SavedBy = &d, edited.At, edited.By
	}
	return page.Show(c, http.StatusOK, view.QuestionnairePage(v))
}

// offered is the questionnaire that the program brings, and whether the clinic has neither published nor taken it up.
func (p *Pages) offered(c *gin.Context) (*intake.Questionnaire, bool, error) {
	shipped, err := intake.ReadDraft(p.Shipped.Questions)
	if err != nil { // none was given
		return nil, false, nil //nolint:nilerr // what a program ships is checked when it starts
	}
	offered, err := p.Store.Offers(c.Request.Context(), shipped.Version)
	return shipped, offered, err
}

// BeginDraft makes a draft from a version, or throws the draft away.
func (p *Pages) BeginDraft(c *gin.Context) error {
	form := c.Request.PostForm
	if form.Get("do") == "drop" {
		err := p.Store.DropDraft(c.Request.Context(), page.Actor(c), page.ReadSeen(form).Revision)
		if clinic.IsStale(err) || clinic.CodeOf(err) == clinic.NotFound { // somebody went on meanwhile: it is shown as it is now
			return page.GoTo(c, questionnairePath)
		}
		if err != nil {
			return err
		}
		return page.GoTo(c, questionnairePath+"?done=dropped")
	}
	d, err := p.draftFrom(c, form.Get("from"))
	if err != nil {
		return err
	}
	return p.begin(c, d)
}

func (p *Pages) begin(c *gin.Context, d intake.Draft) error {
	err := p.Store.BeginDraft(c.Request.Context(), page.Actor(c), d)
	if clinic.CodeOf(err) == clinic.Conflict {
		return page.GoTo(c, questionnairePath+"?done=exists")
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, questionnairePath+"?done=begun")
}

// draftFrom is a draft of a version; that of the program brings its cautions along.
func (p *Pages) draftFrom(c *gin.Context, from string) (d intake.Draft, err error) {
	versions, err := p.Store.Versions(c.Request.Context(), page.Actor(c))
	if err != nil {
		return d, err
	}
	shipped, offered, err := p.offered(c)
	if err != nil {
		return d, err
	}
	if offered && from == "shipped" {
		cautions := intake.Cautions{Rules: p.Shipped.Cautions, Sources: p.Shipped.Sources}
		return intake.Draft{Questions: shipped, Base: shipped.Version, Cautions: &cautions}, nil
	}
	at := slices.IndexFunc(versions, func(v store.Version) bool { return v.Name == from })
	if at < 0 {
		return d, store.NotFound()
	}
	d.Base = from
	d.Questions, err = intake.ReadDraft(versions[at].Body)
	return d, err
}

// AddToQuestionnaire adds a question to a section, or a section, and opens it.
func (p *Pages) AddToQuestionnaire(c *gin.Context) error {
	section, seen := c.Request.PostForm.Get("section"), page.ReadSeen(c.Request.PostForm)
	var to string
	_, err := p.Store.EditDraft(c.Request.Context(), page.Actor(c), func(d *intake.Draft, taken intake.Taken) error {
		if d.IsOfAnother(seen.Revision) {
			return clinic.StaleError()
		}
		if section == "new" {
			id := d.NewSection(taken)
			to = questionnairePath + "/sections/" + id
			return d.Questions.AddSection(id, intake.Text{})
		}
		id := d.NewQuestion(taken)
		to = questionnairePath + "/questions/" + id
		return d.Questions.AddQuestion(section, intake.Question{ID: id, Kind: intake.One})
	}, intake.OrderPart)
	if err != nil {
		return p.aboutEdit(c, err)
	}
	return page.GoTo(c, to)
}

// aboutEdit answers an edit of what is not there any more, or of another draft, in which nothing was typed, with the draft as it is, and says so.
func (p *Pages) aboutEdit(c *gin.Context, err error) error {
	if isGone(err) || clinic.IsStale(err) {
		return page.GoTo(c, questionnairePath+"?done=gone")
	}
	return err
}

// OrderQuestionnaire moves a section or a question, or takes it out.
func (p *Pages) OrderQuestionnaire(c *gin.Context) error {
	form := c.Request.PostForm
	do, what, _ := strings.Cut(form.Get("do"), ":")
	kind, id, _ := strings.Cut(what, ":")
	seen := page.ReadSeen(form)
	_, err := p.Store.EditDraft(c.Request.Context(), page.Actor(c), func(d *intake.Draft, _ intake.Taken) error {
		if d.IsOfAnother(seen.Revision) {
			return clinic.StaleError()
		}
		q := d.Questions
		switch {
		case do == "retire" && kind == "section":
			return q.RetireSection(id)
		case do == "retire":
			return q.Retire(id)
		case do == "up":
			return q.Step(kind == "section", id, -1)
		case do == "down":
			return q.Step(kind == "section", id, 1)
		case do == "put" && kind == "section":
			return q.PutSection(id, form.Get("before"))
		case do == "put":
			return q.PutQuestion(id, form.Get("section"), form.Get("before"))
		}
		return page.UnreadableForm()
	}, intake.OrderPart)
	if err != nil {
		return p.aboutEdit(c, err)
	}
	switch {
	case do == "retire":
		return page.GoTo(c, questionnairePath+"?done=retired")
	case kind == "section":
		return page.GoTo(c, questionnairePath+"#s-"+id)
	}
	return page.GoTo(c, questionnairePath+"#q-"+id)
}
