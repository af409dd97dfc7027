package seal

import "fmt"

// Index is a blind index with the id of the key that made it.
type Index struct {
	KeyID uint32
	Term  []byte
}

// IndexKeyID is the id of the key that BlindIndex uses.
func (s *Keyring) IndexKeyID() uint32 { return s.terms.PrimaryID }

// BlindIndexes are the blind indexes of a value under every key there is, for finding what an older key has made.
func (s *Keyring) BlindIndexes(kind, value string) ([]Index, error) {
	var out []Index
	for id, p := range s.terms.PRFs {
		term, err := p.ComputePRF([]byte(kind+"\x00"+value), termBytes)
		if err != nil {
			return nil, fmt.Errorf("blind index %s: %w", kind, err)
		}
		out = append(out, Index{id, term})
	}
	return out, nil
}
