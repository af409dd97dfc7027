package page

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"

	"madoguchi/internal/clinic"
)

// UnreadableForm is the refusal of a body that is not what our pages send.
func UnreadableForm() error { return &clinic.Error{Code: clinic.Invalid, Message: "error.form"} }

// MakeShowable makes all values showable, and reports whether they were.
func MakeShowable(form url.Values) bool {
	were := true
	for _, values := range form {
		for i, value := range values {
			values[i] = clinic.Showable(value)
			were = were && values[i] == value
		}
	}
	return were
}

// What a form with a file may have beside the file.
const (
	maxParts = 20
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
	parts, err := r.MultipartReader()
	if err != nil {
		return u, UnreadableForm()
	}
	room := int64(maxText)
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			MakeShowable(u.Values)
			return u, nil
		}
		if err != nil {
			return u, unreadable(err)
		}
		limit := room
		if part.FormName() == file {
			limit = most
		}
		content, long, err := readPart(part, limit)
		switch {
		case err != nil:
			return u, unreadable(err)
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

// unreadable is what cannot be read of a form: an error of its own where the whole body is too large, and otherwise a
// refusal, because the reader's words quote the form.
func unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return UnreadableForm()
}
