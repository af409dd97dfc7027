package office_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestSearch_FindsPeopleAsPeopleWriteThem(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		early, late := storetest.Request(s.SlotOf(t, 0, 0).ID, 1), storetest.Request(s.SlotOf(t, 0, 1).ID, 2)
		late.Patient.FamilyKana, late.Patient.GivenKana, late.Patient.FamilyName = "シキ", "ガブリエラ・アン", "四季"
		late.Patient.Email = "Patient.2+clinic@gmail.com"
		first, second := storetest.Book(t, s.Store, early), storetest.Book(t, s.Store, late)
		s.Cancel(t, first.BookingID) // cancelled ones are found, too
		servertest.Must(t, s.Store.FillTerms(t.Context()))

		b := s.SignedIn(t, servertest.FrontDesk)
		for text, want := range map[string][]string{
			"シケ":            {first.Reference},
			"しけん はなこ":       {first.Reference},
			"ｼｹﾝﾊﾅ":         {first.Reference},
			"シキ　がぶりえらあん":    {second.Reference},
			"090-0000-0001": {first.Reference},
			"＋８１ ９０ ００００ ０００２":           {second.Reference},
			"PATIENT1@Example.jp":        {first.Reference},
			"patient.2+clinic@gmail.com": {second.Reference},
			"patient2@gmail.com":         {second.Reference},
			"patient2@gmail.co":          nil,
			"シケンハナヨ":                     nil,
			"シ":                          {second.Reference, first.Reference},
			"\u202d090-0000-0001\u202c":  {first.Reference},
			"シケン\u00a0ハナコ\u2028":         {first.Reference},
			"試験":                         {first.Reference},
			"試験 花子":                      {first.Reference},
			"試験花子一":                      {first.Reference},
			"試":                          nil,
			"ハナコ":                        {first.Reference},
			"はな":                         {first.Reference},
			"ガブリエラ":                      {second.Reference},
			"がぶ":                         {second.Reference},
			"0001":                       {first.Reference},
			"0002":                       {second.Reference},
			"000 0001":                   {first.Reference},
			"0000":                       {second.Reference, first.Reference},
			"00000002":                   {second.Reference},
			"02":                         nil,
			"1990/4/2":                   {first.Reference},
			"平成2年4月3日":                   {second.Reference},
			"H2.4.3":                     {second.Reference},
			"19900402":                   {first.Reference},
			"":                           nil,
			"090-0000-0003":              nil,
			"%":                          nil,
		} {
			a := b.Post("/office/search", "q", text).Want(http.StatusOK)
			if got := a.Texts("[data-bookings] tbody td:last-child"); !slices.Equal(got, want) {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
			if typed, _ := a.Find("#q").Attr("value"); typed != text {
				t.Errorf("the text typed became %q", typed)
			}
			if (a.Find(".empty").Length() == 1) != (want == nil) {
				t.Errorf("%q: the page does not say what it found", text)
			}
		}
		a := b.Post("/office/search", "q", "シケ")
		a.WantText("[data-bookings] tbody tr", "2026/11/25 10:00 試験 花子一 シケン ハナコ 090-0000-0001 見本クリニック 第1院 見本 花 医師 キャンセル")
		if back, _ := a.Find("form[action='/language'] input[name=back]").Attr("value"); back != "/office/search" {
			t.Errorf("the language switch leads to %s", back)
		}
	})
}

// Whoever has no kana is found by the name itself, whichever part of it is said first and however it is spelt.
func TestSearch_FindsPeopleWhoAreNotJapanese(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b, references := bookedInEnglish(t, s, []clinic.PatientInput{
			{FamilyName: "St. John", GivenName: "Anna Maria"},
			{FamilyName: "Suharto"},
			{GivenName: "Müller-Łukasz"},
			{FamilyName: "王", GivenName: "小明"},
			{FamilyName: "Кузнецова", GivenName: "Мария"},
			{FamilyName: "ジャン＝ポール"},
			{FamilyName: "Smith", GivenName: "Zoë", FamilyKana: "スミス", GivenKana: "ゾーイ"},
			{FamilyName: "王", GivenName: "芳", FamilyKana: "Wang", GivenKana: "Fang"},
		})
		for text, name := range map[string]string{
			"St. John": "St. John Anna Maria", "st john anna": "St. John Anna Maria", "ＳＴＪＯＨＮ": "St. John Anna Maria", "anna maria st": "St. John Anna Maria", "Anna": "St. John Anna Maria",
			"suharto": "Suharto", "Suh": "Suharto", "muller": "Müller-Łukasz", "MÜLLER-łukasz": "Müller-Łukasz", "Mu\u0308ller": "Müller-Łukasz", "王小": "王 小明", "王 小明": "王 小明", "Кузн": "Кузнецова Мария", "мария": "Кузнецова Мария",
			"じゃんぽーる": "ジャン＝ポール", "ジャン＝ポール": "ジャン＝ポール", "ジャン・ポ": "ジャン＝ポール", "スミス": "Smith Zoë", "smith": "Smith Zoë", "zoe": "Smith Zoë", "Zoë Smith": "Smith Zoë", "wang": "王 芳", "Fang Wang": "王 芳",
			"+82 10-0000-0002": "Müller-Łukasz", "010-82-10-0000-0002": "Müller-Łukasz", "visitor1@example.com": "Suharto", "Smyth": "", "annamariastx": "",
		} {
			wantFound(t, b, text, references[name])
		}
		b.Post("/office/search", "q", "王小").WantText("[data-bookings] tbody tr td:nth-child(2)", "王 小明")
	})
}

// bookedInEnglish books for some people in English, and returns the front desk with their references, by their names.
func bookedInEnglish(t *testing.T, s *servertest.Site, people []clinic.PatientInput) (*servertest.Visitor, map[string]string) {
	t.Helper()
	references := map[string]string{}
	for i, p := range people {
		p.Lang, p.BirthYear, p.BirthMonth, p.BirthDay, p.Sex, p.Phone, p.Email = "en", "1990", "4", "1", "na", fmt.Sprintf("+82 10-0000-000%d", i), fmt.Sprintf("visitor%d@example.com", i)
		patient, errs := clinic.NewPatient(p, clinic.Date{Year: 2026, Month: 11, Day: 24})
		servertest.Must(t, errs.Err())
		request := storetest.Request(s.Slots[i].ID, i)
		request.Patient = patient
		references[patient.Name()] = storetest.Book(t, s.Store, request).Reference
	}
	return s.SignedIn(t, servertest.FrontDesk), references
}

// wantFound: a text finds the one booking with a reference, or none where that is empty.
func wantFound(t *testing.T, b *servertest.Visitor, text, reference string) {
	t.Helper()
	var want []string
	if reference != "" {
		want = []string{reference}
	}
	a := b.Post("/office/search", "q", text).Want(http.StatusOK)
	if got := a.Texts("[data-bookings] tbody td:last-child"); !slices.Equal(got, want) {
		t.Errorf("%q finds %q, want %q", text, got, want)
	}
}

// Whoever has no kana is found by any words of the name, by the part in Latin letters beside one in kanji, and by either of the kanji
// that keyboards offer for one.
func TestSearch_FindsAnyWordOfAName(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b, references := bookedInEnglish(t, s, []clinic.PatientInput{
			{FamilyName: "Watson", GivenName: "Mary Jane"},
			{FamilyName: "de la Cruz", GivenName: "María José"},
			{FamilyName: "Nguyễn", GivenName: "Thị Hương"},
			{FamilyName: "田中", GivenName: "Michael"},
			{FamilyName: "山田", GivenName: "Taro"},
			{FamilyName: "Tanaka", GivenName: "花子"},
			{FamilyName: "葛\U000e0100城", GivenName: "髙明"},
			{FamilyName: "O’Neil-﨑", GivenName: "佐々"},
		})
		for text, name := range map[string]string{
			"Mary Watson": "Watson Mary Jane", "Jane": "Watson Mary Jane", "jane mary wat": "Watson Mary Jane", "Mary Watsonx": "", "cruz": "de la Cruz María José", "Maria Cruz": "de la Cruz María José", "jose": "de la Cruz María José",
			"Huong": "Nguyễn Thị Hương", "huong nguyen": "Nguyễn Thị Hương", "Michael": "田中 Michael", "michael 田中": "田中 Michael", "田中": "田中 Michael", "taro": "山田 Taro", "花子": "Tanaka 花子", "花子 Tanaka": "Tanaka 花子",
			"葛城": "葛\U000e0100城 髙明", "葛\U000e0101城": "葛\U000e0100城 髙明", "高明": "葛\U000e0100城 髙明", "髙明": "葛\U000e0100城 髙明", "oneil": "O’Neil-﨑 佐々", "O'Neil崎": "O’Neil-﨑 佐々", "佐佐": "O’Neil-﨑 佐々",
		} {
			wantFound(t, b, text, references[name])
		}
	})
}

// Among all whose name begins with リ, whoever is called just that comes first, also when the others were here later.
func TestSearch_FindsAKanaOfOneSign(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		book := func(n int, family, given string) string {
			request := storetest.Request(s.Slots[n].ID, n)
			request.Patient.FamilyKana, request.Patient.GivenKana = family, given
			return storetest.Book(t, s.Store, request).Reference
		}
		ri, riko, i := book(0, "リ", "ミン"), book(1, "リコ", "ハナ"), book(2, "イ", "")
		b := s.SignedIn(t, servertest.FrontDesk)
		for text, want := range map[string][]string{"リ": {ri, riko}, "り": {ri, riko}, "ﾘ": {ri, riko}, "リミ": {ri}, "り みん": {ri}, "イ": {i}, "リコ": {riko}, "ア": nil} {
			a := b.Post("/office/search", "q", text).Want(http.StatusOK)
			if got := a.Texts("[data-bookings] tbody td:last-child"); !slices.Equal(got, want) {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
	})
}

func TestSearch_LeadsStraightToAReference(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		b := s.SignedIn(t, servertest.FrontDesk)
		bare := receipt.Reference[:3] + receipt.Reference[4:]
		for _, text := range []string{receipt.Reference, " " + bare, bare[:3] + " " + bare[3:] + "　"} {
			if a := b.Post("/office/search", "q", text).Want(http.StatusSeeOther); a.Location() != "/office/bookings/"+receipt.BookingID {
				t.Errorf("%q leads to %s", text, a.Location())
			}
		}
		b.Post("/office/search", "q", clinic.NewReference()).Want(http.StatusOK).WantText(".empty", "見つかりませんでした")
		b.Get("/office/search?q=シケ").Want(http.StatusOK)
	})
}

// Names and numbers do not belong into addresses, so nothing is looked for by GET.
func TestSearch_IgnoresTheAddress(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		if a := s.SignedIn(t, servertest.FrontDesk).Get("/office/search?q=090-0000-0001").Want(http.StatusOK); a.Find("table").Length() != 0 {
			t.Error("a search by GET found somebody")
		}
	})
}

func TestSearch_StopsSomewhere(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		for _, date := range []string{"2026-12-01", "2026-12-02"} {
			slots, errs := clinic.DaySlots{Date: date, From: "10:00", Until: "17:00", Minutes: "15"}.Slots(s.Branch, s.Doctors[0].ID, s.Clock.Now())
			servertest.Must(t, errs.Err())
			servertest.Must(t, s.Store.AddSlots(t.Context(), storetest.Owner, slots))
		}
		from := s.Clock.Now().AddDate(0, 0, 5)
		slots, err := s.Store.Slots(t.Context(), store.SlotQuery{BranchID: s.Branch.ID, From: from, Until: from.AddDate(0, 0, 5)})
		servertest.Must(t, err)
		for n := range store.SearchLimit + 1 {
			s.Book(t, slots[n].Slot, n)
		}
		a := s.SignedIn(t, servertest.FrontDesk).Post("/office/search", "q", "シケン").Want(http.StatusOK)
		if rows := a.Find("[data-bookings] tbody tr").Length(); rows != store.SearchLimit {
			t.Errorf("%d rows", rows)
		}
		a.WantText("[role=status]", "50件を表示しています")
		a.WantText("[data-bookings] tbody tr:first-child td:first-child", "2026/12/02 15:30")
	})
}
