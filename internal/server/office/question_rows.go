package office

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
)

// The forms of the questionnaire's editor have rows, such as those of a condition: values of one name, the row's question, and beside
// each of them fields that end in the number of the row.

// rowFields are how the names of the fields of a row go on behind that of its rows.
var rowFields = []string{"-of-", "-op-", "-value-", "-joined-"}

// rowsRedrawn is the form after a button that changes only its rows. ok is false for one that does something else.
func rowsRedrawn(form url.Values) (out url.Values, ok bool) {
	do, what, _ := strings.Cut(form.Get("do"), ":")
	prefix, row, _ := strings.Cut(what, ":")
	out = maps.Clone(form)
	switch do {
	case "draw":
	case "more":
		out[what] = append(slices.Clone(out[what]), "")
	case "less":
		withoutRow(out, prefix, row)
	case "up":
		swapRows(out, prefix, row, -1)
	case "down":
		swapRows(out, prefix, row, 1)
	default:
		return form, false
	}
	return out, true
}

// withoutRow takes a row out; those behind it move up.
func withoutRow(form url.Values, prefix, row string) {
	at, err := strconv.Atoi(row)
	all := slices.Clone(form[prefix])
	if err != nil || at < 0 || at >= len(all) {
		return
	}
	form[prefix] = slices.Delete(all, at, at+1)
	for n := at; n < len(form[prefix])+1; n++ {
		for _, field := range rowFields {
			here, next := prefix+field+strconv.Itoa(n), prefix+field+strconv.Itoa(n+1)
			if values, ok := form[next]; ok && n < len(form[prefix]) {
				form[here] = values
			} else {
				delete(form, here)
			}
		}
	}
}

// swapRows puts a row in the place of the one before or behind it.
func swapRows(form url.Values, prefix, row string, by int) {
	at, err := strconv.Atoi(row)
	all := slices.Clone(form[prefix])
	to := at + by
	if err != nil || at < 0 || to < 0 || at >= len(all) || to >= len(all) {
		return
	}
	all[at], all[to] = all[to], all[at]
	form[prefix] = all
	for _, field := range rowFields {
		a, b := prefix+field+strconv.Itoa(at), prefix+field+strconv.Itoa(to)
		form[a], form[b] = form[b], form[a]
		for _, name := range []string{a, b} {
			if len(form[name]) == 0 {
				delete(form, name)
			}
		}
	}
}

// belongs reports whether a name of a form is one of a field that a conflict compares as one.
func belongs(field view.FormField, name string) bool {
	return name == field.Name || field.Prefix != "" && strings.HasPrefix(name, field.Prefix)
}

// grouped are a form's values by what a conflict compares as one.
func grouped(form url.Values, fields []view.FormField) url.Values {
	out := url.Values{}
	for _, field := range fields {
		for _, name := range slices.Sorted(maps.Keys(form)) {
			if belongs(field, name) {
				for _, value := range form[name] {
					if value != "" {
						out.Add(field.Name, name+"\x00"+value)
					}
				}
			}
		}
	}
	return out
}

// inWords says what stands in a part of a form.
type inWords func(l web.Locale, name string, form url.Values) []string

// partDifferences are the parts of a form that differ between what is stored in a revision and what was typed by somebody who has not seen
// it, in words.
func partDifferences(l web.Locale, seen clinic.Seen, revision int, fields []view.FormField, stored, typed url.Values, words inWords) (out []ui.Difference) {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
	}
	for _, each := range differences(seen, revision, names, grouped(stored, fields), grouped(typed, fields)) {
		each.Stored, each.Typed = words(l, each.Name, stored), words(l, each.Name, typed)
		out = append(out, each)
	}
	return out
}

// decidedParts is a form as it was sent, with what is stored in the parts where that was chosen.
func decidedParts(sent, stored url.Values, fields []view.FormField) url.Values {
	form, seen := maps.Clone(sent), page.ReadSeen(sent)
	for _, field := range fields {
		if !seen.Keeps(field.Name) {
			continue
		}
		maps.DeleteFunc(form, func(name string, _ []string) bool { return belongs(field, name) })
		for name, values := range stored {
			if belongs(field, name) {
				form[name] = values
			}
		}
	}
	return form
}
