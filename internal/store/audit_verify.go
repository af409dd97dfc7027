package store

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

func equalMAC(a, b []byte) bool { return hmac.Equal(a, b) }

// AuditFault is what is wrong with the audit log.
type AuditFault string

// The faults.
const (
	AuditSound     AuditFault = ""
	AuditChanged   AuditFault = "changed"      // an entry does not say any more what it said
	AuditMissing   AuditFault = "missing"      // an entry was taken away
	AuditInserted  AuditFault = "inserted"     // an entry was put there that the program has not written
	AuditReordered AuditFault = "out of order" // an entry does not follow the one before it
	AuditCut       AuditFault = "cut off"      // the chain ended later once
	AuditRewritten AuditFault = "rewritten"    // at the number of a head that was noted stands another
	AuditAnchorBad AuditFault = "anchor"       // where the chain begins was not written by the program
)

// AuditReport is what came of a verification.
type AuditReport struct {
	Fault   AuditFault
	Seq     int64  // where the first fault is; 0 for an entry that is in no chain
	EntryID string // of the first fault, where it is known
	Checked int    // how many entries were found to be right
	Waiting int    // of them, how many are not chained yet
	Head    AuditHead
	Begins  AuditHead // where the chain begins: what is before it was erased when its time was over
	Purged  time.Time // when; zero where nothing was
}

// verified is an entry of the chain as verification reads it.
type verified struct {
	Seq     int64
	EntryID string
	Hash    []byte
	There   bool
	Entry   auditRow `gorm:"embedded"`
}

// VerifyAudit walks the chain and names the first entry that was changed, is missing, was inserted or stands in another place. head is one that was noted
// before, or zero: the chain must still lead there. It reads one state of the database, whatever is written meanwhile.
func (s *Store) VerifyAudit(ctx context.Context, head AuditHead) (report AuditReport, err error) {
	err = s.reader(ctx).Transaction(func(db *gorm.DB) error {
		report, err = s.verifyAudit(db, head)
		return err
	}, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	return report, wrap("VerifyAudit", asUnavailable(err))
}

func (s *Store) verifyAudit(db *gorm.DB, head AuditHead) (r AuditReport, err error) {
	r.Begins, r.Purged, err = s.auditAnchor(db)
	if errors.Is(err, errForeignAnchor) {
		r.Fault = AuditAnchorBad
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.Head = r.Begins
	for {
		rows, err := s.links(db, r.Head.Seq)
		if err != nil {
			return r, err
		}
		for i, row := range rows {
			var after *verified
			if i+1 < len(rows) {
				after = &rows[i+1]
			}
			if r.Fault, err = s.faultOf(r.Head, row, after); err != nil {
				return r, err
			}
			if r.Fault != AuditSound {
				r.Seq, r.EntryID = row.Seq, row.EntryID
				if row.Seq != r.Head.Seq+1 {
					r.Seq, r.EntryID = r.Head.Seq+1, ""
				}
				return r, nil
			}
			r.Head = AuditHead{row.Seq, row.Hash}
			r.Checked++
			if head.Seq == row.Seq && !equalMAC(head.Hash, row.Hash) {
				r.Fault, r.Seq, r.EntryID = AuditRewritten, row.Seq, row.EntryID
				return r, nil
			}
		}
		if len(rows) < chainStep {
			break
		}
	}
	if head.Seq > r.Head.Seq {
		r.Fault, r.Seq = AuditCut, r.Head.Seq+1
		return r, nil
	}
	return s.verifyWaiting(db, r)
}

// links are the next entries of the chain after a number.
func (s *Store) links(db *gorm.DB, after int64) (rows []verified, err error) {
	err = db.Raw(`SELECT c.seq, c.entry_id, c.hash, e.id IS NOT NULL AS there, e.* FROM audit_chain c LEFT JOIN audit_entries e ON e.id = c.entry_id
		WHERE c.seq > ? ORDER BY c.seq LIMIT ?`, after, chainStep).Scan(&rows).Error
	return rows, err
}

// faultOf is what is wrong with the entry that should follow a head. after is the one behind it, where it was read.
func (s *Store) faultOf(head AuditHead, row verified, after *verified) (AuditFault, error) {
	if row.Seq != head.Seq+1 || !row.There {
		return AuditMissing, nil
	}
	genuine, err := s.isGenuine(row.Entry)
	if err != nil {
		return "", err
	}
	next, err := s.chained(head, row.EntryID, row.Entry.Mac)
	if err != nil {
		return "", err
	}
	follows := equalMAC(next.Hash, row.Hash)
	switch {
	case follows && genuine:
		return AuditSound, nil
	case follows: // its code is the one that was chained, what it says is not
		return AuditChanged, nil
	case genuine: // it was written so, but not at this place
		return AuditReordered, nil
	case after == nil:
		return AuditInserted, nil
	}
	// Its code is wrong as well. Where the one behind it goes on from this one's hash, that hash was once made by the program, for another code.
	goesOn, err := s.chained(AuditHead{row.Seq, row.Hash}, after.EntryID, after.Entry.Mac)
	if err == nil && equalMAC(goesOn.Hash, after.Hash) {
		return AuditChanged, nil
	}
	return AuditInserted, err
}

// verifyWaiting looks at the entries that are not chained yet.
func (s *Store) verifyWaiting(db *gorm.DB, r AuditReport) (AuditReport, error) {
	after := ""
	for {
		rows, err := s.unchained(db, after)
		if err != nil {
			return r, err
		}
		for _, row := range rows {
			after = row.ID
			right, err := s.isGenuine(row)
			if err != nil {
				return r, err
			}
			if !right {
				r.Fault, r.EntryID = AuditInserted, row.ID
				return r, nil
			}
			r.Checked++
			r.Waiting++
		}
		if len(rows) < chainStep {
			return r, nil
		}
	}
}

// EachAuditEntry calls f with every entry, in the order of the chain and then those that are not chained yet. seq is the number in the chain; 0 for none.
func (s *Store) EachAuditEntry(ctx context.Context, f func(seq int64, hash []byte, e clinic.AuditEntry) error) error {
	each := func(db *gorm.DB) error {
		last := int64(0)
		for {
			rows, err := s.links(db, last)
			if err != nil {
				return err
			}
			for _, row := range rows {
				last = row.Seq
				if !row.There {
					continue // verification names it
				}
				e, err := s.openAudit(row.Entry)
				if err != nil {
					return err
				}
				if err := f(row.Seq, row.Hash, e); err != nil {
					return err
				}
			}
			if len(rows) < chainStep {
				break
			}
		}
		after := ""
		for {
			rows, err := s.unchained(db, after)
			if err != nil {
				return err
			}
			for _, row := range rows {
				after = row.ID
				e, err := s.openAudit(row)
				if err != nil {
					return err
				}
				if err := f(0, nil, e); err != nil {
					return err
				}
			}
			if len(rows) < chainStep {
				return nil
			}
		}
	}
	err := s.reader(ctx).Transaction(each, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	return wrap("EachAuditEntry", asUnavailable(err))
}
