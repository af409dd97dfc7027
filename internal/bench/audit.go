package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"madoguchi/internal/store"
)

const (
	auditRounds  = 23
	auditClients = 32 // of each program
	auditPer     = 300
)

// measureAudit compares bookings with those of a program that was built without the audit log, which is the one way to have none: on SQLite one program of
// each kind, on PostgreSQL two at once. Rounds alternate. Afterwards the chain must be whole.
func measureAudit(ctx context.Context, dir string) (out []figure, err error) {
	without := filepath.Join(dir, "bench-without-audit")
	build := exec.CommandContext(ctx, "go", "build", "-tags", "withoutaudit", "-o", without, "./internal/bench")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, err
	}
	with, err := os.Executable()
	if err != nil {
		return nil, err
	}
	engines := []struct {
		name      string
		programs  int
		addresses [2]string
	}{{"SQLite", 1, [2]string{"sqlite:" + filepath.Join(dir, "with.db"), "sqlite:" + filepath.Join(dir, "without.db")}}}
	if server := os.Getenv("MADOGUCHI_TEST_POSTGRES"); server != "" {
		addresses, drop, failed := newDatabases(ctx, server)
		if failed != nil {
			return nil, failed
		}
		defer func() { err = errors.Join(err, drop()) }()
		engines = append(engines, struct {
			name      string
			programs  int
			addresses [2]string
		}{"PostgreSQL, two programs", 2, addresses})
	}
	for _, e := range engines {
		figures, err := compareAudit(ctx, dir, e.name, e.programs, e.addresses, [2]string{with, without})
		if err != nil {
			return out, fmt.Errorf("%s: %w", e.name, err)
		}
		out = append(out, figures...)
	}
	return out, nil
}

// compareAudit books with programs of both kinds, the first of which have the audit log.
func compareAudit(ctx context.Context, dir, engine string, programs int, addresses, kinds [2]string) (out []figure, err error) {
	var stores [2]*store.Store
	var slots [2][]string
	var bookers [2][]*booker
	for kind, address := range addresses {
		keys := filepath.Join(dir, fmt.Sprint(programs, "-", kind, ".keys"))
		s, failed := newStoreAt(ctx, address, keys)
		if failed != nil {
			return nil, failed
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		stores[kind] = s
		if slots[kind], err = openSlots(ctx, s, (auditRounds+1)*auditPer); err != nil {
			return nil, err
		}
		for range programs {
			b, err := startBooker(ctx, kinds[kind], booking{Address: address, Keys: keys})
			if err != nil {
				return nil, err
			}
			defer b.end()
			bookers[kind] = append(bookers[kind], b)
		}
	}
	var before [2]int64
	for kind, s := range stores {
		if before[kind], err = chained(ctx, s); err != nil {
			return nil, err
		}
	}
	var ratios, speeds []float64
	for round := range auditRounds + 1 {
		var speed [2]float64
		for _, kind := range [][]int{{0, 1}, {1, 0}}[round%2] {
			mine := slots[kind][round*auditPer : (round+1)*auditPer]
			began := time.Now()
			share := auditPer / programs
			for i, b := range bookers[kind] {
				if err := b.tell.Encode(booking{Slots: mine[i*share : (i+1)*share], Before: round*auditPer + i*share}); err != nil {
					return nil, err
				}
			}
			for _, b := range bookers[kind] {
				if err := b.done(); err != nil {
					return nil, err
				}
			}
			speed[kind] = auditPer / time.Since(began).Seconds()
		}
		if err := analyze(ctx, addresses); err != nil {
			return nil, err
		}
		if round > 0 { // the first fills what programs and databases remember
			ratios, speeds = append(ratios, speed[0]/speed[1]), append(speeds, speed[0])
		}
	}
	for kind, s := range stores {
		n, err := chained(ctx, s)
		if err != nil {
			return nil, err
		}
		if n -= before[kind]; kind == 0 && n < (auditRounds+1)*auditPer || kind == 1 && n > 0 {
			return nil, fmt.Errorf("%d bookings with and without the audit log: the chain of kind %d has got %d entries", (auditRounds+1)*auditPer, kind, n)
		}
	}
	return []figure{
		{"bookings with the audit log, " + engine, median(ratios), "of those without", "≥ 0.9"},
		{"bookings with the audit log, " + engine + ", speed", median(speeds), "per second", ""},
	}, nil
}

// analyze has PostgreSQL count what its tables hold, as it does by itself about once a minute, in which a clinic's tables hardly grow and these do many
// times over. Until then a query goes by the plan that was right for small tables, in one of the two databases longer than in the other.
func analyze(ctx context.Context, addresses [2]string) error {
	for _, address := range addresses {
		if !strings.HasPrefix(address, "postgres") {
			return nil
		}
		conn, err := pgx.Connect(ctx, address)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "ANALYZE")
		if err := errors.Join(err, conn.Close(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// chained is how many entries the chain of the audit log has, once all are chained. It must be sound.
func chained(ctx context.Context, s *store.Store) (int64, error) {
	if err := s.ChainAllAudit(ctx); err != nil {
		return 0, err
	}
	report, err := s.VerifyAudit(ctx, store.AuditHead{})
	if err == nil && report.Fault != store.AuditSound {
		err = fmt.Errorf("the audit log is not sound: %+v", report)
	}
	return report.Head.Seq, err
}

// newDatabases makes two empty databases on a server of PostgreSQL, and what drops them.
func newDatabases(ctx context.Context, server string) (addresses [2]string, drop func() error, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return addresses, nil, err
	}
	do := func(statement string) error {
		conn, err := pgx.Connect(ctx, server)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, statement)
		return errors.Join(err, conn.Close(ctx))
	}
	for i := range addresses {
		name := fmt.Sprintf("madoguchi_bench_%d_%d", os.Getpid(), i)
		if err := do("CREATE DATABASE " + name); err != nil {
			return addresses, nil, err
		}
		u.Path = "/" + name
		addresses[i] = u.String()
		before := drop
		drop = func() error {
			err := do("DROP DATABASE " + name + " WITH (FORCE)")
			if before != nil {
				err = errors.Join(before(), err)
			}
			return err
		}
	}
	return addresses, drop, nil
}
