package patient_test

import (
	"maps"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/web/patient"
)

func TestSlotsPage(t *testing.T) {
	view := slots()
	doc := render(t, "ja", patient.SlotsPage(view))
	form := only(t, doc, "form[action='/hold'][method=post]")
	offered := map[string]string{}
	for _, row := range view.Week.Rows {
		for _, cell := range row.Cells {
			if cell.SlotID != "" {
				offered[cell.SlotID] = map[clinic.Mark]string{clinic.MarkFree: "○", clinic.MarkFew: "△"}[cell.Mark]
			}
		}
	}
	shown := map[string]string{}
	form.Find(".week button[name=slot]").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("value")
		shown[id] = text(s)
	})
	if len(offered) == 0 || !maps.Equal(offered, shown) {
		t.Errorf("offered %v, shown %v", offered, shown)
	}
	if got, _ := form.Find(".week button[data-mark=few]").First().Attr("aria-label"); got != "11月25日（水） 10:00 残りわずか" {
		t.Errorf("a screen reader says %q", got)
	}
	if got := text(form.Find(".week thead th").Eq(1)); got != "月 ・祝 23 勤労感謝の日" {
		t.Errorf("the holiday reads %q", got)
	}
	if n := form.Find("button.time[name=slot]").Length(); n != len(view.Next) {
		t.Errorf("%d next times", n)
	}
	if n := form.Find(".week td .sr-only").Length(); n == 0 {
		t.Error("a full cell has no words")
	}
	for field, want := range map[string]string{"branch": "chuo", "doctor": "", "sex": "", "week": "2026-11-23"} {
		if got, ok := form.Find("[name=" + field + "]").Attr("value"); !ok || got != want {
			t.Errorf("%s is %q", field, got)
		}
	}
	if doc.Find(".week-link[href]").Length() != 1 {
		t.Error("there is no week before this one, and one after")
	}
}
