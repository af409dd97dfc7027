package office

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// noteAway answers whoever has typed into the note of a chart that they do not read, in most cases no more: it says why, as far as they may
// know, and shows what they have typed and nothing else. Of a booking that they never had they learn nothing.
func (p *Pages) noteAway(c *gin.Context) error {
	ctx, form := c.Request.Context(), c.Request.PostForm
	away, version, err := p.Store.ChartAway(ctx, page.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	l := web.LocaleOf(ctx)
	if form.Get("do") == "auto" {
		c.JSON(http.StatusNotFound, autosaved{Words: view.AwayWords(l, away), Away: true})
		return nil
	}
	q, err := p.QuestionnaireOf(ctx, version)
	if err != nil {
		return err
	}
	var releases []string
	for _, reason := range typedReleases(form) {
		if reason != "" {
			releases = append(releases, reason)
		}
	}
	slices.Sort(releases)
	return p.showAway(c, away, view.AwayFromNote(l, q.Areas(), readNote(form, q, p.Explanations), form.Get("reason"), unread(form, q), releases))
}

// chartAway is noteAway for any other form of a chart.
func (p *Pages) chartAway(c *gin.Context, typed view.Away) error {
	away, _, err := p.Store.ChartAway(c.Request.Context(), page.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	return p.showAway(c, away, typed)
}

func (p *Pages) showAway(c *gin.Context, away clinic.Away, typed view.Away) error {
	stay(c, "/office/doctor")
	typed.Frame, typed.Words = p.frame(c, clinic.Branch{}), view.AwayWords(web.LocaleOf(c.Request.Context()), away)
	return page.Show(c, http.StatusNotFound, view.AwayPage(typed))
}

// unread is what a form says of areas that a questionnaire does not know, so that nothing that was typed is left out.
func unread(form url.Values, q *intake.Questionnaire) (out []string) {
	for name, values := range form {
		field, area, ok := strings.Cut(name, "-")
		known := slices.ContainsFunc(q.Areas().Options, func(o intake.Option) bool { return o.Code == area })
		if !ok || known || !slices.Contains(clinic.FindingFields, clinic.NoteField(field)) {
			continue
		}
		if value := values[len(values)-1]; value != "" {
			out = append(out, name+" "+value)
		}
	}
	slices.Sort(out)
	return out
}

// happened is what somebody who goes on writing must know of the counseling; nothing where all is as it was.
func happened(l web.Locale, note store.Note) (words string) {
	switch a := note.Appointment; {
	case !note.Reads:
		return view.HandedAwayWords(l, a)
	case a.Booking.Status == clinic.Cancelled:
		return l.T("office.note.cancelled")
	case a.Booking.Status == clinic.NoShow:
		return l.T("office.note.noshow")
	}
	return ""
}

// refusalWords is a refusal that is no question of two texts, in a sentence; nothing for any other error.
func refusalWords(l web.Locale, err error) string {
	var refusal *clinic.Error
	if clinic.IsStale(err) || !errors.As(err, &refusal) || refusal.Code != clinic.Conflict {
		return ""
	}
	return l.Sentence(refusal)
}
