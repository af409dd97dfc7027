package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

type auditVerify struct {
	Head string `help:"A head that the log of the program has noted (head=812:9f86…): the chain must still lead there. Without one, nobody can tell whether its end was cut off." placeholder:"SEQ:HASH"`
}

// Run walks the chain and says whether it is whole, or which entry is the first that is wrong.
func (a auditVerify) Run(p *program) error {
	var head store.AuditHead
	if a.Head != "" {
		var err error
		if head, err = store.ParseAuditHead(a.Head); err != nil {
			return err
		}
	}
	return p.withStore(func(s *store.Store) error {
		r, err := s.VerifyAudit(p.ctx, head)
		if err != nil {
			return err
		}
		if sentence := faultOf(r); sentence != "" {
			return errors.New("the audit log is not what the program wrote: " + sentence)
		}
		if r.Begins.Seq > 0 {
			if _, err := fmt.Fprintf(p.stdout, "The entries up to %d were erased on %s, when their time was over.\n", r.Begins.Seq, r.Purged.Format(time.DateOnly)); err != nil {
				return err
			}
		}
		_, err = fmt.Fprintf(p.stdout, "The audit log is whole: %d entries, %d of them not chained yet.\nhead %s\n", r.Checked, r.Waiting, r.Head)
		return err
	})
}

// faultOf says in a sentence what is wrong with the audit log; nothing where nothing is.
func faultOf(r store.AuditReport) string {
	switch r.Fault {
	case store.AuditSound:
		return ""
	case store.AuditChanged:
		return fmt.Sprintf("entry %d (%s) was changed", r.Seq, r.EntryID)
	case store.AuditMissing:
		return fmt.Sprintf("entry %d is missing", r.Seq)
	case store.AuditReordered:
		return fmt.Sprintf("entry %d (%s) does not stand in its place", r.Seq, r.EntryID)
	case store.AuditCut:
		return fmt.Sprintf("it is cut off: entry %d and those after it are missing", r.Seq)
	case store.AuditRewritten:
		return fmt.Sprintf("entry %d (%s) is another than when the head was noted", r.Seq, r.EntryID)
	case store.AuditAnchorBad:
		return "where it begins was changed"
	case store.AuditInserted:
	}
	if r.Seq == 0 {
		return fmt.Sprintf("the entry %s was inserted", r.EntryID)
	}
	return fmt.Sprintf("entry %d (%s) was inserted", r.Seq, r.EntryID)
}

// exportedEntry is an entry as a line of JSON.
type exportedEntry struct {
	Seq     int64     `json:"seq,omitempty"` // none while it is not chained yet
	Hash    string    `json:"hash,omitempty"`
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Who     string    `json:"who,omitempty"`
	Role    string    `json:"role,omitempty"`
	From    string    `json:"from,omitempty"`
	Action  string    `json:"action"`
	Branch  string    `json:"branch,omitempty"`
	Booking string    `json:"booking,omitempty"`
	Patient string    `json:"patient,omitempty"`
	Account string    `json:"account,omitempty"`
	First   string    `json:"first_day,omitempty"`
	Last    string    `json:"last_day,omitempty"`
	Result  string    `json:"result"`
	Route   string    `json:"route,omitempty"`
	Request string    `json:"request,omitempty"`
}

type auditExport struct{}

// Run writes every entry as a line of JSON, the oldest first. Who asked for it stands in the log then.
func (auditExport) Run(p *program) error {
	return p.withStore(func(s *store.Store) error {
		if err := s.NoteSeen(p.ctx, clinic.Job("audit export"), store.Seen{Action: clinic.Exported}); err != nil {
			return err
		}
		out := json.NewEncoder(p.stdout)
		return s.EachAuditEntry(p.ctx, func(seq int64, hash []byte, e clinic.AuditEntry) error {
			line := exportedEntry{
				Seq: seq, Hash: hex.EncodeToString(hash), ID: e.ID, At: e.At, Kind: string(e.Kind), Who: e.Who, Role: string(e.Role), From: e.From, Action: string(e.Action),
				Branch: e.Branch, Booking: e.Booking, Patient: e.Patient, Account: e.Staff, Result: e.Result, Route: e.Route, Request: e.Request,
			}
			if !e.First.IsZero() {
				line.First, line.Last = e.First.String(), e.Last.String()
			}
			return out.Encode(line)
		})
	})
}
