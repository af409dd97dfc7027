package office

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web/letter"
	view "madoguchi/web/office"
)

const (
	lettersPage = 50 // letters on a page of the list
	lettersDays = 7  // days that are shown where none are asked for, up to today
)

// ShowLetters lists the letters in trouble, at every branch of whoever asks: nobody else will see to them. Below them are all letters of a
// period, ?from=YYYY-MM-DD&until=YYYY-MM-DD, and what they are narrowed to: ?branch=ID&status=…&reason=…
func (p *Pages) ShowLetters(c *gin.Context) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	letters, err := p.troubled(c, "")
	if err != nil {
		return err
	}
	data := view.Letters{Frame: p.frame(c, clinic.Branch{}), Now: p.Now(), Letters: letters, Most: store.ResendTogetherLimit}
	if n, err := strconv.Atoi(c.Query("sent")); err == nil && n >= 0 {
		data.Sent = &n
	}
	resendable, err := p.Store.ResendableLetters(ctx, actor)
	if err != nil {
		return err
	}
	failures := map[string]int{}
	for _, l := range resendable {
		failures[l.Failure]++
	}
	data.Together, data.More = reasonsOf(c, failures), len(resendable) == store.ResendTogetherLimit
	data.Together = slices.DeleteFunc(data.Together, func(r view.LetterReason) bool { return r.N < 2 }) // each has a button of its own
	if data.Workers, err = p.Store.Workers(ctx); err != nil {
		return err
	}
	if err := p.listLetters(c, &data); err != nil {
		return err
	}
	status := http.StatusOK
	if data.Filter.Wrong != nil {
		status = page.Status(data.Filter.Wrong.Code)
	}
	return page.Show(c, status, view.LettersPage(data))
}

// listLetters fills in the list that an address asks for.
func (p *Pages) listLetters(c *gin.Context, data *view.Letters) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	data.Filter = readLetterFilter(c, clinic.DateOf(data.Now, data.Home.Location()))
	if data.Filter.Wrong != nil {
		return nil
	}
	f, loc := data.Filter, data.Home.Location()
	query := store.LetterQuery{
		BranchID: f.BranchID, From: f.First.In(loc), Until: f.Last.AddDays(1).In(loc), After: readLetterRow(c.Query("after")), Limit: lettersPage + 1,
	}
	if f.Status != "" {
		query.Statuses = []clinic.LetterStatus{f.Status}
	}
	failures, err := p.Store.LetterFailures(ctx, actor, query)
	if err != nil {
		return err
	}
	data.Reasons = reasonsOf(c, failures)
	if f.Reason != "" {
		if query.Failures = failuresOf(failures, f.Reason); len(query.Failures) == 0 {
			return nil // none has failed for that
		}
	}
	letters, err := p.Store.LetterList(ctx, actor, query)
	if err != nil {
		return err
	}
	if len(letters) > lettersPage {
		letters = letters[:lettersPage]
		data.Next = writeLetterRow(store.RowOfLetter(letters[lettersPage-1]))
	}
	data.List, err = p.withBookings(c, letters)
	return err
}

// readLetterFilter reads what an address narrows the list to. What it does not know it leaves out.
func readLetterFilter(c *gin.Context, today clinic.Date) view.LetterFilter {
	f := view.LetterFilter{BranchID: c.Query("branch"), First: today.AddDays(1 - lettersDays), Last: today, Reason: c.Query("reason")}
	if status := among(view.LetterStatuses, []string{c.Query("status")}); len(status) > 0 {
		f.Status = status[0]
	}
	if until, ok := clinic.ParseDate(c.Query("until")); ok {
		f.Last = until
		f.First = until.AddDays(1 - lettersDays)
	}
	if from, ok := clinic.ParseDate(c.Query("from")); ok {
		f.First = from
	}
	f.Wrong = clinic.CheckLetterDays(f.First, f.Last)
	return f
}

// withBookings are letters with what they are about, those left out whose booking whoever asks may not see.
func (p *Pages) withBookings(c *gin.Context, letters []clinic.Letter) (out []view.TroubledLetter, err error) {
	ids := make([]string, len(letters))
	for i, l := range letters {
		ids[i] = l.BookingID
	}
	appointments, err := p.Store.Appointments(c.Request.Context(), page.Actor(c), ids...)
	for _, l := range letters {
		if a, ok := appointments[l.BookingID]; ok {
			page.Saw(c, clinic.SawFound, clinic.AboutBooking(a))
			out = append(out, view.TroubledLetter{BookingLetter: bookingLetter(c, l), Appointment: a})
		}
	}
	return out, err
}

// reasonsOf are failures by what is said of them, the most frequent first.
func reasonsOf(c *gin.Context, failures map[string]int) []view.LetterReason {
	var out []view.LetterReason
	for failure, n := range failures {
		reason := letter.Reason(failure)
		i := slices.IndexFunc(out, func(r view.LetterReason) bool { return r.Reason == reason })
		if i < 0 {
			out = append(out, view.LetterReason{Reason: reason, Sentence: letter.Failure(page.Lang(c), failure)})
			i = len(out) - 1
		}
		out[i].N += n
	}
	slices.SortFunc(out, func(a, b view.LetterReason) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.Reason, b.Reason)
	})
	return out
}

// failuresOf are those of some failures of which a reason is said.
func failuresOf(failures map[string]int, reason string) (out []string) {
	for failure := range failures {
		if letter.Reason(failure) == reason {
			out = append(out, failure)
		}
	}
	slices.Sort(out)
	return out
}

// ResendLetters has the letters in trouble sent again that failed for one reason, as many as the list said that they are. The form says when
// the list was seen, so that sent twice it does nothing more.
func (p *Pages) ResendLetters(c *gin.Context) error {
	most, err := strconv.Atoi(c.PostForm("n"))
	seen, wrong := time.Parse(time.RFC3339Nano, c.PostForm("seen"))
	if err != nil || wrong != nil || most < 1 {
		return page.UnreadableForm()
	}
	letters, err := p.Store.ResendableLetters(c.Request.Context(), page.Actor(c))
	if err != nil {
		return err
	}
	failures := map[string]int{}
	for _, l := range letters {
		failures[l.Failure]++
	}
	sent, err := p.Store.ResendTogether(c.Request.Context(), page.Actor(c), failuresOf(failures, c.PostForm("reason")), seen, most)
	if err != nil {
		return err
	}
	return page.GoTo(c, "/office/letters?sent="+strconv.Itoa(sent))
}

// writeLetterRow and readLetterRow carry a place in the list through an address.
func writeLetterRow(row store.LetterRow) string {
	return row.DueAt.UTC().Format(time.RFC3339Nano) + "~" + row.ID
}

func readLetterRow(text string) store.LetterRow {
	at, id, _ := strings.Cut(text, "~")
	due, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return store.LetterRow{}
	}
	return store.LetterRow{DueAt: due, ID: id}
}
