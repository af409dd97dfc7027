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

// readNote reads a note as it was typed, for the areas of a questionnaire. Boxes are known by their ids: what they say is taken from what
// was stored before, or from all that a doctor explains. A box that stood on the page is ticked, whether or not it still follows from the
// answers, which the patient may have changed meanwhile.
func readNote(form url.Values, q *intake.Questionnaire, all []intake.Explanation, before ...clinic.Note) clinic.Note {
	n := clinic.Note{
		Other: form.Get("other"), Wish: form.Get("wish"), Proposal: form.Get("proposal"), Next: chosen(form, "next"), NextOn: form.Get("next-on"),
	}
	for _, o := range q.Areas().Options {
		value := func(name clinic.NoteField) string { return chosen(form, clinic.FindingField(name, o.Code)) }
		n.Findings = append(n.Findings, clinic.Finding{
			Area: o.Code, Fat: value(clinic.FieldFat), Muscle: value(clinic.FieldMuscle), Sagging: value(clinic.FieldSagging), Thickness: value(clinic.FieldThickness), Skin: value(clinic.FieldSkin), Pain: value(clinic.FieldPain),
		})
	}
	for _, id := range form["explained"] {
		if e, known := explained(id, all, before); known && !n.HasExplained(id) {
			n.Explained = append(n.Explained, e)
		}
	}
	for _, ask := range clinic.NoteAsks {
		if slices.Contains(form["ask"], ask) {
			n.Ask = append(n.Ask, ask)
		}
	}
	return n.Tidied()
}

// chosen is the last value of a field that has one: without a script, the button that takes a choice back comes first and is empty.
func chosen(form url.Values, name string) string {
	values := form[name]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

func explained(id string, all []intake.Explanation, before []clinic.Note) (clinic.Explained, bool) {
	if slices.Contains(clinic.AlwaysExplained, id) {
		return clinic.Explained{ID: id}, true
	}
	for _, n := range before {
		for _, e := range n.Explained {
			if e.ID == id {
				return e, true
			}
		}
	}
	for _, e := range all {
		if e.ID == id {
			return clinic.Explained{ID: id, Text: e.JA}, true
		}
	}
	return clinic.Explained{}, false
}

// readScreen reads what a form says of itself.
func readScreen(form url.Values) clinic.Screen {
	seen := clinic.ReadSeen(form.Get("seen-revision"), form.Get("seen-version"), nil)
	s := clinic.Screen{Revision: seen.Revision, Base: seen.Shown}
	if id := form.Get("screen"); clinic.CheckScreen(id) == nil {
		s.ID = id
	}
	if save, err := strconv.ParseInt(form.Get("save"), 10, 64); err == nil {
		s.Save = save
	}
	return s
}

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
