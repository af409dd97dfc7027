package office

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

const phrasesPath = "/office/phrases"

// ShowPhrases shows a doctor their own phrases, and the one that is to be changed (?change=0) in the form.
func (p *Pages) ShowPhrases(c *gin.Context) error {
	have, err := p.Store.Phrases(c.Request.Context(), page.Actor(c))
	if err != nil {
		return err
	}
	data := view.Phrases{Frame: p.frame(c, clinic.Branch{}), Phrases: have, Editing: -1}
	if n, err := strconv.Atoi(c.Query("change")); err == nil && n >= 0 && n < len(have.List) {
		data.Editing, data.Typed = n, have.List[n]
	}
	data.Done = view.PhrasesDone(web.LocaleOf(c.Request.Context()), c.Query("done"))
	return page.Show(c, http.StatusOK, view.PhrasesPage(data))
}

// SavePhrases adds a phrase, changes one or removes one.
func (p *Pages) SavePhrases(c *gin.Context) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	have, err := p.Store.Phrases(ctx, actor)
	if err != nil {
		return err
	}
	data := view.Phrases{Phrases: have, Editing: -1, Typed: clinic.Phrase{Shortcut: c.PostForm("shortcut"), Text: c.PostForm("text")}}
	n, err := strconv.Atoi(c.PostForm("n"))
	if err == nil && n >= 0 {
		data.Editing = n
	}
	next, done := clinic.Phrases{Revision: clinic.ReadSeen(c.PostForm("seen-revision"), "", nil).Revision}, "saved"
	stale := next.Revision != have.Revision
	switch {
	case stale:
	case c.PostForm("do") == "remove" && data.Editing >= 0 && data.Editing < len(have.List):
		done, next.List = "removed", slices.Delete(slices.Clone(have.List), n, n+1)
	default:
		next.List, data.Errors = clinic.ChangePhrase(have.List, data.Editing, data.Typed)
	}
	if len(data.Errors) == 0 && !stale {
		err = p.Store.SavePhrases(ctx, actor, next)
		if err == nil {
			return page.GoTo(c, phrasesPath+"?done="+done)
		}
		if !clinic.IsStale(err) {
			return err
		}
		stale = true
	}
	stay(c, phrasesPath)
	status := http.StatusUnprocessableEntity
	if stale {
		// They were changed on another screen: what was typed goes along as a new phrase, below the list as it is.
		if data.Phrases, err = p.Store.Phrases(ctx, actor); err != nil {
			return err
		}
		status, data.Editing, data.Stale = http.StatusConflict, -1, &clinic.Error{Code: clinic.Conflict, Message: "error.phrase.stale"}
	}
	data.Frame = p.frame(c, clinic.Branch{})
	return page.Show(c, status, view.PhrasesPage(data))
}
