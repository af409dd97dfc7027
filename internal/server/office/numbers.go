package office

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// numbersWeeks is the period that is shown where none is asked for.
const numbersWeeks = 12

// ShowNumbers shows what a branch's counselings come to: ?branch=ID&weeks=4, 12 or 52, or &first=YYYY-MM-DD&last=YYYY-MM-DD, and
// &doctor=ID for those of one doctor.
func (p *Pages) ShowNumbers(c *gin.Context) error {
	data, err := p.readNumbers(c)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if data.Wrong != nil {
		status = page.Status(data.Wrong.Code)
	}
	return page.Show(c, status, view.NumbersPage(data))
}

// NumbersCSV is the same as a file for Excel.
func (p *Pages) NumbersCSV(c *gin.Context) error {
	data, err := p.readNumbers(c)
	switch {
	case err != nil:
		return err
	case data.Branch.ID == "":
		return &clinic.Error{Code: clinic.NotFound, Message: "error.not_found"}
	case data.Wrong != nil:
		return data.Wrong
	}
	out := csvFile(c, "numbers-"+data.Period.First.String()+"-"+data.Period.Last.String())
	for _, row := range data.File(web.LocaleOf(c.Request.Context())) {
		_ = out.Write(neutral(row))
	}
	out.Flush()
	return nil
}

// readNumbers reads what an address asks for, and counts it.
func (p *Pages) readNumbers(c *gin.Context) (view.Numbers, error) {
	ctx, actor := c.Request.Context(), page.Actor(c)
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, c.Query("branch"))
	if err != nil {
		return view.Numbers{}, err
	}
	data := view.Numbers{Frame: p.frame(c, branch)}
	if branch.ID == "" { // a clinic that begins has none
		return data, nil
	}
	data.Today = clinic.DateOf(p.Now(), branch.Location())
	data.Weeks, data.Period = askedPeriod(c, data.Today)
	data.Wrong = data.Period.Check(data.Today)
	if data.Working, err = p.Store.DoctorsAt(ctx, branch.ID); err != nil {
		return data, err
	}
	query := store.NumbersQuery{Period: data.Period}
	if id := c.Query("doctor"); slices.ContainsFunc(data.Working, func(d clinic.Doctor) bool { return d.ID == id }) {
		data.DoctorID, query.DoctorIDs = id, []string{id}
	}
	if data.Wrong != nil {
		return data, nil
	}
	if data.Counted, err = p.Store.Numbers(ctx, actor, branch, query); err != nil {
		return data, err
	}
	query.Period, query.Plain = data.Period.Before(), true
	if data.Before, err = p.Store.Numbers(ctx, actor, branch, query); err != nil {
		return data, err
	}
	if data.Begins, _, err = p.Store.NumbersBegin(ctx, actor, branch); err != nil {
		return data, err
	}
	if data.Doctors, err = p.Store.Doctors(ctx); err != nil {
		return data, err
	}
	data.Areas, err = p.everyArea(c)
	return data, err
}

// askedPeriod is the period that an address asks for: some weeks, or the days of a form, which may be wrong. Of two days one may be
// missing, and is the other then.
func askedPeriod(c *gin.Context, today clinic.Date) (weeks int, period clinic.Period) {
	first, begins := clinic.ParseDate(c.Query("first"))
	last, ends := clinic.ParseDate(c.Query("last"))
	switch {
	case begins && ends:
		return 0, clinic.Period{First: first, Last: last}
	case begins:
		return 0, clinic.Period{First: first, Last: first}
	case ends:
		return 0, clinic.Period{First: last, Last: last}
	}
	weeks, err := strconv.Atoi(c.Query("weeks"))
	if err != nil || !slices.Contains(view.NumbersWeeks, weeks) {
		weeks = numbersWeeks
	}
	return weeks, clinic.LastWeeks(today, weeks)
}

// everyArea are the areas of every version of the questionnaire, as the newest calls each.
func (p *Pages) everyArea(c *gin.Context) (out []intake.Option, err error) {
	versions, err := p.Store.Questionnaires(c.Request.Context())
	if err != nil {
		return nil, err
	}
	for _, q := range versions {
		for _, o := range q.Areas().Options {
			if !slices.ContainsFunc(out, func(have intake.Option) bool { return have.Code == o.Code }) {
				out = append(out, o)
			}
		}
	}
	return out, nil
}
