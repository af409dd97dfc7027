package office

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

const releaseWord = "release "

// releaseBesideNote releases what a fact holds from the page of the note. The note comes along, as it stands in the form, and is kept first.
func (p *Pages) releaseBesideNote(c *gin.Context, do string, screen clinic.Screen, typed clinic.Note, reason string) error {
	ctx, actor, id, form := c.Request.Context(), page.Actor(c), c.Param("id"), c.Request.PostForm
	treatment, fact, _ := strings.Cut(strings.TrimPrefix(do, releaseWord), " ")
	release := view.TypedRelease{Fact: fact, Treatment: intake.Treatment(treatment), Reason: form.Get(view.ReleaseReason(intake.Treatment(treatment), fact))}
	seen, noAnswers := strconv.Atoi(form.Get("release-revision"))
	set, noSet := strconv.Atoi(form.Get("release-set"))
	if noAnswers != nil || noSet != nil {
		seen = -1 // who does not say what they were shown has seen nothing
	}
	_, err := p.Store.ReleaseHold(ctx, actor, id, seen, set, fact, release.Treatment, release.Reason)
	if err == nil {
		return page.GoTo(c, notePath(id)+"?done=released#holds")
	}
	if clinic.CodeOf(err) == clinic.NotFound { // they go on with their own note, which is kept, and read the chart no more
		return p.chartAway(c, view.AwayFromRelease(web.LocaleOf(ctx), release.Reason))
	}
	status := http.StatusUnprocessableEntity
	if !errors.As(err, &release.Errors) {
		if !errors.As(err, &release.Refused) || release.Refused.Code != clinic.Conflict {
			return err
		}
		status = http.StatusConflict
	}
	note, err := p.Store.NoteFor(ctx, actor, id)
	if err != nil {
		return err
	}
	data, err := p.note(c, note)
	if err != nil {
		return err
	}
	stay(c, notePath(id))
	data.Typed, data.Reason, data.Base, data.Writing, data.Refusal, data.Releasing = typed, reason, screen.Base, true, release.Refused, typedReleases(form)
	data.Chart.Typed = &release
	return page.Show(c, status, view.NotePage(data))
}

// typedReleases are the reasons for releases that were typed beside the note, by their fields.
func typedReleases(form url.Values) map[string]string {
	out := map[string]string{}
	for name := range form {
		if strings.HasPrefix(name, "release-reason-") {
			out[name] = form.Get(name)
		}
	}
	return out
}
