package office

import (
	"math"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// affectedOnPage is how many people stand on a page.
const affectedOnPage = 25

// ShowAffected lists the people whose data an account saw or changed: ?from=YYYY-MM-DD&until=YYYY-MM-DD&staff=ID&page=2.
func (p *Pages) ShowAffected(c *gin.Context) error {
	number, err := strconv.Atoi(c.Query("page"))
	if err != nil || number < 1 || number > math.MaxInt32/affectedOnPage {
		number = 1
	}
	data, err := p.affected(c, (number-1)*affectedOnPage, affectedOnPage)
	if err == nil && len(data.People) == 0 && data.All > 0 { // fewer than when the link was written
		return page.GoTo(c, string(data.Beginning()))
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if data.Wrong != nil {
		status = page.Status(data.Wrong.Code)
	}
	page.Private(c)
	return page.Show(c, status, view.AffectedPage(data))
}

// AffectedCSV is the same as a file, with how to reach them.
func (p *Pages) AffectedCSV(c *gin.Context) error {
	data, err := p.affected(c, 0, 0)
	if err == nil && data.Wrong != nil {
		err = data.Wrong
	}
	if err != nil {
		return err
	}
	page.SawNothing(c)
	page.SawEach(c, clinic.Exported, data.People, aboutAffected)
	if err := page.NoteSeen(c); err != nil {
		return err
	}
	l := web.LocaleOf(c.Request.Context())
	out := csvFile(c, "affected-"+data.First.String()+"-"+data.Last.String())
	_ = out.Write(view.AffectedColumns(l))
	for _, a := range data.People {
		_ = out.Write(neutral(view.AffectedCells(l, a, data.Zone)))
	}
	out.Flush()
	return nil // whoever does not take it to the end has gone
}

func aboutAffected(a clinic.Affected) clinic.Subject { return clinic.Subject{Patient: a.PatientID} }

// affected are those whom an address asks for, without some and so many of them at most, or all where limit is 0.
func (p *Pages) affected(c *gin.Context, skip, limit int) (view.Affected, error) {
	read, query, err := p.readAudit(c)
	data := view.Affected{Frame: read.Frame, First: read.First, Last: read.Last, StaffID: read.StaffID, Patient: read.Patient, Wrong: read.Wrong, Skipped: skip, OnPage: affectedOnPage, Everybody: read.Everybody, Zone: p.anyZone(c)}
	if err != nil || data.Wrong != nil {
		return data, err
	}
	data.People, data.All, err = p.Store.Affected(c.Request.Context(), page.Actor(c), store.AffectedQuery{
		From: query.From, Until: query.Until, StaffID: query.StaffID, PatientID: query.PatientID, Skip: skip, Limit: limit,
	})
	page.Saw(c, clinic.SawAudit, clinic.Subject{Patient: query.PatientID, First: data.First, Last: data.Last})
	page.SawEach(c, clinic.SawFound, data.People, aboutAffected)
	return data, err
}
