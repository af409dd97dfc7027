package office

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
	"madoguchi/web/ui"
)

// Note is the page on which a doctor writes about a counseling.
type Note struct {
	Frame
	NoteHead
	Chart     *Chart               // nil for a doctor who does not read the chart any more
	Typed     clinic.Note          // what stands in the form
	Reason    string               // why a signed version is changed
	Revision  int                  // of the draft that the form has seen
	Base      int                  // the newest version that it has seen
	Screen    string               // by which the server knows this page again
	SavedAt   time.Time            // when the draft was saved last; zero for never
	Fresh     bool                 // the form shows what is stored, and nothing that was sent
	Follows   []intake.Explanation // what follows from the patient's answers
	Phrases   []clinic.Phrase
	Writing   bool          // there is a form; otherwise the newest version is shown
	Refusal   *clinic.Error // why there is none; nil where there is
	Sure      bool          // asked once more before it is signed
	Errors    clinic.Errors
	Done      string            // what was just done, in a sentence; "" for nothing
	Happened  string            // what happened to the counseling meanwhile, in a sentence; "" for nothing
	MayDrop   bool              // the draft can be given up
	Releasing map[string]string // the reasons for releases as they were typed, by their fields
}

// NoteHead is what every page about a note says of the counseling.
type NoteHead struct {
	Appointment clinic.Appointment
	Holiday     string // the name of the day, empty for an ordinary one
	Age         int    // on the day of the counseling
	Areas       intake.Question
	MainArea    string          // the area that troubles the patient most; "" where that was not said
	Versions    []clinic.Signed // the oldest first
	Kept        clinic.Date     // where the patient's data was erased, the last day on which the note is kept; zero otherwise
}

func (v NoteHead) loc() *time.Location { return v.Appointment.Branch.Location() }

func (v NoteHead) url() string { return "/office/charts/" + v.Appointment.Booking.ID + "/note" }

func (v NoteHead) newest() clinic.Signed {
	if len(v.Versions) == 0 {
		return clinic.Signed{}
	}
	return v.Versions[len(v.Versions)-1]
}

// draftName is under which a browser keeps what was typed and not saved.
func (v Note) draftName() string {
	return "note:" + v.Appointment.Booking.ID + ":" + v.Staff.ID
}

// areas are those that have a row of their own: what the patient named, the one that troubles them most first, and where something was found.
// rest are those that can be added.
func (v Note) areas() (shown, rest []intake.Option) {
	named := v.Appointment.Booking.Details.Answers[v.Areas.ID]
	for _, o := range v.Areas.Options {
		if slices.Contains(named, o.Code) || !v.Typed.Finding(o.Code).IsEmpty() {
			shown = append(shown, o)
		} else {
			rest = append(rest, o)
		}
	}
	slices.SortStableFunc(shown, func(a, b intake.Option) int {
		first := func(o intake.Option) int {
			if o.Code == v.MainArea {
				return 0
			}
			return 1
		}
		return cmp.Compare(first(a), first(b))
	})
	return shown, rest
}

// boxes are what may have been explained to this patient beside the five that every note has: what follows from their answers, and what is
// ticked already.
func (v Note) boxes(l web.Locale) (out []ui.Option) {
	for _, e := range v.Follows {
		out = append(out, ui.Option{Value: e.ID, Label: e.In(l.Lang())})
	}
	for _, e := range v.Typed.Explained {
		known := slices.Contains(clinic.AlwaysExplained, e.ID) || slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == e.ID })
		if !known {
			out = append(out, ui.Option{Value: e.ID, Label: e.Text})
		}
	}
	return out
}

// wrong is the error of a field, in the reader's words.
func (v Note) wrong(l web.Locale, field string) string { return l.Sentence(v.Errors.For(field)) }

// explainedWords are what was explained, each in words.
func explainedWords(l web.Locale, id string, notes ...clinic.Note) string {
	if slices.Contains(clinic.AlwaysExplained, id) {
		return l.Word("note_explained", id)
	}
	for _, n := range notes {
		for _, e := range n.Explained {
			if e.ID == id {
				return e.Text
			}
		}
	}
	return id
}

// findingWords are what was found, in words: 中, 24 mm, 2/10.
func findingWords(l web.Locale, field clinic.NoteField, value string) string {
	switch field {
	case clinic.FieldFat:
		return l.Word("note_fat", value)
	case clinic.FieldMuscle:
		return l.Word("note_muscle", value)
	case clinic.FieldSagging:
		return l.Word("note_sagging", value)
	case clinic.FieldSkin:
		return l.Word("note_skin", value)
	case clinic.FieldThickness:
		return l.T("office.note.mm", "N", value)
	case clinic.FieldPain:
		if value == "0" {
			return l.T("office.note.pain.none")
		}
		return l.T("office.note.pain_of", "N", value)
	case clinic.FieldOther, clinic.FieldExplained, clinic.FieldWish, clinic.FieldProposal, clinic.FieldNext, clinic.FieldAsk, clinic.FieldReason:
	}
	return value
}

// nextWords are how it goes on, in words.
func nextWords(l web.Locale, value string) string {
	if day, ok := clinic.ParseDate(value); ok {
		return l.Day(day, "")
	}
	return l.Word("note_next", value)
}

// ChangeLine is what one of two screens had chosen and the other had not: 背中の脂肪：少.
func ChangeLine(l web.Locale, areas intake.Question, c clinic.NoteChange) string {
	return fieldLabel(l, areas, c.Field, c.Area) + l.T("ui.colon") + lostWords(l, c)
}

func lostWords(l web.Locale, c clinic.NoteChange) string {
	if c.Field == clinic.FieldNext {
		return nextWords(l, c.Before)
	}
	return findingWords(l, c.Field, c.Before)
}

// fieldLabel is what a field of a note is called: 背中・脂肪.
func fieldLabel(l web.Locale, areas intake.Question, field clinic.NoteField, area string) string {
	label := l.Word("note_field", string(field))
	if area == "" {
		return label
	}
	return l.T("office.note.field.at", "Area", l.List(areas.Show([]string{area}, l.Lang())), "Field", label)
}

// noteLine is one line of a note as it is read.
type noteLine struct{ label, words string }

// lines are a note as it is read, without what is empty.
func noteLines(l web.Locale, areas intake.Question, n clinic.Note) (out []noteLine) {
	for _, c := range clinic.NoteChanges(clinic.Note{}, n) {
		if c.Area == "" {
			break
		}
		words := l.Word("note_field", string(c.Field)) + " " + findingWords(l, c.Field, c.After)
		name := l.List(areas.Show([]string{c.Area}, l.Lang()))
		if last := len(out) - 1; last >= 0 && out[last].label == name {
			out[last].words += l.T("office.note.and") + words
			continue
		}
		out = append(out, noteLine{name, words})
	}
	add := func(field clinic.NoteField, words string) {
		if words != "" {
			out = append(out, noteLine{l.Word("note_field", string(field)), words})
		}
	}
	add(clinic.FieldOther, n.Other)
	var explained, asked []string
	for _, e := range n.Explained {
		explained = append(explained, explainedWords(l, e.ID, n))
	}
	for _, ask := range n.Ask {
		asked = append(asked, l.Word("note_ask", ask))
	}
	add(clinic.FieldExplained, l.List(explained))
	add(clinic.FieldWish, n.Wish)
	add(clinic.FieldProposal, n.Proposal)
	switch {
	case n.Next == string(clinic.NextDay) && n.NextOn != "":
		add(clinic.FieldNext, nextWords(l, n.NextOn))
	case n.Next != "":
		add(clinic.FieldNext, nextWords(l, n.Next))
	}
	add(clinic.FieldAsk, l.List(asked))
	return out
}

func (v Note) errorLabel(l web.Locale, field string) string {
	for _, o := range v.Areas.Options {
		for _, name := range clinic.FindingFields {
			if clinic.FindingField(name, o.Code) == field {
				return fieldLabel(l, v.Areas, name, o.Code)
			}
		}
	}
	return l.Word("note_field", strings.TrimSuffix(field, "-on"))
}

// clockSeconds is a time of day to the second.
func clockSeconds(t time.Time, loc *time.Location) string { return t.In(loc).Format("15:04:05") }

// textOf is a text of a note by the name of its field.
func textOf(n clinic.Note, field clinic.NoteField) string {
	if field == clinic.FieldWish {
		return n.Wish
	}
	return n.Proposal
}

// NoteDone is what was just done to a note, as its address says it, in a sentence.
func NoteDone(l web.Locale, done string) string {
	switch done {
	case "saved":
		return l.T("office.note.done.saved")
	case "signed":
		return l.T("office.note.done.signed")
	case "both":
		return l.T("office.note.done.both")
	case "dropped":
		return l.T("office.note.done.dropped")
	case "released":
		return l.T("office.note.done.released")
	}
	return ""
}

// PhrasesDone is the same for the doctor's phrases.
func PhrasesDone(l web.Locale, done string) string {
	switch done {
	case "saved":
		return l.T("office.phrases.done.saved")
	case "removed":
		return l.T("office.phrases.done.removed")
	}
	return ""
}

// wrote reports whether the patient has written something in words of their own.
func (v Chart) wrote(l web.Locale) bool {
	return slices.ContainsFunc(v.Questions.Summary.Words, func(id string) bool { return v.words(l, id) != "" })
}
