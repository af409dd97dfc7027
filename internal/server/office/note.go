package office

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// unsignedPath lists what a doctor has not signed.
const unsignedPath = "/office/unsigned"

func notePath(bookingID string) string { return "/office/charts/" + bookingID + "/note" }

// ShowNote shows a doctor the note of a counseling: the form while there is something to write, and otherwise what was signed.
func (p *Pages) ShowNote(c *gin.Context) error {
	note, err := p.Store.NoteFor(c.Request.Context(), page.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	data, err := p.note(c, note)
	if err != nil {
		return err
	}
	data.Typed, data.Reason, data.Base, data.Fresh = note.Draft.Note, note.Draft.Reason, note.Draft.Base, true
	data.Done = view.NoteDone(web.LocaleOf(c.Request.Context()), c.Query("done"))
	return page.Show(c, http.StatusOK, view.NotePage(data))
}

// note is the page of a note as it is stored, but for what stands in the form.
func (p *Pages) note(c *gin.Context, note store.Note) (view.Note, error) {
	head, q, err := p.noteHead(c, note)
	if err != nil {
		return view.Note{}, err
	}
	data := view.Note{
		Frame: p.frame(c, clinic.Branch{}), NoteHead: head, Follows: p.follows(q, note), Revision: note.Draft.Revision, Screen: clinic.NewID(), Writing: note.Draft.Open,
	}
	if note.Draft.Open {
		data.SavedAt = note.Draft.SavedAt
	}
	if len(note.Versions) == 0 && !note.Draft.Open {
		refusal := new(clinic.Error)
		if data.Writing = !errors.As(note.Appointment.CheckNote(note.Draft.Revision > 0, p.Now()), &refusal); !data.Writing {
			data.Refusal = refusal
		}
	}
	if note.Reads {
		if data.Chart, err = p.chartWithHistory(c, note.Appointment.Booking.ID); err != nil {
			return data, err
		}
	}
	data.Happened = happened(web.LocaleOf(c.Request.Context()), note)
	data.MayDrop = note.Draft.Open && note.Appointment.CheckDrop(note.Draft, note.Newest().Version) == nil
	phrases, err := p.Store.Phrases(c.Request.Context(), page.Actor(c))
	data.Phrases = phrases.List
	return data, err
}

// follows is what follows from the patient's answers to be explained; nothing for a doctor who does not read them.
func (p *Pages) follows(q *intake.Questionnaire, note store.Note) []intake.Explanation {
	if !note.Reads {
		return nil
	}
	return q.Following(p.Explanations, note.Intake.Answers, q.FactsFor(note.Appointment))
}

func (p *Pages) noteHead(c *gin.Context, note store.Note) (view.NoteHead, *intake.Questionnaire, error) {
	a := note.Appointment
	page.Saw(c, clinic.SawNote, clinic.AboutBooking(a))
	q, err := p.QuestionnaireOf(c.Request.Context(), a.Booking.QuestionnaireVersion)
	if err != nil {
		return view.NoteHead{}, nil, err
	}
	head := view.NoteHead{
		Appointment: a, Holiday: p.HolidayName(clinic.DateOf(a.Slot.StartsAt, a.Branch.Location()), page.Lang(c)), Age: q.FactsFor(a).Age, Areas: q.Areas(), Versions: note.Versions, Kept: note.KeptUntil,
	}
	if main := note.Intake.Answers[q.Uses.MainArea]; note.Reads && len(main) > 0 {
		head.MainArea = main[0]
	}
	return head, q, nil
}

// CorrectNote begins to change a signed note, or gives that up.
func (p *Pages) CorrectNote(c *gin.Context) error {
	ctx, actor, id, form := c.Request.Context(), page.Actor(c), c.Param("id"), c.Request.PostForm
	note, err := p.Store.NoteFor(ctx, actor, id)
	if clinic.CodeOf(err) == clinic.NotFound {
		return p.noteAway(c)
	}
	if err != nil {
		return err
	}
	screen, done := readScreen(form), ""
	if form.Get("do") == "drop" {
		done = "?done=dropped"
		err = p.Store.DropNoteDraft(ctx, actor, id, screen)
	} else {
		err = p.Store.CorrectNote(ctx, actor, id, screen.Base, form.Get("reason"))
	}
	if err == nil && done != "" && !note.Reads {
		return page.GoTo(c, unsignedPath+done) // without a version of their own, there is nothing left for them to see
	}
	if err == nil {
		return page.GoTo(c, notePath(id)+done)
	}
	data, problem := p.note(c, note)
	if problem != nil {
		return problem
	}
	stay(c, notePath(id))
	data.Typed, data.Reason, data.Base = note.Draft.Note, form.Get("reason"), note.Draft.Base
	var refusal *clinic.Error
	switch {
	case errors.As(err, &data.Errors):
		return page.Show(c, http.StatusUnprocessableEntity, view.NotePage(data))
	case errors.As(err, &refusal) && refusal.Code == clinic.Conflict:
		data.Refusal = refusal
		return page.Show(c, http.StatusConflict, view.NotePage(data))
	}
	return err
}

// ShowNoteVersions shows two versions of a note side by side: the last two, or those that are asked for (?left=1&right=2; 0 is the draft).
func (p *Pages) ShowNoteVersions(c *gin.Context) error {
	note, err := p.Store.NoteFor(c.Request.Context(), page.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	if len(note.Versions) == 0 {
		return page.GoTo(c, notePath(note.Appointment.Booking.ID))
	}
	head, _, err := p.noteHead(c, note)
	if err != nil {
		return err
	}
	data := view.NoteVersions{Frame: p.frame(c, clinic.Branch{}), NoteHead: head, Left: max(1, len(note.Versions)-1), Right: len(note.Versions)}
	if note.Draft.Open {
		data.Draft, data.Left, data.Right = &note.Draft, len(note.Versions), 0
	}
	for name, n := range map[string]*int{"left": &data.Left, "right": &data.Right} {
		if asked, err := strconv.Atoi(c.Query(name)); err == nil && asked >= 0 && asked <= len(note.Versions) {
			*n = asked
		}
	}
	return page.Show(c, http.StatusOK, view.NoteVersionsPage(data))
}

// noteOpen is what a page is told that has a note open.
type noteOpen struct {
	Words string `json:"words"` // who else has it open, in a sentence
}

// SayNoteOpen hears that a page has a note open, or has it no more, and answers who else has.
func (p *Pages) SayNoteOpen(c *gin.Context) error {
	others, err := p.Store.HasNoteOpen(c.Request.Context(), page.Actor(c), c.Param("id"), c.PostForm("screen"), c.PostForm("leave") == "")
	if err != nil {
		return err
	}
	l := web.LocaleOf(c.Request.Context())
	words, own := []string{}, false
	for _, o := range others {
		if own = own || o.Own; !o.Own {
			words = append(words, l.T("office.doctor_name", "Name", o.Doctor.Name(l.Lang())))
		}
	}
	answer := noteOpen{l.T("office.note.open.you")}
	switch {
	case len(words) > 0:
		answer.Words = l.T("office.note.open.others", "Names", l.List(words))
	case own:
		answer.Words = l.T("office.note.open.own")
	}
	c.JSON(http.StatusOK, answer)
	return nil
}
