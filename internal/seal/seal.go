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
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
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

// Keyring seals and opens. It is safe for concurrent use, also while Use gives it other keys.
type Keyring struct{ now atomic.Pointer[keys] }

// keys are those of one file.
type keys struct {
	aeads map[Purpose]tink.AEAD
	terms *prf.Set
	state string
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
	sealed, err := k.now.Load().aeads[purpose].Encrypt(plain, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", at.Table, err)
	}
	return sealed, nil
}

// Open reads what Seal wrote for the same associated data into v. It returns ErrWrongKey when it does not open.
func (k *Keyring) Open(purpose Purpose, at AssociatedData, sealed []byte, v any) error {
	plain, err := k.now.Load().aeads[purpose].Decrypt(sealed, at.bytes())
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
func (k *Keyring) IndexKeyID() uint32 { return k.now.Load().terms.PrimaryID }

// Index is the blind index to store for a value.
//
// Whoever stores one together with something sealed seals first: while another key takes over, what is sealed with the key before
// is sealed anew, and its blind indexes are made anew with it. The other way round an index of the key before could stay.
func (k *Keyring) Index(kind, value string) (Index, error) {
	terms := k.now.Load().terms
	term, err := computeTerm(terms, terms.PrimaryID, kind, value)
	return Index{terms.PrimaryID, term}, err
}

// BlindIndex is the term of Index.
func (k *Keyring) BlindIndex(kind, value string) ([]byte, error) {
	index, err := k.Index(kind, value)
	return index.Term, err
}

// BlindIndexes are the terms of a value under every key, to search by: a row keeps the term of the key that was in use when
// it was written. The first is that of Index.
func (k *Keyring) BlindIndexes(kind, value string) ([]Index, error) {
	terms := k.now.Load().terms
	out := make([]Index, 0, len(terms.PRFs))
	for _, id := range slices.Sorted(maps.Keys(terms.PRFs)) {
		term, err := computeTerm(terms, id, kind, value)
		if err != nil {
			return nil, err
		}
		if out = append(out, Index{id, term}); id == terms.PrimaryID {
			out[0], out[len(out)-1] = out[len(out)-1], out[0]
		}
	}
	return out, nil
}

func computeTerm(terms *prf.Set, keyID uint32, kind, value string) ([]byte, error) {
	key, ok := terms.PRFs[keyID]
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

// BlindIndexTexts are the BlindIndexes in hexadecimal.
func (k *Keyring) BlindIndexTexts(kind, value string) (texts []string, err error) {
	all, err := k.BlindIndexes(kind, value)
	for _, index := range all {
		texts = append(texts, hex.EncodeToString(index.Term))
	}
	return texts, err
}

// Use gives the keyring the keys of a file.
func (k *Keyring) Use(f File) error {
	next := &keys{aeads: map[Purpose]tink.AEAD{}, state: f.State()}
	for _, p := range purposes {
		a, err := aead.New(f.handles[string(p)])
		if err != nil {
			return fmt.Errorf("key %q: %w", p, err)
		}
		next.aeads[p] = a
	}
	terms, err := prf.NewPRFSet(f.handles[Terms])
	if err != nil {
		return fmt.Errorf("key %q: %w", Terms, err)
	}
	next.terms = terms
	k.now.Store(next)
	return nil
}

// State is that of the file whose keys these are.
func (k *Keyring) State() string { return k.now.Load().state }

// Reseal seals with the present key what was sealed for the same purpose and associated data.
func (k *Keyring) Reseal(purpose Purpose, at AssociatedData, sealed []byte) ([]byte, error) {
	with := k.now.Load().aeads[purpose]
	plain, err := with.Decrypt(sealed, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", at.Table, ErrWrongKey)
	}
	anew, err := with.Encrypt(plain, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", at.Table, err)
	}
	return anew, nil
}

// prefixed is how tink begins what a key of ours has sealed: this byte, and the id of the key.
const prefixed = 1

// Prefix is how everything begins that a key has sealed.
func Prefix(keyID uint32) []byte { return binary.BigEndian.AppendUint32([]byte{prefixed}, keyID) }

// KeyOf is the id of the key that has sealed what begins with a prefix; false where no key of ours has.
func KeyOf(prefix []byte) (keyID uint32, ok bool) {
	if len(prefix) < 5 || prefix[0] != prefixed {
		return 0, false
	}
	return binary.BigEndian.Uint32(prefix[1:]), true
}
