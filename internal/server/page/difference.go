package page

import (
	"net/url"
	"slices"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/web"
	"madoguchi/web/ui"
)

// The fields in which forms say what was seen. They have hyphens, so that no question can have their names.
const (
	revisionField = "seen-revision"
	shownField    = "seen-shown"
	choicePrefix  = "choice-" // before the name of a field, for the choice between its two values
)

// ReadSeen is what a form says of what was seen by whoever sends it.
func ReadSeen(form url.Values) clinic.Seen {
	choices := map[string]string{}
	for name, values := range form {
		if field, ok := strings.CutPrefix(name, choicePrefix); ok && len(values) > 0 {
			choices[field] = values[0]
		}
	}
	return clinic.ReadSeen(form.Get(revisionField), form.Get(shownField), choices)
}

// Choosing makes a form that came too late into one that asks about the differences between what was typed and what is stored
// in the revision shown. Choices made before, about other fields, stay.
func Choosing(l web.Locale, form url.Values, shown int, differences []ui.Difference) ui.Choosing {
	v := ui.Choosing{Seen: ReadSeen(form), Shown: shown, Carried: url.Values{}, Differences: differences}
	open := map[string]bool{revisionField: true, shownField: true}
	for i, d := range differences {
		open[choicePrefix+d.Name] = true
		// Who was shown the same before has sent it without a choice.
		if !d.Follows && v.Seen.Shown == shown {
			differences[i].Error = l.Sentence(&clinic.Error{Message: "error.choose"})
		}
	}
	for name, values := range form {
		if !open[name] {
			v.Carried[name] = slices.Clone(values)
		}
	}
	return v
}
