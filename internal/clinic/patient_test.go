package clinic

import (
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"
)

// typed is a patient's form with nothing wrong in it.
func typed() PatientInput {
	return PatientInput{
		FamilyName: "試験", GivenName: "花子", FamilyKana: "しけん", GivenKana: "ﾊﾅｺ", BirthYear: "平成2", BirthMonth: "４", BirthDay: "1日",
		Sex: "f", Phone: "０９０-0000-0000", Email: "hanako@example.jp",
	}
}

var today = Date{2026, 11, 24}

func TestNewPatient(t *testing.T) {
	p, errs := NewPatient(typed(), today)
	want := Patient{
		FamilyName: "試験", GivenName: "花子", FamilyKana: "シケン", GivenKana: "ハナコ", Birth: Date{1990, 4, 1},
		Sex: Female, Phone: "09000000000", Email: "hanako@example.jp",
	}
	if len(errs) > 0 || p != want {
		t.Errorf("%+v %v", p, errs)
	}
	for _, name := range []string{"髙﨑", "葛\U000e0100飾", "Ｏ'Brien", "Zoë Anne-Marie", "佐々木", "一ノ関", "〇", "〇田", "ヶ原", "マリー・アン"} {
		in := typed()
		in.FamilyName = name
		if p, errs := NewPatient(in, today); len(errs) > 0 || p.FamilyName != name {
			t.Errorf("%s: %q %v", name, p.FamilyName, errs)
		}
	}
}

func TestNewPatient_NamesTheWrongField(t *testing.T) {
	long := strings.Repeat("あ", MaxName/2+1)
	for _, c := range []struct {
		spoil func(*PatientInput)
		want  string
	}{
		{func(in *PatientInput) { in.FamilyName = " 　" }, "family_name: error.name.empty"},
		{func(in *PatientInput) { in.FamilyName = long }, "family_name: error.long"},
		{func(in *PatientInput) { in.GivenName = "花子2" }, "given_name: error.name.letters"},
		{func(in *PatientInput) { in.GivenName = "・" }, "given_name: error.name.letters"},
		{func(in *PatientInput) { in.GivenName = "http://x.example" }, "given_name: error.name.letters"},
		{func(in *PatientInput) { in.GivenName = "花\x00子" }, "given_name: error.control"},
		{func(in *PatientInput) { in.GivenName = "花\u202e子" }, "given_name: error.sign"},
		{func(in *PatientInput) { in.FamilyKana = "" }, "family_kana: error.kana.empty"},
		{func(in *PatientInput) { in.FamilyKana = "試験" }, "family_kana: error.kana.letters"},
		{func(in *PatientInput) { in.FamilyKana = "shiken" }, "family_kana: error.kana.letters"},
		{func(in *PatientInput) { in.GivenKana = long + long }, "given_kana: error.long"},
		{func(in *PatientInput) { in.GivenKana = "ハ\x1bナ" }, "given_kana: error.sign"},
		{func(in *PatientInput) { in.BirthDay = "31" }, "birth_date: error.birth.impossible"},
		{func(in *PatientInput) { in.BirthYear = "2026"; in.BirthMonth = "12" }, "birth_date: error.birth.future"},
		{func(in *PatientInput) { in.BirthYear = "1905" }, "birth_date: error.birth.old"},
		{func(in *PatientInput) { in.BirthYear = "2012" }, "birth_date: error.birth.young"},
		{func(in *PatientInput) { in.Sex = "" }, "sex: error.choose"},
		{func(in *PatientInput) { in.Sex = "x" }, "sex: error.choose"},
		{func(in *PatientInput) { in.Phone = "110" }, "phone: error.phone.length"},
		{func(in *PatientInput) { in.Email = "hanako" }, "email: error.email.form"},
	} {
		in := typed()
		c.spoil(&in)
		if _, errs := NewPatient(in, today); errs.Error() != "invalid: "+c.want {
			t.Errorf("%q, want %s", errs.Error(), c.want)
		}
	}
	if _, errs := NewPatient(PatientInput{}, today); len(errs) != 8 {
		t.Errorf("an empty form: %v", errs)
	}
}

func FuzzPatient(f *testing.F) {
	in := typed()
	f.Add(in.FamilyName, in.FamilyKana, in.Phone, in.Email)
	f.Add("髙﨑", "ｶﾞｷﾞ", "+81 (0)90-0000-0000", "a..b@example.jp")
	f.Add("a\r\nBcc: x", "ハ\u2028", "０３（００００）００００", "Ｈ＜h@example.jp＞")
	f.Add("\xff", "゛", "-ー−", "=?utf-8?q?a?=@example.jp")
	f.Fuzz(func(t *testing.T, name, kana, phone, email string) {
		in := typed()
		in.FamilyName, in.FamilyKana, in.Phone, in.Email = name, kana, phone, email
		p, errs := NewPatient(in, today)
		if len(errs) == 0 {
			checkPatient(t, p)
			// What is stored, typed again, is what is stored.
			again := typed()
			again.FamilyName, again.FamilyKana, again.Phone, again.Email = p.FamilyName, p.FamilyKana, p.Phone, p.Email
			if q, errs := NewPatient(again, today); len(errs) > 0 || q != p {
				t.Fatalf("%+v becomes %+v: %v", p, q, errs)
			}
			if digits, problem := ParsePhone(FormatPhone(p.Phone)); digits != p.Phone {
				t.Fatalf("%s is written %s: %s", p.Phone, FormatPhone(p.Phone), problem)
			}
		}
		for _, e := range errs {
			if !strings.HasPrefix(e.Message, "error.") || e.Code != Invalid || e.Field == "" {
				t.Fatalf("%+v", e)
			}
		}
	})
}

// checkPatient holds a patient to what letters, search and pages rely on.
func checkPatient(t *testing.T, p Patient) {
	t.Helper()
	for _, s := range []string{p.FamilyName, p.FamilyKana, p.Phone, p.Email} {
		if s == "" || HasControl(s) || Tidy(s) != s || strings.ContainsAny(s, "<>\"\\:") {
			t.Fatalf("%q is stored", s)
		}
	}
	if utf8.RuneCountInString(p.FamilyName) > MaxName || strings.ContainsAny(p.FamilyName, "0123456789/@") {
		t.Fatalf("name %q", p.FamilyName)
	}
	if strings.ContainsFunc(p.FamilyKana, func(r rune) bool { return !isKatakana(r) && r != ' ' }) {
		t.Fatalf("kana %q", p.FamilyKana)
	}
	checkPhone(t, p.Phone)
	list, err := mail.ParseAddressList(QuotedEmail(p.Email))
	if err != nil || len(list) != 1 || list[0].Address != p.Email || len(p.Email) > MaxEmail {
		t.Fatalf("mail %q: %v", p.Email, err)
	}
}
