package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// ShowQuestionnaireSection shows the form of a section.
func (p *Pages) ShowQuestionnaireSection(c *gin.Context) error {
	d, err := p.partOf(c)
	if err != nil {
		return err
	}
	s, ok := d.Questions.AnySection(c.Param("id"))
	if !ok {
		return store.NotFound()
	}
	v := view.SectionForm{Section: s, Form: sectionForm(s), Revision: d.Revision, Saved: justSaved(c)}
	return p.showQuestionnaireSection(c, http.StatusOK, d, v)
}

func (p *Pages) showQuestionnaireSection(c *gin.Context, status int, d intake.Draft, v view.SectionForm) error {
	v.Frame, v.Booking = p.frame(c, clinic.Branch{}), v.Section.ID == d.Questions.Booking.ID
	return page.Show(c, status, view.SectionPage(v))
}

// sectionFields are the fields of a section's form.
var sectionFields = []string{"title-ja", "title-en", "intro-ja", "intro-en", "doctor_only"}

func sectionForm(s intake.Section) map[string][]string {
	form := filled("title-ja", s.Title.JA, "title-en", s.Title.EN, "intro-ja", s.Intro.JA, "intro-en", s.Intro.EN)
	if s.DoctorOnly {
		form.Set("doctor_only", "yes")
	}
	return form
}

// SaveQuestionnaireSection stores it, or shows what somebody else has saved since the form was drawn.
func (p *Pages) SaveQuestionnaireSection(c *gin.Context) error {
	id := c.Param("id")
	path := questionnairePath + "/sections/" + id
	stay(c, path)
	d, _, ok, err := p.draft(c)
	if err != nil {
		return err
	}
	if !ok {
		return p.showGone(c, id, goneSection)
	}
	s, ok := d.Questions.AnySection(id)
	if !ok {
		return p.showGone(c, id, goneSection)
	}
	sent, before := c.Request.PostForm, sectionForm(s)
	seen, form := page.ReadSeen(sent), decided(sent, before)
	if errs := wrongTexts(form, "title-ja", "title-en", "intro-ja", "intro-en"); len(errs) > 0 {
		return p.showQuestionnaireSection(c, http.StatusUnprocessableEntity, d, view.SectionForm{Section: s, Form: form, Revision: seen.Revision, Errors: errs})
	}
	s.Title = intake.Text{JA: form.Get("title-ja"), EN: form.Get("title-en")}
	s.Intro = intake.Text{JA: form.Get("intro-ja"), EN: form.Get("intro-en")}
	s.DoctorOnly = form.Get("doctor_only") != "" && id != d.Questions.Booking.ID
	var differ int
	_, err = p.Store.EditDraft(c.Request.Context(), page.Actor(c), func(d *intake.Draft, _ intake.Taken) error {
		now, ok := d.Questions.AnySection(id)
		if !ok {
			return intake.ErrNoPlace
		}
		if differ = d.ChangedIn(id); len(differences(seen, differ, sectionFields, sectionForm(now), sectionForm(s))) > 0 {
			return clinic.StaleError()
		}
		return d.Questions.ChangeSection(s)
	}, id)
	if clinic.IsStale(err) {
		d, _, ok, err := p.draft(c)
		if err != nil {
			return err
		}
		if !ok {
			return p.showGone(c, id, goneSection)
		}
		now, ok := d.Questions.AnySection(id)
		if !ok {
			return p.showGone(c, id, goneSection)
		}
		conflict := p.conflict(c, id, sent, d.Revision, differences(seen, d.ChangedIn(id), sectionFields, sectionForm(now), sectionForm(s)))
		stay(c, path)
		return page.Show(c, http.StatusConflict, view.SectionConflictPage(conflict))
	}
	if isGone(err) {
		return p.showGone(c, id, goneSection)
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, path+savedMark)
}
