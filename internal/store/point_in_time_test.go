package store_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// cluster is a PostgreSQL server of a test's own, which archives its log.
type cluster struct {
	bin  string
	home string
	as   *syscall.Credential // PostgreSQL refuses to run as root
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	check(t, err)
	if len(found) == 0 {
		path, err := exec.LookPath("initdb")
		check(t, err) // .ci/tools test installs it
		path, err = filepath.EvalSymlinks(path)
		check(t, err)
		found = append(found, path)
	}
	c := &cluster{bin: filepath.Dir(found[len(found)-1])}
	// Under /tmp, because the path of a socket is limited to about 100 bytes.
	c.home, err = os.MkdirTemp("/tmp", "madoguchi-recovery")
	check(t, err)
	t.Cleanup(func() { check(t, os.RemoveAll(c.home)) })
	if os.Getuid() == 0 {
		owner, err := user.Lookup("postgres")
		check(t, err)
		uid, err := strconv.Atoi(owner.Uid)
		check(t, err)
		gid, err := strconv.Atoi(owner.Gid)
		check(t, err)
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		c.own(t, ".")
	}
	return c
}

// own gives something in the home to who runs the server.
func (c *cluster) own(t *testing.T, name string) {
	t.Helper()
	if c.as != nil {
		check(t, os.Chown(filepath.Join(c.home, name), int(c.as.Uid), int(c.as.Gid)))
	}
}

// run runs one of PostgreSQL's programs in the cluster's folder.
func (c *cluster) run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(c.bin, name), args...) //nolint:noctx // also at the end of a test
	cmd.Dir = c.home
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	// A server that goes on would keep a pipe open for ever.
	log, err := os.OpenFile(filepath.Join(c.home, "run.log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o666)
	check(t, err)
	cmd.Stdout, cmd.Stderr = log, log
	err = errors.Join(cmd.Run(), log.Close())
	if err != nil {
		said, _ := os.ReadFile(filepath.Join(c.home, "run.log"))
		server, _ := os.ReadFile(filepath.Join(c.home, "server.log"))
		t.Fatalf("%s: %v\n%s\n%s", name, err, said, server)
	}
}

func (c *cluster) address(database string) string {
	return "postgres://madoguchi@/" + database + "?host=" + c.home
}

// start starts the server on a folder of the home, and stops it with the test.
func (c *cluster) start(t *testing.T, data string) {
	t.Helper()
	c.run(t, "pg_ctl", "start", "-w", "-D", data, "-l", "server.log", "-o", "-c fsync=off -c listen_addresses='' -c unix_socket_directories='"+c.home+"' "+
		"-c archive_mode=on -c archive_command='cp %p "+c.home+"/archive/%f'")
	t.Cleanup(func() {
		if _, err := os.Stat(filepath.Join(c.home, data, "postmaster.pid")); !errors.Is(err, fs.ErrNotExist) {
			c.run(t, "pg_ctl", "stop", "-D", data, "-m", "immediate")
		}
	})
}

// TestPointInTime_OfPostgres does what docs/recovery.md says of PostgreSQL: a base backup and an archive of the log bring a clinic back as it was at
// the moment before a mistake, with what was booked since the base backup.
func TestPointInTime_OfPostgres(t *testing.T) {
	c, clock, keys := newCluster(t), storetest.NewClock(), filepath.Join(t.TempDir(), "keys")
	c.run(t, "initdb", "-D", "data", "-U", "madoguchi", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
	check(t, os.Mkdir(filepath.Join(c.home, "archive"), 0o700))
	c.own(t, "archive")
	c.start(t, "data")
	storetest.Exec(t, c.address("postgres"), "CREATE DATABASE clinic")
	check(t, store.Migrate(t.Context(), c.address("clinic")))
	s, err := store.Open(t.Context(), c.address("clinic"), clock.Now)
	check(t, err)
	_, err = s.Unlock(t.Context(), keys)
	check(t, err)
	place := storetest.NewClinic(t, s)
	first := storetest.Book(t, s, storetest.Request(place.Slots[0].ID, 1)).BookingID

	c.run(t, "pg_basebackup", "-h", c.home, "-U", "madoguchi", "-D", "base", "--checkpoint=fast", "--no-sync")
	second := storetest.Book(t, s, storetest.Request(place.Slots[1].ID, 2)).BookingID
	storetest.Exec(t, c.address("clinic"), "SELECT pg_create_restore_point('before')")
	storetest.Exec(t, c.address("clinic"), "DROP TABLE letters CASCADE") // the mistake
	storetest.Exec(t, c.address("clinic"), "SELECT pg_switch_wal()")
	check(t, s.Close())
	c.run(t, "pg_ctl", "stop", "-w", "-D", "data", "-m", "fast") // which archives what is left

	settings := "restore_command = 'cp " + c.home + "/archive/%f %p'\nrecovery_target_name = 'before'\nrecovery_target_action = 'promote'\n"
	f, err := os.OpenFile(filepath.Join(c.home, "base", "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	_, err = f.WriteString(settings)
	check(t, errors.Join(err, f.Close()))
	check(t, os.WriteFile(filepath.Join(c.home, "base", "recovery.signal"), nil, 0o600))
	c.own(t, filepath.Join("base", "recovery.signal"))
	c.start(t, "base")
	db := openSQL(t, c.address("clinic"))
	defer func() { check(t, db.Close()) }()
	patience, pause := time.After(time.Minute), time.NewTicker(10*time.Millisecond)
	defer pause.Stop()
	for recovering := true; recovering; {
		check(t, db.QueryRowContext(t.Context(), "SELECT pg_is_in_recovery()").Scan(&recovering))
		select {
		case <-pause.C:
		case <-patience:
			t.Fatal("it does not come out of recovery")
		}
	}
	rows := strings.Join(storetest.Read(t, c.address("clinic"))["bookings"], "\n")
	if !strings.Contains(rows, first) || !strings.Contains(rows, second) {
		t.Errorf("of the bookings there are %s", rows)
	}
	back := storetest.Open(t, c.address("clinic"), keys, clock.Now)
	if found := checked(t, back); len(found) > 0 {
		t.Errorf("what came back is not sound: %q", found)
	}
}
