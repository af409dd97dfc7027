package main_test

import (
	"database/sql"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"madoguchi/internal/store/storetest"
)

// TestServe_SaysThatItStops: told to stop as a container platform does, the server says that it is not ready, and still
// serves what is on its way and what comes; told once more, it takes no more and ends.
func TestServe_SaysThatItStops(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, engine)
			c := openClinic(t, s, 3)
			p := serve(t, s)
			newVisitor(t, p).get("/readyz").expect(t, http.StatusOK, "/readyz")
			first := beginBooking(t, p, c.slots[0])

			p.signal(t, syscall.SIGTERM)
			eventually(t, "the server says that it is not ready", func() bool {
				a := newVisitor(t, p).get("/readyz")
				return a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") != "" && strings.Contains(string(a.Body), "stopping")
			})
			newVisitor(t, p).get("/healthz").expect(t, http.StatusOK, "/healthz")
			newVisitor(t, p).mustBook(c.slots[1], 2)
			last := beginBooking(t, p, c.slots[2])
			if status := first(); status != http.StatusCreated {
				t.Errorf("what was on its way was answered with %d", status)
			}

			p.signal(t, os.Interrupt)
			eventually(t, "the server takes no more", func() bool {
				_, err := newVisitor(t, p).do(http.MethodGet, "/healthz", "", "", http.Header{"Connection": {"close"}})
				return err != nil
			})
			if status := last(); status != http.StatusCreated {
				t.Errorf("what came after the signal was answered with %d", status)
			}
			p.waitEnd(t)
			if code := p.cmd.ProcessState.ExitCode(); code != 0 {
				t.Errorf("it ended with %d:\n%s", code, p.Log)
			}
			if n := len(storetest.Read(t, s["MADOGUCHI_DATABASE"])["bookings"]); n != 3 {
				t.Errorf("%d bookings were made", n)
			}
		})
	}
}

// TestServe_OnAFullDisk: a disk without room is said to whoever watches the server at once, and to visitors once nothing more can be booked,
// while everything can be read; when there is room again it goes on, without a restart.
func TestServe_OnAFullDisk(t *testing.T) {
	s := newSettings(t, "sqlite")
	c := openClinic(t, s, 12)
	p, disk := serveOnSmallDisk(t, s)
	v := newVisitor(t, p)
	v.mustBook(c.slots[0], 1)
	v.get("/readyz").expect(t, http.StatusOK, "/readyz")

	disk.fill()
	eventually(t, "the server says why it is not ready", func() bool {
		a := v.get("/readyz")
		return a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") != "" && strings.Contains(string(a.Body), disk.says)
	})
	// The part of the log that is there already may have room for some bookings; they are made, and no more.
	made := 1
	for ; ; made++ {
		a, err := v.callBooking(c.slots[made], made+1)
		must(t, err)
		if a.Status != http.StatusCreated {
			if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
				t.Errorf("a booking was answered with %d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
			}
			break
		}
		if made == len(c.slots)-3 {
			t.Fatalf("%d bookings were made on a full disk", made)
		}
	}
	for _, path := range []string{"/", "/slots?branch=" + c.branch.ID, "/book?slot=" + c.slots[made], "/api/v1/slots?branch=" + c.branch.ID} {
		if status := v.get(path).Status; status != http.StatusOK {
			t.Errorf("%s was answered with %d", path, status)
		}
	}
	v.get("/healthz").expect(t, http.StatusOK, "/healthz")

	disk.free()
	eventually(t, "the server is ready again", func() bool { return v.get("/readyz").Status == http.StatusOK })
	v.mustBook(c.slots[made], made+1)
	v.mustBook(c.slots[made+1], made+2)
	p.stop(t)
}

// smallDisk is where a server's database lies.
type smallDisk struct {
	fill, free func()
	says       string // what /readyz says when it is full
}

// serveOnSmallDisk starts a server whose database lies on a disk of two megabytes, which is there for that process alone and
// gone with it. Where nobody may make such a disk, somebody else keeps the database from being written instead, which is the
// same to everybody but the operator.
func serveOnSmallDisk(t *testing.T, s settings) (*process, smallDisk) {
	t.Helper()
	path := strings.TrimPrefix(s["MADOGUCHI_DATABASE"], "sqlite:")
	cmd := command(t, s, "serve")
	small := []string{"--user", "--map-root-user", "--mount", "sh", "-c", `mount -t tmpfs -o size=2m tmpfs "$0"`}
	dir := t.TempDir()
	if exec.CommandContext(t.Context(), "unshare", append(small, dir)...).Run() != nil {
		p := start(t, cmd)
		var release func()
		return p, smallDisk{fill: func() { release = lockDatabase(t, path) }, free: func() { release() }, says: "cannot be written"}
	}
	server := cmd.Args
	small[len(small)-1] += ` && cp "$1" "$0" && shift && exec "$@"`
	cmd = exec.CommandContext(t.Context(), "unshare", append(append(small, dir, path), append([]string{cmd.Path}, server[1:]...)...)...)
	s["MADOGUCHI_DATABASE"] = "sqlite:" + filepath.Join(dir, filepath.Base(path))
	cmd.Env = s.environ()
	p := start(t, cmd)
	filler := filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "root", dir, "filler")
	return p, smallDisk{
		fill: func() {
			f, err := os.Create(filler)
			must(t, err)
			for err == nil {
				_, err = f.Write(make([]byte, 4096))
			}
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			must(t, f.Close())
		},
		free: func() { must(t, os.Remove(filler)) },
		says: "disk of the database is full",
	}
}

// lockDatabase keeps everybody from writing to a SQLite file, until release.
func lockDatabase(t *testing.T, path string) (release func()) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_txlock=immediate&_busy_timeout=10000")
	must(t, err)
	tx, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	return func() { must(t, errors.Join(tx.Rollback(), db.Close())) }
}
