package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestServe_AloneThroughAMount: a second server is refused where the file, or its folder, is mounted in another place, as
// container platforms do. The mount is seen by that server only. Where the system lets nobody mount, the kernel must say so;
// the links of TestServe_AloneOnSQLite lead to the same lock.
func TestServe_AloneThroughAMount(t *testing.T) {
	s := newSettings(t, "sqlite")
	serve(t, s)
	path := strings.TrimPrefix(s["MADOGUCHI_DATABASE"], "sqlite:")
	folder, file := filepath.Join(t.TempDir(), "folder"), filepath.Join(t.TempDir(), "file")
	must(t, os.Mkdir(folder, 0o700))
	must(t, os.WriteFile(file, nil, 0o600))
	for _, m := range []struct{ what, at, database string }{{filepath.Dir(path), folder, filepath.Join(folder, filepath.Base(path))}, {path, file, file}} {
		second := inside(command(t, s.database("sqlite:"+m.database), "serve"), `mount --bind "$1" "$2" || exit 77; exec "$3" serve`, m.what, m.at)
		said, err := second.CombinedOutput()
		var exit *exec.ExitError
		switch {
		case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOSYS), errors.As(err, &exit) && exit.ExitCode() == 77:
			t.Logf("nobody may mount here: %v %s", err, said)
		case err == nil || !strings.Contains(string(said), "another server"):
			t.Errorf("%s mounted at %s: %v, it said: %s", m.what, m.at, err, said)
		}
	}
}

// inside makes a command part of a script, in which $3 is its program, that sees mounts of its own.
func inside(c *exec.Cmd, script, what, at string) *exec.Cmd {
	c.Args = []string{"sh", "-c", script, "sh", what, at, c.Path}
	c.Path = "/bin/sh"
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	return c
}

// TestServe_ReadOnly: a database that cannot be written, because its folder, it or a file beside it is mounted read-only, ends the
// start with one sentence that names what.
func TestServe_ReadOnly(t *testing.T) {
	s := newSettings(t, "sqlite")
	path := strings.TrimPrefix(s["MADOGUCHI_DATABASE"], "sqlite:")
	if said, err := command(t, s, "migrate").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for what, says := range map[string]string{filepath.Dir(path): "cannot be written", path: "cannot be written", path + "-shm": "remove this one file"} {
		if strings.HasSuffix(what, "-shm") {
			must(t, os.WriteFile(what, nil, 0o600))
		}
		for _, run := range []string{"serve", "migrate"} {
			said, err := inside(command(t, s, run), `mount --bind "$1" "$2" && mount -o remount,ro,bind "$2" || exit 77; exec "$3" `+run, what, what).CombinedOutput()
			var exit *exec.ExitError
			switch {
			case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOSYS), errors.As(err, &exit) && exit.ExitCode() == 77:
				t.Logf("nobody may mount here: %v %s", err, said)
			case err == nil || strings.Count(string(said), "\n") != 1 || !strings.Contains(string(said), what) || !strings.Contains(string(said), says):
				t.Errorf("%s with %s read-only: %v, it said: %s", run, what, err, said)
			}
		}
	}
}
