package main_test

import (
	"fmt"
	"path"
	"slices"
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestWalk_ReceptionDrawsHours goes from an empty clinic to a month of bookable slots for four doctors at two branches, with lunch breaks, a
// holiday and an absence, by nothing but what the pages offer: one week is drawn, and the others are copied from it.
func TestWalk_ReceptionDrawsHours(t *testing.T) {
	d := &demoClinic{settings: newSettings(t, "postgres"), logins: map[string]login{}}
	d.process = serve(t, d.settings)
	defer d.close(t)
	d.logins["admin"] = login{"admin@example.jp", addStaff(t, d.settings, "admin", "admin@example.jp", "管理 見本", "")}
	v := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, v, "admin")

	var branches []string
	for i, name := range []string{"見本クリニック 中央院", "見本クリニック 港院"} {
		v.Open("/office/branches/new")
		v.Type("name", name)
		v.Type("address", "見本県架空市1-2-3")
		v.Type("phone", fmt.Sprintf("03-0000-000%d", i+1))
		v.Type("phone_hours", "10:00〜19:00")
		v.Follow("保存する")
		branches = append(branches, path.Base(browsertest.Read[string](v, fmt.Sprintf(`[...document.querySelectorAll("main table a")].find(a => a.textContent.includes(%q)).pathname`, name))))
	}
	for i, name := range []string{"花", "守", "翠", "葵"} {
		v.Open("/office/doctors/new")
		for field, text := range map[string]string{"family_name": "見本", "given_name": name, "family_kana": "みほん", "given_kana": "めい"} {
			v.Type(field, text)
		}
		v.Choose("sex", "f")
		v.Choose("branches", branches[i/2])
		v.Follow("保存する")
	}

	v.Follow("診療時間")
	v.Look("hours-empty")
	drawWeek(t, v)
	v.Look("hours-drawn")
	v.Follow("この内容で保存する")
	v.Look("hours-saved")
	for i := 1; i < 4; i++ {
		if i == 2 {
			set(v, "select[name=branch]", branches[1])
			v.Follow("表示")
		} else {
			v.FollowAt(".hours-rail li:nth-child(2) a")
		}
		v.Press("ほかの医師・院から写す")
		v.Follow("写してみる")
		v.WaitFor(".unsaved")
		if i == 1 {
			v.Look("hours-copied")
		}
		v.Follow("この内容で保存する")
	}

	// The last doctor is away on a Tuesday, the branch is closed over the New Year, and is open on one holiday.
	today := clinic.DateOf(time.Now(), clinic.Branch{Zone: clinic.DefaultZone}.Location())
	away := today.AddDays(7)
	for away.Weekday() != time.Tuesday || config.IsHoliday(away) {
		away = away.AddDays(1)
	}
	v.Press("休み・臨時の診療を加える")
	set(v, "#exception [name=first]", away.String())
	set(v, "#exception [name=reason]", "私用")
	v.Look("hours-away")
	v.FollowAt("#exception [data-main]")
	v.Look("hours-away-saved")
	if yearEnd := `.offer button`; v.Sees(yearEnd) {
		v.FollowAt(yearEnd)
	}
	var holiday clinic.Date
	for day := today.AddDays(1); clinic.PublicHorizon(today).Holds(day); day = day.AddDays(1) {
		if config.IsHoliday(day) && day.Weekday() != time.Sunday && (day.Month != time.January || day.Day > 3) && day != away {
			holiday = day
			break
		}
	}
	if !holiday.IsZero() {
		v.Click(fmt.Sprintf("label:has(> [name=differ][value='%s'])", holiday))
		v.WaitFor("#preview-panel .sum-up")
		v.FollowAt("#holidays-form [data-main]")
		v.Look("hours-holiday")
	}
	v.FollowAt(".hours-rail li:nth-child(2) a")
	v.Look("hours-last")

	withStore(t, d.settings, func(s *store.Store) {
		for i, branch := range branches {
			b, err := s.Branch(t.Context(), branch)
			must(t, err)
			doctors, err := s.DoctorsAt(t.Context(), branch)
			must(t, err)
			for n, doctor := range doctors {
				wantMonth(t, s, b, doctor, today, func(day clinic.Date) bool {
					return day == away && i == 1 && n == 1 || config.IsHoliday(day) && (day != holiday || i == 0) || i == 1 && newYear(day)
				})
			}
		}
	})
	guest := browsertest.Visit(t, d.URL, browsertest.Phone)
	guest.Open("/slots?branch=" + branches[0])
	if times := browsertest.Read[int](guest, `document.querySelectorAll("button.time").length`); times == 0 {
		t.Error("a visitor finds no time")
	}
}

// drawWeek draws Monday to Saturday, 10 to 13 and 14 to 18, with pointer and keys.
func drawWeek(t *testing.T, v *browsertest.Visitor) {
	t.Helper()
	v.Click("button[value='add,1']")
	v.WaitFor("[data-bar='0']")
	key := func(bar, key string) {
		browsertest.Read[bool](v, fmt.Sprintf(`document.querySelector("[data-bar='%s']").dispatchEvent(new KeyboardEvent("keydown", {key: %q, bubbles: true}))`, bar, key))
	}
	key("0", "ArrowRight")
	if got := v.Values("from-0"); !slices.Equal(got, []string{"10:15"}) {
		t.Errorf("moved by a key, the span begins at %v", got)
	}
	key("0", "ArrowLeft")
	for _, day := range []string{"2", "3", "4", "5", "6"} {
		v.Click(fmt.Sprintf("label:has(> [name='same-0'][value='%s'])", day))
	}
	v.WaitFor(".week-bars > li:nth-child(7) [data-bar]")
	v.Click("button[value='add,1']")
	v.WaitFor(".week-bars > li:nth-child(2) [data-bar]:nth-of-type(2)")
	second := browsertest.Read[string](v, `document.querySelector("[name=picked]").value`)
	for _, day := range []string{"2", "3", "4", "5", "6"} {
		v.Click(fmt.Sprintf("label:has(> [name='same-%s'][value='%s'])", second, day))
	}
	v.WaitFor(".week-bars > li:nth-child(7) [data-bar]:nth-of-type(2)")
	// One span too many, taken away again.
	v.Click("button[value='add,0']")
	v.WaitFor(".week-bars > li:nth-child(8) [data-bar]")
	key(browsertest.Read[string](v, `document.querySelector(".week-bars > li:nth-child(8) [data-bar]").dataset.bar`), "Delete")
	v.WaitFor(".week-bars > li:nth-child(8) .add")
}

// set gives a field a value as its own control does.
func set(v *browsertest.Visitor, selector, value string) {
	browsertest.Read[bool](v, fmt.Sprintf(`(e => { e.value = %q; return e.dispatchEvent(new Event("change", {bubbles: true})) })(document.querySelector(%q))`, value, selector))
}

// newYear reports whether a day is one of those on which the branch is closed at the end of the year.
func newYear(day clinic.Date) bool {
	return day.Month == time.December && day.Day >= 29 || day.Month == time.January && day.Day <= 3
}

// wantMonth looks at the slots of four weeks: seven on every day from Monday to Saturday, with a break from 13 to 14, and none on days off.
func wantMonth(t *testing.T, s *store.Store, b clinic.Branch, doctor clinic.Doctor, today clinic.Date, off func(clinic.Date) bool) {
	t.Helper()
	for day := today.AddDays(1); clinic.PublicHorizon(today).Holds(day); day = day.AddDays(1) {
		slots, err := s.Slots(t.Context(), store.SlotQuery{BranchID: b.ID, DoctorID: doctor.ID, From: day.In(b.Location()), Until: day.AddDays(1).In(b.Location()), For: storetest.Owner})
		must(t, err)
		want := 7
		if day.Weekday() == time.Sunday || off(day) {
			want = 0
		}
		if len(slots) != want {
			t.Errorf("%s has %d slots on %s (%s), want %d", doctor.Name("ja"), len(slots), day, day.Weekday(), want)
		}
		for _, slot := range slots {
			if slot.StartsAt.In(b.Location()).Hour() == 13 {
				t.Errorf("%s has no lunch break on %s", doctor.Name("ja"), day)
			}
		}
	}
}
