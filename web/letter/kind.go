package letter

import (
	"net/url"
	"time"

	ics "github.com/arran4/golang-ical"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// A kind is what sets the letters of one kind apart. What it says stands in the file that is named after it.
type kind struct {
	compose func(p *page, w words)

	// entry is the status of the calendar entry that travels in the letter. It is empty where the letter has none.
	entry ics.ObjectStatus

	unlinked bool // it opens nothing, so it is written without a token
	nameless bool // it goes to the clinic, or to who may be a stranger, so nobody is named
}

// kinds is every letter that can be written. When one is due is decided in package clinic.
var kinds = map[clinic.LetterKind]kind{
	clinic.Confirmation: {compose: (*page).confirmation, entry: ics.ObjectStatusConfirmed},
	clinic.Requested:    {compose: (*page).request, entry: ics.ObjectStatusTentative},
	clinic.Change:       {compose: (*page).change, entry: ics.ObjectStatusConfirmed},
	clinic.Approval:     {compose: (*page).approval, entry: ics.ObjectStatusConfirmed},
	clinic.Corrected:    {compose: (*page).corrected, entry: ics.ObjectStatusConfirmed},
	clinic.LostLink:     {compose: (*page).lost},
	clinic.Cancellation: {compose: (*page).cancellation, entry: ics.ObjectStatusCancelled, unlinked: true},
	clinic.CalledOff:    {compose: (*page).calledOff, entry: ics.ObjectStatusCancelled, unlinked: true},
	clinic.Decline:      {compose: (*page).decline, entry: ics.ObjectStatusCancelled, unlinked: true},

	clinic.InLineLetter:    {compose: (*page).inLine},
	clinic.OfferLetter:     {compose: (*page).offer},
	clinic.OfferOverLetter: {compose: (*page).offerOver},

	// The reader's calendar has the booking since its confirmation.
	clinic.Unfinished: {compose: (*page).unfinished},
	clinic.Reminder:   {compose: (*page).reminder},
	clinic.Morning:    {compose: (*page).morning},
	clinic.Thanks:     {compose: (*page).thanks, unlinked: true},

	clinic.BookingMade: {compose: (*page).bookingMade, unlinked: true, nameless: true},
	clinic.FailedToday: {compose: (*page).failedToday, unlinked: true, nameless: true},
	clinic.Trial:       {compose: (*page).trial, unlinked: true},
	clinic.CodeLetter:  {compose: (*page).code, unlinked: true, nameless: true},
}

// HasEntry reports whether letters of a kind carry an entry for the reader's calendar.
func HasEntry(k clinic.LetterKind) bool { return kinds[k].entry != "" }

// words is what a letter is written from: its content, and the same as it is said in the reader's language.
type words struct {
	web.Locale
	Content clinic.LetterContent
	When    string // when the counseling begins, short enough for a subject
	Zone    *time.Location
	base    *url.URL
}

// link is the address of a page of ours, absolute.
func (w words) link(path ...string) string { return w.base.JoinPath(path...).String() }

// phone is the branch's telephone number with its hours.
func (w words) phone() string { return phone(w.Locale, w.Content) }
