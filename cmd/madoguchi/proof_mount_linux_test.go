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
		second := command(t, s.database("sqlite:"+m.database), "serve")
		second.Args = []string{"sh", "-c", `mount --bind "$1" "$2" || exit 77; exec "$3" serve`, "sh", m.what, m.at, second.Path}
		second.Path = "/bin/sh"
		second.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
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
