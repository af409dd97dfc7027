package clinic

import (
	"testing"
	"time"
)

var callDay = Date{2026, time.November, 27}

func TestNewCaller_NameAndPhoneAreEnough(t *testing.T) {
	p, errs := NewCaller(CallerInput{Kana: " しけん　はなこ ", Phone: "０９０－００００－０００１"}, callDay)
	if len(errs) > 0 || p.Kana() != "シケン ハナコ" || p.Name() != "シケン ハナコ" || p.Phone != "09000000001" || p.Email != "" || !p.Birth.IsZero() || p.Sex != NoSex {
		t.Errorf("got %+v, %v", p, errs)
	}
	one, errs := NewCaller(CallerInput{Kana: "シケンハナコ", Phone: "0300000001"}, callDay)
	if len(errs) > 0 || one.FamilyKana != "シケンハナコ" || one.GivenName != "" {
		t.Errorf("in one word: %+v, %v", one, errs)
	}
	latin, errs := NewCaller(CallerInput{Kana: "Smith Mary Jane", Phone: "0300000001"}, callDay)
	if len(errs) > 0 || latin.Name() != "Smith Mary Jane" || latin.Kana() != "" {
		t.Errorf("in Latin letters: %+v, %v", latin, errs)
	}
	whole, errs := NewCaller(CallerInput{Kana: "シケン ハナコ", Name: "試験　花子", Phone: "0300000001", Email: "a@example.jp", Birth: "S63.5.12"}, callDay)
	if len(errs) > 0 || whole.Name() != "試験 花子" || whole.Birth != (Date{1988, 5, 12}) || whole.Email != "a@example.jp" {
		t.Errorf("in full: %+v, %v", whole, errs)
	}
	child, errs := NewCaller(CallerInput{Kana: "シケン ハナコ", Phone: "0300000001", Birth: "2015/1/1"}, callDay)
	if len(errs) > 0 || child.Birth.Age(callDay) != 11 {
		t.Errorf("a child, of whom a guardian speaks: %+v, %v", child, errs)
	}
}

func TestNewCaller_NamesWhatIsWrong(t *testing.T) {
	for field, in := range map[string]CallerInput{
		"kana":  {Kana: "試験", Phone: "0300000001"},
		"phone": {Kana: "シケン", Phone: "03-000"},
		"email": {Kana: "シケン", Phone: "0300000001", Email: "who?"},
		"name":  {Kana: "シケン ハナコ", Name: "試験花子", Phone: "0300000001"},
		"birth": {Kana: "シケン", Phone: "0300000001", Birth: "2027/1/1"},
	} {
		if _, errs := NewCaller(in, callDay); len(errs) != 1 || errs[0].Field != field {
			t.Errorf("%s: %v", field, errs)
		}
	}
	if _, errs := NewCaller(CallerInput{}, callDay); errs.For("kana") == nil || errs.For("phone") == nil || len(errs) != 2 {
		t.Errorf("nothing typed: %v", errs)
	}
}

// What the form of a call shows of a patient, sent back as it stands, changes nothing of them.
func TestKnown_UntouchedChangesNothing(t *testing.T) {
	for _, p := range []Patient{
		{ID: "1", FamilyName: "試験", GivenName: "花子", FamilyKana: "シケン", GivenKana: "ハナコ", Birth: Date{1988, 5, 12}, Sex: Female, Phone: "09000000001", Email: "a@example.jp"},
		{ID: "2", FamilyName: "Smith", GivenName: "Mary", Sex: NoSex, Phone: "+821012345678"},
		{ID: "3", FamilyName: "シケン", GivenName: "ハナコ", FamilyKana: "シケン", GivenKana: "ハナコ", Sex: NoSex, Phone: "0300000001"},
		{ID: "4", FamilyName: "デラクルス", GivenName: "Ana", FamilyKana: "デラクルス", Sex: Female, Phone: "0300000001"},
	} {
		typed, errs := NewCaller(p.Caller(), callDay)
		if got := p.Known(typed); len(errs) > 0 || got != p {
			t.Errorf("%+v\nbecame\n%+v, %v", p, got, errs)
		}
	}
}

func TestParseBirthText(t *testing.T) {
	for typed, want := range map[string]Date{
		"1988/5/12": {1988, 5, 12}, "昭和63年5月12日": {1988, 5, 12}, "S63.5.12": {1988, 5, 12}, "s63-5-12": {1988, 5, 12}, "19880512": {1988, 5, 12}, "１９８８年５月１２日": {1988, 5, 12},
		"平成元年1月8日": {1989, 1, 8}, "H010108": {1989, 1, 8}, "令和 2 年 1 月 3 日": {},
	} {
		got, problem := ParseBirthText(typed)
		if got != want || (problem == "") == want.IsZero() {
			t.Errorf("%q is %v, %q", typed, got, problem)
		}
	}
}

func TestSpelled(t *testing.T) {
	if got := Spelled("M7K-4Q2P"); got != [2]string{"M 7 K", "4 Q 2 P"} {
		t.Errorf("got %q", got)
	}
}
