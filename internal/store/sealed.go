package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

// What is sealed is JSON of the structs in the files sealed*.go and of nothing else. Their names in JSON are written out, so that
// renaming a field of the rules leaves what is stored as it is. What a column of the row holds already, such as the id of a
// patient, is not sealed a second time: whoever opens a value fills it in from the row.
//
// A field that is added, dropped or changes its meaning raises newestFormat, also when an older program could read what
// a newer one wrote: it would write the value back without the new field. testdata/sealed holds what every format
// looks like, and all of them must open.

// format is the version of the structs in these files, one for all of them.
type format int

const newestFormat format = 3

// UnmarshalJSON refuses a format of a later program.
func (f *format) UnmarshalJSON(text []byte) error {
	n, err := readFormat(text, "a sealed value", int(newestFormat))
	*f = format(n)
	return err
}

// readFormat reads the format of something stored, and refuses one that this program does not know.
func readFormat(text []byte, of string, newest int) (n int, err error) {
	if err := json.Unmarshal(text, &n); err != nil {
		return 0, fmt.Errorf("the format of %s: %w", of, err)
	}
	if n < 1 || n > newest {
		return 0, fmt.Errorf("%s has format %d, and this program knows formats up to %d: it was written by a newer version of madoguchi", of, n, newest)
	}
	return n, nil
}

// storedDate is a calendar day as YYYY-MM-DD, and the zero day as nothing.
type storedDate clinic.Date

// MarshalText writes the day.
func (d storedDate) MarshalText() ([]byte, error) {
	if clinic.Date(d).IsZero() {
		return nil, nil
	}
	return []byte(clinic.Date(d).String()), nil
}

// UnmarshalText reads what MarshalText wrote. The text itself is personal data, so the error does not hold it.
func (d *storedDate) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = storedDate{}
		return nil
	}
	date, ok := clinic.ParseDate(string(text))
	if !ok {
		return errors.New("a sealed day is not a day")
	}
	*d = storedDate(date)
	return nil
}

// storedPatient is a patient but for ID and CreatedAt.
type storedPatient struct {
	Format     format     `json:"format"`
	FamilyName string     `json:"family_name"`
	GivenName  string     `json:"given_name"`
	FamilyKana string     `json:"family_kana"`
	GivenKana  string     `json:"given_kana"`
	Birth      storedDate `json:"birth_date"`
	Sex        clinic.Sex `json:"sex"`
	Phone      string     `json:"phone"`
	Email      string     `json:"email"`
}

func storePatient(p clinic.Patient) storedPatient {
	return storedPatient{
		Format: newestFormat, FamilyName: p.FamilyName, GivenName: p.GivenName, FamilyKana: p.FamilyKana, GivenKana: p.GivenKana,
		Birth: storedDate(p.Birth), Sex: p.Sex, Phone: p.Phone, Email: p.Email,
	}
}

func (p storedPatient) patient() clinic.Patient {
	return clinic.Patient{
		FamilyName: p.FamilyName, GivenName: p.GivenName, FamilyKana: p.FamilyKana, GivenKana: p.GivenKana,
		Birth: clinic.Date(p.Birth), Sex: p.Sex, Phone: p.Phone, Email: p.Email,
	}
}

// storedBooking is what was typed with a booking: the patient as they wrote themselves down then, and the details.
type storedBooking struct {
	Format      format              `json:"format"`
	Patient     storedPatient       `json:"patient"`
	Answers     map[string][]string `json:"answers"`
	Attribution storedAttribution   `json:"attribution"`
	Consents    []storedConsent     `json:"consents"`
}

type storedAttribution struct {
	Area     string `json:"area"`
	Article  string `json:"article"`
	Campaign string `json:"campaign"`
}

type storedConsent struct {
	Kind    string    `json:"kind"`
	Version string    `json:"version"`
	At      time.Time `json:"at"`
}

func storeBooking(p clinic.Patient, d clinic.Details) storedBooking {
	out := storedBooking{
		Format: newestFormat, Patient: storePatient(p), Answers: d.Answers,
		Attribution: storedAttribution{Area: d.Attribution.Area, Article: d.Attribution.Article, Campaign: d.Attribution.Campaign},
	}
	for _, c := range d.Consents {
		out.Consents = append(out.Consents, storedConsent{Kind: c.Kind, Version: c.Version, At: c.At})
	}
	return out
}

func (b storedBooking) open() (clinic.Patient, clinic.Details) {
	d := clinic.Details{
		Answers:     b.Answers,
		Attribution: clinic.Attribution{Area: b.Attribution.Area, Article: b.Attribution.Article, Campaign: b.Attribution.Campaign},
	}
	for _, c := range b.Consents {
		d.Consents = append(d.Consents, clinic.Consent{Kind: c.Kind, Version: c.Version, At: c.At})
	}
	return b.Patient.patient(), d
}

// storedIntake is what a patient answered about their health: the Answers, Typed, Changed and Done of a record.
type storedIntake struct {
	Format  format              `json:"format"`
	Answers map[string][]string `json:"answers"`
	Typed   map[string][]string `json:"typed,omitempty"`
	Changed map[string]int      `json:"changed,omitempty"`
	Done    []string            `json:"done"`
}

func storeIntake(r intake.Record) storedIntake {
	return storedIntake{Format: newestFormat, Answers: r.Answers, Typed: r.Typed, Changed: r.Changed, Done: r.Done}
}

// readIntake is a storedIntake for whoever only reads it: without what tells two devices of a patient apart.
type readIntake struct {
	Format  format              `json:"format"`
	Answers map[string][]string `json:"answers"`
	Typed   map[string][]string `json:"typed,omitempty"`
	Done    []string            `json:"done"`
}

func (i storedIntake) record() intake.Record {
	return intake.Record{Answers: i.Answers, Typed: i.Typed, Changed: i.Changed, Done: i.Done}
}

// storedReceipt is what was answered to an idempotency key.
type storedReceipt struct {
	Format    format        `json:"format"`
	BookingID string        `json:"booking_id"`
	Reference string        `json:"reference"`
	Token     string        `json:"token"`
	Status    clinic.Status `json:"status"`
	StartsAt  time.Time     `json:"starts_at"`
	EndsAt    time.Time     `json:"ends_at"`
	BranchID  string        `json:"branch_id"`
	Branch    string        `json:"branch"`
	DoctorID  string        `json:"doctor_id"`
	Doctor    string        `json:"doctor"`
}

func storeReceipt(r clinic.Receipt) storedReceipt {
	return storedReceipt{
		Format: newestFormat, BookingID: r.BookingID, Reference: r.Reference, Token: r.Token, Status: r.Status,
		StartsAt: r.StartsAt, EndsAt: r.EndsAt, BranchID: r.BranchID, Branch: r.Branch, DoctorID: r.DoctorID, Doctor: r.Doctor,
	}
}

func (r storedReceipt) receipt() clinic.Receipt {
	return clinic.Receipt{
		BookingID: r.BookingID, Reference: r.Reference, Token: r.Token, Status: r.Status,
		StartsAt: r.StartsAt, EndsAt: r.EndsAt, BranchID: r.BranchID, Branch: r.Branch, DoctorID: r.DoctorID, Doctor: r.Doctor,
	}
}

// storedMemo is the Text of a memo.
type storedMemo struct {
	Format format `json:"format"`
	Text   string `json:"text"`
}

func storeMemo(m clinic.Memo) storedMemo { return storedMemo{Format: newestFormat, Text: m.Text} }

func (m storedMemo) memo() clinic.Memo { return clinic.Memo{Text: m.Text} }

// storedImport is the Text of an import.
type storedImport struct {
	Format format `json:"format"`
	Text   string `json:"text"`
}

func storeImport(i clinic.Import) storedImport {
	return storedImport{Format: newestFormat, Text: i.Text}
}

func (i storedImport) file() clinic.Import { return clinic.Import{Text: i.Text} }

// storedWaiting is who waits for a slot, and what opens the booking that they have taken.
type storedWaiting struct {
	Format  format        `json:"format"`
	Patient storedPatient `json:"patient"`
	Booked  string        `json:"booked,omitempty"`
}

func storeWaiting(p clinic.Patient, booked string) storedWaiting {
	return storedWaiting{Format: newestFormat, Patient: storePatient(p), Booked: booked}
}

func (w storedWaiting) open() (p clinic.Patient, booked string) { return w.Patient.patient(), w.Booked }

// storedLost is what somebody typed who has lost their link.
type storedLost struct {
	Format    format     `json:"format"`
	Reference string     `json:"reference"`
	Birth     storedDate `json:"birth_date"`
	Email     string     `json:"email"`
}

func storeLost(l clinic.Lost) storedLost {
	return storedLost{Format: newestFormat, Reference: l.Reference, Birth: storedDate(l.Birth), Email: l.Email}
}

func (l storedLost) lost() clinic.Lost {
	return clinic.Lost{Reference: l.Reference, Birth: clinic.Date(l.Birth), Email: l.Email}
}

// storedErasure is the Reason of an erasure.
type storedErasure struct {
	Format format `json:"format"`
	Reason string `json:"reason"`
}

func storeErasure(e clinic.Erasure) storedErasure {
	return storedErasure{Format: newestFormat, Reason: e.Reason}
}

func (e storedErasure) erasure() clinic.Erasure { return clinic.Erasure{Reason: e.Reason} }
