package letter

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"time"
)

// Received is a letter as it arrived, read back from a message.
type Received struct {
	Date     time.Time
	From, To string // a name where there is one, and the address
	Rendered
	Entry Entry
}

// Read takes apart a message that package mail has written, for a demo's letter box. It is no reader for other people's mail.
func Read(message io.Reader) (Received, error) {
	m, err := mail.ReadMessage(message)
	if err != nil {
		return Received{}, fmt.Errorf("letter: read: %w", err)
	}
	r := Received{From: decode(m.Header.Get("From")), To: decode(m.Header.Get("To"))}
	r.Subject, r.Lang = decode(m.Header.Get("Subject")), m.Header.Get("Content-Language")
	if r.Date, err = m.Header.Date(); err != nil {
		return Received{}, fmt.Errorf("letter: read the date: %w", err)
	}
	if err := r.readPart(m.Header.Get("Content-Type"), m.Header.Get("Content-Disposition"), m.Body); err != nil {
		return Received{}, fmt.Errorf("letter: read a part: %w", err)
	}
	return r, nil
}

// decode shows an encoded header as people read it, or as it is where it is broken.
func decode(header string) string {
	if text, err := new(mime.WordDecoder).DecodeHeader(header); err == nil {
		return text
	}
	return header
}

func (r *Received) readPart(contentType, disposition string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := r.readPart(part.Header.Get("Content-Type"), part.Header.Get("Content-Disposition"), part); err != nil {
				return err
			}
		}
	}
	text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, body)) // the only encoding that mail uses
	if err != nil {
		return err
	}
	switch kind {
	case "text/plain":
		r.Text = string(text)
	case "text/html":
		r.HTML = string(text)
	case "text/calendar":
		r.Entry.Method, r.Entry.File = params["method"], text
	}
	if _, file, err := mime.ParseMediaType(disposition); err == nil {
		r.Entry.Name = file["filename"]
	}
	return nil
}
