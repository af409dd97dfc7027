package main_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"madoguchi/internal/store"
)

// everyPoint is for `make faults`: TestFaults_KillPoints kills at each point, in both ways, instead of at some in one, and the tests say how far they are.
var everyPoint = flag.Bool("every-point", false, "kill at every point, and say how far the tests are")

// interrupted is over once somebody has had enough of the long tests. They end then, as failed ones, and say what they have seen so far; a second signal ends
// them at once.
var interrupted = sync.OnceValue(func() context.Context {
	if !*everyPoint {
		return context.Background()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
})

// progress says how far the long tests are.
func progress(format string, args ...any) {
	if *everyPoint {
		fmt.Fprintf(os.Stderr, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
	}
}

// tell says what a test has seen, where it is a long one for everybody to read.
func tell(t *testing.T, format string, args ...any) {
	t.Helper()
	t.Logf(format, args...)
	progress(format, args...)
}

// strike is what happens to a program at a point, numbered as in testdata/faults.c. A point of SQLite is a write to its files, or a wait for the disk;
// one of PostgreSQL is what the program sends to it at once.
type strike int64

const (
	nothing     strike = iota
	die                // the program is killed before
	dieHalfway         // when half of the bytes are written; when PostgreSQL has got the message, and nobody hears its answer
	fail               // the disk is full; the connection to PostgreSQL is lost
	failHalfway        // the same after half of the bytes; after PostgreSQL has got the message
	freeze             // the program stands still until it is told to go on
)

// blow is a strike and its point, the at-th from when it is armed, or never where that is 0. What fails does so that many times. Where only commits count, a
// point is a wait of SQLite for the disk, or a COMMIT to PostgreSQL: what has happened there has its effect, and nobody is told.
type blow struct {
	what      strike
	at, times int64
	commits   bool
}

// points is what strikes one program on its way to the database.
type points interface {
	arm(blow)
	reached() int64 // how many points there were since then
	// settings are those of the program that is struck.
	settings(settings) settings
	// quiet waits until nothing of a dead program goes on in the database.
	quiet()
}

// newPoints are the points of a program with such settings.
func newPoints(t *testing.T, s settings) points {
	t.Helper()
	if strings.HasPrefix(s["MADOGUCHI_DATABASE"], "sqlite:") {
		return newCell(t)
	}
	return newProxy(t, s["MADOGUCHI_DATABASE"])
}

// cell is what decides, from outside, at which write to SQLite a program is struck: testdata/faults.c has it mapped as well.
type cell struct {
	numbers []int64 // as testdata/faults.c has them
	file    string
	library string
}

// cellSize is that of its five numbers.
const cellSize = 5 * 8

func newCell(t *testing.T) cell {
	t.Helper()
	library, err := faultsLibrary()
	must(t, err)
	file := filepath.Join(t.TempDir(), "cell")
	must(t, os.WriteFile(file, make([]byte, cellSize), 0o600))
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	mapped, err := syscall.Mmap(int(f.Fd()), 0, cellSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	must(t, err)
	t.Cleanup(func() { must(t, syscall.Munmap(mapped)) })
	return cell{unsafe.Slice((*int64)(unsafe.Pointer(&mapped[0])), cellSize/8), file, library} //nolint:gosec // the numbers, mapped above
}

func (c cell) arm(b blow) {
	commits := int64(0)
	if b.commits {
		commits = 1
	}
	// The point comes last, and its predecessor goes first, so that nothing strikes at a number of before.
	atomic.StoreInt64(&c.numbers[1], 0)
	for i, value := range map[int]int64{0: 0, 2: int64(b.what), 3: b.times, 4: commits} {
		atomic.StoreInt64(&c.numbers[i], value)
	}
	atomic.StoreInt64(&c.numbers[1], b.at)
}

func (c cell) reached() int64 { return atomic.LoadInt64(&c.numbers[0]) }

func (c cell) settings(s settings) settings {
	s = s.database(s["MADOGUCHI_DATABASE"])
	s["LD_PRELOAD"], s["FAULTS_CELL"], s["FAULTS_PATH"] = c.library, c.file, strings.TrimPrefix(s["MADOGUCHI_DATABASE"], "sqlite:")
	return s
}

func (cell) quiet() {}

// faultsLibrary is testdata/faults.c, built once for all tests.
var faultsLibrary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programDir, "faults.so")
	out, err := exec.CommandContext(context.Background(), "cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", path, "testdata/faults.c", "-ldl").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cc: %w\n%s", err, out)
	}
	return path, nil
})

// wholeDatabase fails the test unless everything in the database is as it has to be, and so is its audit log.
func wholeDatabase(t *testing.T, s settings) {
	t.Helper()
	withStore(t, s, func(st *store.Store) {
		found, err := st.Check(t.Context(), func(string, int64, int64) {})
		must(t, err)
		report, err := st.VerifyAudit(t.Context(), store.AuditHead{})
		must(t, err)
		if len(found) > 0 || report.Fault != store.AuditSound {
			t.Errorf("the database is not whole: %s; the audit log: %+v", strings.Join(found, " "), report)
		}
	})
}
