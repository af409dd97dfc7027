package patient_test

import (
	"strings"
	"testing"

	"madoguchi/web/patient"
)

func TestIntakeSectionPage(t *testing.T) {
	doc := render(t, "ja", patient.IntakeSectionPage(posture()))
	if doc.Find("form[action^='/intake/tokentokentokentokentoken/posture'][method=post]").Length() != 1 {
		t.Error("the form goes elsewhere")
	}
	if got := text(doc.Find("main .num").First()); !strings.Contains(got, "2 / 8") {
		t.Errorf("progress reads %q", got)
	}
	if n := doc.Find("[role=radiogroup] input[name=pain_lv]").Length(); n != 11 {
		t.Errorf("the scale has %d steps", n)
	}
	if got, _ := doc.Find("[name=pain_lv][checked]").Attr("value"); got != "4" {
		t.Errorf("the scale stands at %q", got)
	}
	if doc.Find("[data-exclusive] [name=posture][value=none][data-alone]").Length() != 1 || doc.Find("[name=posture][value=hunch][data-alone]").Length() != 0 {
		t.Error("only なし stands alone")
	}
	if doc.Find("button[name=next][value=later]").Length() != 1 || doc.Find("a[href='/intake/tokentokentokentokentoken/goal']").Length() != 1 {
		t.Error("no way to finish later, or back")
	}
	if action, _ := doc.Find("form[data-questions]").Attr("action"); action != "/intake/tokentokentokentokentoken/posture" {
		t.Errorf("the form goes to %q", action)
	}
	edited := posture()
	edited.Edit = true
	doc = render(t, "ja", patient.IntakeSectionPage(edited))
	if action, _ := doc.Find("form[data-questions]").Attr("action"); action != "/intake/tokentokentokentokentoken/posture?edit=1" || text(doc.Find("[data-main]")) != "保存して確認へ" {
		t.Errorf("from the review the form goes to %q by %q", action, text(doc.Find("[data-main]")))
	}
	if doc.Find("a[href='/intake/tokentokentokentokentoken/review']").Length() != 1 || doc.Find("[value=later]").Length() != 0 {
		t.Error("no way back to the review, or one to go on later")
	}
	medical := render(t, "ja", patient.IntakeSectionPage(medical()))
	if !strings.Contains(text(medical.Find("main")), "このページの回答は、医師だけが拝見します。") {
		t.Error("the medical section does not say who reads it")
	}
}
