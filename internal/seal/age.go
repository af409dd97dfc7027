package seal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

// Recipients are whom a file is encrypted to, as age (age-encryption.org/v1) has them. They are public: whoever has them makes
// files that only the identities which belong to them open.
type Recipients []age.Recipient

// ParseRecipients reads public keys of age, separated by commas or spaces.
func ParseRecipients(text string) (Recipients, error) {
	var out Recipients
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' }) {
		parsed, err := age.ParseRecipients(strings.NewReader(word))
		if err != nil || len(parsed) != 1 {
			if strings.HasPrefix(strings.ToUpper(word), "AGE-SECRET-KEY-") {
				return nil, errors.New("it holds a secret key (AGE-SECRET-KEY-…), which belongs into no setting: name the public key that begins with age1")
			}
			return nil, fmt.Errorf("%q is no public key of age, which begins with age1", word)
		}
		out = append(out, parsed...)
	}
	return out, nil
}

// CreateIdentity makes the secret key that opens backups, writes it into a new file for its owner only, and returns the public key.
// It never overwrites a file.
func CreateIdentity(path string) (recipient string, err error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return "", fmt.Errorf("make a key for backups: %w", err)
	}
	public := identity.Recipient().String()
	text := "# Opens backups of madoguchi. Keep it where neither the server nor the backups are.\n# public key: " + public + "\n" + identity.String() + "\n"
	if err := writeNew(path, []byte(text)); err != nil {
		return "", fmt.Errorf("write a key for backups: %w", err)
	}
	return public, nil
}

// Identities are secret keys of age.
type Identities []age.Identity

// LoadIdentities reads a file as CreateIdentity and age-keygen write it. No error repeats what is in it.
func LoadIdentities(path string) (Identities, error) {
	f, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	out, err := age.ParseIdentities(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("%s holds no secret key of age, a line that begins with AGE-SECRET-KEY-", path)
	}
	return out, nil
}

// ErrWrongIdentity says that a file was encrypted to others.
var ErrWrongIdentity = errors.New("none of the given keys opens it")

// Decrypt reads what EncryptFile wrote. A reader that ends with io.EOF has given every byte as it was written; one that was changed or cut
// off ends with another error.
func Decrypt(encrypted io.Reader, identities Identities) (io.Reader, error) {
	plain, err := age.Decrypt(encrypted, identities...)
	var nobody *age.NoIdentityMatchError
	if errors.As(err, &nobody) {
		return nil, ErrWrongIdentity
	}
	return plain, err
}

// EncryptFile encrypts a file into a new one, on disk when it returns, and proves that it can be opened: it is encrypted to one more
// recipient, whose secret key exists in this call only, and is read back and decrypted by it. tell hears how many bytes were done since it
// was last called, twice as many in all as the file has, and ends the work with an error.
func EncryptFile(from, to string, recipients Recipients, tell func(bytes int) error) (err error) {
	if len(recipients) == 0 {
		return errors.New("a backup is encrypted to somebody, and nobody was named")
	}
	proof, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	written, err := encryptTo(from, to, append(recipients[:len(recipients):len(recipients)], proof.Recipient()), tell)
	if err != nil {
		return err
	}
	f, err := os.Open(to) //nolint:gosec // made above
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	plain, err := Decrypt(f, Identities{proof})
	read := sha256.New()
	if err == nil {
		_, err = io.Copy(io.MultiWriter(read, counter(tell)), plain)
	}
	if err != nil || string(read.Sum(nil)) != string(written.Sum(nil)) {
		return errors.Join(errors.New("what was written cannot be read back as it was"), err)
	}
	return nil
}

// encryptTo returns the hash of what is in the file that it encrypts.
func encryptTo(from, to string, recipients Recipients, tell func(bytes int) error) (sum hash.Hash, err error) {
	source, err := os.Open(from) //nolint:gosec // a file of ours
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // a file of ours
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := age.Encrypt(f, recipients...)
	if err != nil {
		return nil, err
	}
	sum = sha256.New()
	_, err = io.Copy(io.MultiWriter(w, sum, counter(tell)), source)
	return sum, errors.Join(err, w.Close(), f.Sync())
}

// counter is a writer that only counts.
type counter func(bytes int) error

func (c counter) Write(b []byte) (int, error) { return len(b), c(len(b)) }
