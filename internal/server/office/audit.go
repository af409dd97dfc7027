package office

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

const (
	auditPage = 100 // entries on a page
	auditDays = 7   // days that are shown where none are asked for, up to today
	auditLong = 365 // the same for one patient
)

// ShowAudit shows who saw and changed what: ?from=YYYY-MM-DD&until=YYYY-MM-DD&staff=ID&action=…, and with ?patient=ID of that patient alone.
func (p *Pages) ShowAudit(c *gin.Context) error {
	data, query, err := p.readAudit(c)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if data.Wrong != nil {
		status = page.Status(data.Wrong.Code)
	} else {
		query.Limit = auditPage + 1
		entries, err := p.Store.AuditEntries(c.Request.Context(), page.Actor(c), query)
		if err != nil {
			return err
		}
		if len(entries) > auditPage {
			entries = entries[:auditPage]
			data.Older = entries[auditPage-1].ID
		}
		if data.Entries, err = p.auditLines(c, entries, data.Everybody); err != nil {
			return err
		}
	}
	page.Saw(c, clinic.SawAudit, clinic.Subject{Patient: query.PatientID, First: data.First, Last: data.Last})
	return page.Show(c, status, view.AuditPage(data))
}

// AuditCSV is the same as a file, piece by piece. That it was taken stands in the log as well.
func (p *Pages) AuditCSV(c *gin.Context) error {
	data, query, err := p.readAudit(c)
	if err != nil {
		return err
	}
	if data.Wrong != nil {
		return data.Wrong
	}
	query.Limit = csvPiece
	entries, err := p.Store.AuditEntries(c.Request.Context(), page.Actor(c), query)
	if err != nil {
		return err
	}
	page.Saw(c, clinic.Exported, clinic.Subject{Patient: query.PatientID, First: data.First, Last: data.Last})
	if err := page.NoteSeen(c); err != nil {
		return err
	}
	pieces, err := page.SendPieces(c.Writer)
	if err != nil {
		return err
	}
	defer pieces.Close()
	l := web.LocaleOf(c.Request.Context())
	out := csvFile(c, "log-"+data.First.String()+"-"+data.Last.String())
	_ = out.Write(view.AuditColumns(l))
	for {
		lines, err := p.auditLines(c, entries, data.Everybody)
		if err != nil {
			return err // what has been sent is cut off
		}
		for _, line := range lines {
			_ = out.Write(neutral(view.AuditCells(l, line)))
		}
		if out.Flush(); out.Error() != nil || pieces.Sent() != nil || len(entries) < csvPiece {
			return nil
		}
		query.Before = entries[len(entries)-1].ID
		if entries, err = p.Store.AuditEntries(c.Request.Context(), page.Actor(c), query); err != nil {
			return err
		}
	}
}

// readAudit reads what an address asks for.
func (p *Pages) readAudit(c *gin.Context) (data view.Audit, query store.AuditQuery, err error) {
	ctx, actor := c.Request.Context(), page.Actor(c)
	data.Frame = p.frame(c, clinic.Branch{})
	if data.Everybody, err = p.Store.AllStaff(ctx, actor); err != nil {
		return data, query, err
	}
	data.Actions = slices.Concat(clinic.AuditWords, store.Operations)
	shown := auditDays
	if id := c.Query("patient"); id != "" {
		record, err := p.Store.Patient(ctx, actor, id)
		if err != nil {
			return data, query, err
		}
		data.Patient, shown = record.Patient.ID, auditLong
	}
	if i := slices.IndexFunc(data.Everybody, func(s clinic.Staff) bool { return s.ID == c.Query("staff") }); i >= 0 {
		data.StaffID = data.Everybody[i].ID
	}
	if action := clinic.AuditAction(c.Query("action")); slices.Contains(data.Actions, action) {
		data.Action = action
	}
	loc := data.Home.Location()
	data.Last = clinic.DateOf(p.Now(), loc)
	if until, ok := clinic.ParseDate(c.Query("until")); ok {
		data.Last = until
	}
	data.First = data.Last.AddDays(1 - shown)
	if from, ok := clinic.ParseDate(c.Query("from")); ok {
		data.First = from
	}
	if data.Last.Before(data.First) {
		data.Wrong = &clinic.Error{Code: clinic.Invalid, Field: "until", Message: "error.days.order"}
	}
	query = store.AuditQuery{
		From: data.First.In(loc), Until: data.Last.AddDays(1).In(loc), StaffID: data.StaffID, Action: data.Action, PatientID: data.Patient, Before: c.Query("before"),
	}
	return data, query, nil
}

// auditLines are entries with the names that their ids have now.
func (p *Pages) auditLines(c *gin.Context, entries []clinic.AuditEntry, everybody []clinic.Staff) ([]view.AuditLine, error) {
	branches, err := p.Store.Branches(c.Request.Context())
	if err != nil {
		return nil, err
	}
	out := make([]view.AuditLine, len(entries))
	for i, e := range entries {
		line := view.AuditLine{AuditEntry: e, Branch: clinic.Branch{Zone: clinic.DefaultZone}}
		line.At = e.At.Truncate(time.Second)
		if at := slices.IndexFunc(branches, func(b clinic.Branch) bool { return b.ID == e.Branch }); at >= 0 {
			line.Branch = branches[at]
		}
		for _, person := range everybody {
			if person.ID == e.Who && e.Kind == clinic.ActorStaff {
				line.Name = person.Name
			}
			if person.ID == e.Staff {
				line.Of = person.Name
			}
		}
		out[i] = line
	}
	return out, nil
}
