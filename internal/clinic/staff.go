package clinic

import (
	"slices"
	"time"
)

// Role decides what a member of staff may do.
type Role string

// The roles.
const (
	Admin      Role = "admin"     // 管理者
	FrontDesk  Role = "reception" // 受付
	DoctorRole Role = "doctor"    // 医師
)

// Ability is one thing a member of staff may do.
type Ability string

// The abilities.
const (
	SeeCalendar   Ability = "see-calendar"   // the day of a branch, bookings and contact data
	ChangeBooking Ability = "change-booking" // the walk of a visit, another time, letters; a day's slots closed, opened and held
	ReadAnswers   Ability = "read-answers"   // medical answers and cautions of one's own appointments
	SignCautions  Ability = "sign-cautions"  // the cautions: their severities and words, and the signature under them
	ManageClinic  Ability = "manage-clinic"  // branches, doctors, slots
	SeeAudit      Ability = "see-audit"      // who saw and changed what
)

// abilities is the whole table. FrontDesk and administrators never read answers (guideline for the safety management of
// medical information systems 6.0: least privilege), and doctors do not move bookings.
var abilities = map[Role][]Ability{
	Admin:      {SeeCalendar, ChangeBooking, ManageClinic, SeeAudit},
	FrontDesk:  {SeeCalendar, ChangeBooking},
	DoctorRole: {ReadAnswers, SignCautions},
}

// Roles and Abilities are all there are, in the order in which they are shown.
var (
	Roles     = []Role{Admin, FrontDesk, DoctorRole}
	Abilities = []Ability{SeeCalendar, ChangeBooking, ReadAnswers, SignCautions, ManageClinic, SeeAudit}
)

// Has reports whether a role has an ability.
func (r Role) Has(a Ability) bool { return slices.Contains(abilities[r], a) }

// Staff (職員) is a person of the clinic who signs in.
type Staff struct {
	ID           string
	Role         Role
	DoctorID     string   // the doctor this account belongs to; empty for other roles
	EveryBranch  bool     // belongs to all branches, those to come included
	Branches     []string // the ids of the branches they belong to, where that is not every one
	Name         string
	Email        string
	PasswordHash string // argon2id, PHC string; empty while nobody has chosen one
	Active       bool
	CreatedAt    time.Time
	Revision     int // how often the account was saved
}

// Can reports whether the person may do something. Someone whose account is not active can do nothing.
func (s Staff) Can(a Ability) bool {
	if !s.Active {
		return false
	}
	for _, have := range abilities[s.Role] {
		if have == a {
			return true
		}
	}
	return false
}

// CheckStaff tidies an account as it was typed and names every field that is wrong.
func CheckStaff(s Staff) (Staff, Errors) {
	var errs Errors
	s.Name = Tidy(s.Name)
	errs = checkLine(errs, "name", s.Name, true, 2*MaxName)
	email, problem := ParseEmail(s.Email)
	if problem != "" {
		errs = append(errs, invalid("email", problem))
	}
	s.Email = email
	if _, known := abilities[s.Role]; !known {
		errs = append(errs, invalid("role", "error.choose"))
	}
	if !s.EveryBranch && len(s.Branches) == 0 {
		errs = append(errs, invalid("branches", "error.account.branches"))
	}
	switch {
	case s.Role == DoctorRole && s.DoctorID == "":
		errs = append(errs, invalid("doctor_id", "error.staff.doctor"))
	case s.Role != DoctorRole && s.DoctorID != "":
		errs = append(errs, invalid("doctor_id", "error.staff.nodoctor"))
	}
	return s, errs
}

// Sign-in is refused for a while after this many failures of one account or one network address within the window.
const (
	SignInWindow      = 15 * time.Minute
	SignInsPerAccount = 5
	SignInsPerAddress = 20
)

// DeviceLife is how long a browser is known after the latest sign-in on it.
const DeviceLife = 180 * 24 * time.Hour
