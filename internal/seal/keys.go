package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

const termsKey = "terms"

// templates are the kinds of keys in a key file, by name. AES-256-GCM takes random 96-bit nonces, good for 2^32 values
// a key; a clinic writes some thousands a month.
var templates = map[string]func() *tinkpb.KeyTemplate{
	string(Contact): aead.AES256GCMKeyTemplate,
	string(Answers): aead.AES256GCMKeyTemplate,
	termsKey:        prf.HMACSHA256PRFKeyTemplate,
}

// CreateFile makes new keys and writes them to path, readable by its owner only. It never overwrites: when the file
// exists the error matches fs.ErrExist. The file is complete from the first moment that it has its name, so that several
// servers may start at once, and it is on disk when CreateFile returns, because data sealed with lost keys is lost.
func CreateFile(path string) (*Keyring, error) {
	handles := map[string]*keyset.Handle{}
	file := map[string]json.RawMessage{}
	for name, template := range templates {
		h, err := keyset.NewHandle(template())
		if err != nil {
			return nil, fmt.Errorf("make key %q: %w", name, err)
		}
		var b bytes.Buffer
		if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b)); err != nil {
			return nil, fmt.Errorf("write key %q: %w", name, err)
		}
		handles[name], file[name] = h, b.Bytes()
	}
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write keys: %w", err)
	}
	if err := writeNew(path, append(text, '\n')); err != nil {
		return nil, fmt.Errorf("write keys: %w", err)
	}
	return newKeyring(handles)
}

// writeNew writes a file aside and then gives it its name, which fails when the name is taken.
func writeNew(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".keys-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	err = f.Chmod(0o600) // whatever the umask is
	if err == nil {
		_, err = f.Write(text)
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir) //nolint:gosec // the path is the operator's setting
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close()) // the name, too, survives a power cut
}

// LoadFile reads the keys from path. When there is no file the error matches fs.ErrNotExist.
func LoadFile(path string) (*Keyring, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the path is the operator's setting
	if err != nil {
		return nil, err
	}
	var file map[string]json.RawMessage
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s is not a key file", path)
	}
	handles := map[string]*keyset.Handle{}
	for name := range templates {
		h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(file[name])))
		if err != nil {
			// The cause could quote key material, so it is not passed on.
			return nil, fmt.Errorf("%s has no usable key %q", path, name)
		}
		handles[name] = h
	}
	return newKeyring(handles)
}

// Protect closes a file to everybody but its owner and reports whether it was open to others until now. It fails where that
// cannot be changed. A file that does not exist is left to whoever makes it.
func Protect(path string) (mended bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return false, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return false, fmt.Errorf("%s is open to others on this machine (mode %04o), and that cannot be changed: %w", path, info.Mode().Perm(), err)
	}
	return true, nil
}
