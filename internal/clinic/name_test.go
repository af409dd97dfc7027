package clinic

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestReadName(t *testing.T) {
	for typed, want := range map[string]string{
		"髙﨑": "髙﨑", "葛\U000e0100飾": "葛\U000e0100飾", "Ｏ'Brien": "Ｏ'Brien", "Zoë Anne-Marie": "Zoë Anne-Marie", "佐々木": "佐々木", "一ノ関": "一ノ関", "ヶ原": "ヶ原",
		"マリー・アン": "マリー・アン", "ジャン＝ポール": "ジャン＝ポール", "ジャン゠ポール": "ジャン゠ポール", "Jean=Paul": "Jean=Paul", "아버지": "아버지", "约翰·史密斯": "约翰·史密斯",
		"St. John": "St. John", "J.R.R. Tolkien": "J.R.R. Tolkien", "Ｓｔ．John": "Ｓｔ.John", "Anna Maria  Luisa": "Anna Maria Luisa", "J.-P.": "J.-P.", "Sammy Davis Jr.": "Sammy Davis Jr.",
		"'t Hooft": "'t Hooft", "’t Hart": "’t Hart", "ʻAkau": "ʻAkau", "O`Neill": "O'Neill", "D´Arc": "D'Arc", "Nguyễn Thị": "Nguyễn Thị", "Nguye\u0302\u0303n": "Nguye\u0302\u0303n",
		"กุ้ง": "กุ้ง", "क्षेत्री": "क्षेत्री", "Мария": "Мария", "محمد": "محمد", "ヨ―コ": "ヨーコ", "ヨ─コ": "ヨーコ", "ようこ－": "ようこー", "アン-マリー": "アン-マリー", "Anne—Marie": "Anne-Marie",

		// What comes along from elsewhere goes.
		"\u202d試験\u202c": "試験", "試\u200b験\ufeff": "試験", "試験\u00a0花": "試験 花", "試験\t花": "試験 花", "花\u3164子": "花子", "\ufffc花子\u2028": "花子", "soft\u00adhyphen": "softhyphen",
		"\u115f花\uffa0": "花", "م\u200cح": "مح",
	} {
		got := readName(typed)
		if errs := checkName(nil, "family_name", got); got != want && want != "" || len(errs) > 0 && typed != "Ｓｔ．John" {
			t.Errorf("%q: %q %v, want %q", typed, got, errs, want)
		}
	}
}

func TestCheckName_Refuses(t *testing.T) {
	for typed, want := range map[string]string{
		// Blank to look at.
		"": "error.name.empty", "　": "error.name.empty", "\u3164": "error.name.empty", "\uffa0\u115f\u1160": "error.name.empty", "\u200b\u2060": "error.name.empty", "\ufffc": "error.name.empty",
		"\u2800": "error.name.letters", "ーー": "error.name.letters", "・・・・": "error.name.letters", "々々": "error.name.letters", "''": "error.name.letters", "...": "error.name.letters", "ʼʼ": "error.name.letters",
		"\u0301a": "error.name.letters", "\ufe0f": "error.name.letters", "\U000e0100": "error.name.letters",
		// Floods.
		"Z\u0301\u0302\u0303a": "error.name.letters", "花\u0301\u0302\u0303": "error.name.letters", "ก" + strings.Repeat("\u0e49", 5): "error.name.letters", "a " + "\u0301": "error.name.letters",
		// Links and sentences.
		"evil.com": "error.name.letters", "www.evil.example": "error.name.letters", "t.co": "error.name.letters", "evil. com.": "", "a@b": "error.name.letters", "花子2": "error.name.letters",
		"http://x.example": "error.name.letters", "=cmd": "error.name.letters", "-a": "error.name.letters", "John, Jr": "error.name.letters", "花子！": "error.name.letters", "花子、電話": "error.name.letters", "👩": "error.name.letters",
		strings.Repeat("髙", 20): "", strings.Repeat("髙", 21): "error.long", strings.Repeat("ア", 21): "error.long", strings.Repeat("ｱ", 21): "error.long", strings.Repeat("김", 21): "error.long",
		strings.Repeat("a", 40): "", strings.Repeat("a", 41): "error.long", strings.Repeat("я", 41): "error.long", strings.Repeat("髙", 15) + strings.Repeat("a", 11): "error.long",
		"花\u202e子": "error.sign", "花\x00子": "error.control", "花\r\nBcc": "error.sign", "花\v子": "error.sign", "花\u2029子": "error.sign", "花\ufffd子": "error.control",
	} {
		got := ""
		if errs := checkName(nil, "family_name", readName(typed)); len(errs) > 0 {
			got = errs[0].Message
		}
		if got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
	}
	long := checkName(nil, "family_name", strings.Repeat("a", 41))[0]
	if long.Args["Max"] != "40" || checkName(nil, "family_name", strings.Repeat("髙", 21))[0].Args["Max"] != "20" {
		t.Errorf("%v", long.Args)
	}
}

// The sentence about a sign that nobody sees says which it is and where.
func TestBadSign(t *testing.T) {
	for s, want := range map[string][2]string{
		"花\u202e子": {"U+202E", "2"}, "\x01": {"U+0001", "1"}, "試験\n花子": {"U+000A", "3"}, "葛\U000e0100\x1b": {"U+001B", "3"}, "髙﨑\u2028 a": {"U+2028", "3"},
	} {
		problem := BadSign("family_name", s)
		if problem == nil || problem.Message != "error.sign" || problem.Args["Sign"] != want[0] || problem.Args["N"] != want[1] || problem.Field != "family_name" {
			t.Errorf("%q: %+v", s, problem)
		}
	}
	if problem := BadSignInText("request", "一行目\n二行目\t続き"); problem != nil {
		t.Error(problem)
	}
	if problem := BadSignInText("request", "一\n\u202e"); problem == nil || problem.Args["N"] != "3" {
		t.Error(problem)
	}
}

func TestFitForLetter(t *testing.T) {
	for name, want := range map[string]bool{
		"試験 花子": true, "Suharto": true, "St. John Anna Maria": true, strings.Repeat("髙", 20) + " " + strings.Repeat("花", 20): true, strings.Repeat("a", 40) + " " + strings.Repeat("b", 40): true,
		strings.Repeat("髙", 42): false, strings.Repeat("a", 82): false, "今すぐ evil.com": false, "": false, "花子\r\nBcc": false, "花子 https://x": false,
	} {
		if got := FitForLetter(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// Whatever two names pass, a letter may show them together.
func FuzzName(f *testing.F) {
	for _, s := range [][2]string{{"髙﨑", "花子"}, {"St. John", ""}, {"ジャン＝ポール", "Zoe\u0308"}, {"\u202devil.", "com"}, {"a.b", "c"}, {"'t", "’"}, {"กุ้ง", "م\u200cح"}, {"\u3164", "々"}, {"―ヨ―", "A\u0300\u0301\u0302"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, family, given string) {
		names := []string{readName(family), readName(given)}
		for _, name := range names {
			if again := readName(name); again != name {
				t.Fatalf("%q becomes %q", name, again)
			}
			if len(checkName(nil, "x", name)) > 0 {
				return
			}
			checkNameOf(t, name)
		}
		if full := fullName(names[0], names[1]); !FitForLetter(full) {
			t.Fatalf("no letter may show %q", full)
		}
	})
}

// checkNameOf holds a name that passed to what whoever reads a letter relies on.
func checkNameOf(t *testing.T, name string) {
	t.Helper()
	letters := 0
	for _, r := range name {
		if unicode.IsLetter(r) {
			letters++
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsDigit(r) || strings.ContainsRune("/\\@<>:;,!?\"&()[]", r) {
			t.Fatalf("%q holds %U", name, r)
		}
	}
	if letters == 0 || letters > MaxName || !utf8.ValidString(name) || Tidy(name) != name || HasControl(name) {
		t.Fatalf("name %q", name)
	}
	if i := strings.IndexByte(name, '.'); i >= 0 && strings.Contains(name, ".com") {
		t.Fatalf("%q is a link", name)
	}
}

func TestNewPatient_WhoeverIsNotJapanese(t *testing.T) {
	for _, c := range []struct {
		lang, family, given, familyKana, givenKana string
		want                                       string // name, then kana; or the errors
	}{
		{"en", "Smith", "John", "", "", "Smith John, "},
		{"en", "Suharto", "", "", "", "Suharto, "},
		{"en", "", "Suharto", "", "", "Suharto, "},
		{"en", "St. John", "Anna Maria", "", "", "St. John Anna Maria, "},
		{"en", "王", "小明", "", "", "王 小明, "},
		{"en", "王", "小明", "Wang", "Xiaoming", "王 小明, Wang Xiaoming"},
		{"en", "試験", "花子", "しけん", "はなこ", "試験 花子, シケン ハナコ"},
		{"en", "ジャン＝ポール", "", "", "", "ジャン＝ポール, ジャン・ポール"},
		{"en", "Smith", "John", "スミス", "", "Smith John, スミス"},
		{"en", "", "", "", "", "family_name: error.name.empty; given_name: error.name.empty"},
		{"en", "Smith", "John2", "", "", "given_name: error.name.letters"},
		{"en", "Smith", "John", "sm1th", "", "family_kana: error.name.letters"},
		{"en", "Smith", "John", "試験", "", "family_kana: error.kana.letters"},
		{"en", "", "", "シケン", "", "family_name: error.name.empty; given_name: error.name.empty"},
		{"ja", "Smith", "John", "", "", "Smith John, "},
		{"ja", "Smith", "John", "スミス", "ジョン", "Smith John, スミス ジョン"},
		{"ja", "Suharto", "", "", "", "Suharto, "},
		{"ja", "さくら", "ヨ—コ", "", "", "さくら ヨーコ, サクラ ヨーコ"},
		{"ja", "試験", "花子", "", "ハナコ", "family_kana: error.kana.empty"},
		{"ja", "試験", "花子", "Shiken", "ハナコ", "family_kana: error.kana.letters"},
		{"ja", "試験", "", "シケン", "", "given_name: error.name.empty; given_kana: error.kana.empty"},
		{"", "試験", "", "シケン", "ハナコ", "given_name: error.name.empty"},
		{"", "", "", "", "", "family_name: error.name.empty; given_name: error.name.empty; family_kana: error.kana.empty; given_kana: error.kana.empty"},
	} {
		in := typed()
		in.Lang, in.FamilyName, in.GivenName, in.FamilyKana, in.GivenKana = c.lang, c.family, c.given, c.familyKana, c.givenKana
		p, errs := NewPatient(in, today)
		got := strings.ReplaceAll(errs.Error(), "invalid: ", "")
		if len(errs) == 0 {
			got = p.Name() + ", " + p.Kana()
		}
		if got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// Two people without a reading in kana who were born on one day and share a telephone are two people.
func TestPatient_Identity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Patient{FamilyName: "Smith", GivenName: rapid.StringMatching("[A-Z][a-z]{1,8}").Draw(t, "a"), Phone: "09000000000", Birth: Date{1990, 4, 1}}
		b := a
		b.GivenName = rapid.StringMatching("[A-Z][a-z]{1,8}").Draw(t, "b")
		if (a.Identity() == b.Identity()) != (a.GivenName == b.GivenName) {
			t.Fatalf("%q and %q", a.Identity(), b.Identity())
		}
		a.FamilyKana, a.GivenKana, b.FamilyKana, b.GivenKana = "スミス", "アン", "スミス", "アン"
		if a.Identity() != b.Identity() || a.Identity() != "スミスアン\x001990-04-01\x0009000000000" { // as it is stored
			t.Fatalf("%q and %q", a.Identity(), b.Identity())
		}
		b.FamilyKana, b.FamilyName, b.GivenKana, b.GivenName = "", "SMITH", "", a.GivenName
		a.FamilyKana, a.GivenKana = "", ""
		if a.Identity() != b.Identity() {
			t.Fatalf("%q and %q", a.Identity(), b.Identity())
		}
	})
}
