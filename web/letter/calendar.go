package letter

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// Entry is the calendar entry that travels in a letter (RFC 5546, iMIP RFC 6047). Its lines are folded and end with
// CRLF (RFC 5545).
type Entry struct {
	Method string // PUBLISH, or CANCEL in a cancellation; the MIME type repeats it
	Name   string // the attachment's file name
	File   []byte
}

// NewEntry makes the entry of a letter. It is published, not an invitation: to one of those a calendar program offers to reply,
// and whoever declined there would believe that they have cancelled, while nobody reads what comes back. So it has no attendee
// either. organizer must be the address of the letter's sender, or mail programs mistrust it.
func NewEntry(l clinic.Letter, organizer string) (Entry, error) {
	loc, err := check(l)
	if err != nil {
		return Entry{}, err
	}
	cal, event := newCalendar(l, loc)
	event.SetOrganizer(web.Mailto(organizer), ics.WithCN(parameter(SenderName(l.Content))))
	file, err := serialize(cal)
	return Entry{Method: string(methodOf(l)), Name: web.Find(l.Content.Lang).T("letter.calendar.file"), File: file}, err
}

// CalendarFile is the same entry for a download, which names no address. Its UID and SEQUENCE are those of the letter's, so that
// somebody who takes both has one entry, and none after a cancellation.
func CalendarFile(l clinic.Letter) ([]byte, error) {
	if err := checkLines(l.Content); err != nil {
		return nil, err
	}
	loc, err := time.LoadLocation(l.Content.Zone)
	if err != nil || l.Content.Zone == "" {
		return nil, fmt.Errorf("letter: unknown time zone %q", l.Content.Zone)
	}
	cal, _ := newCalendar(l, loc)
	return serialize(cal)
}

// methodOf is PUBLISH, and CANCEL once the booking is cancelled, as RFC 5546, 4.1.3 takes back what was published.
func methodOf(l clinic.Letter) ics.Method {
	if kinds[l.Kind].entry == ics.ObjectStatusCancelled {
		return ics.MethodCancel
	}
	return ics.MethodPublish
}

// alarms are how long before the counseling the reader's calendar reminds of it: while there is time to change it, and when it is
// time to get ready. A program drops the first where it is over already.
var alarms = []string{"-P1D", "-PT2H"}

// newCalendar makes the entry. A calendar is shared with families and employers and copied to other companies, so the
// entry is private, its summary neutral, and it carries neither the patient's name nor a link that opens anything.
// Its times are those of the branch's clock, with a description of its zone, as programs want them that show the hour at the branch beside the
// reader's own.
func newCalendar(written clinic.Letter, loc *time.Location) (*ics.Calendar, *ics.VEvent) {
	c := written.Content
	l := web.Find(c.Lang)
	cal := ics.NewCalendar()
	cal.SetProductId("-//Madoguchi//Madoguchi//" + strings.ToUpper(l.Lang()))
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(methodOf(written))
	addZone(cal, loc, c.StartsAt)
	event := cal.AddEvent(c.BookingID)
	event.SetSequence(c.Sequence)
	event.SetDtStampTime(written.Date().Truncate(time.Second)) // of two entries with one SEQUENCE the later counts
	setTimes(event, loc, c.StartsAt, c.EndsAt)
	event.SetSummary(l.T("letter.calendar.summary"))
	event.SetLocation(join(" ", SenderName(c), c.BranchAddress))
	event.SetDescription(join("\n", l.T("letter.calendar.reference", "Reference", c.Reference), c.BranchAccess,
		l.T("letter.calendar.change", "Phone", phone(l, c))))
	event.SetClass(ics.ClassificationPrivate)
	event.SetTimeTransparency(ics.TransparencyOpaque)
	status := kinds[written.Kind].entry
	event.SetStatus(status)
	if status != ics.ObjectStatusConfirmed { // a cancellation has no alarms (RFC 5546, 3.2.5), and what waits for an approval may not come
		return cal, event
	}
	for _, before := range alarms {
		alarm := event.AddAlarm()
		alarm.SetAction(ics.ActionDisplay)
		alarm.SetDescription(l.T("letter.calendar.summary"))
		alarm.SetTrigger(before)
	}
	return cal, event
}

func serialize(cal *ics.Calendar) ([]byte, error) {
	var file bytes.Buffer
	if err := cal.SerializeTo(&file, ics.WithNewLineWindows); err != nil {
		return nil, fmt.Errorf("letter: write the calendar entry: %w", err)
	}
	return file.Bytes(), nil
}

func join(between string, parts ...string) string {
	known := parts[:0]
	for _, part := range parts {
		if part != "" {
			known = append(known, part)
		}
	}
	return strings.Join(known, between)
}

// parameter makes a text fit for a property parameter. RFC 5545 wants quotes around some signs where the library writes
// backslashes, which readers then show; their wide forms need neither.
func parameter(s string) string {
	return strings.NewReplacer(`"`, "”", `'`, "’", ",", "，", ";", "；", ":", "：", `\`, "＼").Replace(s)
}
