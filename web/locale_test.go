package web_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// readTexts reads the locale files as they are: by language, then by key. A plural message counts as all its forms. A file
// LANG.AREA.json has the keys that begin with its area, and of two areas the longer one has them.
func readTexts(t *testing.T) map[string]map[string]string {
	t.Helper()
	files, err := filepath.Glob("locales/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no locale files", err)
	}
	texts := map[string]map[string]string{"ja": {}, "en": {}}
	areas := map[string]bool{}
	for _, file := range files {
		_, area := languageAndArea(file)
		areas[area] = true
	}
	for _, file := range files {
		lang, area := languageAndArea(file)
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var messages map[string]any
		if err := json.Unmarshal(content, &messages); err != nil {
			t.Fatal(file, err)
		}
		for key, message := range messages {
			if own := areaOf(key, areas); own != area {
				t.Errorf("%s: the key %s belongs into the file of %q", file, key, own)
			}
			switch m := message.(type) {
			case string:
				texts[lang][key] = m
			case map[string]any:
				for _, form := range m {
					text, ok := form.(string)
					if !ok {
						t.Errorf("%s: %s: a form is no text", file, key)
					}
					texts[lang][key] += text + "\n"
				}
			}
		}
	}
	return texts
}

// languageAndArea are what the name of a locale file says: ja and patient.home of locales/ja.patient.home.json.
func languageAndArea(file string) (lang, area string) {
	lang, area, _ = strings.Cut(strings.TrimSuffix(filepath.Base(file), ".json"), ".")
	return lang, area
}

// areaOf is the longest of the areas that a key begins with.
func areaOf(key string, areas map[string]bool) string {
	area := key
	for !areas[area] && area != "" {
		area = area[:max(strings.LastIndexByte(area, '.'), 0)]
	}
	return area
}

// TestTextsStandWithTheirPage: whoever reads a page or a letter finds its texts by its name, so a file of texts below an
// area belongs to a source of that name.
func TestTextsStandWithTheirPage(t *testing.T) {
	files, err := filepath.Glob("locales/*.*.*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no texts of single pages", err)
	}
	for _, file := range files {
		_, area := languageAndArea(file)
		folder, page, _ := strings.Cut(area, ".")
		sources, err := filepath.Glob(filepath.Join(folder, page+".*"))
		if err != nil || len(sources) == 0 {
			t.Errorf("%s: there is no page or letter web/%s/%s", file, folder, page)
		}
	}
}

var argument = regexp.MustCompile(`\.[A-Z]\w*`)

func arguments(text string) []string {
	found := argument.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestLanguagesSayTheSame(t *testing.T) {
	texts := readTexts(t)
	ja, en := slices.Sorted(maps.Keys(texts["ja"])), slices.Sorted(maps.Keys(texts["en"]))
	if !slices.Equal(ja, en) {
		for _, key := range append(ja, en...) {
			if _, ok := texts["ja"][key]; !ok {
				t.Errorf("%s is missing in Japanese", key)
			}
			if _, ok := texts["en"][key]; !ok {
				t.Errorf("%s is missing in English", key)
			}
		}
	}
	for _, key := range ja {
		if a, b := arguments(texts["ja"][key]), arguments(texts["en"][key]); !slices.Equal(a, b) {
			t.Errorf("%s names %v in Japanese and %v in English", key, a, b)
		}
		if strings.ContainsFunc(texts["en"][key], func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }) {
			t.Errorf("%s has Japanese letters in its English text", key)
		}
	}
}

// TestTextsPromiseNothing keeps out what medical advertising must not say, and out of letters, which others may see on a
// locked screen, every word about treatments and every one that sells.
func TestTextsPromiseNothing(t *testing.T) {
	promises := []string{"必ず", "確実", "絶対", "No.1", "今なら", "OFF", "guarantee", "best "}
	sells := []string{"痩", "ダイエット", "脂肪", "美容", "キャンペーン", "割引", "限定", "slim", "diet", "weight", "discount", "campaign"}
	for lang, texts := range readTexts(t) {
		for key, text := range texts {
			for _, word := range promises {
				// Staff read by examples what their letters must not say.
				if strings.Contains(text, word) && !strings.HasPrefix(key, "office.wording.rules.") {
					t.Errorf("%s %s says %q: %s", lang, key, word, text)
				}
			}
			for _, word := range sells {
				if strings.HasPrefix(key, "letter.") && strings.Contains(strings.ToLower(text), word) {
					t.Errorf("%s %s says %q: %s", lang, key, word, text)
				}
			}
		}
	}
}

// TestKeysAreUsedAndExist reads every source that can name a key. Keys are written as whole literals, so that this test,
// and whoever looks for a sentence, finds them.
func TestKeysAreUsedAndExist(t *testing.T) {
	texts := readTexts(t)["ja"]
	areas := map[string]bool{}
	for key := range texts {
		area, _, _ := strings.Cut(key, ".")
		areas[area] = true
	}
	used := usedKeys(t, slices.Sorted(maps.Keys(areas)))
	for key, file := range used {
		if _, ok := texts[key]; !ok {
			t.Errorf("%s: the text %s does not exist", file, key)
		}
	}
	for key := range texts {
		// Whether a rule still gives an error is the business of the rule's own tests; the words have a test of their own.
		if _, ok := used[key]; !ok && !strings.HasPrefix(key, "error.") && !strings.HasPrefix(key, "word.") {
			t.Errorf("nobody uses the text %s", key)
		}
	}
}

// usedKeys are the keys of the given areas that stand in the sources, with one file that has them.
func usedKeys(t *testing.T, areas []string) map[string]string {
	t.Helper()
	literal := regexp.MustCompile(`"((?:` + strings.Join(areas, "|") + `)\.[a-z0-9_.]*[a-z0-9])"`)
	used := map[string]string{}
	eachSource(t, func(path, content string) {
		for _, match := range literal.FindAllStringSubmatch(content, -1) {
			used[match[1]] = path
		}
	})
	return used
}

// eachSource reads every file of the project that can name a text, tests and the packages for tests aside.
func eachSource(t *testing.T, read func(path, content string)) {
	t.Helper()
	files := 0
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "dist" || strings.HasSuffix(entry.Name(), "test") || strings.HasPrefix(entry.Name(), ".") && path != "."):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".templ") && (!strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go")):
			return nil
		}
		content, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		files++
		read(path, string(content))
		return nil
	})
	if err != nil || files < 10 {
		t.Fatal("the sources were not read:", files, err)
	}
}

func TestLocale(t *testing.T) {
	ja, en := web.Find("ja"), web.Find("en")
	long := &clinic.Error{Message: "error.long", Args: map[string]string{"Max": "40"}}
	for _, tt := range []struct{ got, want string }{
		{ja.Lang(), "ja"},
		{en.Lang(), "en"},
		{web.Find("fr").Lang(), "ja"},
		{web.Locale{}.T("ui.language"), "日本語"},
		{en.T("ui.language"), "English"},
		{ja.Sentence(nil), ""},
		{ja.Sentence(&clinic.Error{Message: "error.choose"}), "選択してください。"},
		{ja.Sentence(long), "40文字以内で入力してください。"},
		{en.Sentence(long), "Please use at most 40 characters."},
		{ja.N("ui.wrongs", 1), "入力内容をご確認ください（1件）"},
		{en.N("ui.wrongs", 1), "Please check one answer"},
		{en.N("ui.wrongs", 2), "Please check 2 answers"},
		{ja.T("ui.no.such.text"), "ui.no.such.text"},
		{ja.T("ui.count.max", "Max", "<b>"), "<b>文字まで"}, // escaped where it is shown
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestContext(t *testing.T) {
	ctx := context.Background()
	if got := web.LocaleOf(ctx).T("ui.language") + web.PathOf(ctx) + web.ClinicOf(ctx).Name; got != "日本語/" {
		t.Errorf("without anything: %q", got)
	}
	ctx = web.WithClinic(web.WithPath(web.WithLocale(ctx, "en"), "/slots?branch=a"), clinic.Settings{Name: "見本クリニック", NameEn: "Mihon Clinic"})
	if got := web.LocaleOf(ctx).T("ui.language") + web.PathOf(ctx) + web.ClinicOf(ctx).Name; got != "English/slots?branch=aMihon Clinic" {
		t.Errorf("with everything: %q", got)
	}
}

// TestPlainTextsAreQuick: a plain text must not go through a template, since a grid looks up hundreds.
func TestPlainTextsAreQuick(t *testing.T) {
	ja := web.Find("ja")
	if n := testing.AllocsPerRun(100, func() { ja.T("ui.footer.promise") }); n != 0 {
		t.Errorf("looking up a plain text allocates %v times", n)
	}
}
