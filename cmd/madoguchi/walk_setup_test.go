package main_test

import (
	"fmt"
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// counted is a visitor whose every click and every field that is typed into are counted.
type counted struct {
	*browsertest.Visitor
	clicks, fields, letters int
}

func (v *counted) Follow(words string) { v.clicks++; v.Visitor.Follow(words) }

func (v *counted) FollowAt(selector string) { v.clicks++; v.Visitor.FollowAt(selector) }

func (v *counted) Click(selector string) { v.clicks++; v.Visitor.Click(selector) }

func (v *counted) Press(words string) { v.clicks++; v.Visitor.Press(words) }

func (v *counted) Type(name, text string) {
	v.fields++
	v.letters += len([]rune(text))
	v.Visitor.Type(name, text)
}

// choose takes an option of a list, which is two clicks.
func (v *counted) choose(name, value string) {
	v.clicks += 2
	set(v.Visitor, "[name='"+name+"']", value)
}

// TestWalk_EmptyClinicToFirstMonth begins with a database that holds nothing but the administrator whom the README's command adds, and goes by
// what the pages offer to a month of times at two branches with four doctors, lunch breaks, closed holidays, the New Year and an
// absence. It says how much of that is clicked and typed.
func TestWalk_EmptyClinicToFirstMonth(t *testing.T) {
	d := &demoClinic{settings: newSettings(t, "sqlite"), logins: map[string]login{}}
	password := addStaff(t, d.settings, "admin", "admin@example.jp", "管理 見本", "")
	d.process = serve(t, d.settings)
	defer d.close(t)
	d.logins["admin"] = login{"admin@example.jp", password}
	v := &counted{Visitor: browsertest.Visit(t, d.URL, browsertest.Desktop)}
	signIn(t, d, v.Visitor, "admin")
	if v.Path() != "/office/setup" {
		t.Fatalf("whoever signs in to an empty clinic is led to %s", v.Path())
	}
	v.Look("setup-branch")
	today := clinic.DateOf(time.Now(), clinic.Branch{Zone: clinic.DefaultZone}.Location())

	names := [][2][2]string{{{"花", "はな"}, {"守", "まもる"}}, {{"翠", "みどり"}, {"葵", "あおい"}}}
	for i, branch := range []string{"見本クリニック 中央院", "見本クリニック 港院"} {
		v.Type("name", branch)
		v.Type("address", "見本県架空市1-2-3")
		v.Type("phone", fmt.Sprintf("03-0000-000%d", i+1))
		v.Type("phone_hours", "10:00〜19:00")
		v.Follow("この院を加えて、つぎへ")

		v.Look(fmt.Sprintf("setup-doctors-%d", i+1))
		for n, name := range names[i] {
			mark := fmt.Sprintf("-%d", n)
			v.Type("family_name"+mark, "見本")
			v.Type("given_name"+mark, name[0])
			v.Type("family_kana"+mark, "みほん")
			v.Type("given_kana"+mark, name[1])
			v.choose("sex"+mark, "f")
		}
		v.Follow("この医師で、つぎへ")

		v.Look(fmt.Sprintf("setup-holidays-%d", i+1))
		v.Follow("これで決めて、つぎへ")

		if i == 0 {
			v.Look("setup-mail")
			v.Follow("試し送りを1通送る")
			v.WaitFor("[data-trial=sent]")
			v.Look("setup-mail-sent")
			if v.Sees("#left-list li.must:nth-child(4)") {
				t.Error("a letter has been sent, and the list says that it has not")
			}
			v.Follow("つぎへ")
		} else {
			v.Follow("つぎへ") // the mail is proved for the clinic as a whole
		}

		v.Look(fmt.Sprintf("setup-hours-%d", i+1))
		proposed := browsertest.Read[string](v.Visitor, `document.querySelector("#proof").dataset.slots`)
		if i == 0 { // what patients will see follows what is chosen
			v.Visitor.Click("[name=shape][value=daily]")
			v.WaitFor("#proof:not([data-slots='" + proposed + "'])")
			v.Visitor.Click("[name=shape][value=saturday]")
			v.WaitFor("#proof[data-slots='" + proposed + "']")
		}
		v.Follow("この時間を入れて、予約の受付を始める")
		v.Look(fmt.Sprintf("setup-done-%d", i+1))
		if !v.Sees("#left-list li.ok:last-child") || v.Sees("#left-list li.must") {
			t.Errorf("after the last step this is left: %s", v.Text("#left-list"))
		}
		if laid := browsertest.Read[string](v.Visitor, `document.querySelector("#proof").dataset.slots`); laid != proposed || laid == "0" {
			t.Errorf("%s times were proposed, and there are %s", proposed, laid)
		}
		if i == 0 {
			v.Follow("もうひとつ院を加える")
		}
	}

	// The last doctor is away on a Tuesday.
	v.Follow("医師の休みを加える")
	away := today.AddDays(7)
	for away.Weekday() != time.Tuesday || config.IsHoliday(away) || newYear(away) {
		away = away.AddDays(1)
	}
	v.FollowAt(".hours-rail li:nth-child(2) a")
	v.Press("休み・臨時の診療を加える")
	v.fields++
	set(v.Visitor, "#exception [name=first]", away.String())
	v.FollowAt("#exception [data-main]")

	t.Logf("from nothing to a month: %d clicks, %d fields typed with %d signs, nothing else", v.clicks, v.fields, v.letters)
	if v.clicks > 40 || v.fields > 30 {
		t.Errorf("that took %d clicks and %d fields", v.clicks, v.fields)
	}

	withStore(t, d.settings, func(s *store.Store) {
		branches, err := s.Branches(t.Context())
		must(t, err)
		if len(branches) != 2 {
			t.Fatalf("there are %d branches", len(branches))
		}
		for i, b := range branches {
			doctors, err := s.DoctorsAt(t.Context(), b.ID)
			must(t, err)
			if len(doctors) != 2 {
				t.Errorf("%d doctors work at %s", len(doctors), b.Name)
			}
			for n, doctor := range doctors {
				wantFirstMonth(t, s, b, doctor, today, func(day clinic.Date) bool {
					return day == away && i == 1 && n == 1 || config.IsHoliday(day) || newYear(day)
				})
			}
		}
	})
	guest := browsertest.Visit(t, d.URL, browsertest.Phone)
	guest.Open("/")
	guest.Follow("日時を選ぶ")
	guest.Look("setup-guest")
}

// wantFirstMonth says which times of a doctor differ from the week that is proposed: Monday to Friday from ten to seven with an hour's
// break, Saturday till two.
func wantFirstMonth(t *testing.T, s *store.Store, b clinic.Branch, doctor clinic.Doctor, today clinic.Date, closed func(clinic.Date) bool) {
	t.Helper()
	loc := b.Location()
	slots, err := s.Slots(t.Context(), store.SlotQuery{
		BranchID: b.ID, DoctorID: doctor.ID, From: today.AddDays(1).In(loc), Until: today.AddDays(32).In(loc), For: clinic.Visitor("", ""),
	})
	must(t, err)
	found := map[clinic.Date]string{}
	for _, slot := range slots {
		found[clinic.DateOf(slot.StartsAt, loc)] += slot.StartsAt.In(loc).Format("15 ")
	}
	for day := today.AddDays(1); day.Before(today.AddDays(32)); day = day.AddDays(1) {
		want := "10 11 12 14 15 16 17 18 "
		switch {
		case closed(day) || day.Weekday() == time.Sunday:
			want = ""
		case day.Weekday() == time.Saturday:
			want = "10 11 12 13 "
		}
		if found[day] != want {
			t.Errorf("%s has %q on %s (%s), want %q", doctor.GivenName, found[day], day, day.Weekday(), want)
		}
	}
}
