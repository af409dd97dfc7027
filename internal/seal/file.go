package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

// Terms is the name of the keyset that makes blind indexes, beside those of the purposes.
const Terms = "terms"

const datesEntry = "dates"

// templates are the kinds of keys in a key file, by name. AES-256-GCM takes random 96-bit nonces, good for 2^32 values
// a key; a clinic writes some thousands a month.
var templates = map[string]func() *tinkpb.KeyTemplate{
	string(Contact): aead.AES256GCMKeyTemplate,
	string(Answers): aead.AES256GCMKeyTemplate,
	Terms:           prf.HMACSHA256PRFKeyTemplate,
}

// File is the content of a key file: the keysets, and since when each key is there. It never changes; each step of a rotation
// makes another one.
type File struct {
	handles map[string]*keyset.Handle
	dates   map[string]dates           // by the name of the keyset and the id of the key
	rest    map[string]json.RawMessage // what else it says, which stays
}

// dates are when a key was made, and when it became the one that seals. A key of a file without dates has none.
type dates struct {
	Made time.Time `json:"made"`
	Used time.Time `json:"used,omitzero"`
}

func dateName(keyset string, id uint32) string { return fmt.Sprintf("%s %d", keyset, id) }

// Phase is how far the rotation of a key file is.
type Phase int

// The phases, in their order.
const (
	Resting   Phase = iota // one key in each keyset
	Announced              // a new key is there and opens, and the one before still seals
	Switched               // the new key seals, and the one before still opens
)

// Key is a key of a file, as people are told of it.
type Key struct {
	Keyset  string // a Purpose, or Terms
	ID      uint32
	Primary bool
	Made    time.Time // zero where nobody knows
	Used    time.Time // since when it seals; zero where it does not, or nobody knows
}

// NewFile makes new keys.
func NewFile(now time.Time) (File, error) {
	f := File{handles: map[string]*keyset.Handle{}, dates: map[string]dates{}}
	for name, template := range templates {
		h, err := keyset.NewHandle(template())
		if err != nil {
			return f, fmt.Errorf("make key %q: %w", name, err)
		}
		f.handles[name] = h
		f.dates[dateName(name, h.KeysetInfo().GetPrimaryKeyId())] = dates{now.UTC(), now.UTC()}
	}
	return f, nil
}

// ParseFile reads the text of a key file. Its errors quote nothing of it.
func ParseFile(text []byte) (File, error) {
	f := File{handles: map[string]*keyset.Handle{}, dates: map[string]dates{}}
	if err := json.Unmarshal(text, &f.rest); err != nil {
		return f, errors.New("it is not a key file")
	}
	for name := range templates {
		h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.rest[name])))
		if err != nil {
			// The cause could quote key material, so it is not passed on.
			return f, fmt.Errorf("it has no usable key %q", name)
		}
		f.handles[name] = h
		delete(f.rest, name)
	}
	if text, ok := f.rest[datesEntry]; ok {
		if err := json.Unmarshal(text, &f.dates); err != nil {
			return f, errors.New("the dates of its keys cannot be read")
		}
		delete(f.rest, datesEntry)
	}
	return f, nil
}

// Text is what ParseFile reads.
func (f File) Text() ([]byte, error) {
	all := maps.Clone(f.rest)
	if all == nil {
		all = map[string]json.RawMessage{}
	}
	for name, h := range f.handles {
		var b bytes.Buffer
		if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b)); err != nil {
			return nil, fmt.Errorf("write key %q: %w", name, err)
		}
		all[name] = b.Bytes()
	}
	var err error
	if all[datesEntry], err = json.Marshal(f.dates); err != nil {
		return nil, fmt.Errorf("write keys: %w", err)
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write keys: %w", err)
	}
	return append(text, '\n'), nil
}

// Keys are all keys of the file, by their keyset and in the order in which they were added.
func (f File) Keys() (keys []Key) {
	for _, name := range slices.Sorted(maps.Keys(f.handles)) {
		info := f.handles[name].KeysetInfo()
		for _, k := range info.GetKeyInfo() {
			d := f.dates[dateName(name, k.GetKeyId())]
			keys = append(keys, Key{name, k.GetKeyId(), k.GetKeyId() == info.GetPrimaryKeyId(), d.Made, d.Used})
		}
	}
	return keys
}

// State names the keys of the file and which of them seal, so that two servers can be told to have the same. It says nothing else
// of the keys.
func (f File) State() string {
	var words []string
	for _, k := range f.Keys() {
		word := dateName(k.Keyset, k.ID)
		if k.Primary {
			word += "*"
		}
		words = append(words, word)
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// Phase is how far the file's rotation is.
func (f File) Phase() Phase {
	phase := Resting
	for _, h := range f.handles {
		info := h.KeysetInfo()
		keys := info.GetKeyInfo()
		switch {
		case keys[len(keys)-1].GetKeyId() != info.GetPrimaryKeyId():
			return Announced
		case len(keys) > 1:
			phase = Switched
		}
	}
	return phase
}

// Announce is the file with a new key in each keyset, which opens and does not seal yet.
func (f File) Announce(now time.Time) (File, error) {
	return f.step(func(name string, m *keyset.Manager, all map[string]dates) error {
		id, err := m.Add(templates[name]())
		all[dateName(name, id)] = dates{Made: now.UTC()}
		return err
	})
}

// Switch is the file in which the newest key of each keyset seals.
func (f File) Switch(now time.Time) (File, error) {
	return f.step(func(name string, m *keyset.Manager, all map[string]dates) error {
		keys := f.handles[name].KeysetInfo().GetKeyInfo()
		id := keys[len(keys)-1].GetKeyId()
		of := dateName(name, id)
		all[of] = dates{all[of].Made, now.UTC()}
		return m.SetPrimary(id)
	})
}

// Retire is the file without the keys that do not seal.
func (f File) Retire() (File, error) {
	return f.step(func(name string, m *keyset.Manager, all map[string]dates) error {
		info := f.handles[name].KeysetInfo()
		var errs []error
		for _, k := range info.GetKeyInfo() {
			if id := k.GetKeyId(); id != info.GetPrimaryKeyId() {
				errs = append(errs, m.Delete(id))
				delete(all, dateName(name, id))
			}
		}
		return errors.Join(errs...)
	})
}

// step makes another file by changing every keyset, and the dates with it.
func (f File) step(change func(name string, m *keyset.Manager, all map[string]dates) error) (File, error) {
	next := File{map[string]*keyset.Handle{}, maps.Clone(f.dates), f.rest}
	for name, h := range f.handles {
		m := keyset.NewManagerFromHandle(h)
		err := change(name, m, next.dates)
		if err == nil {
			next.handles[name], err = m.Handle()
		}
		if err != nil {
			return next, fmt.Errorf("change key %q: %w", name, err)
		}
	}
	return next, nil
}

// Keyring is what seals and opens with the keys of the file.
func (f File) Keyring() (*Keyring, error) {
	k := &Keyring{}
	return k, k.Use(f)
}

// SwitchedAt is since when all of the keys that seal do; zero where nobody knows.
func (f File) SwitchedAt() (at time.Time) {
	for _, k := range f.Keys() {
		if k.Primary && k.Used.After(at) {
			at = k.Used
		}
	}
	return at
}

// Primary is the id of the key of a keyset that seals, or makes blind indexes.
func (f File) Primary(keyset string) uint32 { return f.handles[keyset].KeysetInfo().GetPrimaryKeyId() }
