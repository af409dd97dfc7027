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

// Invitation is the calendar entry that travels in a letter (RFC 5546, iMIP RFC 6047). Its lines are folded and end with
// CRLF (RFC 5545).
type Invitation struct {
	Method string // REQUEST, or CANCEL in a cancellation; the MIME type repeats it
	Name   string // the attachment's file name
	File   []byte
}

// Invite makes the invitation of a letter. organizer must be the address of the letter's sender, or mail programs mistrust it.
func Invite(l clinic.Letter, organizer string) (Invitation, error) {
	if _, err := check(l); err != nil {
		return Invitation{}, err
	}
	cal, event := newCalendar(l)
	method := ics.MethodRequest
	if l.Kind == clinic.Cancellation {
		method = ics.MethodCancel
	}
	cal.SetMethod(method)
	event.SetOrganizer(web.Mailto(organizer), ics.WithCN(parameter(SenderName(l.Content))))
	// The patient has accepted by booking, and a reply would reach a mailbox that nobody reads.
	event.AddAttendee(web.Mailto(l.Content.To), ics.CalendarUserTypeIndividual, ics.ParticipationRoleReqParticipant,
		ics.ParticipationStatusAccepted, ics.WithRSVP(false))
	file, err := serialize(cal)
	return Invitation{Method: string(method), Name: web.Find(l.Content.Lang).T("letter.calendar.file"), File: file}, err
}

// CalendarFile is the same entry for a download. It invites nobody: METHOD is PUBLISH, CANCEL once the booking is cancelled
// (RFC 5546, 4.1), and it names no address. Its UID and SEQUENCE are those of the invitation, so that somebody who takes both
// has one entry, and none after a cancellation.
func CalendarFile(l clinic.Letter) ([]byte, error) {
	if err := checkLines(l.Content); err != nil {
		return nil, err
	}
	cal, _ := newCalendar(l)
	method := ics.MethodPublish
	if l.Kind == clinic.Cancellation {
		method = ics.MethodCancel
	}
	cal.SetMethod(method)
	return serialize(cal)
}

// newCalendar makes the entry. A calendar is shared with families and employers and copied to other companies, so the
// entry is private, its summary neutral, and it carries neither the patient's name nor a link that opens anything.
// Times are UTC instants, which every program shows in the reader's own zone and which need no VTIMEZONE.
func newCalendar(written clinic.Letter) (*ics.Calendar, *ics.VEvent) {
	c := written.Content
	l := web.Find(c.Lang)
	cal := ics.NewCalendar()
	cal.SetProductId("-//Madoguchi//Madoguchi//" + strings.ToUpper(l.Lang()))
	cal.SetCalscale("GREGORIAN")
	event := cal.AddEvent(c.BookingID)
	event.SetSequence(c.Sequence)
	event.SetDtStampTime(c.WrittenAt.Truncate(time.Second))
	event.SetStartAt(c.StartsAt)
	event.SetEndAt(c.EndsAt)
	event.SetSummary(l.T("letter.calendar.summary"))
	event.SetLocation(join(" ", SenderName(c), c.BranchAddress))
	event.SetDescription(join("\n", l.T("letter.calendar.reference", "Reference", c.Reference), c.BranchAccess,
		l.T("letter.calendar.change", "Phone", phone(l, c))))
	event.SetClass(ics.ClassificationPrivate)
	event.SetTimeTransparency(ics.TransparencyOpaque)
	status := ics.ObjectStatusConfirmed
	if written.Kind == clinic.Cancellation {
		status = ics.ObjectStatusCancelled
	}
	event.SetStatus(status)
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
