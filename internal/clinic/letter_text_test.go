package clinic

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCheckLetterText_RefusesAtTheField(t *testing.T) {
	for name, c := range map[string]struct {
		typed         LetterText
		field, reason string
		word          string
	}{
		"unknown placeholder":           {LetterText{Lead: "{{体重}}のご記入を"}, "lead", "error.letter.place", "{{体重}}"},
		"health answer":                 {LetterText{Note: "{{answers}}"}, "note", "error.letter.place", "{{answers}}"},
		"name in the subject":           {LetterText{Subject: "{{氏名}} 様"}, "subject", "error.letter.place.here", "{{氏名}}"},
		"braces that are left open":     {LetterText{Lead: "{{氏名 様"}, "lead", "error.letter.braces", ""},
		"braces that were never opened": {LetterText{Lead: "氏名}} 様"}, "lead", "error.letter.braces", ""},
		"braces in braces":              {LetterText{Lead: "{{ {{氏名}} }}"}, "lead", "error.letter.braces", ""},
		"link":                          {LetterText{Lead: "https://example.com へ"}, "lead", "error.letter.address", ""},
		"wide link":                     {LetterText{Lead: "ｈｔｔｐｓ：／／ｅｘａｍｐｌｅ．ｃｏｍ"}, "lead", "error.letter.address", ""},
		"domain":                        {LetterText{Note: "example.co.jpをご覧ください"}, "note", "error.letter.address", ""},
		"big domain":                    {LetterText{Note: "EXAMPLE.COM"}, "note", "error.letter.address", ""},
		"mail address":                  {LetterText{Note: "info@example.jp まで"}, "note", "error.letter.address", ""},
		"too long a subject":            {LetterText{Subject: strings.Repeat("予", MaxLetterSubject+1)}, "subject", "error.long", ""},
		"too long a note":               {LetterText{Note: strings.Repeat("予", MaxLetterNote+1)}, "note", "error.long", ""},
		"line in the subject":           {LetterText{Subject: "予約\r\nBcc: all@example.jp"}, "subject", "error.sign", ""},
		"direction sign":                {LetterText{Lead: "予約\u202e"}, "lead", "error.sign", ""},
		"zero byte":                     {LetterText{Lead: "予約\x00"}, "lead", "error.control", ""},
		"advertising":                   {LetterText{Note: "今だけ半額です"}, "note", "error.letter.ad.price", "今だけ"},
	} {
		got, errs := CheckLetterText(Confirmation, "ja", c.typed, LetterText{})
		if !slices.ContainsFunc(errs, func(e *Error) bool {
			return e.Field == c.field && e.Message == c.reason && e.Code == Invalid && (c.word == "" || e.Args["Word"] == c.word)
		}) {
			t.Errorf("%s: %v", name, errs)
		}
		if got == (LetterText{}) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	if _, errs := CheckLetterText(Decline, "ja", LetterText{Lead: "{{医師}}"}, LetterText{}); len(errs) != 1 || errs[0].Message != "error.letter.place.here" {
		t.Errorf("the doctor of a request that was declined: %v", errs)
	}
	for _, kind := range StaffKinds {
		if _, errs := CheckLetterText(kind, "ja", LetterText{}, LetterText{}); CodeOf(errs.Err()) != NotFound {
			t.Errorf("letters of the kind %s to staff are worded: %v", kind, errs)
		}
	}
}

func TestCheckLetterText_TakesWhatPeopleType(t *testing.T) {
	typed := LetterText{
		Subject: " ｛｛院名｝｝ {{ time }} のご予約 ", Lead: "{{氏名}} 様\r\n\r\nDr.Smith が a.m. 10:00 に。\r\n", Note: "駐車場は{ビル}の裏です。{{TIME}}",
	}
	got, errs := CheckLetterText(Confirmation, "ja", typed, LetterText{Lead: "delivered"})
	want := LetterText{Subject: "{{院名}} {{日時}} のご予約", Lead: "{{氏名}} 様\nDr.Smith が a.m. 10:00 に。", Note: "駐車場は{ビル}の裏です。{{日時}}"}
	if len(errs) > 0 || got != want {
		t.Errorf("%v\n%q\n%q", errs, got, want)
	}
	if got, errs := CheckLetterText(Confirmation, "ja", want, want); len(errs) > 0 || got != (LetterText{Note: want.Note}) {
		t.Errorf("what is as delivered is stored: %q %v", got, errs)
	}
}

// TestFill_LeavesNoPlaceOpen: of whatever is saved, no placeholder is left in a letter, and a value is never read for placeholders.
func TestFill_LeavesNoPlaceOpen(t *testing.T) {
	values := map[Placeholder]string{
		PlaceName: "見本 花子", PlaceTime: "11/24(火) 14:00", PlaceBranch: "見本クリニック 中央院", PlaceDoctor: "見本 守", PlaceNumber: "M7K-4Q2P", PlacePhone: "03-0000-0000",
	}
	pieces := []string{"{{", "}}", "｛｛", "｝｝", "{", "}", "氏名", "日時", "name", " NAME ", "医師", "体重", "ご案内", " ", "\n", "{{氏名}}", "{{ time }}", "{{予約番号}}", "｛｛電話｝｝"}
	saved := 0
	rapid.Check(t, func(t *rapid.T) {
		kind, lang := rapid.SampledFrom(LetterKinds).Draw(t, "kind"), rapid.SampledFrom([]string{"ja", "en"}).Draw(t, "lang")
		draw := func(name string) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6).Draw(t, name), "")
		}
		text, errs := CheckLetterText(kind, lang, LetterText{draw("subject"), draw("lead"), draw("note")}, LetterText{})
		if len(errs) > 0 {
			return
		}
		saved++
		for field, s := range text.fields() {
			for _, m := range placeMark.FindAllStringSubmatch(s, -1) {
				if p, ok := FindPlaceholder(m[1]); !ok || !slices.Contains(kind.Placeholders(), p) || m[0] != p.In(lang) {
					t.Fatalf("%s: %q is saved", field, s)
				}
			}
			if filled := Fill(s, values); braces.MatchString(filled) {
				t.Fatalf("%s: %q becomes %q", field, s, filled)
			}
		}
		if again, errs := CheckLetterText(kind, lang, text, LetterText{}); len(errs) > 0 || again != text {
			t.Fatalf("%q saved once more becomes %q: %v", text, again, errs)
		}
	})
	if saved == 0 {
		t.Error("nothing was saved")
	}
	if got := Fill("{{氏名}}", map[Placeholder]string{PlaceName: "{{電話}}", PlacePhone: "x"}); got != "{{電話}}" {
		t.Errorf("a value was read for placeholders: %q", got)
	}
}

func FuzzCheckLetterText(f *testing.F) {
	for _, s := range []string{"{{氏名}} 様", "｛｛ name ｝｝", "{{{氏名}}}", "{{", "}}{{", "{{\n}}", "\xff{{氏名}}", "{{{{}}}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, errs := CheckLetterText(Reminder, "ja", LetterText{Lead: s, Note: s}, LetterText{})
		if len(errs) == 0 && (braces.MatchString(Fill(got.Lead, nil)) || braces.MatchString(Fill(got.Note, nil))) {
			t.Errorf("%q is saved as %q and leaves a place open", s, got)
		}
	})
}
