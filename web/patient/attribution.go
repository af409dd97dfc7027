// Package patient has the pages that patients see, one templ file for each, with the view each of them shows. A view
// holds exactly what its page says; handlers fill it, nothing here asks a database.
package patient

import (
	"net/url"

	"github.com/a-h/templ"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
)

// Attribution is what a visitor brought from one of the clinic's articles. It goes through every link and form until the
// booking.
type Attribution struct {
	clinic.Attribution
	Area intake.Text // the name of Attribution.Area; empty when there is none
}

// link is an address with the attribution and the given names and values; empty values are left out.
func (t Attribution) link(path string, pairs ...string) templ.SafeURL {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		setIf(query, pairs[i], pairs[i+1])
	}
	for _, pair := range t.pairs() {
		setIf(query, pair[0], pair[1])
	}
	if len(query) == 0 {
		return templ.SafeURL(path)
	}
	return templ.SafeURL(path + "?" + query.Encode())
}

func (t Attribution) pairs() [3][2]string {
	return [3][2]string{{"area", t.Attribution.Area}, {"article", t.Article}, {"campaign", t.Campaign}}
}

func setIf(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}

// doctorName is a doctor's name with the title: 見本 花 医師, Dr. Hana Mihon.
func doctorName(l web.Locale, d clinic.Doctor) string {
	return l.T("patient.doctor.before") + d.Name(l.Lang()) + l.T("patient.doctor.after")
}

// sexOf is what is said beside a doctor's name for people who would rather see a woman.
func sexOf(l web.Locale, d clinic.Doctor) string {
	if d.Sex == clinic.Female {
		return l.T("patient.doctor.female")
	}
	return ""
}
