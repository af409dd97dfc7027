package clinic

import (
	"errors"
	"strings"
)

// Code says what kind of refusal an Error is. The server keeps the one table from Code to HTTP status.
type Code string

// The codes. They are part of the JSON API ("code" of a problem), so they do not change.
const (
	Invalid       Code = "invalid"        // a field is wrong; Field says which
	SlotTaken     Code = "slot_taken"     // somebody else has the slot, by hold or by booking
	SlotPast      Code = "slot_past"      // the slot has begun
	SlotEarly     Code = "slot_early"     // the slot is farther ahead than can be booked today
	Conflict      Code = "conflict"       // what was asked no longer fits what is stored
	AlreadyBooked Code = "already_booked" // the same person has a live booking: change that one, or say that it is another
	KeyReused     Code = "key_reused"     // an idempotency key came back with other content
	NotFound      Code = "not_found"      // there is no such thing, or it is not yours: the same answer for both
	Unauthorized  Code = "unauthorized"   // nobody is signed in
	Forbidden     Code = "forbidden"      // signed in, but this role may not
	TooMany       Code = "too_many"       // a limit was reached; try again later
	Busy          Code = "busy"           // too many ask at once; nothing was looked at
	Unavailable   Code = "unavailable"    // the database cannot write just now; nothing was stored
)

// Error is a refusal that a person can read. Anything that is not an *Error is a failure inside, of which people are
// shown a request id and nothing else.
type Error struct {
	Code    Code
	Field   string            // the form or API field at fault; empty when it is none in particular
	Message string            // key of a whole sentence in web/locales
	Args    map[string]string // what the sentence names, such as the longest allowed length
}

// Error gives the developer's view. It holds no personal data: keys and field names only.
func (e *Error) Error() string {
	if e.Field == "" {
		return string(e.Code) + ": " + e.Message
	}
	return string(e.Code) + ": " + e.Field + ": " + e.Message
}

// Errors are all refusals of one form, in the order of its fields, so that a person mends everything at once.
type Errors []*Error

// Error joins the developer's views.
func (es Errors) Error() string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "; ")
}

// For returns the first error of a field, or nil.
func (es Errors) For(field string) *Error {
	for _, e := range es {
		if e.Field == field {
			return e
		}
	}
	return nil
}

// Err returns es as an error, or nil when there is none, so that an empty list never becomes a non-nil error.
func (es Errors) Err() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

// CodeOf returns the code of the first *Error or Errors in err's chain, and "" for a failure inside.
func CodeOf(err error) Code {
	var one *Error
	if errors.As(err, &one) {
		return one.Code
	}
	var many Errors
	if errors.As(err, &many) && len(many) > 0 {
		return many[0].Code
	}
	return ""
}

func invalid(field, message string) *Error {
	return &Error{Code: Invalid, Field: field, Message: message}
}
