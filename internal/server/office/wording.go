package office

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	"madoguchi/web/letter"
	view "madoguchi/web/office"
)

// ShowWordings lists the letters that a branch can say in its own words.
func (p *Pages) ShowWordings(c *gin.Context) error {
	branch, err := p.rulesToEdit(c)
	if err != nil {
		return err
	}
	stored, err := p.Store.LetterWordings(c.Request.Context(), page.Actor(c), branch.ID)
	if err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.WordingsPage(view.Wordings{Frame: p.frame(c, branch), Stored: stored}))
}

// wordingToEdit is the text that the path and the query name, with what is delivered.
func (p *Pages) wordingToEdit(c *gin.Context) (branch clinic.Branch, stored clinic.LetterWording, delivered clinic.LetterText, err error) {
	if branch, err = p.rulesToEdit(c); err != nil {
		return branch, stored, delivered, err
	}
	kind, lang := clinic.LetterKind(c.Param("kind")), cmp.Or(c.Query("lang"), web.Languages()[0])
	if !slices.Contains(web.Languages(), lang) || !kind.Worded() {
		return branch, stored, delivered, store.NotFound()
	}
	stored, err = p.Store.LetterWording(c.Request.Context(), page.Actor(c), branch.ID, kind, lang)
	return branch, stored, letter.Delivered(kind, lang), err
}

// wordingForm fills the form in.
func wordingForm(t clinic.LetterText) url.Values {
	return url.Values{"subject": {t.Subject}, "lead": {t.Lead}, "note": {t.Note}}
}

// readWording reads the form.
func readWording(form url.Values) clinic.LetterText {
	return clinic.LetterText{Subject: form.Get("subject"), Lead: form.Get("lead"), Note: form.Get("note")}
}

// wording is the page of a text; form is what stands in its fields.
func (p *Pages) wording(c *gin.Context, branch clinic.Branch, stored clinic.LetterWording, delivered clinic.LetterText, form url.Values) (view.Wording, error) {
	settings, err := p.Store.Settings(c.Request.Context())
	if err != nil {
		return view.Wording{}, err
	}
	v := view.Wording{Frame: p.frame(c, branch), Stored: stored, Delivered: delivered, Form: form, Revision: stored.Revision}
	sample := clinic.SampleLetter(stored.Kind, settings, branch, stored.Lang, clinic.LetterText{}, p.Now())
	for _, place := range stored.Kind.Placeholders() {
		v.Places = append(v.Places, view.Place{
			Written: place.In(stored.Lang), Example: letter.Example(sample, place), InSubject: slices.Contains(stored.Kind.SubjectPlaceholders(), place),
		})
	}
	// The letters stand in a frame of this page.
	c.Header("Content-Security-Policy", page.Policy+"; frame-src 'self'")
	return v, nil
}

// ShowWording shows the text of a branch for the letters of a kind in a language.
func (p *Pages) ShowWording(c *gin.Context) error {
	branch, stored, delivered, err := p.wordingToEdit(c)
	if err != nil {
		return err
	}
	v, err := p.wording(c, branch, stored, delivered, wordingForm(stored.Text.Or(delivered)))
	if err != nil {
		return err
	}
	v.Saved = justSaved(c)
	return page.Show(c, http.StatusOK, view.WordingPage(v))
}

// SaveWording stores it, or shows what is wrong, or what somebody else has saved since the form was drawn. Asked to, it puts what is delivered
// into the form and stores nothing.
func (p *Pages) SaveWording(c *gin.Context) error {
	branch, stored, delivered, err := p.wordingToEdit(c)
	if err != nil {
		return err
	}
	path := view.WordingURL(stored)
	stay(c, path)
	sent, before := c.Request.PostForm, wordingForm(stored.Text.Or(delivered))
	seen, form := page.ReadSeen(sent), decided(sent, before)
	text, errs := clinic.CheckLetterText(stored.Kind, stored.Lang, readWording(form), delivered)
	if restored := sent.Get("do") == "restore"; restored || len(errs) > 0 {
		if restored {
			form, errs = wordingForm(delivered), nil
		}
		v, err := p.wording(c, branch, stored, delivered, form)
		if err != nil {
			return err
		}
		v.Revision, v.Restored, v.Errors = seen.Revision, restored, errs
		status := http.StatusOK
		if len(errs) > 0 {
			status = http.StatusUnprocessableEntity
		}
		return page.Show(c, status, view.WordingPage(v))
	}
	if differ := differences(seen, stored.Revision, clinic.LetterTextFields, before, wordingForm(text.Or(delivered))); len(differ) > 0 {
		conflict := p.conflict(c, branch.ID, sent, stored.Revision, differ)
		stay(c, path)
		return page.Show(c, http.StatusConflict, view.WordingConflictPage(conflict, path))
	}
	stored.Text = text
	switch err := p.Store.SaveLetterWording(c.Request.Context(), page.Actor(c), stored); {
	case clinic.IsStale(err): // saved by somebody else since it was read: what they saved is compared anew
		return p.SaveWording(c)
	case err != nil:
		return err
	}
	return page.GoTo(c, path+"&done=saved")
}

// letterPolicy lets a letter have the styles that it travels with, and nothing else: it runs nothing, loads nothing and leads nowhere.
const letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"

// framed lets an answer stand in a frame of our own pages.
func framed(c *gin.Context, policy string) {
	c.Header("Content-Security-Policy", policy)
	c.Header("X-Frame-Options", "SAMEORIGIN")
}

// ShowWordingPreview shows the letter in the words that are stored.
func (p *Pages) ShowWordingPreview(c *gin.Context) error {
	branch, stored, _, err := p.wordingToEdit(c)
	if err != nil {
		return err
	}
	return p.showPreview(c, branch, stored, nil)
}

// PreviewWording shows the letter in the words that were typed, and stores nothing.
func (p *Pages) PreviewWording(c *gin.Context) error {
	branch, stored, delivered, err := p.wordingToEdit(c)
	if err != nil {
		return err
	}
	var errs clinic.Errors
	stored.Text, errs = clinic.CheckLetterText(stored.Kind, stored.Lang, readWording(c.Request.PostForm), delivered)
	return p.showPreview(c, branch, stored, errs)
}

// showPreview shows a letter narrow, wide and dark. What is wrong with its text is said; a text that cannot stand in a letter is not shown in one.
func (p *Pages) showPreview(c *gin.Context, branch clinic.Branch, w clinic.LetterWording, errs clinic.Errors) error {
	framed(c, letterPolicy)
	if len(errs) > 0 {
		return page.Show(c, http.StatusUnprocessableEntity, view.WordingPreview(view.Preview{Errors: errs}))
	}
	settings, err := p.Store.Settings(c.Request.Context())
	if err != nil {
		return err
	}
	sample := clinic.SampleLetter(w.Kind, settings, branch, w.Lang, w.Text, p.Now())
	rendered, err := letter.Write(sample, p.BaseURL)
	if err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.WordingPreview(view.Preview{
		Subject: rendered.Subject, From: letter.SenderName(sample.Content), Light: letter.Preview(rendered, false), Dark: letter.Preview(rendered, true),
	}))
}

// trialPolicy is that of every page, but that it may stand in a frame of ours.
var trialPolicy = page.PolicyIn("'self'")

// ShowWordingTrial says where the last test of whoever looks stands.
func (p *Pages) ShowWordingTrial(c *gin.Context) error {
	branch, stored, _, err := p.wordingToEdit(c)
	if err != nil {
		return err
	}
	return p.showTrial(c, http.StatusOK, branch, stored, nil)
}

// SendWordingTrial sends the letter in the words that were typed to whoever asks.
func (p *Pages) SendWordingTrial(c *gin.Context) error {
	branch, stored, delivered, err := p.wordingToEdit(c)
	if err != nil {
		return err
	}
	text, errs := clinic.CheckLetterText(stored.Kind, stored.Lang, readWording(c.Request.PostForm), delivered)
	if len(errs) > 0 {
		return p.showTrial(c, http.StatusUnprocessableEntity, branch, stored, errs)
	}
	stored.Text = text
	err = p.Store.SendTextTrial(c.Request.Context(), page.Actor(c), stored)
	if refusal := (*clinic.Error)(nil); errors.As(err, &refusal) && refusal.Code == clinic.TooMany {
		return p.showTrial(c, page.Status(refusal.Code), branch, stored, clinic.Errors{refusal})
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, view.WordingTrialURL(stored))
}

func (p *Pages) showTrial(c *gin.Context, status int, branch clinic.Branch, w clinic.LetterWording, errs clinic.Errors) error {
	v := view.WordingTrial{Wording: w, Branch: branch, Errors: errs}
	sent, err := p.Store.TextTrial(c.Request.Context(), page.Actor(c))
	switch {
	case err == nil:
		shown := bookingLetter(c, sent)
		v.Sent = &shown
	case clinic.CodeOf(err) != clinic.NotFound:
		return err
	}
	framed(c, trialPolicy)
	return page.Show(c, status, view.WordingTrialPage(v))
}
