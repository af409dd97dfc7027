// Command madoguchi is the whole service in one program: the pages, the API and the worker that sends the letters.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // a machine without time zones would otherwise put every counseling at the wrong hour

	"github.com/alecthomas/kong"

	"madoguchi/config"
	"madoguchi/internal/seal"
	"madoguchi/internal/store"
)

// version is set when the program is built.
var version = "unknown"

// gcPercent lets the heap grow to five times what is in use before it is collected (GOGC's default is twice). So little is in
// use, a few megabytes, that collecting at twice took a tenth of the time of a booking.
const gcPercent = 400

// memoryLimit, in bytes, is how much Go's part of the memory may grow to before it is collected more often. Passwords are compared in 64 MiB each: without
// it, a run of wrong ones took a gigabyte before anything was collected.
const memoryLimit = 256 << 20

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, hurry, release := untilStopped()
	err := run(ctx, hurry, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	release()
	if err != nil {
		fmt.Fprintln(os.Stderr, "madoguchi: "+err.Error())
		os.Exit(1)
	}
}

// untilStopped returns a context that ends when the program is told to stop, and one that ends when nobody wants to wait for
// that any more: with a second signal, or with the first one from a keyboard.
func untilStopped() (ctx, hurry context.Context, release func()) {
	ctx, stop := context.WithCancel(context.Background())
	hurry, now := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for s := range signals {
			if s == os.Interrupt || ctx.Err() != nil {
				now()
			}
			stop()
		}
	}()
	return ctx, hurry, func() {
		signal.Stop(signals)
		close(signals)
		stop()
		now()
	}
}

// program is everything a command works with.
type program struct {
	ctx    context.Context //nolint:containedctx // kong hands one value to each command
	hurry  <-chan struct{} // closed when nobody wants to wait until the program has stopped
	config config.Config
	notify string // the socket of the service manager; empty where there is none
	now    func() time.Time
	stdout io.Writer
	stderr io.Writer
}

type commands struct {
	Config  string     `help:"File with settings; the environment wins over it." placeholder:"FILE" type:"existingfile"`
	Serve   serve      `cmd:"" help:"Serve the pages and the API, and send letters, until stopped."`
	Migrate moving     `cmd:"" help:"Bring the database to the shape of this program."`
	Check   checking   `cmd:"" help:"Read the whole database and say what is not as it has to be."`
	Backup  backups    `cmd:"" help:"Backups of an SQLite database, encrypted."`
	Restore restoring  `cmd:"" help:"Make the database from a backup, where there is none."`
	Move    relocating `cmd:"" help:"Move the clinic from SQLite to PostgreSQL."`
	Demo    demo       `cmd:"" help:"Fill an empty database with a fictional clinic."`
	Staff   struct {
		Add staffAdd `cmd:"" help:"Add a member of staff who can sign in."`
	} `cmd:"" help:"The people who sign in."`
	APIKey struct {
		Add    keyAdd    `cmd:"" help:"Make a key for a program that books through the JSON API."`
		List   keyList   `cmd:"" help:"List the keys, without their secrets."`
		Revoke keyRevoke `cmd:"" help:"Make a key useless from now on."`
	} `cmd:"" name:"api-key" help:"The programs that book through the JSON API."`
	Keys struct {
		List   keysList   `cmd:"" help:"List the keys by their ids, without the keys themselves, and how much each has sealed."`
		Rotate keysRotate `cmd:"" help:"Replace the keys while the servers run. It may be stopped at any time, and goes on when it is called again."`
		New    keysNew    `cmd:"" help:"Print new keys, for a secret store."`
	} `cmd:"" help:"The keys that seal personal data."`
	Audit struct {
		Verify auditVerify `cmd:"" help:"Say whether the audit log is whole, or which entry is the first that was changed, taken away, put in or moved."`
		Export auditExport `cmd:"" help:"Write the audit log as lines of JSON."`
	} `cmd:"" help:"Who saw and changed what."`
	Abilities showAbilities `cmd:"" help:"Print who may do what."`
	Version   showVersion   `cmd:"" help:"Print the version."`
}

// errUsage ends kong's own exits, such as after --help.
var errUsage = errors.New("usage")

// run is the program with everything it touches passed in, so that tests run it whole.
func run(ctx, hurry context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (err error) {
	defer func() {
		// kong wants to exit after --help; a test must survive that.
		if v := recover(); v != nil {
			if v != errUsage { //nolint:errorlint // the very value
				panic(v)
			}
			err = nil
		}
	}()
	var c commands
	parser, err := kong.New(&c, kong.Name("madoguchi"), kong.Description("Free-counseling reservations for clinics."),
		kong.Writers(stdout, stderr), kong.Exit(func(int) { panic(errUsage) }))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w (try madoguchi --help)", err)
	}
	p := &program{ctx: ctx, hurry: hurry.Done(), now: time.Now, notify: getenv("NOTIFY_SOCKET"), stdout: stdout, stderr: stderr}
	if name := parsed.Command(); name != "version" && name != "abilities" && name != "keys new" {
		if p.config, err = config.Load(c.Config, getenv); err != nil {
			return err
		}
	}
	return parsed.Run(p)
}

type showVersion struct{}

// Run prints the version.
func (showVersion) Run(p *program) error {
	_, err := fmt.Fprintln(p.stdout, "madoguchi "+version)
	return err
}

type moving struct{}

// Run migrates the database.
func (moving) Run(p *program) error {
	if err := p.migrate(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.stdout, "The database is up to date:", p.config.Database)
	return err
}

// aboutDatabase says in one line why the database cannot be used, and which setting leads to it.
func (p *program) aboutDatabase(err error) error {
	if store.IsHeld(err) {
		return fmt.Errorf("the database %s (MADOGUCHI_DATABASE) is held by another program; nothing was changed in it: end what has the file open, "+
			"such as a viewer of SQLite files, and start again", p.config.Database)
	}
	return fmt.Errorf("the database %s (MADOGUCHI_DATABASE) cannot be used: %s", p.config.Database, strings.Join(strings.Fields(err.Error()), " "))
}

// migrate closes the files of the database and of the keys to others, and brings the database to the shape of this program.
func (p *program) migrate() error {
	address := string(p.config.Database.DSN)
	mended, err := store.Protect(address)
	if err != nil {
		return p.aboutDatabase(err)
	}
	keys, err := seal.Protect(p.config.Keys)
	if err != nil {
		return fmt.Errorf("the key file (MADOGUCHI_KEYS) cannot be used: %w", err)
	}
	if keys {
		mended = append(mended, p.config.Keys)
	}
	for _, file := range mended {
		if _, err := fmt.Fprintf(p.stderr, "NOTICE: %s was open to others on this machine; now only its owner can read and change it (mode 0600).\n", file); err != nil {
			return err
		}
	}
	if err := store.Migrate(p.ctx, address); err != nil {
		return p.aboutDatabase(err)
	}
	return nil
}

// openStore migrates, opens and unlocks the database, and gives a new one its first settings.
func (p *program) openStore() (*store.Store, error) {
	if err := store.MustNotMove(string(p.config.Database.DSN)); err != nil {
		return nil, p.aboutDatabase(err)
	}
	if err := p.migrate(); err != nil {
		return nil, err
	}
	s, err := store.Open(p.ctx, string(p.config.Database.DSN), p.now)
	if err != nil {
		return nil, p.aboutDatabase(err)
	}
	keys, err := s.Unlock(p.ctx, p.config.Keys)
	if errors.Is(err, store.ErrKeys) {
		err = fmt.Errorf("%w: set MADOGUCHI_KEYS to the key file that belongs to this database", err)
	}
	if err == nil {
		if err = s.MustBeHome(p.ctx); err != nil {
			err = p.aboutDatabase(err)
		}
	}
	if err == nil {
		err = s.SeedSettings(p.ctx, p.config.Clinic)
	}
	if store.IsHeld(err) {
		err = p.aboutDatabase(err)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	switch keys {
	case store.KeysKnown:
	case store.KeysOlder:
		_, err = fmt.Fprintf(p.stderr, "NOTICE: the database %s is empty, and the key file %s was there before it: if there should be bookings, "+
			"stop now, because MADOGUCHI_DATABASE leads to another database than before.\n", p.config.Database, p.config.Keys)
	case store.KeysMade:
		_, err = fmt.Fprintf(p.stderr, "NOTICE: new keys for personal data were written to %s.\n"+
			"        Keep a copy in a safe place, apart from the database: without them the data cannot be read by anybody.\n", p.config.Keys)
	}
	return s, err
}
