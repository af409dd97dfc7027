package office

import (
	"maps"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
)

// filled is a form of names and values in turn. What is empty is left out, as are the values of a choice that were not chosen.
func filled(pairs ...string) url.Values {
	form := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			form.Set(pair[0], pair[1])
		}
	}
	return form
}

// decided is a form as it was sent, with what is stored in the fields where that was chosen.
func decided(sent, stored url.Values) url.Values {
	form, seen := maps.Clone(sent), page.ReadSeen(sent)
	for field := range seen.Choices {
		if seen.Keeps(field) {
			form[field] = stored[field]
		}
	}
	return form
}

// differences are the fields whose values differ between what is stored in a revision and what was typed by somebody who has not
// seen that revision, nor chosen between the two.
func differences(seen clinic.Seen, revision int, fields []string, stored, typed url.Values) (out []ui.Difference) {
	for _, field := range fields {
		if seen.Of(field) < revision && !slices.Equal(stored[field], typed[field]) {
			out = append(out, ui.Difference{Name: field, Stored: stored[field], Typed: typed[field]})
		}
	}
	return out
}

// conflict is a form that came after the revision shown of an id was saved, with what differs.
func (p *Pages) conflict(c *gin.Context, id string, sent url.Values, shown int, differences []ui.Difference) view.Conflict {
	stay(c, c.Request.URL.Path)
	return view.Conflict{
		Frame: p.frame(c, clinic.Branch{}), ID: id, Choosing: page.Choosing(web.LocaleOf(c.Request.Context()), sent, shown, differences),
	}
}
