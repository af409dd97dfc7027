package clinic

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestKatakana(t *testing.T) {
	for typed, want := range map[string]string{
		"しけん はなこ":        "シケン ハナコ",
		"ｼｹﾝ ﾊﾅｺ":        "シケン ハナコ",
		"ｶﾞｷﾞﾊﾟﾋﾟｳﾞ":     "ガギパピヴ",
		"か\u3099は\u309a": "ガパ", // as macOS file names and some keyboards compose them
		"ゔ":              "ヴ",
		"ﾞｱ":             "゛ア", // bears no mark; the check refuses it
		"ｱﾞ":             "ア゛",
		"らーめん":           "ラーメン",
		"ﾗｰﾒﾝ":           "ラーメン",
		"ラ―メン":           "ラーメン",
		"ラ-メン":           "ラーメン",
		"ら–めん":           "ラーメン",
		"ﾗ—ﾒﾝ":           "ラーメン",
		"ラ−メン":           "ラーメン",
		"ラ─メン":           "ラーメン",
		"ラ━メン":           "ラーメン",
		"ラ‑メン":           "ラーメン",
		"ラ‒メン":           "ラーメン",
		"ラ﹣メン":           "ラーメン",
		"ラ－－":            "ラーー",
		"-ラ a-b":         "-ラ a-b",
		"ｧｨｩｪｫｬｭｮｯ":      "ァィゥェォャュョッ",
		"ﾜｦﾝ･｡":          "ワヲン・。",
		"すゞ":             "スヾ",
		"髙﨑 abc":         "髙﨑 abc",
	} {
		if got := Katakana(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

func TestNarrow(t *testing.T) {
	for typed, want := range map[string]string{
		"０９０－１２３４":    "090-1234",
		"ａ＠ｂ．ｅｘａｍｐｌｅ": "a@b.example",
		"試験　花子":       "試験 花子",
		"髙﨑":          "髙﨑", // the kanji of a name are never folded
		"ｱ～！":         "ｱ~!",
	} {
		if got := Narrow(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

func TestCheckKana(t *testing.T) {
	for typed, want := range map[string]string{
		"しけん": "シケン", "ジャン＝ポール": "ジャン・ポール", "ジャン゠ポール": "ジャン・ポール", "マリー・アン": "マリー・アン", "まりー あん": "マリー アン", "イ": "イ", "ヨ—コ": "ヨーコ", "\u202dﾊﾅｺ\u202c": "ハナコ", "ハ\u00a0ナ": "ハ ナ",
		"ハナ\u3164": "ハナ", "す\u200bゞ": "スヾ",
		"・・・・": "error.kana.letters", "ーーー": "error.kana.letters", "ー": "error.kana.letters", "ヽ": "error.kana.letters", "・ハナコ": "error.kana.letters", "ハナコ・": "error.kana.letters", "ハ・・ナ": "error.kana.letters",
		"-": "error.kana.letters", "ーハナコ": "error.kana.letters", "ハナ ー": "error.kana.letters", "゛": "error.kana.letters", "ハナコ1": "error.kana.letters", "Hanako": "error.kana.letters",
		"\u3164": "error.kana.empty", "": "error.kana.empty", "ハ\u202eナ": "error.sign", "ハ\nナ": "error.sign", "ハ\u0301\u0301": "error.kana.letters",
	} {
		got := readKana(typed)
		if errs := checkKana(nil, "family_kana", got); len(errs) > 0 {
			got = errs[0].Message
		}
		if got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

func TestTidyText(t *testing.T) {
	for typed, want := range map[string]string{
		"　一行目\r\n二行目\r三行目\t": "一行目\n二行目\n三行目", "一\v二\f三\u0085四\u2028五\u2029六": "一\n二\n三\n四\n五\n六", "\u202d090\u202c\u00a0です\ufffc": "090 です",
		"家族👩‍👧と": "家族👩‍👧と", "葛\U000e0100飾": "葛\U000e0100飾", "a\tb": "a\tb", "\u200b": "", "\u2028": "", "見え\u202eない": "見え\u202eない",
	} {
		got := TidyText(typed)
		if got != want || TidyText(got) != got {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

// Every dash that Unicode knows becomes ー between kana, and none is left.
func TestKatakana_EveryDash(t *testing.T) {
	n := 0
	for r := rune('!'); r < 0x20000; r++ {
		if !isDash(r) {
			continue
		}
		n++
		if got := Katakana("ら" + string(r) + "メン"); got != "ラーメン" {
			t.Errorf("%U: %s", r, got)
		}
	}
	if n < 25 {
		t.Errorf("only %d dashes", n)
	}
}

func TestHasControl(t *testing.T) {
	for _, s := range []string{"\x00", "\r\n", "\n", "\t", "\x7f", "\u0085", "\u2028", "\u2029", "\u202e", "\u2066", "\u200f", "\ufeff", "\xff", "a\xc3"} {
		if !HasControl("試験" + s + "花子") {
			t.Errorf("%q is let through", s)
		}
	}
	for _, s := range []string{"", "試験 花子", "葛\U000e0100飾", "👩‍⚕️", "Ｏ’Ｂrien-Zoë"} {
		if HasControl(s) {
			t.Errorf("%q is refused", s)
		}
	}
}

func FuzzKana(f *testing.F) {
	for _, s := range []string{"しけん", "ｼｹﾝ ﾊﾅｺ", "ｶﾞｷﾞﾊﾟ", "か\u3099", "ﾞ", "０９０", "髙﨑", "\xff\xfe", "う゛ー―‐", "　 \t\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, tidy := range map[string]func(string) string{"Katakana": Katakana, "Narrow": Narrow, "Tidy": Tidy} {
			once := tidy(s)
			if twice := tidy(once); twice != once {
				t.Fatalf("%s(%q) is %q, and again %q", name, s, once, twice)
			}
			if utf8.ValidString(s) && !utf8.ValidString(once) {
				t.Fatalf("%s(%q) is no UTF-8", name, s)
			}
		}
		kana := Katakana(s)
		if strings.ContainsFunc(kana, func(r rune) bool { return r >= 'ぁ' && r <= 'ゖ' || r >= '｡' && r <= 'ﾟ' }) {
			t.Fatalf("%q still has other kana: %q", s, kana)
		}
		if utf8.RuneCountInString(kana) > utf8.RuneCountInString(s) {
			t.Fatalf("%q has grown to %q", s, kana)
		}
		if han := func(r rune) rune {
			if unicode.Is(unicode.Han, r) {
				return r
			}
			return -1
		}; strings.Map(han, s) != strings.Map(han, Narrow(Katakana(s))) {
			t.Fatalf("%q: a kanji was changed", s)
		}
		if line := Tidy(s); strings.TrimSpace(line) != line || strings.ContainsAny(line, "\t\u00a0\u200b\u202d\ufffc") || strings.Contains(line, "  ") {
			t.Fatalf("%q is untidy: %q", s, line)
		}
	})
}

func TestOneSpelling(t *testing.T) {
	for _, same := range [][]string{
		{"オオノ", "オーノ", "ヲヲノ"},
		{"コウイチ", "コーイチ"},
		{"ユウキ", "ユーキ"},
		{"ケイコ", "ケーコ"},
		{"リイ", "リー"},
		{"サアヤ", "サーヤ"},
		{"キクチ", "キクチ"},
		{"シオガマ", "シヲガマ"},
		{"チズル", "チヅル"},
		{"イイヅカ", "イヽズカ", "ヰイヅカ"},
		{"ミスズ", "ミスヾ"},
		{"イチヂ", "イチジ"},
		{"ジュンノスケ", "ヂュンノスケ"},
		{"セキガハラ"},
		{"一ケ谷", "一ヶ谷"},
		{"葛城", "葛\U000e0100城", "葛\ufe00城"},
		{"高橋", "髙橋"},
		{"山崎", "山﨑"},
		{"佐々木", "佐佐木"},
	} {
		for _, spelling := range same {
			if OneSpelling(spelling) != OneSpelling(same[0]) {
				t.Errorf("%s is %s, and %s is %s", spelling, OneSpelling(spelling), same[0], OneSpelling(same[0]))
			}
		}
	}
	for _, differ := range [][2]string{{"オノ", "オオノ"}, {"ユキ", "ユウキ"}, {"コイチ", "コウイチ"}, {"ケコ", "ケイコ"}, {"カンナ", "ガンナ"}, {"シュン", "シウン"}} {
		if OneSpelling(differ[0]) == OneSpelling(differ[1]) {
			t.Errorf("%s and %s are one", differ[0], differ[1])
		}
	}
}

// A name is found by its beginning, so that of a name in one spelling is the one spelling of its beginning; and that is settled.
func TestOneSpelling_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SliceOf(rapid.SampledFrom([]rune("アイウエオカガケコオソノユヨリヽヾーヶヵヰヱヲヂヅッン々髙高﨑崎佐a\ufe00\U000e0100"))).Draw(t, "name")
		name, n := string(letters), rapid.IntRange(0, len(letters)).Draw(t, "beginning")
		if !strings.HasPrefix(OneSpelling(name), OneSpelling(string(letters[:n]))) {
			t.Fatalf("%q is %q, and its beginning %q", name, OneSpelling(name), OneSpelling(string(letters[:n])))
		}
		once := OneSpelling(name)
		if first, _ := utf8.DecodeRuneInString(once); first != 'ー' && first != 'ヽ' && first != 'ヾ' && OneSpelling(once) != once {
			t.Fatalf("%q is %q and then %q", name, once, OneSpelling(once))
		}
	})
}
