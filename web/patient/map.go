package patient

import (
	"net/url"
	"time"

	"github.com/a-h/templ"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// mapURL looks for a branch on a map by its address. It says nothing about the patient; the link bears rel="noreferrer", so that the
// map does not learn from which page it was opened.
func mapURL(l web.Locale, b clinic.Branch) templ.SafeURL {
	query := url.Values{"api": {"1"}, "query": {b.In(l.Lang()).Address}}
	return templ.SafeURL("https://www.google.com/maps/search/?" + query.Encode())
}

// GoogleURL adds an appointment to a calendar at Google. It says no more than the entry in a letter: calendars are shared, so neither the
// name nor a link that opens anything is in it.
func GoogleURL(l web.Locale, a clinic.Appointment, clinicName string) templ.SafeURL {
	branch := a.Branch.In(l.Lang())
	const layout = "20060102T150405Z"
	at := func(t time.Time) string { return t.UTC().Format(layout) }
	query := url.Values{
		"action": {"TEMPLATE"}, "text": {l.T("letter.calendar.summary")}, "dates": {at(a.Slot.StartsAt) + "/" + at(a.Slot.EndsAt)},
		"location": {clinic.FullName(clinicName, branch.Name) + " " + branch.Address},
		"details":  {l.T("letter.calendar.reference", "Reference", a.Booking.Reference)},
	}
	return templ.SafeURL("https://calendar.google.com/calendar/render?" + query.Encode())
}
