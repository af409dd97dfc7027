// Package packaging_test builds the packages and looks at them as those who install them do.
package packaging_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// say runs a program and returns what it says.
func say(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestPackages: the Debian package has the program, its unit, its settings as a file that stays as the clinic changed it, and nothing that belongs to
// somebody; the archive has the same program, which runs wherever it is put.
func TestPackages(t *testing.T) {
	folder := t.TempDir()
	say(t, "./build", "v1.2.3-4-gabcdef0", folder)
	deb := filepath.Join(folder, "madoguchi_1.2.3+4+gabcdef0_"+strings.TrimSpace(say(t, "go", "env", "GOARCH"))+".deb")

	about := say(t, "dpkg-deb", "--info", deb)
	for _, line := range []string{"Package: madoguchi", "Version: 1.2.3+4+gabcdef0", "Depends: adduser"} {
		if !strings.Contains(about, " "+line+"\n") {
			t.Errorf("the package does not say %q:\n%s", line, about)
		}
	}
	contents := say(t, "dpkg-deb", "--contents", deb)
	for _, want := range []string{
		`-rwxr-xr-x root/root .* \./usr/bin/madoguchi`, `-rw-r--r-- root/root .* \./usr/lib/systemd/system/madoguchi\.service`,
		`-rw-r----- root/root .* \./etc/madoguchi/madoguchi\.yaml`, `-rw-r--r-- root/root .* \./usr/share/doc/madoguchi/install\.md`,
		`\./usr/share/doc/madoguchi/copyright`, `\./usr/share/doc/madoguchi/settings\.yaml`,
	} {
		if !regexp.MustCompile(`(?m)^` + want + `$|` + want + `\n`).MatchString(contents) {
			t.Errorf("the package has no %s:\n%s", want, contents)
		}
	}
	for _, not := range []string{"/var/lib", "/home", ".db", ".keys"} {
		if strings.Contains(contents, not) {
			t.Errorf("the package brings %s:\n%s", not, contents)
		}
	}

	inside := t.TempDir()
	say(t, "dpkg-deb", "--raw-extract", deb, inside)
	if conffiles, err := os.ReadFile(filepath.Join(inside, "DEBIAN/conffiles")); err != nil || strings.TrimSpace(string(conffiles)) != "/etc/madoguchi/madoguchi.yaml" {
		t.Errorf("what stays as the clinic changed it: %q, %v", conffiles, err)
	}
	for _, script := range []string{"postinst", "prerm", "postrm"} {
		text, err := os.ReadFile(filepath.Join(inside, "DEBIAN", script))
		must(t, err)
		say(t, "sh", "-n", filepath.Join(inside, "DEBIAN", script))
		if regexp.MustCompile(`\brm\b|deluser|userdel`).Match(text) {
			t.Errorf("%s deletes what belongs to the clinic:\n%s", script, text)
		}
	}
	if text := read(t, filepath.Join(inside, "DEBIAN/postinst")); !strings.Contains(text, "adduser --quiet --system") {
		t.Errorf("nobody makes the user:\n%s", text)
	}
	if said := say(t, filepath.Join(inside, "usr/bin/madoguchi"), "version"); said != "madoguchi v1.2.3-4-gabcdef0\n" {
		t.Errorf("the program says %q", said)
	}
	// As the package is installed, its settings can be read.
	data := t.TempDir()
	settings := strings.ReplaceAll(read(t, filepath.Join(inside, "etc/madoguchi/madoguchi.yaml")), "/var/lib/", data+"/")
	must(t, os.WriteFile(filepath.Join(data, "madoguchi.yaml"), []byte(settings), 0o600))
	must(t, os.Mkdir(filepath.Join(data, "madoguchi"), 0o700))
	say(t, filepath.Join(inside, "usr/bin/madoguchi"), "--config", filepath.Join(data, "madoguchi.yaml"), "migrate")

	unpacked := t.TempDir()
	archives, err := filepath.Glob(filepath.Join(folder, "madoguchi-*.tar.gz"))
	must(t, err)
	if len(archives) != 1 {
		t.Fatalf("archives: %v", archives)
	}
	say(t, "tar", "-xzf", archives[0], "-C", unpacked)
	top := filepath.Join(unpacked, strings.TrimSuffix(filepath.Base(archives[0]), ".tar.gz"))
	for _, name := range []string{"madoguchi.service", "madoguchi.yaml", "install.md", "README.md", "LICENSE"} {
		if read(t, filepath.Join(top, name)) == "" {
			t.Errorf("%s is empty", name)
		}
	}
	one, other := []byte(read(t, filepath.Join(top, "madoguchi"))), []byte(read(t, filepath.Join(inside, "usr/bin/madoguchi")))
	if !bytes.Equal(one, other) {
		t.Error("the archive has another program than the package")
	}
}

// TestUnit: the unit is understood, and leaves the program nothing that it never needs.
func TestUnit(t *testing.T) {
	unit := read(t, "madoguchi.service")
	for _, line := range []string{
		"Type=notify", "User=madoguchi", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "MemoryDenyWriteExecute=yes",
		"RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "SystemCallFilter=@system-service", "StateDirectory=madoguchi madoguchi-keys", "StateDirectoryMode=0700", "LimitCORE=0", "MemorySwapMax=0",
	} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Errorf("the unit does not say %s", line)
		}
	}
	if regexp.MustCompile(`(?m)^\w+=.*(PASSWORD|SECRET)`).MatchString(unit) {
		t.Error("a secret stands where everybody can read it")
	}
	said := say(t, "systemd-analyze", "security", "--offline=true", "--no-pager", "madoguchi.service")
	found := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`).FindStringSubmatch(said)
	if found == nil {
		t.Fatalf("systemd-analyze says %s", said)
	}
	if level, err := strconv.ParseFloat(found[1], 64); err != nil || level > 2.0 {
		t.Errorf("the exposure is %s:\n%s", found[1], said)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	return string(text)
}
