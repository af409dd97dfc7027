package seal

import (
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
)

// probe is what a database keeps to tell its own keys from others.
type probe struct {
	Sealed map[Purpose][]byte `json:"sealed"` // the purpose itself
	KeyID  uint32             `json:"key_id"`
	Term   []byte             `json:"term"`
}

func probeAD(p Purpose) AssociatedData { return AssociatedData{Table: "probe", ID: string(p)} }

// Probe makes a value that holds nothing and in which every keyset has a part.
func (k *Keyring) Probe() ([]byte, error) {
	index, err := k.Index("probe", Terms)
	if err != nil {
		return nil, err
	}
	p := probe{Sealed: map[Purpose][]byte{}, KeyID: index.KeyID, Term: index.Term}
	for _, purpose := range purposes {
		if p.Sealed[purpose], err = k.Seal(purpose, probeAD(purpose), purpose); err != nil {
			return nil, err
		}
	}
	return json.Marshal(p)
}

// CheckProbe reports whether these keys open what was sealed, and find what was stored, by those that made the probe. When
// one does not, the error is ErrWrongKey and names it.
func (k *Keyring) CheckProbe(text []byte) error {
	var p probe
	if err := json.Unmarshal(text, &p); err != nil {
		return errors.New("the value by which keys are recognised cannot be read")
	}
	for _, purpose := range purposes {
		var sealed Purpose
		if err := k.Open(purpose, probeAD(purpose), p.Sealed[purpose], &sealed); err != nil || sealed != purpose {
			return fmt.Errorf("key %q: %w", purpose, ErrWrongKey)
		}
	}
	if term, err := computeTerm(k.now.Load().terms, p.KeyID, "probe", Terms); err != nil || !hmac.Equal(term, p.Term) {
		return fmt.Errorf("key %q: %w", Terms, ErrWrongKey)
	}
	return nil
}
