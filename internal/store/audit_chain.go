package store

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// AuditHead is the last number of the chain of the audit log and its hash. Whoever has noted one knows later whether the chain still leads there.
type AuditHead struct {
	Seq  int64
	Hash []byte
}

// String is the head as it stands in the log of the program, and as `madoguchi audit verify --head` reads it: 812:9f86d0….
func (h AuditHead) String() string {
	return strconv.FormatInt(h.Seq, 10) + ":" + hex.EncodeToString(h.Hash)
}

// ParseAuditHead reads what String writes.
func ParseAuditHead(text string) (h AuditHead, err error) {
	seq, hash, _ := strings.Cut(strings.TrimSpace(text), ":")
	if h.Seq, err = strconv.ParseInt(seq, 10, 64); err == nil {
		h.Hash, err = hex.DecodeString(hash)
	}
	if err != nil || h.Seq < 1 || len(h.Hash) == 0 {
		return h, errors.New("a head is a number and a hash, as the log has it: 812:9f86d0…")
	}
	return h, nil
}

type chainRow struct {
	Seq     int64
	EntryID string
	Hash    []byte
}

// TableName is the table of chainRow.
func (chainRow) TableName() string { return "audit_chain" }

// chained is the head with one more entry, by its code.
func (s *Store) chained(h AuditHead, entryID string, mac []byte) (AuditHead, error) {
	next := AuditHead{Seq: h.Seq + 1}
	var err error
	next.Hash, err = s.auditMAC("chain", binary.BigEndian.AppendUint64(nil, uint64(next.Seq)), h.Hash, []byte(entryID), []byte{0}, mac)
	return next, err
}

const (
	// chainStep is how many entries are chained in one transaction.
	chainStep = 500

	// chainLate is how long after its instant an entry may be committed and still be found among the new ones. The clocks of two instances differ
	// by far less, and no transaction lasts so long. What is later all the same is found once a day.
	chainLate = time.Hour
)

// ChainAudit appends the entries that are new to the chain, in the order of their instants as far as they are there. Bookings do not wait for it: an entry
// is written at once and chained a few seconds later. Any number of instances may call it; on PostgreSQL one appends at a time, and the others leave
// it to that one.
func (s *Store) ChainAudit(ctx context.Context) error {
	var newest struct{ At time.Time }
	err := one(s.reader(ctx).Raw("SELECT e.at FROM audit_chain c JOIN audit_entries e ON e.id = c.entry_id WHERE c.seq > 0 ORDER BY c.seq DESC LIMIT 1"), &newest)
	if clinic.CodeOf(err) == clinic.NotFound {
		return s.ChainAllAudit(ctx)
	}
	if err != nil {
		return wrap("ChainAudit", err)
	}
	_, err = s.chainSince(ctx, clinic.IDsFrom(newest.At.Add(-chainLate)), (*change).tryAdvisoryLock)
	return err
}

// ChainAllAudit is ChainAudit for entries of any time. It says so when it finds some that the program has not written.
func (s *Store) ChainAllAudit(ctx context.Context) error {
	foreign, err := s.chainSince(ctx, "", func(c *change, name string) (bool, error) { return true, c.advisoryLock(name) })
	if err == nil && foreign != "" {
		err = fmt.Errorf("the audit log has an entry that this program has not written: %s (see madoguchi audit verify)", foreign)
	}
	return err
}

// chainSince chains the entries whose ids follow one, as long as it is its turn. foreign is the first whose code is wrong, and which is left out.
func (s *Store) chainSince(ctx context.Context, after string, turn func(c *change, name string) (bool, error)) (foreign string, err error) {
	for {
		var first []string // whether there is any, which costs less than to read them twice
		if err := s.reader(ctx).Raw(unchained("e.id"), after, 1).Scan(&first).Error; err != nil || len(first) == 0 {
			return foreign, wrap("ChainAudit", asUnavailable(err))
		}
		last, more := "", false
		err = s.change(ctx, "ChainAudit", clinic.Job("audit"), func(tx *change) error {
			more = false // of an earlier try
			if mine, err := turn(tx, "audit chain"); err != nil || !mine {
				return err
			}
			rows, err := s.unchained(tx.DB, after) // another instance may have chained them meanwhile
			if err != nil || len(rows) == 0 {
				return err
			}
			more = len(rows) == chainStep
			last, err = tx.chain(rows, &foreign)
			return err
		})
		if err != nil || !more {
			return foreign, err
		}
		after = last
	}
}

// unchained are some entries that are not in the chain yet, in the order of their ids.
func (s *Store) unchained(db *gorm.DB, after string) (rows []auditRow, err error) {
	err = db.Raw(unchained("e.*"), after, chainStep).Scan(&rows).Error
	return rows, err
}

// unchained asks for columns of entries e that are not in the chain yet and follow an id, in the order of their ids, and for so many at the most.
func unchained(columns string) string {
	return "SELECT " + columns + " FROM audit_entries e LEFT JOIN audit_chain c ON c.entry_id = e.id WHERE e.id > " + aText + " AND c.seq IS NULL ORDER BY e.id LIMIT ?"
}

// chain appends entries and returns the id of the last.
func (c *change) chain(rows []auditRow, foreign *string) (last string, err error) {
	head, err := c.store.auditHead(c.DB)
	if err != nil {
		return "", err
	}
	var links []chainRow
	for _, row := range rows {
		last = row.ID
		if right, err := c.store.isGenuine(row); err != nil {
			return "", err
		} else if !right {
			if *foreign == "" {
				*foreign = row.ID
			}
			continue
		}
		if head, err = c.store.chained(head, row.ID, row.Mac); err != nil {
			return "", err
		}
		links = append(links, chainRow{head.Seq, row.ID, head.Hash})
	}
	if len(links) == 0 {
		return last, nil
	}
	return last, c.Create(&links).Error
}

// isGenuine reports whether the program has written an entry as it stands.
func (s *Store) isGenuine(row auditRow) (bool, error) {
	e, err := s.openAudit(row)
	if err != nil {
		return false, nil //nolint:nilerr // what does not open was not sealed by the program
	}
	mac, err := s.auditMAC("entry", e.Canonical())
	return equalMAC(mac, row.Mac), err
}

// AuditHead is the head of the chain; zero where nothing was chained yet.
func (s *Store) AuditHead(ctx context.Context) (AuditHead, error) {
	h, err := s.auditHead(s.reader(ctx))
	return h, wrap("AuditHead", err)
}

func (s *Store) auditHead(db *gorm.DB) (AuditHead, error) {
	var row chainRow
	err := one(db.Order("seq DESC"), &row)
	if clinic.CodeOf(err) == clinic.NotFound {
		h, _, err := s.auditAnchor(db)
		return h, err
	}
	return AuditHead{row.Seq, row.Hash}, err
}

// SignAuditHead is the code over a head and the instant at which it was the head.
func (s *Store) SignAuditHead(h AuditHead, at time.Time) (string, error) {
	mac, err := s.auditMAC("head", []byte(h.String()+" "+at.UTC().Format(time.RFC3339)))
	return hex.EncodeToString(mac), err
}
