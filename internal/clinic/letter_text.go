package clinic

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// LetterText is what a branch says in its own words in the letters of a kind in a language. What is empty is said as it is delivered. When,
// where and under which number, the links and the foot are no part of it: they stay in every letter, so that none lies or loses its link.
type LetterText struct {
	Subject string
	Lead    string // the opening; each of its lines is a paragraph
	Note    string // something that the branch adds before the last section, as about parking; each of its lines is a paragraph
}

// LetterWording is the text of the letters of a kind in a language at a branch, as it is stored.
type LetterWording struct {
	BranchID string
	Kind     LetterKind
	Lang     string
	Text     LetterText
	Revision int // 0 while the branch has never worded it
}

// How long a text may be. A subject is read in a list of mails, where about so many signs are shown.
const (
	MaxLetterSubject = 80
	MaxLetterLead    = 400
	MaxLetterNote    = 400
)

// LetterTextFields are the fields of a LetterText, as forms and errors name them.
var LetterTextFields = []string{"subject", "lead", "note"}

// Placeholder is what a text leaves open for each letter. None holds an answer, an area of the body, or anything that a patient wrote in a
// text of their own.
type Placeholder string

// The placeholders.
const (
	PlaceName   Placeholder = "name"   // the patient's
	PlaceTime   Placeholder = "time"   // when the counseling begins
	PlaceBranch Placeholder = "branch" // the clinic and the branch
	PlaceDoctor Placeholder = "doctor"
	PlaceNumber Placeholder = "number" // the booking's
	PlacePhone  Placeholder = "phone"  // the branch's, with its hours
)

// placeWords are the words by which a placeholder is written, in Japanese and in English. Both are understood in either language.
var placeWords = map[Placeholder][2]string{
	PlaceName: {"氏名", "name"}, PlaceTime: {"日時", "time"}, PlaceBranch: {"院名", "branch"}, PlaceDoctor: {"医師", "doctor"},
	PlaceNumber: {"予約番号", "number"}, PlacePhone: {"電話", "phone"},
}

// In is the placeholder as it is written in a language: {{氏名}}, {{name}}.
func (p Placeholder) In(lang string) string {
	words := placeWords[p]
	if lang == "en" {
		return "{{" + words[1] + "}}"
	}
	return "{{" + words[0] + "}}"
}

// allPlaces are the placeholders of letters about a booking that stands or stood.
var allPlaces = []Placeholder{PlaceName, PlaceTime, PlaceBranch, PlaceDoctor, PlaceNumber, PlacePhone}

// letterPlaces are the placeholders of each kind that a branch can word. A kind whose opening tells a fact, as until when an offer is kept,
// must not be here: the fact would be lost. Who asked for a booking and did not get it has no doctor.
var letterPlaces = map[LetterKind][]Placeholder{
	Confirmation: allPlaces, Requested: allPlaces, Approval: allPlaces, Change: allPlaces, Corrected: allPlaces, Cancellation: allPlaces, CalledOff: allPlaces,
	Decline:    {PlaceName, PlaceTime, PlaceBranch, PlaceNumber, PlacePhone},
	Unfinished: allPlaces, Reminder: allPlaces, Morning: allPlaces, Thanks: allPlaces,
}

// WordedKinds are the kinds that a branch can word, in the order in which a patient meets them.
func WordedKinds() []LetterKind {
	return slices.DeleteFunc(slices.Clone(LetterKinds), func(k LetterKind) bool { return !k.Worded() })
}

// Placeholders are those that the texts of a kind may have; none where a branch cannot word the kind.
func (k LetterKind) Placeholders() []Placeholder { return slices.Clone(letterPlaces[k]) }

// SubjectPlaceholders are those that a subject may have. Subjects are shown on locked screens, so they name no patient.
func (k LetterKind) SubjectPlaceholders() []Placeholder {
	return slices.DeleteFunc(k.Placeholders(), func(p Placeholder) bool { return p == PlaceName })
}

// Worded reports whether a branch can say letters of the kind in its own words.
func (k LetterKind) Worded() bool { return len(letterPlaces[k]) > 0 }

// placeMark is a placeholder as people write it, braces of either width and spaces within included.
var placeMark = regexp.MustCompile(`[{｛]{2}([^{}｛｝]*)[}｝]{2}`)

// braces reports braces that stand in pairs, which only placeholders do.
var braces = regexp.MustCompile(`[{｛]{2}|[}｝]{2}`)

// FindPlaceholder is the placeholder that a word means.
func FindPlaceholder(word string) (Placeholder, bool) {
	word = strings.ToLower(strings.TrimSpace(Narrow(word)))
	for p, words := range placeWords {
		if slices.Contains(words[:], word) {
			return p, true
		}
	}
	return "", false
}

// tidyPlaceholders writes every placeholder of a text that is known as In writes it, and leaves all else as it was typed.
func tidyPlaceholders(s, lang string) string {
	return placeMark.ReplaceAllStringFunc(s, func(mark string) string {
		if p, ok := FindPlaceholder(placeMark.FindStringSubmatch(mark)[1]); ok {
			return p.In(lang)
		}
		return mark
	})
}

// checkPlaceholders refuses what is no placeholder of a text, by its name, and braces that no placeholder has.
func checkPlaceholders(errs Errors, field, s string, may []Placeholder) Errors {
	for _, found := range placeMark.FindAllStringSubmatch(s, -1) {
		p, known := FindPlaceholder(found[1])
		if known && slices.Contains(may, p) {
			continue
		}
		message := "error.letter.place"
		if known {
			message = "error.letter.place.here"
		}
		return append(errs, &Error{Code: Invalid, Field: field, Message: message, Args: map[string]string{"Word": found[0]}})
	}
	if braces.MatchString(placeMark.ReplaceAllString(s, "")) {
		return append(errs, invalid(field, "error.letter.braces"))
	}
	return errs
}

// Fill puts values in the places that a text leaves open. A value is never read for placeholders itself; what has no value leaves nothing.
func Fill(s string, values map[Placeholder]string) string {
	return placeMark.ReplaceAllStringFunc(s, func(mark string) string {
		p, _ := FindPlaceholder(placeMark.FindStringSubmatch(mark)[1])
		return values[p]
	})
}

// webAddress finds what a mail program would make a link of. Letters lead to our own pages, by links of their own.
var webAddress = regexp.MustCompile(`(?i:[a-z][a-z0-9+.-]*://|www\.|mailto:)|[A-Za-z0-9][A-Za-z0-9-]*\.[a-z]{2,}(?:[^a-z]|$)|@[A-Za-z0-9]|(?i:\.(?:com|net|org|jp|info|biz|co|io)(?:[^a-z]|$))`)

// CheckLetterText tidies a text that somebody typed for letters of a kind in a language, and says what is wrong with it. delivered is the
// text as it is delivered: what is the same is left empty, so that it follows when what is delivered gets better.
func CheckLetterText(k LetterKind, lang string, typed, delivered LetterText) (LetterText, Errors) {
	t := LetterText{
		Subject: tidyPlaceholders(Tidy(typed.Subject), lang),
		Lead:    tidyPlaceholders(tidyParagraphs(typed.Lead), lang),
		Note:    tidyPlaceholders(tidyParagraphs(typed.Note), lang),
	}
	var errs Errors
	if !k.Worded() {
		return t, append(errs, &Error{Code: NotFound, Message: "error.not_found"})
	}
	errs = checkLine(errs, "subject", t.Subject, false, MaxLetterSubject)
	errs = checkText(errs, "lead", t.Lead, MaxLetterLead)
	errs = checkText(errs, "note", t.Note, MaxLetterNote)
	for field, s := range t.fields() {
		may := k.Placeholders()
		if field == "subject" {
			may = k.SubjectPlaceholders()
		}
		errs = checkPlaceholders(errs, field, s, may)
		if webAddress.MatchString(Narrow(placeMark.ReplaceAllString(s, " "))) {
			errs = append(errs, invalid(field, "error.letter.address"))
		}
		for _, word := range Advertising(s) {
			errs = append(errs, &Error{
				Code: Invalid, Field: field, Message: "error.letter.ad." + string(word.Rule), Args: map[string]string{"Word": word.Word},
			})
		}
	}
	if len(errs) > 0 {
		return t, errs
	}
	if t.Subject == delivered.Subject {
		t.Subject = ""
	}
	if t.Lead == delivered.Lead {
		t.Lead = ""
	}
	return t, nil
}

// fields are the texts by the names of their fields, in their order.
func (t LetterText) fields() func(yield func(field, s string) bool) {
	return func(yield func(field, s string) bool) {
		for i, s := range []string{t.Subject, t.Lead, t.Note} {
			if !yield(LetterTextFields[i], s) {
				return
			}
		}
	}
}

// Or is the text with what is delivered where it says nothing.
func (t LetterText) Or(delivered LetterText) LetterText {
	if t.Subject == "" {
		t.Subject = delivered.Subject
	}
	if t.Lead == "" {
		t.Lead = delivered.Lead
	}
	return t
}

// tidyParagraphs tidies each line of a text, and leaves out those that are empty.
func tidyParagraphs(s string) string {
	var lines []string
	for line := range strings.SplitSeq(TidyText(s), "\n") {
		if line = Tidy(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// SampleLetter is a letter of a kind as somebody who does not exist would get it from a branch, in the words of a text.
func SampleLetter(k LetterKind, s Settings, b Branch, lang string, text LetterText, now time.Time) Letter {
	day := DateOf(now, b.Location()).AddDays(sampleAhead)
	begins := Clock(14*60).at(day, b.Location()).UTC()
	a := Appointment{
		Branch:  b,
		Slot:    Slot{BranchID: b.ID, StartsAt: begins, EndsAt: begins.Add(time.Hour)},
		Doctor:  Doctor{FamilyName: "見本", GivenName: "守", NameEn: "Mamoru Mihon"},
		Patient: Patient{FamilyName: "見本", GivenName: "花子", Email: "hanako@example.jp"},
		Booking: Booking{ID: "sample", Reference: "M7K-4Q2P", Lang: lang, Status: Booked, QuestionnaireVersion: "sample"},
	}
	if lang == "en" {
		a.Patient.FamilyName, a.Patient.GivenName = "Mihon", "Hanako"
	}
	token := ""
	if k.Links() {
		token = "sample"
	}
	l := newLetter(k, s, a, token, now)
	l.Content.Text = text
	return l
}

// sampleAhead is in how many days the counseling of a sample is.
const sampleAhead = 5

// TextTrialFor writes a sample letter to a person of the clinic, who wants to see a text as it arrives. There is one for each person, in which
// the next takes the place of the one before.
func TextTrialFor(sample Letter, who Staff, now time.Time) Letter {
	sample.ID, sample.BookingID, sample.OnceKey, sample.Content.To = NewIDAt(now), "", TextTrialKey(who.ID), who.Email
	return sample
}

// TextTrialKey is the OnceKey of the letter of TextTrialFor.
func TextTrialKey(staffID string) string { return TrialKey(staffID) + "/text" }

// IsTrial reports whether a letter is sent to see how letters arrive.
func (l Letter) IsTrial() bool { return strings.HasPrefix(l.OnceKey, TrialKeys) }

// CheckTrialAgain refuses another trial of a text too soon after the one before, so that nobody fills a mailbox with them.
func (l Letter) CheckTrialAgain(now time.Time) error {
	sent := l.CreatedAt
	if l.DatedAt != nil {
		sent = *l.DatedAt
	}
	if now.Before(sent.Add(TextTrialPause)) {
		return &Error{Code: TooMany, Message: "error.letter.trial.soon"}
	}
	return nil
}

// TextTrialPause is how long a person waits between two trials of a text. The sentence error.letter.trial.soon names it.
const TextTrialPause = 20 * time.Second
