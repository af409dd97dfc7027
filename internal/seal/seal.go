// Package seal seals personal data before it is stored, opens it again, and makes the blind indexes by which sealed data
// is found. It knows no database.
//
// A Keyring holds three keysets with three purposes. Contact seals who a person is; Answers seals what they said about
// their health, under a key of its own, so that no path that shows a booking to the front desk ever needs it; terms makes
// blind indexes. What is sealed is bound to where it is stored (table, column and row id are the associated data), so
// that a value moved to another row no longer opens.
//
// A keyset may hold several keys. The primary one seals and makes blind indexes; all of them open, and all of them are
// searched by (BlindIndexes), so that a key can be replaced while the old one is still needed.
package seal

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

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

var purposes = []Purpose{Contact, Answers}

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

// Seal writes v as JSON and seals it for where it will be stored.
func (k *Keyring) Seal(purpose Purpose, at AssociatedData, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", at.Table, err)
	}
	sealed, err := k.aeads[purpose].Encrypt(plain, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", at.Table, err)
	}
	return sealed, nil
}

// Open reads what Seal wrote for the same associated data into v. It returns ErrWrongKey when it does not open.
func (k *Keyring) Open(purpose Purpose, at AssociatedData, sealed []byte, v any) error {
	plain, err := k.aeads[purpose].Decrypt(sealed, at.bytes())
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

// Index is a blind index with the id of the key that made it: the same value of the same kind gives the same term under
// the same key, and without the key neither is the value found from the term nor the term from a guessed value
// (HMAC-SHA256).
type Index struct {
	KeyID uint32 // a column for it needs 64 bits where integers have a sign
	Term  []byte
}

// IndexKeyID is the id of the key that makes new blind indexes.
func (k *Keyring) IndexKeyID() uint32 { return k.terms.PrimaryID }

// BlindIndex is the term of a value under the key of IndexKeyID, which is the one to store.
func (k *Keyring) BlindIndex(kind, value string) ([]byte, error) {
	return k.term(k.terms.PrimaryID, kind, value)
}

// BlindIndexes are the terms of a value under every key, to search by: a row keeps the term of the key that was in use when
// it was written.
func (k *Keyring) BlindIndexes(kind, value string) ([]Index, error) {
	out := make([]Index, 0, len(k.terms.PRFs))
	for _, id := range slices.Sorted(maps.Keys(k.terms.PRFs)) {
		term, err := k.term(id, kind, value)
		if err != nil {
			return nil, err
		}
		out = append(out, Index{id, term})
	}
	return out, nil
}

func (k *Keyring) term(keyID uint32, kind, value string) ([]byte, error) {
	key, ok := k.terms.PRFs[keyID]
	if !ok {
		return nil, fmt.Errorf("term %s: %w", kind, ErrWrongKey)
	}
	term, err := key.ComputePRF([]byte(kind+"\x00"+value), termBytes)
	if err != nil {
		return nil, fmt.Errorf("term %s: %w", kind, err)
	}
	return term, nil
}

// BlindIndexText is BlindIndex in hexadecimal, for keys that are text.
func (k *Keyring) BlindIndexText(kind, value string) (string, error) {
	term, err := k.BlindIndex(kind, value)
	return hex.EncodeToString(term), err
}

func newKeyring(handles map[string]*keyset.Handle) (*Keyring, error) {
	k := &Keyring{aeads: map[Purpose]tink.AEAD{}}
	for _, p := range purposes {
		a, err := aead.New(handles[string(p)])
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", p, err)
		}
		k.aeads[p] = a
	}
	terms, err := prf.NewPRFSet(handles[termsKey])
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", termsKey, err)
	}
	k.terms = terms
	return k, nil
}
