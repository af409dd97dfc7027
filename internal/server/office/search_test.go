package office_test

import (
	"net/http"
	"slices"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestSearch_FindsPeopleAsPeopleWriteThem(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		early, late := storetest.Request(o.slotOf(0, 0).ID, 1), storetest.Request(o.slotOf(0, 1).ID, 2)
		late.Patient.FamilyKana, late.Patient.GivenKana, late.Patient.FamilyName = "シキ", "ガブリエラ・アン", "四季"
		first, second := storetest.Book(t, o.store, early), storetest.Book(t, o.store, late)
		check(t, o.store.Cancel(t.Context(), storetest.Owner, first.BookingID)) // cancelled ones are found, too

		b := o.signedIn(receptionMail)
		for text, want := range map[string][]string{
			"シケ":            {first.Reference},
			"しけん はなこ":       {first.Reference},
			"ｼｹﾝﾊﾅ":         {first.Reference},
			"シキ　がぶりえらあん":    {second.Reference},
			"090-0000-0001": {first.Reference},
			"＋８１ ９０ ００００ ０００２":    {second.Reference},
			"PATIENT2@Example.jp": {second.Reference},
			"シケンハナヨ":              nil,
			"シ":                   nil,
			"試験":                  nil,
			"":                    nil,
			"090-0000-0003":       nil,
			"%":                   nil,
		} {
			a := b.post("/office/search", "q", text).want(http.StatusOK)
			if got := a.texts("tbody td:last-child"); !slices.Equal(got, want) {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
			if typed, _ := a.Find("#q").Attr("value"); typed != text {
				t.Errorf("the text typed became %q", typed)
			}
			if (a.Find(".empty").Length() == 1) != (want == nil) {
				t.Errorf("%q: the page does not say what it found", text)
			}
		}
		a := b.post("/office/search", "q", "シケ")
		a.wantText("tbody tr", "2026/11/25 10:00 試験 花子1 シケン ハナコ 090-0000-0001 見本クリニック 第1院 見本 花 医師 キャンセル")
		if back, _ := a.Find("form[action='/language'] input[name=back]").Attr("value"); back != "/office/search" {
			t.Errorf("the language switch leads to %s", back)
		}
	})
}

func TestSearch_LeadsStraightToAReference(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		receipt := o.book(o.slotOf(0, 0), 1)
		b := o.signedIn(receptionMail)
		bare := receipt.Reference[:3] + receipt.Reference[4:]
		for _, text := range []string{receipt.Reference, " " + bare, bare[:3] + " " + bare[3:] + "　"} {
			if a := b.post("/office/search", "q", text).want(http.StatusSeeOther); a.location != "/office/bookings/"+receipt.BookingID {
				t.Errorf("%q leads to %s", text, a.location)
			}
		}
		b.post("/office/search", "q", clinic.NewReference()).want(http.StatusOK).wantText(".empty", "見つかりませんでした")
		b.get("/office/search?q=シケ").want(http.StatusOK)
	})
}

// Names and numbers do not belong into addresses, so nothing is looked for by GET.
func TestSearch_IgnoresTheAddress(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		o.book(o.slotOf(0, 0), 1)
		if a := o.signedIn(receptionMail).get("/office/search?q=090-0000-0001").want(http.StatusOK); a.Find("table").Length() != 0 {
			t.Error("a search by GET found somebody")
		}
	})
}

func TestSearch_StopsSomewhere(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		for _, date := range []string{"2026-12-01", "2026-12-02"} {
			slots, errs := clinic.DaySlots{Date: date, From: "10:00", Until: "17:00", Minutes: "15"}.Slots(o.Branch, o.Doctors[0].ID, o.clock.Now())
			check(t, errs.Err())
			check(t, o.store.AddSlots(t.Context(), storetest.Owner, slots))
		}
		from := o.clock.Now().AddDate(0, 0, 5)
		slots, err := o.store.Slots(t.Context(), store.SlotQuery{BranchID: o.Branch.ID, From: from, Until: from.AddDate(0, 0, 5)})
		check(t, err)
		for n := range store.SearchLimit + 1 {
			o.book(slots[n].Slot, n)
		}
		a := o.signedIn(receptionMail).post("/office/search", "q", "シケン").want(http.StatusOK)
		if rows := a.Find("tbody tr").Length(); rows != store.SearchLimit {
			t.Errorf("%d rows", rows)
		}
		a.wantText("[role=status]", "50件を表示しています")
		a.wantText("tbody tr:first-child td:first-child", "2026/12/02 15:30")
	})
}
