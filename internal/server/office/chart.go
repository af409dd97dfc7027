package office

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// ShowChart shows a doctor one of their own appointments with every answer. Another doctor's is not found. With ?list=YYYY-MM-DD the page is
// about the list beside it, which a phone shows alone and which begins at that day: so the list brings itself up to date and its chart stays the
// one that is being read.
func (p *Pages) ShowChart(c *gin.Context) error {
	data, err := p.chartPage(c)
	if err != nil {
		return err
	}
	data.Chart.TakenBack = c.Query("unread") != ""
	return page.Show(c, http.StatusOK, view.DoctorDayPage(data))
}

// chartPage is the page of a chart, with the list beside it.
func (p *Pages) chartPage(c *gin.Context) (data view.DoctorDay, err error) {
	asked, listing := clinic.ParseDate(c.Query("list"))
	// The day at which the list begins. In the evening the next patient comes on a later day than the list begins.
	zone := func(a clinic.Appointment) (clinic.Date, *time.Location) {
		loc := a.Branch.Location()
		day := clinic.DateOf(a.Slot.StartsAt, loc)
		if listing && asked.Before(day) && !asked.Before(day.AddDays(-nextDays)) {
			day = asked
		}
		return day, loc
	}
	var h store.ChartHistory
	var charts []store.Chart
	ctx, actor, id := c.Request.Context(), page.Actor(c), c.Param("id")
	read := page.Beside(func() (err error) {
		h, charts, err = p.Store.ChartBeside(ctx, actor, id, func(a clinic.Appointment) (from, until time.Time) {
			day, loc := zone(a)
			return day.In(loc), day.AddDays(nextDays + 1).In(loc)
		})
		return err
	})
	frame := p.frame(c, clinic.Branch{})
	if err := read(); err != nil {
		return data, err
	}
	var beside besideCharts
	said := page.Beside(func() (err error) {
		beside, err = p.besideCharts(ctx, actor, charts)
		return err
	})
	chart, err := p.chart(c, h)
	if err := errors.Join(err, said()); err != nil {
		return data, err
	}
	drawBelow(c, chart)
	day, loc := zone(h.Appointment)
	data, err = p.listed(c, frame, day, shownDays, loc, charts, beside)
	data.Listing, data.Chart = listing, chart
	return data, err
}

// drawBelow begins to draw what stands below the first screen of a chart, which is about half of the page.
func drawBelow(c *gin.Context, chart *view.Chart) {
	chart.Below = page.Ahead(c.Request.Context(), view.BelowFirstScreen(*chart))
}

// chartWithHistory works out what a doctor sees of one appointment, by the version of the questionnaire that was asked.
func (p *Pages) chartWithHistory(c *gin.Context, bookingID string) (*view.Chart, error) {
	h, err := p.Store.ChartHistory(c.Request.Context(), page.Actor(c), bookingID)
	if err != nil {
		return nil, err
	}
	return p.chart(c, h)
}

// chart is chartWithHistory of what was read already.
func (p *Pages) chart(c *gin.Context, h store.ChartHistory) (*view.Chart, error) {
	ctx := c.Request.Context()
	page.Saw(c, clinic.SawChart, clinic.AboutBooking(h.Appointment))
	q, err := p.QuestionnaireOf(ctx, h.Appointment.Booking.QuestionnaireVersion)
	if err != nil {
		return nil, err
	}
	facts, answers := q.FactsFor(h.Appointment), h.Said()
	digest, read := p.digest(q, h.Chart, facts), p.reading(q, h.Chart, facts)
	data := &view.Chart{
		Appointment: h.Appointment, Age: facts.Age, Record: h.Intake, Questions: q, Answers: answers,
		Holiday: p.HolidayName(clinic.DateOf(h.Appointment.Slot.StartsAt, h.Appointment.Branch.Location()), page.Lang(c)),
		Digest:  digest, Complaint: read.complaint, Strip: read.strip, Wanted: read.wanted, Causes: read.causes, Asks: read.asks,
		Unjudged: read.unjudged, Visible: read.visible, Unread: h.Intake.Unread(h.Read),
	}
	data.Record.Typed = q.Unfinished(h.Intake, facts)
	if !h.Appointment.Answered { // otherwise nobody asks
		data.Done, data.Total = q.Progress(h.Intake, facts)
	}
	if data.Versions = versionsOf(q, h, facts); len(data.Versions) > 1 {
		before := h.Chart
		before.Intake.Answers = data.Versions[1].Answers
		was := q.Digest(before.Said(), facts)
		data.Digest, data.Strip = digest.Since(was), intake.SinceStrip(data.Strip, q.Strip(before.Said(), facts, was))
	}
	if data.Visits, err = p.visits(c, h); err != nil {
		return nil, err
	}
	if last, ok := data.LastOwn(); ok {
		data.SinceVisit = q.Changes(last.Questions.Prune(last.Answers, last.Questions.FactsFor(last.Appointment)), q.Prune(answers, facts))
	}
	data.Earlier, err = p.earlier(c, q, answers, data.Visible)
	return data, err
}

// versionsOf are the versions of an intake with what changed in each, the latest first. What is being changed and is not complete again is
// the latest.
func versionsOf(q *intake.Questionnaire, h store.ChartHistory, facts intake.Facts) (out []view.Version) {
	all := h.Versions
	if len(all) > 0 && h.Intake.CompletedAt == nil {
		all = append(slices.Clone(all), intake.Version{Revision: h.Intake.Revision, Answers: h.Intake.Answers, SentAt: h.Intake.UpdatedAt})
	}
	for n, v := range intake.Sittings(all) {
		version := view.Version{N: n + 1, SentAt: v.SentAt, Open: v.Revision > lastSent(h.Versions)}
		if n > 0 {
			version.Changes = q.Changes(q.Prune(out[0].Answers, facts), q.Prune(v.Answers, facts))
		}
		version.Answers = v.Answers
		out = slices.Insert(out, 0, version)
	}
	return out
}

func lastSent(all []intake.Version) int {
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Revision
}

// visits are the patient's visits before the one of a chart, the latest first. Those to another doctor have no answers.
func (p *Pages) visits(c *gin.Context, h store.ChartHistory) ([]view.Visit, error) {
	out := make([]view.Visit, len(h.Earlier))
	for i, e := range h.Earlier {
		out[i] = view.Visit{Appointment: e.Appointment, Own: e.Own}
		if !out[i].Own {
			continue
		}
		q, err := p.QuestionnaireOf(c.Request.Context(), e.Appointment.Booking.QuestionnaireVersion)
		if err != nil {
			return nil, err
		}
		out[i].Questions, out[i].Answers = q, e.Said()
	}
	return out, nil
}

// earlier are the answers to what is not asked: questions that this version does not have, which another may tell, and
// questions that are no longer asked of this patient, because a fact was corrected after they had answered.
func (p *Pages) earlier(c *gin.Context, q *intake.Questionnaire, answers intake.Answers, visible map[string]bool) ([]intake.Reason, error) {
	var out []intake.Reason
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		if visible[id] {
			continue
		}
		question, err := p.QuestionByID(c.Request.Context(), q, id)
		if err != nil {
			return nil, err
		}
		out = append(out, intake.Reason{Question: question, Values: answers[id]})
	}
	return out, nil
}
