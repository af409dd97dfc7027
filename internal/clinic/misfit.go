package clinic

import "slices"

// Misfit is why a doctor and the wish for a woman cannot go together.
type Misfit string

// The reasons.
const (
	NoWoman   Misfit = "none" // no doctor of the branch is a woman
	NotAWoman Misfit = "man"  // the doctor asked for is a man
)

// WomanMisfit is why nobody fits who is a woman, one of the doctors of a branch and, where an id is given, that one; empty where
// somebody does.
func WomanMisfit(doctors []Doctor, doctorID string) Misfit {
	woman := func(d Doctor) bool { return d.Sex == Female }
	switch {
	case !slices.ContainsFunc(doctors, woman):
		return NoWoman
	case doctorID != "" && !slices.ContainsFunc(doctors, func(d Doctor) bool { return d.ID == doctorID && woman(d) }):
		return NotAWoman
	}
	return ""
}
