package patient_test

import (
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/intake"
	"madoguchi/web/patient"
)

// TestScale_WithVeryManySteps: a version from before there was a limit may ask from 0 to 1000. Its number is typed, and what both ends mean
// is said; one with as many steps as can be tapped is drawn with them.
func TestScale_WithVeryManySteps(t *testing.T) {
	for most, typed := range map[float64]bool{intake.MaxSteps: false, intake.MaxSteps + 1: true, 1000: true} {
		page := posture()
		scale := &page.Questions[slices.IndexFunc(page.Questions, func(q patient.Question) bool { return q.ID == "pain_lv" })]
		scale.Max = most
		doc := render(t, "ja", patient.IntakeSectionPage(page))
		if got := doc.Find("[name=pain_lv]").Length(); typed != (got == 1) {
			t.Errorf("to %v: %d controls", most, got)
		}
		if !typed {
			continue
		}
		if value, _ := only(t, doc, "#pain_lv[inputmode=decimal]").Attr("value"); value != "4" {
			t.Errorf("to %v: what was typed is %q", most, value)
		}
		least, end := scale.Bounds()
		if got := text(doc.Find("#pain_lv-help")); !strings.Contains(got, "0は「痛みなし」") || !strings.Contains(got, least+"（まったくない）から"+end+"（いちばん強い）までの数字") {
			t.Errorf("to %v: the help says %q", most, got)
		}
	}
}

// TestNumbersKeepTheirUnit also shows that a wrong number stays in its field.
func TestNumbersKeepTheirUnit(t *testing.T) {
	doc := render(t, "ja", patient.IntakeSectionPage(goal()))
	height := only(t, doc, "#height")
	if value, _ := height.Attr("value"); value != "9999" || text(height.Parent()) != "cm" {
		t.Errorf("%q %q", value, text(height.Parent()))
	}
	if got := text(doc.Find("#height-error")); got != "エラー：100から250cmまでの数字で入力してください。" {
		t.Errorf("%q", got)
	}
	if kind := goal().Questions[0].Kind; kind != intake.Number {
		t.Fatal(kind)
	}
}
