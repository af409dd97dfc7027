// Package mail puts letters into messages and hands those to a mail server or a folder. What a letter says is decided in
// web/letter, which letters there are in internal/clinic; this package knows MIME, SMTP and SASL, and no database.
package mail

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"madoguchi/internal/clinic"
	"madoguchi/web/letter"
)

// Options are what every letter of an installation has in common.
type Options struct {
	BaseURL *url.URL // links begin with it; absolute, http or https
	From    string   // the address of the sender; the name beside it is that of the letter's clinic and branch
	Return  string   // the address to which letters that cannot be delivered come back; empty: From
}

// Check says in one sentence why no letter could be sent with these options.
func (o Options) Check() error {
	_, _, err := sender(o.From, "")
	return err
}

// Render puts a letter into a message: text, HTML and the calendar entry as alternatives, and the entry once more as an
// attachment, because some programs look only there. The same letter always gets the same Message-ID and Date, so that
// a second copy can be recognised as one; one that somebody has sent again gets others. A letter that cannot be written is a permanent failure ("render"), a wrong sender in the settings a
// temporary one ("sender").
func Render(l clinic.Letter, o Options) (*gomail.Msg, error) {
	from, domain, err := sender(o.From, letter.SenderName(l.Content))
	if err != nil {
		return nil, &failure{code: codeSender, cause: err}
	}
	m, err := render(l, o.BaseURL, from, domain)
	if err != nil {
		return nil, &failure{code: codeRender, permanent: true, cause: err}
	}
	if o.Return != "" {
		m.EnvelopeFromMailAddress(&netmail.Address{Address: o.Return})
	}
	return m, nil
}

func render(l clinic.Letter, base *url.URL, from netmail.Address, domain string) (*gomail.Msg, error) {
	rendered, err := letter.Write(l, base)
	if err != nil {
		return nil, err
	}
	if l.ID == "" || strings.ContainsFunc(l.ID, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>@", r) }) {
		return nil, fmt.Errorf("mail: the letter has no usable message id")
	}

	// base64: quoted-printable takes nine bytes a kanji. The default User-Agent would tell strangers our library's version.
	m := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&from)
	m.ToMailAddress(&netmail.Address{Name: l.Content.ToName, Address: l.Content.To})
	m.Subject(rendered.Subject)
	m.SetMessageIDWithValue(l.MessageID() + "@" + domain)
	m.SetDateWithValue(l.Date().UTC().Truncate(time.Second))
	m.SetGenHeader(gomail.HeaderContentLang, rendered.Lang)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's holiday answers this
	m.SetBodyString(gomail.TypeTextPlain, rendered.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, rendered.HTML)
	if !letter.HasEntry(l.Kind) {
		return m, nil
	}
	entry, err := letter.NewEntry(l, from.Address)
	if err != nil {
		return nil, err
	}
	m.AddAlternativeString(gomail.ContentType("text/calendar; method="+entry.Method), string(entry.File))
	// application/ics, because a second text/calendar part makes Outlook enter the event twice.
	err = m.AttachReader(entry.Name, bytes.NewReader(entry.File), gomail.WithFileContentType("application/ics"))
	return m, err
}

// sender is the configured address under a letter's own name, and the address's domain. The address goes into SMTP commands
// as well as headers, so it must be a plain one: go-mail before 0.7.1 passed quoted local parts on unchecked
// (CVE-2025-59937).
func sender(address, name string) (from netmail.Address, domain string, err error) {
	if plain, problem := clinic.ParseEmail(address); problem != "" || plain != address {
		return from, "", fmt.Errorf("mail: the sender's address is not a plain address")
	}
	_, domain, _ = strings.Cut(address, "@")
	return netmail.Address{Name: name, Address: address}, domain, nil
}
