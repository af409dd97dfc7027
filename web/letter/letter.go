// Package letter writes what Madoguchi says by mail: subject, text, HTML and the entry for the reader's calendar.
//
// A letter is read on a locked screen, by a family member, by a scanner. It therefore names no treatment and no answer,
// carries no advertising and no picture from elsewhere, and repeats of what a visitor typed nothing but their name.
// Text and HTML are made of one page, so that they cannot say different things.
package letter

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"madoguchi/internal/clinic"
)

// Rendered is a letter as it is sent. Its lines end with CRLF, as mail wants them.
type Rendered struct {
	Lang    string // ja or en
	Subject string
	Text    string
	HTML    string
}

// Write writes a letter. Links begin with base, which is an absolute http or https URL. It refuses content that would
// not be safe or not be true in a letter; such an error does not go away by trying again.
func Write(l clinic.Letter, base *url.URL) (Rendered, error) {
	loc, err := check(l)
	if err != nil {
		return Rendered{}, err
	}
	if base == nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return Rendered{}, fmt.Errorf("letter: the base URL is not an absolute http(s) URL")
	}
	p := compose(l, base, loc)
	var page bytes.Buffer
	if err := p.html().Render(context.Background(), &page); err != nil {
		return Rendered{}, fmt.Errorf("letter: render the HTML: %w", err)
	}
	return Rendered{Lang: p.Lang, Subject: p.Subject, Text: lines(p.text()), HTML: lines(page.String())}, nil
}

func lines(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// check refuses what the rules of clinic should never have let into a letter. It checks once more because a line break in a
// name would write mail headers, and a link or a sentence in a name would make our letters carry somebody's phishing.
func check(l clinic.Letter) (*time.Location, error) {
	c := l.Content
	k, known := kinds[l.Kind]
	if !known {
		return nil, fmt.Errorf("letter: unknown kind %q", l.Kind)
	}
	if !k.unlinked && c.Token == "" {
		return nil, fmt.Errorf("letter: a %s without a token", l.Kind)
	}
	if err := checkLines(c); err != nil {
		return nil, err
	}
	if !clinic.FitForLetter(c.ToName) && !(k.nameless && c.ToName == "") {
		return nil, fmt.Errorf("letter: to_name is not a name")
	}
	if to, problem := clinic.ParseEmail(c.To); problem != "" || to != c.To {
		return nil, fmt.Errorf("letter: the address cannot be written to")
	}
	if k.entry != "" && !c.EndsAt.After(c.StartsAt) || c.WrittenAt.IsZero() {
		return nil, fmt.Errorf("letter: the times make no sense")
	}
	loc, err := time.LoadLocation(c.Zone)
	if err != nil || c.Zone == "" {
		return nil, fmt.Errorf("letter: unknown time zone %q", c.Zone)
	}
	return loc, nil
}

// checkLines refuses what would break out of a line, in a header as in a calendar file.
func checkLines(c clinic.LetterContent) error {
	for _, line := range []struct{ field, text string }{
		{"to_name", c.ToName},
		{"reference", c.Reference},
		{"booking_id", c.BookingID},
		{"clinic_name", c.ClinicName},
		{"branch_name", c.BranchName},
		{"branch_address", c.BranchAddress},
		{"branch_access", c.BranchAccess},
		{"branch_phone", c.BranchPhone},
		{"phone_hours", c.PhoneHours},
		{"doctor_name", c.DoctorName},
		{"token", c.Token},
		{"subject", c.Text.Subject},
		{"lead", strings.ReplaceAll(c.Text.Lead, "\n", "")},
		{"note", strings.ReplaceAll(c.Text.Note, "\n", "")},
	} {
		if clinic.HasControl(line.text) {
			return fmt.Errorf("letter: control characters in %s", line.field)
		}
	}
	return nil
}
