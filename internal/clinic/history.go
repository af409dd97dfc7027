package clinic

import (
	"slices"
	"time"
)

// History is how often a patient has booked and come, at the branches that the reader may see.
type History struct {
	Visits    int // who arrived
	NoShows   int
	Cancelled int
	Coming    int // live bookings that begin later
	Next      time.Time
	Last      time.Time // the latest that has begun; zero for none
}

// PatientRecord is a patient as the front desk knows them.
type PatientRecord struct {
	Patient      Patient
	Revision     int        // how often they were saved
	OnlineClosed *time.Time // since when they book by telephone only; nil while they may book online
	History      History
}

// MissedTooMany reports whether somebody has missed so many appointments that they may book by telephone only: as many as one of the branches
// at which that was allows. at are the settings of those branches, once for each appointment.
func MissedTooMany(at []BranchSettings) bool {
	return slices.ContainsFunc(at, func(s BranchSettings) bool { return s.NoShows > 0 && len(at) >= s.NoShows })
}

// ClosedError is the answer to whoever may book by telephone only. It doesn't say why, because anybody can type another's number.
func ClosedError(at Branch) error {
	return &Error{Code: Conflict, Message: "error.booking.closed", Args: map[string]string{"Phone": FormatPhone(at.Phone)}}
}

// MergeUndo is how long two patients who were made one can be made two again.
const MergeUndo = 24 * time.Hour

// Merge is one patient who was found to be another.
type Merge struct {
	ID       string
	KeptID   string
	Merged   Patient
	MergedAt time.Time
	Memo     string // what was written down about the one who was merged
}

// CheckUndo decides whether a merge can be undone now. taken says that the patient who was kept has been merged into another since:
// then that merge is undone first.
func (m Merge) CheckUndo(taken bool, now time.Time) error {
	switch {
	case !now.Before(m.MergedAt.Add(MergeUndo)):
		return &Error{Code: Conflict, Message: "error.merge.over"}
	case taken:
		return &Error{Code: Conflict, Message: "error.merge.taken"}
	}
	return nil
}
