package clinic

import "errors"

// StaleError is the answer to whoever saves over a revision that they have not seen.
func StaleError() error {
	return &Error{Code: Conflict, Field: "revision", Message: "error.stale"}
}

// IsStale reports whether an error is StaleError.
func IsStale(err error) bool {
	var refusal *Error
	return errors.As(err, &refusal) && refusal.Code == Conflict && refusal.Field == "revision"
}
