package office

import (
	"context"
	"errors"
	"testing"

	"github.com/alexedwards/argon2id"
)

// The comparison for an account that does not exist must cost what one for an account costs.
func TestNobody_CostsAsMuchAsAnybody(t *testing.T) {
	hash, err := HashPassword("架空の合言葉です2026")
	if err != nil {
		t.Fatal(err)
	}
	somebody, _, _, err := argon2id.DecodeHash(hash)
	if err != nil {
		t.Fatal(err)
	}
	nobody, _, _, err := argon2id.DecodeHash(nobody)
	if err != nil {
		t.Fatal(err)
	}
	if *nobody != *somebody {
		t.Errorf("nobody's hash has %+v, somebody's %+v", *nobody, *somebody)
	}
}

func TestPasswordIs(t *testing.T) {
	hash, err := HashPassword("架空の合言葉です2026")
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]bool{"架空の合言葉です2026": true, "架空の合言葉です2027": false, "": false} {
		if got, err := passwordIs(t.Context(), word, hash); err != nil || got != want {
			t.Errorf("%q: %v, %v", word, got, err)
		}
	}
	if right, err := passwordIs(t.Context(), "word", "no hash"); err == nil || right {
		t.Error("a broken hash opens, or goes unnoticed")
	}
}

// With every place taken, a request that is given up waits no longer.
func TestPasswordIs_WaitsItsTurn(t *testing.T) {
	for range cap(hashers) {
		hashers <- struct{}{}
	}
	defer func() {
		for range cap(hashers) {
			<-hashers
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := passwordIs(ctx, "word", nobody); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
