package office_test

import (
	"net/http"
	"slices"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

func TestBranch_IsSavedOrMended(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		b := o.signedIn(adminMail)
		a := b.post("/office/branches/new", "name", "", "address", "見本県", "phone", "０３\x00", "zone", "Mars/Base", "access", "駅前").want(http.StatusUnprocessableEntity)
		a.wantField("name", "")
		a.wantField("zone", "Mars/Base")
		if a.Find("#phone-error").Length() != 1 || a.Find("#address-error").Length() != 0 || a.Find("#access").AttrOr("value", "") != "駅前" {
			t.Error("the wrong fields are marked, or something typed is lost")
		}
		if a.Find("title").Text()[:len("エラー")] != "エラー" {
			t.Errorf("the title is %q", a.Find("title").Text())
		}
		a = b.post("/office/branches/new", "name", "見本クリニック 港院", "name_en", "Minato", "address", "見本県架空市9", "phone", "０３-0000-0009",
			"id", "forged", "position", "-1", "created_at", "1999-01-01").want(http.StatusSeeOther)
		b.get(a.location).wantText("[role=status]", "保存しました")
		branches, err := o.store.Branches(t.Context())
		check(t, err)
		got := branches[len(branches)-1]
		if len(branches) != 3 || got.Name != "見本クリニック 港院" || got.Phone != "03-0000-0009" || got.Zone != clinic.DefaultZone || got.ID == "forged" || got.Position != 3 || !got.CreatedAt.Equal(o.clock.Now()) {
			t.Errorf("%d branches, the last %+v", len(branches), got)
		}
		form := b.get("/office/branches/" + got.ID).want(http.StatusOK)
		if v := form.Find("#phone").AttrOr("value", ""); v != "03-0000-0009" {
			t.Errorf("the form holds %q", v)
		}
		b.post("/office/branches/"+got.ID, "name", "新しい名前", "address", "見本県", "phone", "1", "id", o.Branch.ID).want(http.StatusSeeOther)
		if first, err := o.store.Branch(t.Context(), o.Branch.ID); err != nil || first.Name != o.Branch.Name || first.Phone != o.Branch.Phone {
			t.Errorf("another branch was changed: %+v, %v", first, err)
		}
		b.get("/office/branches/nowhere").want(http.StatusNotFound)
		b.post("/office/branches/nowhere", "name", "名前", "address", "見本県", "phone", "1").want(http.StatusNotFound)
	})
}

func TestDoctor_IsSavedOrMended(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		b := o.signedIn(adminMail)
		good := []string{
			"family_name", "髙橋", "given_name", "架空", "family_kana", "たかはし", "given_kana", "ｶｸｳ", "sex", "f", "career", "2010年 卒業\r\n2012年 病院",
			"branches", o.Branch.ID, "branches", o.Other.ID, "created_at", "1999-01-01", "position", "-1", "id", "forged",
		}
		a := b.post("/office/doctors/new", "family_name", "髙橋", "family_kana", "髙橋", "branches", o.Other.ID, "career", "2010年 卒業").want(http.StatusUnprocessableEntity)
		a.wantField("family_kana", "髙橋")
		a.wantField("given_name", "")
		if a.Find(`input[name=branches][checked]`).AttrOr("value", "") != o.Other.ID || a.text("#career") != "2010年 卒業" || a.Find("#sex-error").Length() != 1 {
			t.Error("something typed is lost")
		}
		a = b.post("/office/doctors/new", append(good, "branches", "nowhere")...).want(http.StatusUnprocessableEntity)
		if a.Find("#branches-error").Length() != 1 {
			t.Error("an unknown branch is not refused at its field")
		}
		b.post("/office/doctors/new", good...).want(http.StatusSeeOther)
		doctors, err := o.store.Doctors(t.Context())
		check(t, err)
		got := doctors[len(doctors)-1]
		if len(doctors) != 3 || got.Name("ja") != "髙橋 架空" || got.Kana() != "タカハシ カクウ" || got.Position != 3 || got.ID == "forged" ||
			got.Career != "2010年 卒業\n2012年 病院" {
			t.Errorf("%d doctors, the last %+v", len(doctors), got)
		}
		_, at, err := o.store.Doctor(t.Context(), got.ID)
		check(t, err)
		want := []string{o.Branch.ID, o.Other.ID}
		slices.Sort(want)
		if !slices.Equal(at, want) {
			t.Errorf("the doctor works at %v", at)
		}
		a = b.get("/office/doctors").want(http.StatusOK)
		if a.Find("tbody tr").Length() != 3 || a.Find("tbody svg.avatar").Length() != 3 {
			t.Error("the list does not show three doctors")
		}
		a.wantText("tbody tr:last-child", "髙橋 架空 タカハシ カクウ 女性 見本クリニック 第1院、見本クリニック 第2院")
		// A form without branches takes them all away.
		b.post("/office/doctors/"+got.ID, good[:12]...).want(http.StatusSeeOther)
		b.get("/office/doctors").wantText("tbody tr:last-child", "担当の院がありません")
		b.get("/office/doctors/nobody").want(http.StatusNotFound)
	})
}

func (o *counter) slotsOn(doctor int, date string) []clinic.OpenSlot {
	o.t.Helper()
	day, _ := clinic.ParseDate(date)
	slots, err := o.store.Slots(o.t.Context(), store.SlotQuery{
		BranchID: o.Branch.ID, DoctorID: o.Doctors[doctor].ID, From: day.In(o.Branch.Location()), Until: day.AddDays(1).In(o.Branch.Location()),
	})
	check(o.t, err)
	return slots
}

func TestSlots_AreOpenedByTheDayOrOne(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		b := o.signedIn(adminMail)
		form := func(pairs ...string) []string {
			return append([]string{"branch", o.Branch.ID, "doctor", o.Doctors[0].ID}, pairs...)
		}
		day := form("date", "2026-11-30", "from", "10:00", "until", "17:00", "minutes", "60", "break_from", "12:00", "break_until", "13:00")
		a := b.post("/office/slots", day...).want(http.StatusSeeOther)
		a = b.get(a.location).want(http.StatusOK)
		a.wantText("[role=status]", "枠を開けました")
		a.wantText("#slots", "2026年11月30日（月）")
		if got := a.texts(".slot-list b"); !slices.Equal(got, []string{"10:00–11:00", "11:00–12:00", "13:00–14:00", "14:00–15:00", "15:00–16:00", "16:00–17:00"}) {
			t.Errorf("slots %q", got)
		}
		// The same again: nothing is opened twice, and what was typed is still there.
		a = b.post("/office/slots", day...).want(http.StatusConflict)
		a.wantField("from", "10:00")
		if a.Find("#break_until").AttrOr("value", "") != "13:00" || len(o.slotsOn(0, "2026-11-30")) != 6 {
			t.Error("something typed is lost, or the slots have changed")
		}
		// One single slot.
		b.post("/office/slots", form("date", "2026-12-01", "from", "９:３０", "until", "", "minutes", "45")...).want(http.StatusSeeOther)
		if got := o.slotsOn(0, "2026-12-01"); len(got) != 1 || got[0].EndsAt.Sub(got[0].StartsAt).Minutes() != 45 {
			t.Errorf("slots %+v", got)
		}
		a = b.post("/office/slots", form("date", "2026-12-02", "from", "早め", "until", "09:00", "minutes", "5")...).want(http.StatusUnprocessableEntity)
		a.wantField("from", "早め")
		a.wantField("minutes", "5")
		if back := a.Find("form[action='/language'] input[name=back]").AttrOr("value", ""); back == "/" || b.get(back).status != http.StatusOK {
			t.Errorf("the language switch leads to %s", back)
		}
		// A doctor who does not work there, a branch that does not exist.
		a = b.post("/office/slots", "branch", o.Other.ID, "doctor", o.Doctors[0].ID, "date", "2026-12-02", "from", "10:00", "minutes", "60").want(http.StatusUnprocessableEntity)
		a.wantText(".empty", "この院を担当する医師が、まだいません。")
		b.post("/office/slots", "branch", "nowhere", "doctor", o.Doctors[0].ID, "date", "2026-12-02", "from", "10:00", "minutes", "60").want(http.StatusNotFound)
	})
}

func TestSlot_IsClosedUnlessSomebodyHasIt(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		b := o.signedIn(adminMail)
		booked, held, free := o.slotOf(0, 0), o.slotOf(0, 1), o.slotOf(0, 2)
		o.book(booked, 1)
		_, err := o.store.Hold(t.Context(), clinic.Visitor(clinic.NewToken(), "192.0.2.9"), held.ID)
		check(t, err)
		path := "/office/slots?branch=" + o.Branch.ID + "&doctor=" + o.Doctors[0].ID + "&date=2026-11-25"
		a := b.get(path).want(http.StatusOK)
		if got := a.texts(".slot-list li"); got[0] != "10:00–11:00 予約あり" || got[1] != "11:00–12:00 仮押さえ" || got[2] != "12:00–13:00 空き 閉じる" {
			t.Errorf("slots %q", got)
		}
		for _, s := range []clinic.Slot{booked, held} {
			b.post("/office/slots/"+s.ID+"/remove").want(http.StatusConflict).wantText("[role=alert]", "予約")
		}
		if len(o.slotsOn(0, "2026-11-25")) != 6 {
			t.Fatal("a slot that somebody has is gone")
		}
		a = b.post("/office/slots/" + free.ID + "/remove").want(http.StatusSeeOther)
		b.get(a.location).wantText("[role=status]", "枠を閉じました")
		if len(o.slotsOn(0, "2026-11-25")) != 5 {
			t.Error("the free slot is still open")
		}
		b.post("/office/slots/" + free.ID + "/remove").want(http.StatusNotFound)
	})
}
