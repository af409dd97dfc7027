package main_test

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"madoguchi/config"
	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/web/letter"
)

// demoClinic is a demo as a clinic would run it: served by a process of its own, its letters going to a mail server over
// STARTTLS after a sign-in.
type demoClinic struct {
	*process

	settings settings
	mail     *mailtest.Server
	logins   map[string]login // by role; "colleague" is the second doctor
}

// login is how a member of the demo's staff signs in.
type login struct{ email, password string }

const mailUser, mailPassword = "madoguchi", "opens-only-a-test"

// openDemo fills an empty database with the demo, as its command does, and serves it.
func openDemo(t *testing.T, engine string, change ...func(settings)) *demoClinic {
	t.Helper()
	d := &demoClinic{settings: newSettings(t, engine), logins: map[string]login{}}
	for _, c := range change {
		c(d.settings)
	}
	d.mail = mailtest.Start(t, mailtest.Script{
		TLS: mailtest.StartTLS, Auth: []string{"PLAIN", "LOGIN", "SCRAM-SHA-256"}, User: mailUser, Password: mailPassword,
	})
	d.settings.mailTo(d.mail, mailUser+":"+mailPassword)
	// The address is part of the letters, so that it must be known before the server listens.
	address := freeAddress(t)
	d.settings["MADOGUCHI_ADDR"], d.settings["MADOGUCHI_BASE_URL"] = address, "http://"+address

	stdout, stderr, code := run(t, d.settings, "demo")
	if code != 0 {
		t.Fatalf("the demo ended with %d: %s", code, stderr)
	}
	if key := demoKey.FindStringSubmatch(stdout); key != nil {
		d.settings[apiKey] = key[1]
	}
	for line := range strings.Lines(stdout) {
		var role string
		var l login
		if n, _ := fmt.Sscanf(line, "demo login: %s %s %s", &role, &l.email, &l.password); n == 3 {
			if _, second := d.logins[role]; second {
				role = "colleague"
			}
			d.logins[role] = l
		}
	}
	if len(d.logins) != 4 {
		t.Fatalf("the demo printed logins for %d roles", len(d.logins))
	}
	d.process = serve(t, d.settings)
	return d
}

// withPuzzles is a clinic as it is shipped, whose forms want a proof of work.
func withPuzzles(s settings) { s["MADOGUCHI_PUZZLES"] = "on" }

// close ends the server as a container platform does. Nobody's walk may have made it log a failure.
func (d *demoClinic) close(t *testing.T) {
	t.Helper()
	d.stop(t)
	if log := d.Log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("the server logged a failure:\n%s", log)
	}
}

// freeAddress is a port of this machine on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	must(t, listener.Close())
	return listener.Addr().String()
}

// chart is what is stored behind the link of a booking.
func (d *demoClinic) chart(t *testing.T, token string) (chart store.Chart) {
	t.Helper()
	withStore(t, d.settings, func(s *store.Store) {
		var err error
		chart, err = s.Intake(t.Context(), clinic.PatientByLink(token))
		must(t, err)
	})
	return chart
}

// messageTo waits for the n-th message to an address.
func (d *demoClinic) messageTo(t *testing.T, address string, n int) mailtest.Message {
	t.Helper()
	var found mailtest.Message
	eventually(t, fmt.Sprintf("message %d to %s arrived", n, address), func() bool {
		seen := 0
		for _, m := range d.mail.Messages() {
			if m.To == address {
				if seen++; seen == n {
					found = m
				}
			}
		}
		return seen >= n
	})
	if !found.TLS || found.Mechanism == "" {
		t.Errorf("the message came with TLS %v and the sign-in %q", found.TLS, found.Mechanism)
	}
	return found
}

// letterTo waits for the n-th letter to an address and reads it.
func (d *demoClinic) letterTo(t *testing.T, address string, n int) letter.Received {
	t.Helper()
	received, err := letter.Read(bytes.NewReader(d.messageTo(t, address, n).Data))
	must(t, err)
	return received
}

// readEvent reads the one event of a calendar file by a library that did not write it.
func readEvent(t *testing.T, file []byte) (calendar *ical.Calendar, event ical.Event) {
	t.Helper()
	calendar, err := ical.NewDecoder(bytes.NewReader(file)).Decode()
	must(t, err)
	events := calendar.Events()
	if len(events) != 1 {
		t.Fatalf("the calendar file has %d events:\n%s", len(events), file)
	}
	return calendar, events[0]
}

// wantEvent compares when an event is with the slot of a chart, and which booking it belongs to.
func wantEvent(t *testing.T, event ical.Event, chart store.Chart) {
	t.Helper()
	start, err := event.DateTimeStart(time.UTC)
	must(t, err)
	end, err := event.DateTimeEnd(time.UTC)
	must(t, err)
	slot := chart.Appointment.Slot
	if !start.Equal(slot.StartsAt) || !end.Equal(slot.EndsAt) {
		t.Errorf("the calendar has %v to %v, the booking %v to %v", start, end, slot.StartsAt, slot.EndsAt)
	}
	if uid := event.Props.Get(ical.PropUID); uid == nil || uid.Value != chart.Appointment.Booking.ID {
		t.Errorf("the event is about %v, not about %s", uid, chart.Appointment.Booking.ID)
	}
}

// questionnaire is the one that the program asks.
func questionnaire(t *testing.T) *intake.Questionnaire {
	t.Helper()
	q, err := config.Questionnaire()
	must(t, err)
	return q
}

// answers are what somebody would answer, by question.
type answers map[string][]string

// fill answers the questions of a section that are on the page and that somebody has an answer to.
func fill(v *browsertest.Visitor, section intake.Section, from answers) {
	for _, q := range section.Questions {
		values := from[q.ID]
		if len(values) == 0 || !v.Sees(fmt.Sprintf(`[name=%q]`, q.ID)) {
			continue
		}
		switch q.Kind {
		case intake.Number, intake.LongText:
			v.Type(q.ID, values[0])
		case intake.One, intake.Many, intake.Scale, intake.Agree:
			v.Choose(q.ID, notIn(values, v.Values(q.ID))...)
		}
	}
}

// notIn are the values that are not among the others: a box that is ticked already is not pressed again.
func notIn(values, others []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(value string) bool { return slices.Contains(others, value) })
}
