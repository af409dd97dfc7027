package ui_test

import (
	"strings"
	"testing"

	"madoguchi/web/ui"
)

func TestUnbroken(t *testing.T) {
	for text, want := range map[string]string{
		"3か月以内に手術の予定":       "[3か月以内]に手術の予定",
		"158 cm / 60.4 kg":  "[158 cm] / [60.4 kg]",
		"座る時間：9時間以上":        "座る時間：[9時間以上]",
		"3〜6時間、週に2〜3回":      "[3〜6時間]、週に[2〜3回]",
		"1日に1〜2回":           "[1日に1〜2回]",
		"2型糖尿病":             "[2型]糖尿病",
		"<b>1年以内</b>の手術":    "&lt;b&gt;[1年以内]&lt;/b&gt;の手術",
		"数のない文":             "数のない文",
		"背中2か所、MEN2、GLP-1薬": "背中2か所、MEN2、GLP-1薬",
	} {
		var out strings.Builder
		if err := ui.Unbroken(text).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if got := strings.NewReplacer(`<span class="counted">`, "[", "</span>", "]").Replace(out.String()); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
