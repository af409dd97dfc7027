package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"madoguchi/internal/clinic"
)

// Beat records that a worker is at work, and which keys its server has. Any number of times at one instant is one beat.
func (s *Store) Beat(ctx context.Context, workerID string) error {
	return s.change(ctx, "Beat", clinic.Job("worker"), func(tx *change) error {
		return tx.Exec(`INSERT INTO workers (id, started_at, seen_at, keys) VALUES (?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, keys = excluded.keys`, workerID, tx.now, tx.now, s.keyring.State()).Error
	})
}

// WorkerSeen is when any worker of any instance was last at work; zero where none ever was.
func (s *Store) WorkerSeen(ctx context.Context) (time.Time, error) {
	var seen sql.NullTime
	err := s.reader(ctx).Raw("SELECT seen_at FROM workers ORDER BY seen_at DESC LIMIT 1").Row().Scan(&seen)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return seen.Time.UTC(), wrap("WorkerSeen", err)
}
