package office

import (
	"errors"
	"strings"
	"testing"

	"madoguchi/internal/intake"
	"madoguchi/web"
)

// TestImportProblem_SaysWhere: what is wrong with a file is said in both languages, with the line and the character where there is one, and no English
// of the program or offset of bytes.
func TestImportProblem_SaysWhere(t *testing.T) {
	for file, want := range map[string]string{
		"": "ファイルが空です。", "  \n": "ファイルが空です。",
		"{\n \"version\": \"1\"":       "ファイルが途中で終わっています",
		"{\n \"題\" x":                  "2行目の6文字目が、JSONの書き方に合っていません。",
		"\xef\xbb\xbf{\n \"題\" x y z}": "2行目の6文字目が",
		"{\n \"version\": 5}":          "2行目の",
		"{\n\n \"colour\": 5}":         "3行目の「colour」は、問診票のファイルにない項目です。",
	} {
		_, err := intake.ReadImported([]byte(strings.TrimPrefix(file, "\xef\xbb\xbf")))
		if err == nil {
			t.Fatalf("%q is a questionnaire", file)
		}
		problem := importProblem([]byte(file), err)
		if said := web.Find("ja").Sentence(problem); !strings.Contains(said, want) || strings.Contains(said, "json") || strings.Contains(said, "offset") {
			t.Errorf("of %q (%v) it says %s", file, err, said)
		}
		if said := web.Find("en").Sentence(problem); said == "" || strings.Contains(said, "json:") {
			t.Errorf("of %q it says %s", file, said)
		}
	}
	for _, lang := range web.Languages() {
		if said := web.Find(lang).Sentence(importProblem([]byte("{}"), errors.New("it has no version"))); said == "" || strings.Contains(said, "no version") {
			t.Errorf("the program speaks in its own words: %s", said)
		}
	}
}
