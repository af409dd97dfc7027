package seal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAge_IsOpenedByEachRecipientAndNobodyElse(t *testing.T) {
	dir := t.TempDir()
	var public []string
	var identities []Identities
	for _, name := range []string{"one", "two", "other"} {
		path := filepath.Join(dir, name)
		recipient, err := CreateIdentity(path)
		must(t, err)
		if _, err := CreateIdentity(path); err == nil {
			t.Error("a secret key was overwritten")
		}
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("a secret key has the mode %v", info.Mode())
		}
		identity, err := LoadIdentities(path)
		must(t, err)
		public, identities = append(public, recipient), append(identities, identity)
	}
	plain, encrypted, content := filepath.Join(dir, "plain"), filepath.Join(dir, "encrypted"), bytes.Repeat([]byte("秘密"), 50_000)
	must(t, os.WriteFile(plain, content, 0o600))
	recipients, err := ParseRecipients(public[0] + ", " + public[1])
	must(t, err)
	told := 0
	must(t, EncryptFile(plain, encrypted, recipients, func(bytes int) error { told += bytes; return nil }))
	if told != 2*len(content) {
		t.Errorf("%d bytes were told of twice %d", told, len(content))
	}
	for i, identity := range identities {
		f, err := os.Open(encrypted)
		must(t, err)
		read, err := Decrypt(f, identity)
		if i == 2 {
			if !errors.Is(err, ErrWrongIdentity) {
				t.Errorf("somebody else opens it: %v", err)
			}
		} else {
			must(t, err)
			got, err := io.ReadAll(read)
			must(t, err)
			if !bytes.Equal(got, content) {
				t.Error("it is not what it was")
			}
		}
		must(t, f.Close())
	}
	if err := EncryptFile(plain, encrypted, recipients, func(int) error { return nil }); err == nil {
		t.Error("a file was overwritten")
	}
	if err := EncryptFile(plain, encrypted+"2", nil, func(int) error { return nil }); err == nil {
		t.Error("a file was encrypted to nobody")
	}
	if err := EncryptFile(plain, encrypted+"3", recipients, func(int) error { return context.Canceled }); !errors.Is(err, context.Canceled) {
		t.Errorf("what was given up ended with %v", err)
	}
}

func TestParseRecipients_SaysWhatIsWrong(t *testing.T) {
	for text, says := range map[string]string{"age1nothing": "no public key", "ssh-ed25519 AAAA": "no public key", "AGE-SECRET-KEY-1QQQQ": "belongs into no setting"} {
		if _, err := ParseRecipients(text); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "QQQQ") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if none, err := ParseRecipients(" "); err != nil || len(none) > 0 {
		t.Errorf("nothing: %v, %v", none, err)
	}
	path := filepath.Join(t.TempDir(), "wrong")
	must(t, os.WriteFile(path, []byte("AGE-SECRET-KEY-1QQQQ"), 0o600))
	if _, err := LoadIdentities(path); err == nil || strings.Contains(err.Error(), "QQQQ") {
		t.Errorf("a file without a key: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
