package main

import (
	"os"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
)

// TestAbilities_AreInTheDocs: the table in the documentation is the one that the program prints, and says something of each ability.
func TestAbilities_AreInTheDocs(t *testing.T) {
	for _, ability := range clinic.Abilities {
		if abilitySays[ability] == "" {
			t.Errorf("nothing is said of %s", ability)
		}
	}
	docs, err := os.ReadFile("../../docs/abilities.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(docs), abilityTable()) {
		t.Errorf("docs/abilities.md has another table than `madoguchi abilities` prints:\n%s", abilityTable())
	}
}
