// Package seal is the safe: it seals personal data before it is stored, opens it again, and makes the keyed terms by
// which sealed data is found. It knows no database.
//
// A Keyring holds three keysets with three purposes. Contact seals who a person is; Answers seals what they said about
// their health, under a key of its own, so that no path that shows a booking to reception ever needs it; terms makes
// search terms. What is sealed is bound to the place where it is stored (table, column and row id are the associated
// data), so that a value moved to another row no longer opens.
package seal

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Purpose chooses the key.
type Purpose string

// The purposes.
const (
	Contact Purpose = "contact" // names, addresses, birth dates, letters
	Answers Purpose = "answers" // what a patient said about their health
)

// Keyring seals and opens. It is safe for concurrent use.
type Keyring struct {
	aeads map[Purpose]tink.AEAD
	terms *prf.Set
}

// ErrWrongKey says that something cannot be opened with these keys: another key file, a moved row or a damaged value.
var ErrWrongKey = errors.New("sealed data does not open with these keys")

// AssociatedData is where a sealed value is stored.
type AssociatedData struct {
	Table string
	ID    string
}

func (p AssociatedData) bytes() []byte { return []byte(p.Table + ".sealed\x00" + p.ID) }

// Seal writes v as JSON and seals it for one place.
func (s *Keyring) Seal(purpose Purpose, at AssociatedData, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", at.Table, err)
	}
	sealed, err := s.aeads[purpose].Encrypt(plain, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", at.Table, err)
	}
	return sealed, nil
}

// Open reads what Seal wrote for the same place into v. It returns ErrWrongKey when it does not open.
func (s *Keyring) Open(purpose Purpose, at AssociatedData, sealed []byte, v any) error {
	plain, err := s.aeads[purpose].Decrypt(sealed, at.bytes())
	if err != nil {
		// The library's own words say no more than that it failed.
		return fmt.Errorf("open %s: %w", at.Table, ErrWrongKey)
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("open %s: %w", at.Table, err)
	}
	return nil
}

// termBytes is the length of a term: 128 bits make an accidental match negligible.
const termBytes = 16

// BlindIndex is the keyed term of a value: the same value of the same kind gives the same term, and without the key neither
// is the value found from the term nor the term from a guessed value (HMAC-SHA256).
func (s *Keyring) BlindIndex(kind, value string) ([]byte, error) {
	term, err := s.terms.ComputePrimaryPRF([]byte(kind+"\x00"+value), termBytes)
	if err != nil {
		return nil, fmt.Errorf("term %s: %w", kind, err)
	}
	return term, nil
}

// BlindIndexText is BlindIndex in hexadecimal, for keys that are text.
func (s *Keyring) BlindIndexText(kind, value string) (string, error) {
	term, err := s.BlindIndex(kind, value)
	return hex.EncodeToString(term), err
}

func newKeyring(handles map[string]*keyset.Handle) (*Keyring, error) {
	s := &Keyring{aeads: map[Purpose]tink.AEAD{}}
	for _, p := range []Purpose{Contact, Answers} {
		a, err := aead.New(handles[string(p)])
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", p, err)
		}
		s.aeads[p] = a
	}
	terms, err := prf.NewPRFSet(handles[termsKey])
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", termsKey, err)
	}
	s.terms = terms
	return s, nil
}
