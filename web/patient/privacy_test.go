package patient_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"madoguchi/web"
	"madoguchi/web/patient"
)

// TestTermsHaveTheirVersion: a consent is stored with the version of its text, so a change of the text needs a new one.
func TestTermsHaveTheirVersion(t *testing.T) {
	const version, digest = "2026-11-26-6", "ffe70e95ee1006cd"
	sum := sha256.New()
	for _, lang := range web.Languages() {
		content, err := os.ReadFile("../locales/" + lang + ".patient.privacy.json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(content, &texts); err != nil {
			t.Fatal(err)
		}
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			sum.Write([]byte(texts[key] + "\n"))
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil)[:8]); patient.TermsVersion != version || got != digest {
		t.Errorf("version %s has the texts %s; this test knows version %s with %s. Give changed texts a new TermsVersion, then write both here.", patient.TermsVersion, got, version, digest)
	}
}
