package store

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// auditPurge is up to where the chain was let go.
type auditPurge struct {
	Seq  int64
	At   time.Time
	Hash []byte
	Mac  []byte
}

// TableName is the table of auditPurge.
func (auditPurge) TableName() string { return "audit_purges" }

// auditPurgeStep is how many entries are erased in one transaction, so that bookings hardly wait for it.
const auditPurgeStep = 500

// errForeignAnchor says that the place from which the chain goes on was not written by the program.
var errForeignAnchor = errors.New("the place from which the audit log goes on was not written by this program")

// PurgeAudit erases the entries that have been kept for some years, in small steps: those from the beginning of the chain up to the first that is still kept.
// Where they ended, and the hash from which the rest goes on, stays, and so does an entry that says that it was done.
func (s *Store) PurgeAudit(ctx context.Context, years int) error {
	over := clinic.AuditOver(s.now(), years)
	for {
		more := false
		err := s.change(ctx, "PurgeAudit", clinic.Job("purge"), func(tx *change) error {
			more = false
			if err := tx.advisoryLock("audit chain"); err != nil {
				return err
			}
			// Entries are chained in the order of their instants but for some seconds, so that the first that is kept ends what is over.
			var rows []struct {
				Seq     int64
				Hash    []byte
				EntryID string
				At      time.Time
			}
			err := tx.Raw("SELECT c.seq, c.hash, c.entry_id, e.at FROM audit_chain c JOIN audit_entries e ON e.id = c.entry_id WHERE c.seq > 0 ORDER BY c.seq LIMIT ?", auditPurgeStep).Scan(&rows).Error
			if err != nil {
				return err
			}
			n := 0
			for n < len(rows) && rows[n].At.Before(over) {
				n++
			}
			if tx.nothing = n == 0; tx.nothing {
				return nil
			}
			more = n == auditPurgeStep
			last := AuditHead{rows[n-1].Seq, rows[n-1].Hash}
			mac, err := s.purgeMAC(last, tx.now)
			if err != nil {
				return err
			}
			if err := tx.Create(&auditPurge{last.Seq, tx.now, last.Hash, mac}).Error; err != nil {
				return err
			}
			for _, statement := range []string{
				"DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_chain WHERE seq <= ?)",
				"DELETE FROM audit_chain WHERE seq <= ?",
			} {
				if err := tx.Exec(statement, last.Seq).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || !more {
			return err
		}
	}
}

func (s *Store) purgeMAC(h AuditHead, at time.Time) ([]byte, error) {
	return s.auditMAC("purge", binary.BigEndian.AppendUint64(nil, uint64(h.Seq)), h.Hash, []byte(at.UTC().Format(time.RFC3339Nano)))
}

// auditAnchor is where the chain begins: the last number that was let go, and when; zero where none was.
func (s *Store) auditAnchor(db *gorm.DB) (AuditHead, time.Time, error) {
	var p auditPurge
	err := one(db.Order("seq DESC"), &p)
	if clinic.CodeOf(err) == clinic.NotFound {
		return AuditHead{}, time.Time{}, nil
	}
	if err != nil {
		return AuditHead{}, time.Time{}, err
	}
	h := AuditHead{p.Seq, p.Hash}
	mac, err := s.purgeMAC(h, p.At)
	if err == nil && !equalMAC(mac, p.Mac) {
		err = errForeignAnchor
	}
	return h, p.At.UTC(), err
}
