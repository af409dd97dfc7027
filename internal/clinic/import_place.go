package clinic

import (
	"strings"
	"time"
)

// ImportPlace is where and with whom the bookings of a file may be: the branches at which whoever imports may do so, and the doctors
// of each.
type ImportPlace struct {
	Branches []Branch
	Doctors  map[string][]Doctor // by the id of the branch
	Default  string              // the id of the branch of the lines that name none
	Minutes  int                 // how long a counseling is of which the file does not say it
}

// BranchOf finds the branch that a line names, or the one for those that name none.
func (p ImportPlace) BranchOf(word string) (Branch, *Error) {
	var found []Branch
	for _, b := range p.Branches {
		switch {
		case word == "" && b.ID == p.Default, word != "" && (sameWord(word, b.Name) || sameWord(word, b.NameEn)):
			return b, nil
		case word != "" && (strings.HasSuffix(wordOf(b.Name), wordOf(word)) || strings.HasSuffix(wordOf(word), wordOf(b.Name))):
			found = append(found, b)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return Branch{}, invalid(string(ColumnBranch), "error.import.branch")
}

// wordOf writes a name the one way in which it is compared.
func wordOf(s string) string {
	return strings.ToLower(OneSpelling(strings.Map(func(r rune) rune {
		if r == ' ' || r == '・' || r == '.' {
			return -1
		}
		return r
	}, Narrow(Katakana(Tidy(s))))))
}

func sameWord(a, b string) bool { return b != "" && wordOf(a) == wordOf(b) }

// titles are what stands beside a doctor's name.
var titles = []string{"先生", "医師", "院長", "副院長", "Dr.", "Dr", "dr.", "M.D.", "MD"}

// DoctorOf finds the doctor of a branch whom a line names: by the whole name, in any of its spellings, or by the family name where
// only one has it. Where a branch has one doctor, nobody has to be named.
func (p ImportPlace) DoctorOf(branchID, word string) (Doctor, *Error) {
	doctors := p.Doctors[branchID]
	for _, title := range titles {
		word = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(word, title), title))
	}
	if word == "" {
		if len(doctors) == 1 {
			return doctors[0], nil
		}
		return Doctor{}, invalid(string(ColumnDoctor), "error.import.doctor.empty")
	}
	var family []Doctor
	named := wordOf(word)
	is := func(name string) bool { return name != "" && wordOf(name) == named }
	for _, d := range doctors {
		if is(d.FamilyName+d.GivenName) || is(d.NameEn) || is(d.FamilyKana+d.GivenKana) {
			return d, nil
		}
		if is(d.FamilyName) || is(d.FamilyKana) {
			family = append(family, d)
		}
	}
	switch len(family) {
	case 0:
		return Doctor{}, invalid(string(ColumnDoctor), "error.import.doctor.unknown")
	case 1:
		return family[0], nil
	}
	return Doctor{}, invalid(string(ColumnDoctor), "error.import.doctor.many")
}

// Slot is where and when the booking of a line would be, with the end that the file says: the same as the start where it says none.
// Of a time that has passed, and of a booking that was cancelled there, nothing is taken over.
func (l ImportLine) Slot(p ImportPlace, now time.Time) (Slot, Branch, Errors) {
	branch, wrong := p.BranchOf(l.Branch)
	if wrong != nil {
		return Slot{}, branch, Errors{wrong}
	}
	var errs Errors
	doctor, wrong := p.DoctorOf(branch.ID, l.Doctor)
	if wrong != nil {
		errs = append(errs, wrong)
	}
	slot := Slot{BranchID: branch.ID, DoctorID: doctor.ID, Room: l.Room, Origin: ByPhone, Audience: StaffOnly}
	if l.Day.IsZero() {
		return slot, branch, errs
	}
	loc := branch.Location()
	slot.StartsAt = l.From.at(l.Day, loc).UTC()
	slot.EndsAt = slot.StartsAt
	if l.Until != 0 {
		slot.EndsAt = l.Until.at(l.Day, loc).UTC()
	}
	if local := slot.StartsAt.In(loc); DateOf(local, loc) != l.Day && l.From != dayEnd || local.Hour()*60+local.Minute() != int(l.From%dayEnd) {
		errs = append(errs, invalid(string(ColumnStart), "error.clock.skipped"))
	} else if far := StaffHorizon(DateOf(now, loc)).Check(string(ColumnDate), l.Day); far != nil && slot.StartsAt.After(now) {
		errs = append(errs, far)
	}
	return slot, branch, errs
}

// CheckComing refuses to take over a booking that is not to come.
func (l ImportLine) CheckComing(slot Slot, now time.Time) *Error {
	switch {
	case l.Status == Cancelled:
		return invalid(string(ColumnStatus), "error.import.cancelled")
	case !slot.StartsAt.After(now):
		return invalid(string(ColumnDate), "error.import.past")
	}
	return nil
}
