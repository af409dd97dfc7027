package clinic

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func goodDoctor() Doctor {
	return Doctor{
		FamilyName: " 髙﨑 ", GivenName: "花", FamilyKana: "たかさき", GivenKana: "ﾊﾅ", NameEn: "Hana  Takasaki", Sex: Female,
		Career: "2008年 架空医科大学 卒業\r\n\r\n 2010年　架空病院 \n", Societies: "架空学会 専門医",
	}
}

func TestCheckDoctor(t *testing.T) {
	d, errs := CheckDoctor(goodDoctor())
	if len(errs) > 0 || d.FamilyName != "髙﨑" || d.Kana() != "タカサキ ハナ" || d.Career != "2008年 架空医科大学 卒業\n2010年 架空病院" {
		t.Errorf("got %+v, %v", d, errs)
	}
	if d.Name("ja") != "髙﨑 花" || d.Name("en") != "Hana Takasaki" || (Doctor{FamilyName: "見本", GivenName: "守"}).Name("en") != "見本 守" {
		t.Errorf("names %q, %q", d.Name("ja"), d.Name("en"))
	}
	if got := d.CareerLines("en"); !slices.Equal(got, []string{"2008年 架空医科大学 卒業", "2010年 架空病院"}) {
		t.Errorf("without English, the career reads %q", got)
	}
	if got := d.SocietyLines("ja"); !slices.Equal(got, []string{"架空学会 専門医"}) || (Doctor{}).SocietyLines("ja") != nil {
		t.Errorf("societies %q", got)
	}
	for want, spoil := range map[string]func(*Doctor){
		"family_name: error.name.empty":   func(d *Doctor) { d.FamilyName = "" },
		"given_name: error.name.letters":  func(d *Doctor) { d.GivenName = "花2" },
		"family_kana: error.kana.letters": func(d *Doctor) { d.FamilyKana = "高崎" },
		"given_kana: error.kana.empty":    func(d *Doctor) { d.GivenKana = " " },
		"name_en: error.title":            func(d *Doctor) { d.NameEn = "・・・" },
		"name_en: error.long":             func(d *Doctor) { d.NameEn = strings.Repeat("a", 81) },
		"sex: error.choose":               func(d *Doctor) { d.Sex = NoSex },
		"career: error.long":              func(d *Doctor) { d.Career = strings.Repeat("字", 2001) },
		"career_en: error.control":        func(d *Doctor) { d.CareerEn = "a\x00b" },
		"societies: error.sign":           func(d *Doctor) { d.Societies = "a\u202eb" },
		"societies_en: error.long":        func(d *Doctor) { d.SocietiesEn = strings.Repeat("a", 2001) },
	} {
		d := goodDoctor()
		spoil(&d)
		if _, errs := CheckDoctor(d); errs.Error() != "invalid: "+want {
			t.Errorf("got %v, want %s", errs, want)
		}
	}
}

// What was accepted is accepted again and stays as it is.
func TestCheckDoctor_IsSettled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := goodDoctor()
		d.GivenName = rapid.StringMatching(`[ 　]?[花守﨑a-zé々ー]{0,5}`).Draw(t, "name")
		d.GivenKana = rapid.StringOf(rapid.SampledFrom([]rune("ハぱﾊﾟﾞ゛ー－ ・"))).Draw(t, "kana")
		d.Career = rapid.StringOf(rapid.SampledFrom([]rune("経歴a \r\n\t　"))).Draw(t, "career")
		once, errs := CheckDoctor(d)
		if len(errs) > 0 {
			return
		}
		if again, errs := CheckDoctor(once); len(errs) > 0 || again != once {
			t.Fatalf("%+v became %+v, %v", once, again, errs)
		}
	})
}
