package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"madoguchi/internal/seal"
)

// keyFile is a key file, taken apart.
type keyFile map[string]json.RawMessage

func newKeyFile(t *testing.T) keyFile {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if _, err := seal.CreateFile(path, begin); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f keyFile
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	delete(f, "dates")
	return f
}

func (f keyFile) load(t *testing.T) *seal.Keyring {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return keyringOf(t)(seal.Load(t.Context(), path))
}

// replaceTermsKey gives the key that makes blind indexes a successor. The old key stays, or goes as at the end of a change.
func (f keyFile) replaceTermsKey(t *testing.T, stays bool) {
	t.Helper()
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f["terms"])))
	if err != nil {
		t.Fatal(err)
	}
	manager := keyset.NewManagerFromHandle(handle)
	old := handle.KeysetInfo().GetPrimaryKeyId()
	id, err := manager.Add(prf.HMACSHA256PRFKeyTemplate())
	if err == nil {
		err = manager.SetPrimary(id)
	}
	if err == nil && !stays {
		err = manager.Delete(old)
	}
	if err == nil {
		handle, err = manager.Handle()
	}
	var b bytes.Buffer
	if err == nil {
		err = insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&b))
	}
	if err != nil {
		t.Fatal(err)
	}
	f["terms"] = b.Bytes()
}

// TestBlindIndexes_WhileAKeyIsReplaced: what the old key stored is found by its own term, and what is stored now by the new
// one.
func TestBlindIndexes_WhileAKeyIsReplaced(t *testing.T) {
	file := newKeyFile(t)
	indexes := func(k *seal.Keyring) []seal.Index {
		t.Helper()
		all, err := k.BlindIndexes("phone", "09000000000")
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	stored := func(k *seal.Keyring) seal.Index {
		t.Helper()
		term, err := k.BlindIndex("phone", "09000000000")
		if err != nil {
			t.Fatal(err)
		}
		return seal.Index{KeyID: k.IndexKeyID(), Term: term}
	}
	same := func(a, b seal.Index) bool { return a.KeyID == b.KeyID && bytes.Equal(a.Term, b.Term) }
	has := func(all []seal.Index, wanted seal.Index) bool {
		return slices.ContainsFunc(all, func(i seal.Index) bool { return same(i, wanted) })
	}

	before := file.load(t)
	old := stored(before)
	if all := indexes(before); len(all) != 1 || !same(all[0], old) {
		t.Errorf("with one key: %v, want %v", all, old)
	}
	file.replaceTermsKey(t, true)
	both := file.load(t)
	if all := indexes(both); len(all) != 2 || !has(all, old) || !has(all, stored(both)) || same(stored(both), old) {
		t.Errorf("with two keys: %v, with those of %v and %v", all, old, stored(both))
	}
	file.replaceTermsKey(t, false)
	if all := indexes(file.load(t)); len(all) != 2 || !has(all, old) || has(all, stored(both)) {
		t.Errorf("with the key before the newest gone: %v", all)
	}
}

// TestProbe_TellsEveryKey: a probe is recognised by its keys, also while one is being replaced, and by no keyring in which one
// of the keys is another, and the error says which.
func TestProbe_TellsEveryKey(t *testing.T) {
	file, other := newKeyFile(t), newKeyFile(t)
	probe, err := file.load(t).Probe()
	if err != nil {
		t.Fatal(err)
	}
	if err := file.load(t).CheckProbe(probe); err != nil {
		t.Errorf("its own keys: %v", err)
	}
	for name, mine := range file {
		file[name] = other[name]
		if err := file.load(t).CheckProbe(probe); !errors.Is(err, seal.ErrWrongKey) || !strings.Contains(err.Error(), `"`+name+`"`) {
			t.Errorf("another key %q: %v", name, err)
		}
		file[name] = mine
	}
	file.replaceTermsKey(t, true)
	if err := file.load(t).CheckProbe(probe); err != nil {
		t.Errorf("while a key is replaced: %v", err)
	}
	for _, broken := range []string{"", "null", "{}", `{"sealed":{"contact":"AAAA"}}`} {
		if err := file.load(t).CheckProbe([]byte(broken)); err == nil {
			t.Errorf("the probe %q was recognised", broken)
		}
	}
}

// TestProtect: a file that is open to others is closed, and it is said. A file whose mode nobody can change is refused;
// the kernel's own files are such, for everybody.
func TestProtect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if mended, err := seal.Protect(path); mended || err != nil {
		t.Errorf("no file: %t, %v", mended, err)
	}
	for mode, want := range map[os.FileMode]bool{0o644: true, 0o640: true, 0o602: true, 0o600: false, 0o400: false} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		mended, err := seal.Protect(path)
		if err != nil || mended != want {
			t.Errorf("mode %v: %t, %v", mode, mended, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("mode %v became %v, %v", mode, info.Mode(), err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if mended, err := seal.Protect("/proc/self/status"); mended || err == nil || !strings.Contains(err.Error(), "/proc/self/status is open to others on this machine (mode 0444)") {
		t.Errorf("a file of the kernel: %t, %v", mended, err)
	}
}
