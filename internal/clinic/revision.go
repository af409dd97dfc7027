package clinic

import (
	"errors"
	"strconv"
)

// Everything that a form edits has a revision: how often it was saved. The form carries the revision that it was drawn from,
// so that nobody undoes what they have not seen.

// Choice is which of two values a person keeps: the one that was stored while they were typing, or the one they typed.
type Choice string

// The choices. They are values of a form.
const (
	KeepStored Choice = "stored"
	KeepTyped  Choice = "typed"
)

// Seen is what whoever sends a form has seen of what is stored.
type Seen struct {
	Revision int               // that the form was drawn from; 0 where it does not say, which is to have seen nothing
	Shown    int               // that was shown beside what they typed, when the form had come too late; 0 where none was
	Choices  map[string]Choice // what they chose then, by field
}

// ReadSeen reads what a form says of what was seen: both revisions as texts, and the choices by field. What cannot be read was not
// seen.
func ReadSeen(revision, shown string, choices map[string]string) Seen {
	s := Seen{Revision: count(revision), Shown: count(shown), Choices: map[string]Choice{}}
	for field, choice := range choices {
		if c := Choice(choice); c == KeepStored || c == KeepTyped {
			s.Choices[field] = c
		}
	}
	return s
}

func count(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Of is the newest revision of a field that was seen: for a field about which the person has chosen, the one it was shown in.
func (s Seen) Of(field string) int {
	if _, chosen := s.Choices[field]; chosen {
		return max(s.Revision, s.Shown)
	}
	return s.Revision
}

// Keeps reports whether the person chose that what is stored in a field stays.
func (s Seen) Keeps(field string) bool { return s.Choices[field] == KeepStored }

// StaleError is the answer to whoever saves over a revision that they have not seen.
func StaleError() error {
	return &Error{Code: Conflict, Field: "revision", Message: "error.stale"}
}

// IsStale reports whether an error is StaleError.
func IsStale(err error) bool {
	var refusal *Error
	return errors.As(err, &refusal) && refusal.Code == Conflict && refusal.Field == "revision"
}
