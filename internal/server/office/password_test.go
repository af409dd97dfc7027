package office

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store/storetest"
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

// TestAuthenticate_ComparesForWhomever: a password is compared, once, also for an account that does not exist, that is closed, or that has no password yet.
// Whoever compares has to come through a door that only this test opens.
func TestAuthenticate_ComparesForWhomever(t *testing.T) {
	store := storetest.Open(t, storetest.SQLiteURL(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock().Now)
	for email, hash := range map[string]string{"at-work@example.jp": nobody, "closed@example.jp": nobody, "invited@example.jp": ""} {
		account, err := store.AddStaff(t.Context(), storetest.Owner, clinic.Staff{Role: clinic.FrontDesk, Name: "受付 見本", Email: email, EveryBranch: true, PasswordHash: hash})
		if err == nil && email == "closed@example.jp" {
			err = store.SetAccountActive(t.Context(), storetest.Owner, account.ID, false)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	door, before := make(chan struct{}), hashers
	hashers = door
	t.Cleanup(func() { hashers = before })
	for _, email := range []string{"at-work@example.jp", "closed@example.jp", "invited@example.jp", "nobody@example.jp"} {
		c := &gin.Context{Request: httptest.NewRequestWithContext(t.Context(), http.MethodPost, signInPath, nil)}
		answered, pages := make(chan error, 1), Pages{Site: &page.Site{Store: store}}
		go func() {
			_, err := pages.authenticate(c, email, "wrong")
			answered <- err
		}()
		select {
		case <-door:
			door <- struct{}{}
		case err := <-answered:
			t.Errorf("%s is answered without a comparison: %v", email, err)
			continue
		}
		if err := <-answered; clinic.CodeOf(err) != clinic.Unauthorized {
			t.Errorf("%s: %v", email, err)
		}
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
