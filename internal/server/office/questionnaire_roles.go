package office

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowRoles shows what the program does with single questions.
func (p *Pages) ShowRoles(c *gin.Context) error {
	return p.showRoles(c, http.StatusOK, false)
}

func (p *Pages) showRoles(c *gin.Context, status int, stale bool) error {
	d, err := p.needDraft(c)
	if err != nil || c.IsAborted() {
		return err
	}
	stay(c, questionnairePath+"/roles")
	return page.Show(c, status, view.RolesPage(view.Roles{
		Frame: p.frame(c, clinic.Branch{}), Draft: d.Questions, Revision: d.Revision, Saved: justSaved(c), Stale: stale,
	}))
}

// SaveRoles stores them. What somebody else has saved meanwhile is shown in their place: it was chosen from lists, and is chosen again.
func (p *Pages) SaveRoles(c *gin.Context) error {
	form := c.Request.PostForm
	seen := page.ReadSeen(form)
	do, what, _ := strings.Cut(form.Get("do"), ":")
	_, err := p.Store.EditDraft(c.Request.Context(), page.Actor(c), func(d *intake.Draft, _ intake.Taken) error {
		if seen.Revision < d.ChangedIn(intake.RolesPart) {
			return clinic.StaleError()
		}
		for _, use := range d.Questions.Uses.List() {
			id := form.Get("use-" + use.Name)
			if id == "" || slices.ContainsFunc(d.Questions.Candidates(use.Name), func(q intake.Question) bool { return q.ID == id }) {
				*use.ID = id
			}
		}
		for _, part := range d.Questions.Summary.Parts() {
			*part.IDs = reordered(*part.IDs, form["summary-"+part.Name], part.Name, do, what)
		}
		return nil
	}, intake.RolesPart)
	switch {
	case clinic.IsStale(err):
		return p.showRoles(c, http.StatusConflict, true)
	case err != nil:
		return p.aboutEdit(c, err)
	}
	return page.GoTo(c, questionnairePath+"/roles"+savedMark)
}

// reordered are the questions of a part of the summary in the order of the form, after what its button does. A question that the form does
// not have stays behind the others.
func reordered(now, sent []string, part, do, what string) []string {
	var out []string
	for _, id := range append(slices.Clone(sent), now...) {
		if slices.Contains(now, id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	name, id, _ := strings.Cut(what, ":")
	at := slices.Index(out, id)
	if name != part || at < 0 {
		return out
	}
	switch {
	case do == "drop":
		return slices.Delete(out, at, at+1)
	case do == "up" && at > 0:
		out[at-1], out[at] = out[at], out[at-1]
	case do == "down" && at < len(out)-1:
		out[at], out[at+1] = out[at+1], out[at]
	}
	return out
}
