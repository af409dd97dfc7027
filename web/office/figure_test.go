package office

import (
	"testing"

	"madoguchi/internal/intake"
	"madoguchi/web"
)

// The areas may have any codes, several may lie in one zone, and one may lie in none.
func TestFigure_FollowsTheZonesOfTheAreas(t *testing.T) {
	option := func(code, ja string, z intake.Zone) intake.Option {
		return intake.Option{Code: code, Text: intake.Text{JA: ja}, Zone: z}
	}
	v := Chart{
		Questions: &intake.Questionnaire{
			Uses: intake.Uses{Areas: "parts", MainArea: "worst"},
			Booking: intake.Section{Questions: []intake.Question{{ID: "parts", Kind: intake.Many, Options: []intake.Option{
				option("a", "肩", "back"), option("b", "背中", "back"), option("c", "全身", intake.Whole), option("d", "未定", ""), option("e", "お腹", "belly"),
			}}}},
		},
		Answers: intake.Answers{"parts": {"a", "b", "c", "d"}, "worst": {"b"}},
		Visible: map[string]bool{"parts": true, "worst": true},
	}
	l := web.Find("ja")
	if got := v.figureLabel(l, false); got != "からだの図（後ろ）：肩、背中（最も気になる）、全身" {
		t.Errorf("behind: %s", got)
	}
	if got := v.figureLabel(l, true); got != "からだの図（前）：全身" {
		t.Errorf("in front: %s", got)
	}
	if seen := v.seen(false); len(seen) != 1 || seen[0].Zone != "back" || !v.marksMain("back") || v.marks("belly") || !v.marks(intake.Whole) {
		t.Errorf("%+v", seen)
	}
}
