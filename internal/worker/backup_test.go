package worker

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestBackups_AreMadeWhenDue: at once where there is none, then again and again; a failure is seen and tried again soon; a server that starts anew
// waits until the next is due.
func TestBackups_AreMadeWhenDue(t *testing.T) {
	address, dir, clock, log := storetest.SQLiteURL(t), t.TempDir(), storetest.NewClock(), servertest.NewJournal()
	keys, folder := filepath.Join(dir, "keys"), filepath.Join(dir, "backups")
	storetest.NewClinic(t, storetest.Open(t, address, keys, clock.Now))
	public, err := seal.CreateIdentity(filepath.Join(dir, "identity"))
	servertest.Must(t, err)
	recipients, err := seal.ParseRecipients(public)
	servertest.Must(t, err)
	run := func() (b *Backups, tick func(), stop func()) {
		ticks := make(chan time.Time)
		b = &Backups{
			Address: address, Plan: store.BackupPlan{Folder: folder, Recipients: recipients, Keep: 10, KeyFile: keys}, Every: 24 * time.Hour,
			Now: clock.Now, Ticks: ticks, Log: slog.New(slog.NewTextHandler(log, nil)),
		}
		servertest.Must(t, b.Start())
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { b.Run(ctx) })
		stop = func() {
			cancel()
			running.Wait()
		}
		t.Cleanup(stop)
		return b, func() { // the second is taken once what the first has brought is done
			ticks <- clock.Now()
			ticks <- clock.Now()
		}, stop
	}
	want := func(b *Backups, n int, trouble clinic.BackupTrouble) {
		t.Helper()
		all, err := store.Backups(folder)
		servertest.Must(t, err)
		if got := b.State().Trouble(clock.Now()); len(all) != n || got != trouble {
			t.Errorf("there are %d backups and the trouble %q; the log is:\n%s", len(all), got, log)
		}
	}
	b, tick, stop := run()
	tick()
	want(b, 1, clinic.BackupsFine)
	clock.Advance(23 * time.Hour)
	tick()
	want(b, 1, clinic.BackupsFine)
	clock.Advance(time.Hour)
	tick()
	want(b, 2, clinic.BackupsFine)

	servertest.Must(t, os.Rename(folder, folder+".away"))
	servertest.Must(t, os.WriteFile(folder, nil, 0o600))
	clock.Advance(24 * time.Hour)
	tick()
	if got := b.State().Trouble(clock.Now()); got != clinic.BackupsFailed || !strings.Contains(log.String(), "backup failed") {
		t.Errorf("the trouble is %q; the log is:\n%s", got, log)
	}
	servertest.Must(t, os.Remove(folder))
	servertest.Must(t, os.Rename(folder+".away", folder))
	clock.Advance(10 * time.Minute)
	tick()
	want(b, 3, clinic.BackupsFine)
	stop()

	clock.Advance(time.Hour)
	b, tick, _ = run()
	tick()
	want(b, 3, clinic.BackupsFine)
	clock.Advance(23 * time.Hour)
	tick()
	want(b, 4, clinic.BackupsFine)
}
