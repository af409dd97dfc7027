package mail

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"strings"

	"madoguchi/internal/clinic"
)

// Bounce is what a mail server says of a letter of ours that it could not deliver.
type Bounce struct {
	LetterID string
	Resends  int    // which of the letter's messages came back
	Failure  string // as clinic.Letter.Failure has it: "bounce 5.1.1"
}

// codeBounce begins the failure of a letter that came back; the status code of RFC 3463 follows.
const codeBounce = "bounce"

// maxBounce is how much of a message is read. Our letters have some twenty kilobytes, so that a report fits in it with the letter
// that it returns.
const maxBounce = 1 << 20

// ReadBounce reads a message as a report that a letter was given up (RFC 3464 in a multipart/report of RFC 6522). ok is false for
// anything else: other people's mail, a report of a delay or of success, or one of a message that is not ours. The letter is known
// by the Message-ID of the headers that the report returns, and where a server returns none, by the message that the report
// answers. We put nothing into the return path to know it by, so that any mailbox does for that, also one that knows no
// address extensions. A Message-ID has the letter's id, which cannot be guessed: whoever never saw a letter cannot make it bounce.
func ReadBounce(message io.Reader) (b Bounce, ok bool) {
	m, err := netmail.ReadMessage(io.LimitReader(message, maxBounce))
	if err != nil {
		return Bounce{}, false
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || !strings.EqualFold(params["report-type"], "delivery-status") {
		return Bounce{}, false
	}
	var status, id string
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err != nil {
			break // a report that is cut off has said by then what it has
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		switch body := decoded(part); kind {
		case "message/delivery-status", "message/global-delivery-status":
			status = failedStatus(body)
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			if header, err := textproto.NewReader(bufio.NewReader(body)).ReadMIMEHeader(); len(header) > 0 || err == nil {
				id = header.Get("Message-Id")
			}
		}
	}
	if status == "" {
		return Bounce{}, false
	}
	for _, answered := range append([]string{id, m.Header.Get("In-Reply-To")}, strings.Fields(m.Header.Get("References"))...) {
		if letterID, resends, ours := letterOf(answered); ours {
			return Bounce{LetterID: letterID, Resends: resends, Failure: codeBounce + " " + status}, true
		}
	}
	return Bounce{}, false
}

// decoded is a part's body without its transfer encoding. RFC 3464 wants none, and some servers use one.
func decoded(part *multipart.Part) io.Reader {
	switch strings.ToLower(strings.TrimSpace(part.Header.Get("Content-Transfer-Encoding"))) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, part)
	case "quoted-printable":
		return quotedprintable.NewReader(part)
	}
	return part
}

var statusCode = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)

// unknownStatus is "other or undefined" (RFC 3463), for a server that gives none.
const unknownStatus = "5.0.0"

// failedStatus is the status code of the recipient for whom the report says that it failed; empty where it says so of none. The
// first group of fields is about the message, each further one about a recipient. A letter has one recipient.
func failedStatus(report io.Reader) string {
	for fields := textproto.NewReader(bufio.NewReader(report)); ; {
		group, err := fields.ReadMIMEHeader()
		// An action may have a comment behind it.
		if action, _, _ := strings.Cut(group.Get("Action"), "("); strings.EqualFold(strings.TrimSpace(action), "failed") {
			return statusOf(group)
		}
		var malformed textproto.ProtocolError
		if err != nil && !errors.As(err, &malformed) {
			return ""
		}
	}
}

// statusOf is the status code of a recipient. Where a server says no more in it than that it failed, as Exim does, the words of the
// server that refused may have a better one.
func statusOf(recipient textproto.MIMEHeader) string {
	status := statusCode.FindString(recipient.Get("Status"))
	if status == "" || strings.HasSuffix(status, ".0.0") {
		if better := statusCode.FindString(recipient.Get("Diagnostic-Code")); better != "" {
			return better
		}
	}
	return cmp.Or(status, unknownStatus)
}

// letterOf reads a Message-ID that Render wrote. Its domain is not looked at: it changes with the sender's address, and what came
// back may have been sent before.
func letterOf(messageID string) (letterID string, resends int, ours bool) {
	left, _, found := strings.Cut(strings.Trim(strings.TrimSpace(messageID), "<>"), "@")
	if !found {
		return "", 0, false
	}
	return clinic.ParseMessageID(left)
}
