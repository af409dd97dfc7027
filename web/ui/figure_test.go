package ui

import (
	"slices"
	"testing"

	"madoguchi/internal/intake"
)

// Every zone that a questionnaire may name can be drawn, on one side at least, and no other is.
func TestFigure_DrawsEveryZone(t *testing.T) {
	drawn := []intake.Zone{intake.Whole}
	for _, z := range zones {
		if z.Path == "" || z.Reach == "" || !z.Front && !z.Back {
			t.Errorf("%s is drawn nowhere", z.Zone)
		}
		drawn = append(drawn, z.Zone)
	}
	want := slices.Clone(intake.Zones)
	slices.Sort(drawn)
	slices.Sort(want)
	if !slices.Equal(drawn, want) {
		t.Errorf("drawn are %v, want %v", drawn, want)
	}
}
