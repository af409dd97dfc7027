package page

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"

	"madoguchi/internal/clinic"
)

// UnreadableForm is the refusal of a body that is not what our pages send.
func UnreadableForm() error { return &clinic.Error{Code: clinic.Invalid, Message: "error.form"} }

// StatusGone is what nginx calls "client closed request". Nobody reads the answer; it is for the log.
const StatusGone = 499

// HasLeft reports whether the client has closed the connection, by the context of its request.
func HasLeft(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

// UnreadBody is a body that could not be read to its end, with the status that says why: it is too large (413), came too
// slowly (408), or whoever sent it has left (StatusGone).
type UnreadBody struct {
	Status int
	Cause  error
}

// Error is the developer's view.
func (e *UnreadBody) Error() string { return "body not read: " + e.Cause.Error() }

// Unwrap is what the reader said.
func (e *UnreadBody) Unwrap() error { return e.Cause }

// BodyError is what an error means that came while a body was read.
func BodyError(err error) error {
	var large *http.MaxBytesError
	var network net.Error
	switch {
	case errors.As(err, &large):
		return &UnreadBody{http.StatusRequestEntityTooLarge, err}
	case errors.As(err, &network) && network.Timeout():
		return &UnreadBody{http.StatusRequestTimeout, err}
	case errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF):
		return &UnreadBody{StatusGone, err}
	}
	return UnreadableForm() // the reader's words quote the form
}

// What a form with a file may have beside the file.
const (
	maxParts = 40
	maxText  = 64 << 10 // bytes of all its texts together
)

// Upload is a form that brings a file.
type Upload struct {
	url.Values
	Chosen  bool   // a file was chosen
	File    []byte // its content
	TooLong bool   // it has more bytes than asked for; File is empty then
}

// ReadUpload reads a form with one file (multipart/form-data). Of a file that is longer than most it keeps nothing, and reads
// the rest all the same, because a browser shows the answer only once it has sent everything; the route's limit on the whole
// body still holds. Nothing is written to the disk.
func ReadUpload(r *http.Request, file string, most int64) (Upload, error) {
	u := Upload{Values: url.Values{}}
	body := &heard{ReadCloser: r.Body}
	r.Body = body
	parts, err := r.MultipartReader()
	if err != nil {
		return u, UnreadableForm()
	}
	room := int64(maxText)
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return u, body.meaning()
		}
		limit := room
		if part.FormName() == file {
			limit = most
		}
		content, long, err := readPart(part, limit)
		switch {
		case err != nil:
			return u, body.meaning()
		case part.FormName() == file:
			u.Chosen, u.File, u.TooLong = part.FileName() != "", content, long
		case long:
			return u, UnreadableForm()
		default:
			room -= int64(len(content))
			u.Add(part.FormName(), clinic.Showable(string(content)))
		}
	}
	return u, UnreadableForm()
}

// readPart is the content of a part to its end, or that it is too long.
func readPart(part *multipart.Part, most int64) (content []byte, long bool, err error) {
	content, err = io.ReadAll(io.LimitReader(part, most+1))
	if err != nil || int64(len(content)) <= most {
		return content, false, err
	}
	_, err = io.Copy(io.Discard, part)
	return nil, true, err
}

// heard is a body that remembers why it could not be read: the reader of its parts says the same of one that ended too early and
// of one that was no form.
type heard struct {
	io.ReadCloser
	err error
}

func (h *heard) Read(b []byte) (int, error) {
	n, err := h.ReadCloser.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		h.err = err
	}
	return n, err
}

// meaning is what it means that the parts could not be read.
func (h *heard) meaning() error {
	if h.err == nil {
		return UnreadableForm()
	}
	return BodyError(h.err)
}
