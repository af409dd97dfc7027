package clinic

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCheckSettings(t *testing.T) {
	got, errs := CheckSettings(Settings{Name: " 見本　クリニック ", NameEn: "Mihon  Clinic ", Logo: Logo{Hash: "a"}})
	if len(errs) > 0 || got.Name != "見本 クリニック" || got.NameEn != "Mihon Clinic" || got.Logo.Hash != "a" {
		t.Errorf("%+v, %v", got, errs)
	}
	for want, spoil := range map[string]func(*Settings){
		"name: error.empty":         func(s *Settings) { s.Name = "　" },
		"name: error.long":          func(s *Settings) { s.Name = strings.Repeat("院", 41) },
		"name: error.title":         func(s *Settings) { s.Name = "\u2800" },
		"name: error.title ":        func(s *Settings) { s.Name = "ー\u3164" },
		"name_en: error.title":      func(s *Settings) { s.NameEn = "..." },
		"name: error.sign":          func(s *Settings) { s.Name = "見本\r\nBcc: a@example.jp" },
		"name_en: error.long":       func(s *Settings) { s.NameEn = strings.Repeat("a", 61) },
		"name_en: error.sign":       func(s *Settings) { s.NameEn = "a\u202eb" },
		"operator: error.long":      func(s *Settings) { s.Operator = strings.Repeat("院", 201) },
		"operator_en: error.long":   func(s *Settings) { s.OperatorEn = strings.Repeat("a", 201) },
		"address: error.control":    func(s *Settings) { s.Address = "見本県\x00" },
		"address_en: error.sign":    func(s *Settings) { s.AddressEn = "a\u2028b" },
		"contact: error.long":       func(s *Settings) { s.Contact = strings.Repeat("0", 201) },
		"contact_en: error.long":    func(s *Settings) { s.ContactEn = strings.Repeat("0", 201) },
		"processors: error.long":    func(s *Settings) { s.Processors = strings.Repeat("院\n", 1001) },
		"processors_en: error.sign": func(s *Settings) { s.ProcessorsEn = "a\u202eb" },
		"processors_en: error.long": func(s *Settings) { s.ProcessorsEn = strings.Repeat("a", 2001) },
	} {
		s := Settings{Name: "見本クリニック"}
		spoil(&s)
		if _, errs := CheckSettings(s); errs.Error() != "invalid: "+strings.TrimSpace(want) {
			t.Errorf("got %v, want %s", errs, want)
		}
	}
}

func TestSettings_MissingPrivacy(t *testing.T) {
	s := Settings{Name: "見本クリニック", OperatorEn: "Mihon-kai"}
	for _, c := range []struct {
		fill func()
		want string
	}{
		{func() {}, "operator address contact processors"},
		{func() { s.Address = "見本県架空市1-2-3" }, "operator contact processors"},
		{func() { s.Operator, s.Contact = "医療法人社団 見本会", "相談係" }, "processors"},
		{func() { s.Processors = "なし" }, ""},
	} {
		c.fill()
		if got := strings.Join(s.MissingPrivacy(), " "); got != c.want {
			t.Errorf("missing are %q, want %q", got, c.want)
		}
	}
}

// defaultWaiting is what a branch has that has decided nothing.
var defaultWaiting = WaitingRule{Minutes: DefaultOfferMinutes, QuietFrom: DefaultQuietFrom, QuietUntil: DefaultQuietUntil}

func TestCheckBranchSettings(t *testing.T) {
	got, errs := CheckBranchSettings(BranchSettings{PhoneHours: " 平日　10:00–18:00 ", PhoneHoursEn: " Mon–Fri  10:00–18:00"})
	if want := (BranchSettings{PhoneHours: "平日 10:00–18:00", PhoneHoursEn: "Mon–Fri 10:00–18:00", LiveBookings: DefaultLiveBookings, OpenDays: DefaultOpenDays, Waiting: defaultWaiting, Keep: KeepRule{}.Or()}); len(errs) > 0 || got != want {
		t.Errorf("%+v, %v", got, errs)
	}
	for typed, fine := range map[string]bool{"1": true, "２": true, "20": true, "0": false, "-1": false, "21": false, "": false, "二": false, "1.5": false, "99999999999999999999": false} {
		_, errs := CheckBranchSettings(BranchSettings{PhoneHours: "平日", LiveBookings: ParseLiveBookings(typed)})
		if got := errs.For("live_bookings") == nil; got != fine {
			t.Errorf("%q live bookings: %v", typed, errs)
		}
	}
	_, errs = CheckBranchSettings(BranchSettings{PhoneHoursEn: strings.Repeat("a", 81)})
	if errs.Error() != "invalid: phone_hours: error.empty; invalid: phone_hours_en: error.long" {
		t.Errorf("got %v", errs)
	}
}

func TestFullName(t *testing.T) {
	for _, c := range [][3]string{
		{"見本クリニック", "中央院", "見本クリニック 中央院"},
		{"見本クリニック", "見本クリニック 中央院", "見本クリニック 中央院"},
		{"見本クリニック", "中央 見本クリニック", "中央 見本クリニック"},
		{"Mihon Clinic", "Chuo", "Mihon Clinic Chuo"},
		{"", "中央院", "中央院"},
		{"見本クリニック", "", "見本クリニック"},
	} {
		if got := FullName(c[0], c[1]); got != c[2] {
			t.Errorf("%q and %q are %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

// What was accepted is accepted again and stays as it is.
func TestCheckSettings_IsSettled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, errs := CheckSettings(Settings{Name: rapid.String().Draw(t, "name"), NameEn: rapid.String().Draw(t, "name_en")})
		hours, more := CheckBranchSettings(BranchSettings{PhoneHours: rapid.String().Draw(t, "hours")})
		if len(errs)+len(more) > 0 {
			return
		}
		again, errs := CheckSettings(once)
		hoursAgain, more := CheckBranchSettings(hours)
		if len(errs)+len(more) > 0 || again.Name != once.Name || again.NameEn != once.NameEn || hoursAgain != hours {
			t.Fatalf("%+v %+v became %+v %+v, %v %v", once, hours, again, hoursAgain, errs, more)
		}
	})
}
