package patient_test

import (
	"testing"

	"madoguchi/internal/intake"
	"madoguchi/web/patient"
)

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
