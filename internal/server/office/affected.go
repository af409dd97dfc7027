package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// ShowAffected lists the people whose data an account saw or changed: ?from=YYYY-MM-DD&until=YYYY-MM-DD&staff=ID.
func (p *Pages) ShowAffected(c *gin.Context) error {
	data, err := p.affected(c)
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
	data, err := p.affected(c)
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

func (p *Pages) affected(c *gin.Context) (view.Affected, error) {
	read, query, err := p.readAudit(c)
	data := view.Affected{Frame: read.Frame, First: read.First, Last: read.Last, StaffID: read.StaffID, Patient: read.Patient, Wrong: read.Wrong, Everybody: read.Everybody, Zone: p.anyZone(c)}
	if err != nil || data.Wrong != nil {
		return data, err
	}
	data.People, err = p.Store.Affected(c.Request.Context(), page.Actor(c), store.AffectedQuery{From: query.From, Until: query.Until, StaffID: query.StaffID, PatientID: query.PatientID})
	page.Saw(c, clinic.SawAudit, clinic.Subject{Patient: query.PatientID, First: data.First, Last: data.Last})
	page.SawEach(c, clinic.SawFound, data.People, aboutAffected)
	return data, err
}
