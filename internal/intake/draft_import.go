package intake

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"madoguchi/internal/clinic"
)

// ReadImported is ReadDraft for a file from outside: one that is no text, and one in which a field stands twice, are refused, because of two
// values one would silently be lost. Its texts are tidied as those of a form are. A refusal that somebody can do something about is a *clinic.Error.
func ReadImported(body []byte) (*Questionnaire, error) {
	if len(body) > MaxDraft {
		return nil, refused("long")
	}
	if !utf8.Valid(body) {
		return nil, refused("utf8")
	}
	if again, err := fieldTwice(json.NewDecoder(bytes.NewReader(body))); err == nil && again != "" {
		return nil, refused("field_twice", "Name", again)
	}
	q, err := ReadDraft(body)
	switch {
	case err != nil:
		return nil, err
	case len(q.Intake) == 0:
		return nil, refused("empty")
	}
	q.Tidy()
	return q, nil
}

// refused is why a file is not taken over. What it names is cut, because a file can call anything whatever it likes.
func refused(message string, args ...string) *clinic.Error {
	e := &clinic.Error{Code: clinic.Invalid, Field: "file", Message: "error.questionnaire.import." + message, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		e.Args[args[i]] = clinic.Showable(cut(args[i+1]))
	}
	return e
}

// cut is no more of a name than fits into a sentence.
func cut(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return s
}

// fieldTwice is the first field that stands twice in one object; names that differ in case alone are the same to whoever reads them here.
func fieldTwice(d *json.Decoder) (string, error) {
	var open []map[string]bool // the fields so far of each object that is not closed yet; nil for an array
	name := false              // the next text in an object is the name of a field
	for {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		in := len(open) > 0 && open[len(open)-1] != nil
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{', '[':
				open, name = append(open, map[json.Delim]map[string]bool{'{': {}}[t]), t == '{'
				continue
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return "", nil
			}
			name = open[len(open)-1] != nil
		case string:
			if !in || !name {
				name = in
				continue
			}
			fields, key := open[len(open)-1], strings.ToLower(t)
			if fields[key] {
				return t, nil
			}
			fields[key] = true
			name = false
		default:
			name = in
		}
	}
}
