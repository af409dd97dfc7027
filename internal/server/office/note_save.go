package office

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// WriteNote saves what a doctor has typed, or signs it. It comes again and again while somebody types ("auto"), and is answered with the
// time then.
func (p *Pages) WriteNote(c *gin.Context) error {
	ctx, actor, id, form := c.Request.Context(), page.Actor(c), c.Param("id"), c.Request.PostForm
	note, err := p.Store.NoteFor(ctx, actor, id)
	if clinic.CodeOf(err) == clinic.NotFound {
		return p.noteAway(c)
	}
	if err != nil {
		return err
	}
	q, err := p.QuestionnaireOf(ctx, note.Appointment.Booking.QuestionnaireVersion)
	if err != nil {
		return err
	}
	before := []clinic.Note{note.Draft.Note}
	if n := note.Newest(); n.Version > 0 {
		before = append(before, n.Note)
	}
	screen, typed, reason := readScreen(form), readNote(form, q, p.Explanations, before...), form.Get("reason")
	done := "saved"
	switch do := form.Get("do"); do {
	case "auto":
		return p.autosave(c, note, screen, typed, reason)
	case "sign", "sure":
		done = "signed"
		signing := clinic.Signing{Sure: do == "sure"}
		if signing.Open, err = p.openPoints(c, q, note, typed); err != nil {
			return err
		}
		_, err = p.Store.SignNote(ctx, actor, id, screen, typed, reason, signing)
	case "both":
		done = "both"
		both := keepBoth(web.LocaleOf(ctx), q, note, form.Get("against"), typed)
		if _, err = p.Store.SaveDraft(ctx, actor, id, screen, both, reason); !clinic.IsStale(err) {
			typed = both
		}
	default:
		// Whoever only releases a hold has not begun to write.
		if nothing := strings.HasPrefix(do, releaseWord) && !note.Draft.Open && typed.IsEmpty(); !nothing {
			_, err = p.Store.SaveDraft(ctx, actor, id, screen, typed, reason)
		}
	}
	stay(c, notePath(id))
	switch do := form.Get("do"); {
	case err == nil && do == "compare":
		return p.noteConflict(c, id, screen, typed, form)
	case err == nil && strings.HasPrefix(do, releaseWord):
		return p.releaseBesideNote(c, do, screen, typed, reason)
	case clinic.CodeOf(err) == clinic.NotFound: // it went away at this very moment
		return p.noteAway(c)
	case err == nil:
		return page.GoTo(c, notePath(id)+"?done="+done)
	case clinic.IsStale(err):
		// What came too late to be signed is kept as a draft, where that undoes nothing.
		if _, err := p.Store.SaveDraft(ctx, actor, id, screen, typed, reason); err != nil && clinic.CodeOf(err) == "" {
			return err
		}
		return p.noteConflict(c, id, screen, typed, form)
	}
	return p.noteRefused(c, note, screen, typed, reason, err)
}

// openPoints is how much of what a doctor is asked about before they sign is open.
func (p *Pages) openPoints(c *gin.Context, q *intake.Questionnaire, note store.Note, typed clinic.Note) (int, error) {
	data := view.Note{Typed: typed, Follows: p.follows(q, note)}
	if note.Reads {
		var err error
		if data.Chart, err = p.chartWithHistory(c, note.Appointment.Booking.ID); err != nil {
			return 0, err
		}
	}
	return len(data.Open(web.LocaleOf(c.Request.Context()))), nil
}

// noteRefused shows the form again with what keeps it from being saved or signed. What cannot be signed yet is kept as a draft, as far as it
// may be one.
func (p *Pages) noteRefused(c *gin.Context, note store.Note, screen clinic.Screen, typed clinic.Note, reason string, err error) error {
	var refusal *clinic.Error
	var errs clinic.Errors
	status := http.StatusUnprocessableEntity
	switch {
	case errors.As(err, &errs):
	case errors.As(err, &refusal) && refusal.Code == clinic.Conflict:
		status = http.StatusConflict
	default:
		return err
	}
	data, problem := p.note(c, note)
	if problem != nil {
		return problem
	}
	data.Typed, data.Reason, data.Revision, data.Base, data.Writing, data.Errors, data.Refusal = typed, reason, screen.Revision, screen.Base, true, errs, refusal
	data.Sure, data.Releasing = errs.AskOnceMore(), typedReleases(c.Request.PostForm)
	if d, err := p.Store.SaveDraft(c.Request.Context(), page.Actor(c), note.Appointment.Booking.ID, screen, typed, reason); err == nil {
		data.Revision, data.SavedAt = d.Revision, d.SavedAt
	}
	return page.Show(c, status, view.NotePage(data))
}

// autosaved is what a page is told that saves by itself.
type autosaved struct {
	Revision int               `json:"revision,omitempty"`
	Saved    string            `json:"saved"`            // when, to the second, as the branch's clock says it
	Errors   map[string]string `json:"errors,omitempty"` // sentences by field
	Words    string            `json:"words,omitempty"`  // what happened to the counseling meanwhile, in a sentence
	Away     bool              `json:"away,omitempty"`   // whoever writes reads the chart no more
}

func (p *Pages) autosave(c *gin.Context, note store.Note, screen clinic.Screen, typed clinic.Note, reason string) error {
	d, err := p.Store.SaveDraft(c.Request.Context(), page.Actor(c), note.Appointment.Booking.ID, screen, typed, reason)
	var errs clinic.Errors
	l := web.LocaleOf(c.Request.Context())
	switch {
	case errors.As(err, &errs):
		answer := autosaved{Errors: map[string]string{}}
		for _, e := range errs {
			answer.Errors[e.Field] = l.Sentence(e)
		}
		c.JSON(http.StatusUnprocessableEntity, answer)
		return nil
	case clinic.CodeOf(err) == clinic.Conflict:
		c.JSON(http.StatusConflict, autosaved{Words: refusalWords(l, err)})
		return nil
	case clinic.CodeOf(err) == clinic.NotFound:
		return p.noteAway(c)
	case err != nil:
		return err
	}
	c.JSON(http.StatusOK, autosaved{
		Revision: d.Revision, Saved: d.SavedAt.In(note.Appointment.Branch.Location()).Format("15:04:05"), Words: happened(l, note), Away: !note.Reads,
	})
	return nil
}

// theirs is what stands against what was typed: the version that was signed meanwhile, or else the draft of another screen.
func theirs(note store.Note, screen clinic.Screen) (n clinic.Note, signed clinic.Signed) {
	if newest := note.Newest(); newest.Version > screen.Base {
		return newest.Note, newest
	}
	if !note.Draft.Open {
		return note.Newest().Note, note.Newest()
	}
	return note.Draft.Note, clinic.Signed{}
}

// keepBoth puts what was shown beside what was typed together with it: a signed version, or else the draft of another screen. Where one field
// cannot hold both, what was stored stands in a line of its own.
func keepBoth(l web.Locale, q *intake.Questionnaire, note store.Note, against string, typed clinic.Note) clinic.Note {
	other := note.Draft.Note
	if n := note.Newest(); n.Version > 0 && against == strconv.Itoa(n.Version) {
		other = n.Note
	}
	both, lost := clinic.KeepBoth(other, typed)
	for _, change := range lost {
		line := l.T("office.note.conflict.line", "Words", view.ChangeLine(l, q.Areas(), change))
		both.Other = clinic.TidyText(both.Other + "\n" + line)
	}
	return both
}

// noteConflict shows both texts where another screen, or a colleague, came first. What was typed travels along out of sight.
func (p *Pages) noteConflict(c *gin.Context, id string, screen clinic.Screen, typed clinic.Note, form url.Values) error {
	note, err := p.Store.NoteFor(c.Request.Context(), page.Actor(c), id)
	if clinic.CodeOf(err) == clinic.NotFound {
		return p.noteAway(c)
	}
	if err != nil {
		return err
	}
	head, _, err := p.noteHead(c, note)
	if err != nil {
		return err
	}
	other, signed := theirs(note, screen)
	data := view.NoteConflict{
		Frame: p.frame(c, clinic.Branch{}), NoteHead: head, Theirs: other, By: signed.Author, Version: signed.Version, Mine: typed, Revision: note.Draft.Revision,
	}
	for name, values := range form {
		if slices.Contains([]string{"seen-revision", "seen-version", "against", "do", "save"}, name) {
			continue
		}
		for _, value := range values {
			data.Carried = append(data.Carried, view.Carried{Name: name, Value: value})
		}
	}
	slices.SortStableFunc(data.Carried, func(a, b view.Carried) int { return cmp.Compare(a.Name, b.Name) })
	return page.Show(c, http.StatusConflict, view.NoteConflictPage(data))
}
