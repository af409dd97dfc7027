package store

import (
	"time"

	"madoguchi/internal/clinic"
)

// storedLetter is all that a letter says.
type storedLetter struct {
	Format        format    `json:"format"`
	Lang          string    `json:"lang"`
	To            string    `json:"to"`
	ToName        string    `json:"to_name"`
	Reference     string    `json:"reference"`
	BookingID     string    `json:"booking_id"`
	Sequence      int       `json:"sequence"`
	StartsAt      time.Time `json:"starts_at"`
	EndsAt        time.Time `json:"ends_at"`
	Zone          string    `json:"zone"`
	ClinicName    string    `json:"clinic_name"`
	BranchName    string    `json:"branch_name"`
	BranchAddress string    `json:"branch_address"`
	BranchAccess  string    `json:"branch_access"`
	BranchPhone   string    `json:"branch_phone"`
	PhoneHours    string    `json:"phone_hours"`
	DoctorName    string    `json:"doctor_name"`
	Token         string    `json:"token"`
	Asks          bool      `json:"asks"`
	ChangesUntil  time.Time `json:"changes_until"`
	Count         int       `json:"count"`
	Subject       string    `json:"subject"` // this and the next two are the branch's own words
	Lead          string    `json:"lead"`
	Note          string    `json:"note"`
	WrittenAt     time.Time `json:"written_at"`
	KeepMinutes   int       `json:"keep_minutes,omitempty"`
}

func storeLetter(c clinic.LetterContent) storedLetter {
	return storedLetter{
		Format: newestFormat, Lang: c.Lang, To: c.To, ToName: c.ToName, Reference: c.Reference, BookingID: c.BookingID,
		Sequence: c.Sequence, StartsAt: c.StartsAt, EndsAt: c.EndsAt, Zone: c.Zone, ClinicName: c.ClinicName, BranchName: c.BranchName,
		BranchAddress: c.BranchAddress, BranchAccess: c.BranchAccess, BranchPhone: c.BranchPhone, PhoneHours: c.PhoneHours, DoctorName: c.DoctorName,
		Token: c.Token, Asks: c.Asks, ChangesUntil: c.ChangesUntil, Count: c.Count,
		Subject: c.Text.Subject, Lead: c.Text.Lead, Note: c.Text.Note, WrittenAt: c.WrittenAt, KeepMinutes: c.KeepMinutes,
	}
}

func (l storedLetter) content() clinic.LetterContent {
	return clinic.LetterContent{
		Lang: l.Lang, To: l.To, ToName: l.ToName, Reference: l.Reference, BookingID: l.BookingID,
		Sequence: l.Sequence, StartsAt: l.StartsAt, EndsAt: l.EndsAt, Zone: l.Zone, ClinicName: l.ClinicName, BranchName: l.BranchName,
		BranchAddress: l.BranchAddress, BranchAccess: l.BranchAccess, BranchPhone: l.BranchPhone, PhoneHours: l.PhoneHours, DoctorName: l.DoctorName,
		Token: l.Token, Asks: l.Asks, ChangesUntil: l.ChangesUntil, Count: l.Count,
		Text: clinic.LetterText{Subject: l.Subject, Lead: l.Lead, Note: l.Note}, WrittenAt: l.WrittenAt, KeepMinutes: l.KeepMinutes,
	}
}
