package clinic

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func goodBranch() Branch {
	return Branch{Name: " 見本クリニック　中央院 ", NameEn: "Mihon  Clinic", Address: "見本県架空市1-2-3", Phone: "０３-0000-0001", Settings: BranchSettings{PhoneHours: "平日　10:00–18:00"}}
}

func TestCheckBranch(t *testing.T) {
	got, errs := CheckBranch(goodBranch())
	if want := (Branch{Name: "見本クリニック 中央院", NameEn: "Mihon Clinic", Address: "見本県架空市1-2-3", Phone: "03-0000-0001", Zone: DefaultZone, Settings: BranchSettings{PhoneHours: "平日 10:00–18:00", LiveBookings: DefaultLiveBookings, OpenDays: DefaultOpenDays, Waiting: defaultWaiting, Keep: KeepRule{}.Or()}}); len(errs) > 0 || got != want {
		t.Errorf("got %+v, %v", got, errs)
	}
	for want, spoil := range map[string]func(*Branch){
		"name: error.empty":           func(b *Branch) { b.Name = " " },
		"name: error.long":            func(b *Branch) { b.Name = strings.Repeat("院", 81) },
		"name: error.title":           func(b *Branch) { b.Name = "・・・" },
		"name_en: error.title":        func(b *Branch) { b.NameEn = "\u2800" },
		"name_en: error.sign":         func(b *Branch) { b.NameEn = "a\u202eb" },
		"address: error.empty":        func(b *Branch) { b.Address = "" },
		"address_en: error.long":      func(b *Branch) { b.AddressEn = strings.Repeat("a", 201) },
		"access: error.control":       func(b *Branch) { b.Access = "a\x00b" },
		"access_en: error.long":       func(b *Branch) { b.AccessEn = strings.Repeat("a", 201) },
		"phone: error.phone.empty":    func(b *Branch) { b.Phone = "" },
		"phone: error.phone.length":   func(b *Branch) { b.Phone = "00000000000" },
		"phone: error.phone.length ":  func(b *Branch) { b.Phone = "03-12345-6789" },
		"phone: error.phone.length  ": func(b *Branch) { b.Phone = "0120-000-000 / 03-0000-0001" },
		"phone: error.phone.letters":  func(b *Branch) { b.Phone = "abc" },
		"phone: error.phone.letters ": func(b *Branch) { b.Phone = "03-0000-0001（代表）" },
		"phone_hours: error.empty":    func(b *Branch) { b.Settings.PhoneHours = "" },
		"zone: error.zone.unknown":    func(b *Branch) { b.Zone = "Asia/Nowhere" },
		"zone: error.zone.unknown ":   func(b *Branch) { b.Zone = "Local" },
	} {
		b := goodBranch()
		spoil(&b)
		if _, errs := CheckBranch(b); errs.Error() != "invalid: "+strings.TrimSpace(want) {
			t.Errorf("got %v, want %s", errs, want)
		}
	}
}

func TestCheckBranch_WritesTheNumberForPeople(t *testing.T) {
	for typed, want := range map[string]string{
		"０３ー００００ー０００１": "03-0000-0001", "0300000001": "03-0000-0001", "(03) 0000.0001": "03-0000-0001", "0120-000-000": "0120-000-000", "+81 3 0000 0001": "03-0000-0001", "+82 10-1234-5678": "+82 10-1234-5678",
	} {
		b := goodBranch()
		b.Phone = typed
		if got, errs := CheckBranch(b); len(errs) > 0 || got.Phone != want {
			t.Errorf("%s is written %s, want %s: %v", typed, got.Phone, want, errs)
		}
	}
}

// What was accepted is accepted again and stays as it is, and its zone is one that the system knows.
func TestCheckBranch_IsSettled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := goodBranch()
		b.Name, b.Access = rapid.String().Draw(t, "name"), rapid.String().Draw(t, "access")
		b.Phone = rapid.SampledFrom([]string{"0300000001", "０９０ー００００ー０００１", "+82 1012345678", "0460000000", "050 0000 0000", rapid.StringMatching(`0[0-9]{9,10}`).Draw(t, "number")}).Draw(t, "phone")
		b.Zone = rapid.SampledFrom([]string{"", "UTC", "America/New_York", " Europe/Berlin", "Local", "../etc/passwd", "JST"}).Draw(t, "zone")
		once, errs := CheckBranch(b)
		if len(errs) > 0 {
			return
		}
		if again, errs := CheckBranch(once); len(errs) > 0 || again != once {
			t.Fatalf("%+v became %+v, %v", once, again, errs)
		}
		if name := once.Location().String(); name != once.Zone {
			t.Fatalf("zone %q reads as %q", once.Zone, name)
		}
	})
}

func TestBranch_Location(t *testing.T) {
	if got := (Branch{Zone: "Asia/Nowhere"}).Location(); got != time.UTC {
		t.Errorf("an unknown zone reads as %v", got)
	}
}

func TestBranch_In(t *testing.T) {
	b := Branch{Name: "院", NameEn: "Clinic", Address: "住所", Access: "駅", AccessEn: "Station", Phone: "03", Settings: BranchSettings{PhoneHours: "平日", PhoneHoursEn: "weekdays"}}
	if got := b.In("ja"); got != b {
		t.Errorf("in Japanese %+v", got)
	}
	if got := b.In("en"); got.Name != "Clinic" || got.Address != "住所" || got.Access != "Station" || got.Phone != "03" || got.Settings.PhoneHours != "weekdays" {
		t.Errorf("in English %+v", got)
	}
}
