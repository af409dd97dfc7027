package mail

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/textproto"
	"regexp"
	"slices"
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

// maxNesting is how deep a report is looked for: a forwarded one in the part of another message has five layers.
const maxNesting = 8

// ReadBounce reads a message as a report that a letter was given up (RFC 3464 in a multipart/report of RFC 6522). ok is false for
// anything else: other people's mail, a report of a delay or of success, or one of a message that is not ours. The letter is known
// by the Message-ID of the headers that the report returns, and where a server returns none, by the message that the report
// answers. We put nothing into the return path to know it by, so that any mailbox does for that, also one that knows no
// address extensions. A Message-ID has the letter's id, which cannot be guessed: whoever never saw a letter cannot make it bounce.
//
// Because that alone decides, the form may be anything: servers, filters and people who forward a report break it in many ways, and a
// bounce that is passed over is a patient without a letter. So malformed lines are left out, and every part is looked into.
func ReadBounce(message io.Reader) (b Bounce, ok bool) {
	raw, err := io.ReadAll(io.LimitReader(message, maxBounce))
	if err != nil {
		return Bounce{}, false
	}
	return readMessage(raw, 0)
}

// piece is a message or a part of one.
type piece struct {
	header textproto.MIMEHeader
	kind   string // its media type, in small letters
	bound  string // what stands between its parts, where it has some
	body   []byte // without its transfer encoding
}

func newPiece(raw []byte) piece {
	header, body := splitHeader(raw)
	kind, bound := mediaType(header.Get("Content-Type"))
	return piece{header, kind, bound, decoded(body, header.Get("Content-Transfer-Encoding"))}
}

// readMessage looks for a report in a message, and in the messages within it.
func readMessage(raw []byte, depth int) (b Bounce, ok bool) {
	m := newPiece(beginning(raw))
	return readParts(m, append([]string{m.header.Get("In-Reply-To")}, strings.Fields(m.header.Get("References"))...), depth)
}

// readParts takes a status and a Message-ID from the parts beside each other, because one message may hold several reports. answered are
// the messages that the one around them answers.
func readParts(around piece, answered []string, depth int) (b Bounce, ok bool) {
	if around.bound == "" || depth > maxNesting {
		return Bounce{}, false
	}
	var status string
	var returned, quoted []string
	var parts []piece
	for _, raw := range split(around.body, around.bound) {
		p := newPiece(raw)
		parts = append(parts, p)
		switch p.kind {
		case "message/delivery-status", "message/global-delivery-status":
			status = cmp.Or(status, failedStatus(p.body))
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			header, _ := splitHeader(beginning(p.body))
			returned = append(returned, header.Get("Message-Id"))
		case "text/plain", "":
			header, _ := splitHeader(beginning(p.body))
			quoted = append(quoted, header.Get("Message-Id"))
		}
	}
	if status != "" {
		for _, id := range slices.Concat(returned, quoted, answered) {
			if letterID, resends, ours := letterOf(id); ours {
				return Bounce{LetterID: letterID, Resends: resends, Failure: codeBounce + " " + status}, true
			}
		}
	}
	for _, p := range parts {
		if p.kind == "message/rfc822" || p.kind == "message/global" {
			b, ok = readMessage(p.body, depth+1)
		} else {
			b, ok = readParts(p, answered, depth+1)
		}
		if ok {
			return b, true
		}
	}
	return Bounce{}, false
}

// beginning is a message from its first line on that is not empty.
func beginning(raw []byte) []byte { return bytes.TrimLeft(raw, " \t\r\n") }

// splitHeader reads the headers up to the first empty line. Lines that are none are left out, such as the "From " of a mailbox.
func splitHeader(raw []byte) (header textproto.MIMEHeader, body []byte) {
	header = textproto.MIMEHeader{}
	var name string
	var value []byte
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		raw = rest
		if line = bytes.TrimRight(line, "\r"); len(line) == 0 {
			break
		}
		before, after, found := bytes.Cut(line, []byte(":"))
		switch {
		case line[0] == ' ' || line[0] == '\t':
			value = append(value, line...)
		case found:
			header.Add(name, strings.TrimSpace(string(value)))
			name, value = string(bytes.TrimSpace(before)), slices.Clone(after)
		}
	}
	header.Add(name, strings.TrimSpace(string(value)))
	return header, raw
}

var (
	comment  = regexp.MustCompile(`\([^()]*\)`)
	boundary = regexp.MustCompile(`(?i)\bboundary\s*=\s*(?:"([^"]+)"|([^\s";]+))`)
)

// mediaType reads a Content-Type. One that the standard library cannot read has a comment or a wrong parameter.
func mediaType(value string) (kind, bound string) {
	if kind, params, err := mime.ParseMediaType(value); err == nil {
		return kind, params["boundary"]
	}
	kind, _, _ = strings.Cut(comment.ReplaceAllString(value, ""), ";")
	if found := boundary.FindStringSubmatch(value); found != nil {
		bound = found[1] + found[2]
	}
	return strings.ToLower(strings.TrimSpace(kind)), bound
}

// split are the parts between the lines of a boundary. The last one of a report that is cut off has what it has.
func split(body []byte, bound string) (parts [][]byte) {
	var begun bool
	var from int
	for at := 0; at < len(body); {
		next := len(body)
		if end := bytes.IndexByte(body[at:], '\n'); end >= 0 {
			next = at + end + 1
		}
		if rest, found := strings.CutPrefix(strings.TrimRight(string(body[at:next]), " \t\r\n"), "--"+bound); found && (rest == "" || rest == "--") {
			if begun {
				parts = append(parts, body[from:at])
			}
			if begun, from = rest == "", next; !begun {
				return parts
			}
		}
		at = next
	}
	if begun {
		parts = append(parts, body[from:])
	}
	return parts
}

// decoded is a body without its transfer encoding, as far as that can be read. RFC 3464 wants none, and some servers use one.
func decoded(body []byte, encoding string) []byte {
	var in io.Reader
	switch strings.ToLower(strings.TrimSpace(comment.ReplaceAllString(encoding, ""))) {
	case "base64":
		in = base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body))
	case "quoted-printable":
		in = quotedprintable.NewReader(bytes.NewReader(body))
	default:
		return body
	}
	plain, _ := io.ReadAll(in) // what comes before a mistake may be enough
	return plain
}

var statusCode = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)

// unknownStatus is "other or undefined" (RFC 3463), for a server that gives none.
const unknownStatus = "5.0.0"

// action is the word of an Action field, without the comment or the sign that may stand behind it.
var action = regexp.MustCompile(`^[A-Za-z-]+`)

// failedStatus is the status code of the recipient for whom the report says that it failed; empty where it says so of none. The
// first group of fields is about the message, each further one about a recipient. A letter has one recipient.
func failedStatus(report []byte) string {
	for rest := beginning(report); len(rest) > 0; rest = beginning(rest) {
		var group textproto.MIMEHeader
		if group, rest = splitHeader(rest); strings.EqualFold(action.FindString(group.Get("Action")), "failed") {
			return statusOf(group)
		}
	}
	return ""
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
