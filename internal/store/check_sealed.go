package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"madoguchi/internal/seal"
)

// sealedTable is a table with a sealed column: which key seals it, and by which id of which table its rows are bound.
type sealedTable struct {
	table   string
	purpose seal.Purpose
	id      string // in SQL
	as      string // the table that it is bound to, where that is another
}

// sealedTables are all of them. A test finds the one that is left out.
var sealedTables = []sealedTable{
	{table: "booking_memos", purpose: seal.Contact, id: "booking_id"},
	{table: "bookings", purpose: seal.Contact, id: "id"},
	{table: "erasure_requests", purpose: seal.Contact, id: "id"},
	{table: "handovers", purpose: seal.Answers, id: "id"},
	{table: "hold_releases", purpose: seal.Answers, id: "id"},
	{table: "idempotency_keys", purpose: seal.Contact, id: "id"},
	{table: "imports", purpose: seal.Contact, id: "id"},
	{table: "intake_versions", purpose: seal.Answers, id: "booking_id", as: "intakes"},
	{table: "intakes", purpose: seal.Answers, id: "booking_id"},
	{table: "letters", purpose: seal.Contact, id: "id"},
	{table: "lost_requests", purpose: seal.Contact, id: "id"},
	{table: "note_drafts", purpose: seal.Answers, id: "booking_id || '/' || doctor_id"},
	{table: "note_versions", purpose: seal.Answers, id: "booking_id || '/' || version"},
	{table: "patient_memos", purpose: seal.Contact, id: "patient_id"},
	{table: "patients", purpose: seal.Contact, id: "id"},
	{table: "phrases", purpose: seal.Answers, id: "doctor_id"},
	{table: "staff", purpose: seal.Contact, id: "id"},
	{table: "waitings", purpose: seal.Contact, id: "id"},
}

func (t sealedTable) ad(id string) seal.AssociatedData {
	if t.as != "" {
		return seal.AssociatedData{Table: t.as, ID: id}
	}
	return seal.AssociatedData{Table: t.table, ID: id}
}

// open opens a value of a row, and looks no further than that it is JSON.
func (t sealedTable) open(k *seal.Keyring, id string, sealed []byte) error {
	var content json.RawMessage
	return k.Open(t.purpose, t.ad(id), sealed, &content)
}

// checkSealed opens every sealed value there is.
func (s *Store) checkSealed(ctx context.Context, tx *sql.Tx, f *findings, tell Progress) error {
	var total int64
	for _, t := range sealedTables {
		var rows int64
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+t.table+" WHERE sealed IS NOT NULL").Scan(&rows); err != nil { //nolint:gosec // names of ours
			return err
		}
		total += rows
	}
	p := newProgress(ctx, tell, "opening what is sealed", total)
	for _, t := range sealedTables {
		query := fmt.Sprintf("SELECT %s, sealed FROM %s WHERE sealed IS NOT NULL", t.id, t.table)
		err := eachRow(ctx, tx, query, func(scan func(...any) error) error {
			var id string
			var sealed []byte
			if err := scan(&id, &sealed); err != nil {
				return err
			}
			if t.open(s.keyring, id, sealed) != nil {
				f.add("a sealed value of "+t.table, "What is sealed in %s %s does not open with these keys.", t.table, id)
			}
			return p.add(1)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
