package clinic

import "time"

// The line that stands in a file to begin with and shows how one is filled in. Its telephone number is nobody's.
const (
	SampleReference = "A-0001"
	SampleFrom      = Clock(20 * 60)
	SampleUntil     = Clock(21 * 60)
)

// SamplePatient is who that line is about.
func SamplePatient() Patient {
	return Patient{
		FamilyName: "見本", GivenName: "花子", FamilyKana: "ミホン", GivenKana: "ハナコ", Birth: Date{1990, time.April, 1}, Sex: Female,
		Phone: "09000000000", Email: "hanako@example.jp",
	}
}

// IsSample reports whether a line is the one of the file to begin with, as it stands there: nobody means it. The day, the branch and the
// doctor of its booking are not looked at, because they are those of when and by whom the file was fetched.
func (l ImportLine) IsSample(kind ImportKind) bool {
	if l.Patient != SamplePatient() || l.Memo != "" {
		return false
	}
	if kind == ImportPatients {
		return l.Branch == ""
	}
	return l.Reference == SampleReference && l.From == SampleFrom && l.Until == SampleUntil && l.Room == "" && l.Status == Booked
}
