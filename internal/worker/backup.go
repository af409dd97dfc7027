package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// Backups makes a backup whenever one is due. It works beside the Worker, because a large database takes minutes and letters do not wait.
type Backups struct {
	Address string
	Plan    store.BackupPlan
	Every   time.Duration
	Now     func() time.Time
	Ticks   <-chan time.Time // look at each
	Log     *slog.Logger

	state atomic.Pointer[clinic.Backups]
}

// State is how the backups are.
func (b *Backups) State() clinic.Backups {
	if now := b.state.Load(); now != nil {
		return *now
	}
	return clinic.Backups{}
}

// Start reads which backups there are. It is called before State is asked for.
func (b *Backups) Start() error {
	last, err := b.newest()
	if err == nil {
		b.state.Store(&clinic.Backups{Every: b.Every, Since: b.Now(), Last: last})
	}
	return err
}

func (b *Backups) newest() (time.Time, error) {
	all, err := store.Backups(b.Plan.Folder)
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	return all[len(all)-1].At, nil
}

// Run makes backups until ctx ends. One that is being made then is given up, and leaves nothing.
func (b *Backups) Run(ctx context.Context) {
	var tried time.Time
	for ctx.Err() == nil {
		if state := b.State(); !b.Now().Before(state.Due(tried)) {
			tried = b.Now()
			b.make(ctx, state)
		}
		select {
		case <-b.Ticks:
		case <-ctx.Done():
		}
	}
}

func (b *Backups) make(ctx context.Context, state clinic.Backups) {
	made, err := store.MakeBackup(ctx, b.Address, b.Plan, b.Now, nil)
	switch {
	case errors.Is(err, context.Canceled):
		return
	case err != nil:
		b.Log.LogAttrs(ctx, slog.LevelError, "backup failed", slog.String("cause", err.Error()))
	default:
		b.Log.LogAttrs(ctx, slog.LevelInfo, "backup made", slog.String("file", made.Path), slog.Int64("bytes", made.Bytes),
			slog.Duration("took", b.Now().Sub(made.At)), slog.Int("removed", made.Removed))
	}
	state.Failed = err != nil
	if last, unread := b.newest(); unread == nil {
		state.Last = last
	} else {
		state.Failed = true
	}
	b.state.Store(&state)
}
