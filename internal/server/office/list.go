package office

import (
	"encoding/csv"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

const (
	listPage  = 100 // bookings on a page of the list
	csvPiece  = 500 // bookings read at a time for a CSV
	listDays  = 7   // days that are shown where no days are asked for, today included
	bom       = "\ufeff"
	csvFormat = "text/csv; charset=utf-8"
)

// listStatuses are what a list may be narrowed to, in the order of a visit.
var listStatuses = []clinic.Status{clinic.Pending, clinic.Booked, clinic.Arrived, clinic.InProgress, clinic.Fulfilled, clinic.NoShow, clinic.Cancelled}

var listChannels = []clinic.Channel{clinic.ByWeb, clinic.ByTelephone, clinic.ByAPI, clinic.ByImport}

// ShowList lists a branch's bookings: ?branch=ID&date=YYYY-MM-DD&until=YYYY-MM-DD, and what they are narrowed to. A page begins after
// the row that ?after=INSTANT~ID names.
func (p *Pages) ShowList(c *gin.Context) error {
	data, query, err := p.readList(c)
	if err != nil {
		return err
	}
	if data.Branch.ID == "" { // a clinic that begins has none
		return page.Show(c, http.StatusOK, view.ListPage(data))
	}
	if data.Wrong == nil {
		query.Limit = listPage + 1
		if data.Rows, err = p.Store.Bookings(c.Request.Context(), page.Actor(c), data.Branch, query); err != nil {
			return err
		}
	}
	if len(data.Rows) > listPage {
		data.Rows = data.Rows[:listPage]
		data.Next = writeRow(store.RowOf(data.Rows[listPage-1]))
	}
	if data.Areas, err = p.areasOfAll(c, data.Rows); err != nil {
		return err
	}
	page.Saw(c, clinic.SawList, clinic.AboutDays(data.Branch.ID, data.Date, data.Until))
	status := dayStatus(data.ChosenDay)
	if data.Wrong != nil {
		status = page.Status(data.Wrong.Code)
	}
	return page.Show(c, status, view.ListPage(data))
}

// readList reads what an address asks to list.
func (p *Pages) readList(c *gin.Context) (view.List, store.BookingQuery, error) {
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, c.Query("branch"))
	if err != nil {
		return view.List{}, store.BookingQuery{}, err
	}
	data := view.List{Frame: p.frame(c, branch), Statuses: listStatuses, Channels: listChannels}
	if branch.ID == "" {
		return data, store.BookingQuery{}, nil
	}
	desk, beside, err := p.desk(c, branch, data.Frame, view.ListView)
	if err != nil {
		return data, store.BookingQuery{}, err
	}
	data.Desk = desk
	if err := beside(&data.Desk); err != nil {
		return data, store.BookingQuery{}, err
	}
	data.Title = web.LocaleOf(c.Request.Context()).T("office.list.title")
	data.Before, data.After = data.Date.AddDays(-listDays), data.Date.AddDays(listDays)
	data.Until = data.Date.AddDays(listDays - 1)
	if until, ok := clinic.ParseDate(c.Query("until")); ok {
		data.Until = until
		data.Wrong = clinic.StaffHorizon(data.Today).Check("until", until)
		if data.Wrong == nil && until.Before(data.Date) {
			data.Wrong = &clinic.Error{Code: clinic.Invalid, Field: "until", Message: "error.days.order"}
		}
	}
	data.OnlyStatuses = among(listStatuses, c.QueryArray("status"))
	data.OnlyChannels = among(listChannels, c.QueryArray("channel"))
	query := store.BookingQuery{
		First: data.Date, Last: data.Until, DoctorIDs: data.Filter.Doctors, Statuses: data.OnlyStatuses, Channels: data.OnlyChannels,
		Unanswered: data.Filter.Unanswered, After: readRow(c.Query("after")),
	}
	if len(query.Statuses) == 0 && !data.Filter.Cancelled {
		query.Statuses = slices.DeleteFunc(slices.Clone(listStatuses), func(s clinic.Status) bool { return !s.Live() })
	}
	return data, query, nil
}

// among are those of the known words that were asked for.
func among[Word ~string](known []Word, asked []string) (out []Word) {
	for _, word := range known {
		if slices.Contains(asked, string(word)) {
			out = append(out, word)
		}
	}
	return out
}

// writeRow and readRow carry a place in the list through an address.
func writeRow(row store.BookingRow) string {
	return row.StartsAt.UTC().Format(time.RFC3339) + "~" + row.BookingID
}

func readRow(text string) store.BookingRow {
	at, id, _ := strings.Cut(text, "~")
	starts, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return store.BookingRow{}
	}
	return store.BookingRow{StartsAt: starts, BookingID: id}
}

func (p *Pages) areasOfAll(c *gin.Context, all []clinic.Appointment) (map[string]intake.Question, error) {
	out := map[string]intake.Question{}
	for _, a := range all {
		version := a.Booking.QuestionnaireVersion
		if _, known := out[version]; known {
			continue
		}
		q, err := p.QuestionnaireOf(c.Request.Context(), version)
		if err != nil {
			return nil, err
		}
		out[version] = q.Areas()
	}
	return out, nil
}

// ListCSV is the whole list as a file for Excel, which reads UTF-8 where the file begins with a byte order mark. It is sent piece by
// piece as it is read, so that it takes no more memory the longer it is. It has no medical answer.
func (p *Pages) ListCSV(c *gin.Context) error {
	data, query, err := p.readList(c)
	if err != nil {
		return err
	}
	switch {
	case data.Branch.ID == "":
		return &clinic.Error{Code: clinic.NotFound, Message: "error.not_found"}
	case data.Wrong != nil:
		return data.Wrong
	}
	query.Limit = csvPiece
	// The first piece is read before anything is sent, so that what fails is still an error page.
	rows, err := p.Store.Bookings(c.Request.Context(), page.Actor(c), data.Branch, query)
	if err != nil {
		return err
	}
	page.Saw(c, clinic.Exported, clinic.AboutDays(data.Branch.ID, data.Date, data.Until))
	if err := page.NoteSeen(c); err != nil {
		return err
	}
	pieces, err := page.SendPieces(c.Writer)
	if err != nil {
		return err
	}
	defer pieces.Close()
	l := web.LocaleOf(c.Request.Context())
	out := csvFile(c, "bookings-"+data.Date.String()+"-"+data.Until.String())
	_ = out.Write(view.ListColumns(l))
	for {
		areas, err := p.areasOfAll(c, rows)
		if err != nil {
			return err // what has been sent is cut off
		}
		for _, a := range rows {
			_ = out.Write(neutral(view.ListRow(l, a, areas[a.Booking.QuestionnaireVersion])))
		}
		if out.Flush(); out.Error() != nil || pieces.Sent() != nil || len(rows) < csvPiece {
			return nil
		}
		query.After = store.RowOf(rows[len(rows)-1])
		if rows, err = p.Store.Bookings(c.Request.Context(), page.Actor(c), data.Branch, query); err != nil {
			return err
		}
	}
}

// csvFile begins a file for spreadsheets under a name. What cannot be written to it is an error of its own no sooner than it is flushed, and
// then whoever asked has gone.
func csvFile(c *gin.Context, name string) *csv.Writer {
	c.Header("Content-Type", csvFormat)
	c.Header("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	_, _ = io.WriteString(c.Writer, bom)
	out := csv.NewWriter(c.Writer)
	out.UseCRLF = true
	return out
}

// neutral makes a row safe to open in a spreadsheet.
func neutral(cells []string) []string {
	for i, cell := range cells {
		cells[i] = clinic.NeutralCell(cell)
	}
	return cells
}
