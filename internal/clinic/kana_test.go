package clinic

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
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
		if line := Tidy(s); strings.TrimSpace(line) != line || strings.Contains(line, "  ") || HasControl(line) != HasControl(strings.TrimSpace(s)) {
			t.Fatalf("%q is untidy: %q", s, line)
		}
	})
}
