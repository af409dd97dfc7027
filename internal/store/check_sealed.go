package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"madoguchi/internal/seal"
)

// open opens a value of a row by its key, and looks no further than that it is JSON.
func (t sealedTable) open(k *seal.Keyring, key []any, sealed []byte) error {
	var content json.RawMessage
	return k.Open(t.purpose, t.at(key), sealed, &content)
}

// checkSealed opens every sealed value there is.
func (s *Store) checkSealed(ctx context.Context, tx *sql.Tx, f *findings, tell Progress) error {
	var total int64
	for _, t := range sealedTables() {
		var rows int64
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+t.name+" WHERE sealed IS NOT NULL").Scan(&rows); err != nil {
			return err
		}
		total += rows
	}
	p := newProgress(ctx, tell, "opening what is sealed", total)
	for _, t := range sealedTables() {
		query := fmt.Sprintf("SELECT %s, sealed FROM %s WHERE sealed IS NOT NULL", strings.Join(t.key, ", "), t.name)
		err := eachRow(ctx, tx, query, func(scan func(...any) error) error {
			key, targets := make([]any, len(t.key)), []any{}
			for i := range key {
				targets = append(targets, &key[i])
			}
			var sealed []byte
			if err := scan(append(targets, &sealed)...); err != nil {
				return err
			}
			if t.open(s.keyring, key, sealed) != nil {
				f.add("a sealed value of "+t.name, "What is sealed in %s %s does not open with these keys.", t.name, t.at(key).ID)
			}
			return p.add(1)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
