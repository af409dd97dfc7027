package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// auditRow is an entry as it is stored.
type auditRow struct {
	ID        string
	At        time.Time
	ActorKind clinic.ActorKind
	ActorID   sql.NullString
	Role      sql.NullString
	Action    clinic.AuditAction
	BranchID  sql.NullString
	BookingID sql.NullString
	PatientID sql.NullString
	StaffID   sql.NullString
	FirstDay  sql.NullString
	LastDay   sql.NullString
	Result    string
	Route     sql.NullString
	Request   sql.NullString
	Once      []byte
	Mac       []byte
	Sealed    []byte
}

// TableName is the table of auditRow.
func (auditRow) TableName() string { return "audit_entries" }

func auditAD(id string) seal.AssociatedData {
	return seal.AssociatedData{Table: "audit_entries", ID: id}
}

// errNoAuditKey says that a store was not unlocked.
var errNoAuditKey = errors.New("the store is not unlocked: nothing can be written into the audit log")

// auditMAC is the code over something of the audit log, under the key that belongs to it.
func (s *Store) auditMAC(what string, parts ...[]byte) ([]byte, error) {
	if len(s.auditKey) == 0 {
		return nil, errNoAuditKey
	}
	mac := hmac.New(sha256.New, s.auditKey)
	mac.Write([]byte(what + "\x00"))
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil), nil
}

func (s *Store) auditRow(e clinic.AuditEntry) (row auditRow, err error) {
	row = auditRow{
		ID: e.ID, At: e.At, ActorKind: e.Kind, ActorID: orNull(e.Who), Role: orNull(string(e.Role)), Action: e.Action,
		BranchID: orNull(e.Branch), BookingID: orNull(e.Booking), PatientID: orNull(e.Patient), StaffID: orNull(e.Staff), FirstDay: dayOrNull(e.First), LastDay: dayOrNull(e.Last),
		Result: e.Result, Route: orNull(e.Route), Request: orNull(e.Request),
	}
	if e.From != "" { // a text alone, which has no fields that a later program could have changed
		if row.Sealed, err = s.keyring.Seal(seal.Contact, auditAD(e.ID), e.From); err != nil {
			return row, err
		}
	}
	row.Mac, err = s.auditMAC("entry", e.Canonical())
	return row, err
}

func dayOrNull(d clinic.Date) sql.NullString {
	if d.IsZero() {
		return sql.NullString{}
	}
	return orNull(d.String())
}

// openAudit is the entry of a row.
func (s *Store) openAudit(row auditRow) (clinic.AuditEntry, error) {
	e := clinic.AuditEntry{
		ID: row.ID, At: row.At.UTC(), Kind: row.ActorKind, Who: row.ActorID.String, Role: clinic.Role(row.Role.String), Action: row.Action,
		Subject: clinic.Subject{Branch: row.BranchID.String, Booking: row.BookingID.String, Patient: row.PatientID.String, Staff: row.StaffID.String},
		Result:  row.Result, Route: row.Route.String, Request: row.Request.String,
	}
	e.First, _ = clinic.ParseDate(row.FirstDay.String)
	e.Last, _ = clinic.ParseDate(row.LastDay.String)
	if row.Sealed == nil {
		return e, nil
	}
	return e, s.keyring.Open(seal.Contact, auditAD(row.ID), row.Sealed, &e.From)
}

// insertEntries writes entries with one statement. What need not be written again is left out.
func (c *change) insertEntries(rows []auditRow) error {
	const columns = 18
	values := "(?" + strings.Repeat(", ?", columns-1) + ")"
	for part := range slices.Chunk(rows, 500) {
		args := make([]any, 0, columns*len(part))
		for _, r := range part {
			args = append(args, r.ID, r.At, string(r.ActorKind), r.ActorID, r.Role, string(r.Action), r.BranchID, r.BookingID, r.PatientID, r.StaffID, r.FirstDay, r.LastDay,
				r.Result, r.Route, r.Request, r.Once, r.Mac, r.Sealed)
		}
		_, err := c.insert(`INSERT INTO audit_entries (id, at, actor_kind, actor_id, role, action, branch_id, booking_id, patient_id, staff_id, first_day, last_day, result, route, request, once, mac, sealed)
			VALUES `+values+strings.Repeat(", "+values, len(part)-1)+" ON CONFLICT DO NOTHING", args...)
		if err != nil {
			return err
		}
	}
	return nil
}
