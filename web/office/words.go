package office

import (
	"net/url"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// list joins words as the language does: 背中、裏もも, or Back, Back of the thighs.
func list(l web.Locale, words []string) string { return strings.Join(words, l.T("office.comma")) }

// person is a patient's name with the polite 様 that the desk uses.
func person(l web.Locale, p clinic.Patient) string {
	return l.T("office.person", "Name", p.Name())
}

// doctorName is a doctor's name with the title.
func doctorName(l web.Locale, d clinic.Doctor) string {
	return l.T("office.doctor", "Name", d.Name(l.Lang()))
}

// href is an address of our own, with those of the parameters that are not empty.
func href(path string, pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
