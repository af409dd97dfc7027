package letter

import (
	"slices"
	"testing"

	"madoguchi/internal/clinic"
)

// TestKinds_AreThoseOfTheClinic: a kind that the clinic can write and nobody can word would stop a letter for good.
func TestKinds_AreThoseOfTheClinic(t *testing.T) {
	known := slices.Concat(clinic.LetterKinds, clinic.WaitingKinds, clinic.StaffKinds, []clinic.LetterKind{clinic.CodeLetter})
	for _, k := range known {
		if kinds[k].compose == nil {
			t.Errorf("nothing is written of a %s", k)
		}
	}
	for k := range kinds {
		if !slices.Contains(known, k) {
			t.Errorf("the clinic knows no %s", k)
		}
	}
}
