package store_test

import (
	"errors"
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// What is left of the first steps is read from what is stored, for each branch that the actor manages.
func TestSetups_SayWhatThereIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := t.Context()
		admin, err := s.AddStaff(ctx, storetest.Owner, clinic.Staff{Role: clinic.Admin, EveryBranch: true, Name: "管理 見本", Email: "admin@example.jp", PasswordHash: "$x"})
		check(t, err)
		actor := clinic.StaffActor(admin)
		want := func(what string, branchID string, want clinic.Setup) {
			t.Helper()
			setups, err := s.Setups(ctx, actor)
			check(t, err)
			if got, ok := setups[branchID]; got != want || !ok {
				t.Errorf("%s: %+v, want %+v", what, got, want)
			}
		}
		want("nothing", "", clinic.Setup{})

		b, err := s.SaveBranch(ctx, actor, clinic.Branch{Name: "院", Address: "見本県", Phone: "03-0000-0000", Zone: clinic.DefaultZone})
		check(t, err)
		is := clinic.Setup{Branch: true}
		want("a branch", b.ID, is)
		d, err := s.SaveDoctor(ctx, actor, clinic.Doctor{FamilyName: "見本", GivenName: "花", FamilyKana: "ミホン", GivenKana: "ハナ", Sex: clinic.Female}, []string{b.ID})
		check(t, err)
		is.Doctors = true
		want("a doctor", b.ID, is)

		today := clinic.DateOf(clock.Now(), b.Location())
		_, err = s.AddException(ctx, actor, clinic.YearEnd(b.ID, today), nil, config.IsHoliday)
		check(t, err)
		is.Holidays = true
		want("closed at the turn of the year", b.ID, is)

		check(t, s.SendTrial(ctx, actor, "ja"))
		check(t, s.SendTrial(ctx, actor, "ja")) // it is on its way already
		want("a letter on its way", b.ID, is)
		letter := claim(t, s)
		if letter.Kind != clinic.Trial || letter.Content.To != "admin@example.jp" || letter.BookingID != "" {
			t.Errorf("the letter is %+v", letter)
		}
		check(t, s.LetterFailed(ctx, letter, "smtp 550 5.1.1", true))
		want("a letter that failed", b.ID, is)
		if n, err := s.CountLettersInTrouble(ctx, storetest.Owner); err != nil || n != 0 {
			t.Errorf("%d letters to patients are in trouble, %v", n, err)
		}
		check(t, s.SendTrial(ctx, actor, "ja"))
		again := claim(t, s)
		if again.ID != letter.ID || again.Resends != 1 {
			t.Errorf("sent again as %+v", again)
		}
		check(t, s.LetterSent(ctx, again))
		is.Mail = true
		want("a letter that was sent", b.ID, is)

		w := clinic.DoctorWeek{BranchID: b.ID, From: today}
		w.Spans = []clinic.OpeningHours{{BranchID: b.ID, Weekday: time.Monday, ValidFrom: today, Pattern: clinic.Pattern{From: 600, Until: 780, Minutes: 60, Audience: clinic.StaffOnly}}}
		_, err = s.SaveWeeks(ctx, actor, b.ID, []clinic.DoctorWeek{w.For(d.ID, "", 1)}, config.IsHoliday)
		check(t, err)
		want("times for staff only", b.ID, is)
		w.Spans[0].Pattern.Audience = clinic.Public
		_, err = s.SaveWeeks(ctx, actor, b.ID, []clinic.DoctorWeek{w.For(d.ID, "", 2)}, config.IsHoliday)
		check(t, err)
		is.Slots = true
		want("hours", b.ID, is)

		if marked, err := s.LetterBounced(ctx, again.ID, again.Resends, "bounce 5.1.1"); err != nil || !marked {
			t.Error(marked, err)
		}
		is.Mail = false
		want("the letter came back", b.ID, is)

		elsewhere := clinic.StaffActor(clinic.Staff{ID: "x", Role: clinic.Admin, Active: true, Branches: []string{"another"}})
		if setups, err := s.Setups(ctx, elsewhere); err != nil || len(setups) != 1 {
			t.Errorf("whoever manages another branch sees %v, %v", setups, err)
		}
		desk := clinic.StaffActor(clinic.Staff{ID: "y", Role: clinic.FrontDesk, Active: true, EveryBranch: true})
		wantCode(t, s.SendTrial(ctx, desk, "ja"), clinic.NotFound)
	})
}

// The weeks of several doctors are stored together or not at all, and may change their rooms with each other.
func TestSaveWeeks_AllOrNone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		first := clinic.DateOf(clock.Now(), c.Branch.Location()).AddDays(7)
		save := func(rooms [2]string, revisions [2]int) error {
			var weeks []clinic.DoctorWeek
			for i := range 2 {
				weeks = append(weeks, week(c, i, first, everyDay...).For(c.Doctors[i].ID, rooms[i], revisions[i]))
			}
			_, err := s.SaveWeeks(t.Context(), storetest.Owner, c.Branch.ID, weeks, config.IsHoliday)
			return err
		}
		stored := func(want int) {
			t.Helper()
			if a, b := open(t, s, c, 0, first)[0], open(t, s, c, 1, first)[0]; a != want || b != want {
				t.Errorf("the doctors have %d and %d slots, want %d", a, b, want)
			}
		}
		err := save([2]string{"室1", "室1"}, [2]int{1, 1})
		wantCode(t, err, clinic.Invalid)
		if !errorsAt(err, "room-"+c.Doctors[0].ID) || !errorsAt(err, "room-"+c.Doctors[1].ID) {
			t.Errorf("one room for two is refused with %v", err)
		}
		stored(0)
		if err := save([2]string{"室1", "室2"}, [2]int{1, 5}); !clinic.IsStale(err) {
			t.Errorf("hours that were saved since are overwritten: %v", err)
		}
		stored(0)
		check(t, save([2]string{"室1", "室2"}, [2]int{1, 1}))
		stored(3)
		check(t, save([2]string{"室2", "室1"}, [2]int{2, 2}))
		stored(3)
	})
}

// errorsAt reports whether an error is a refusal of a field, perhaps among others.
func errorsAt(err error, field string) bool {
	var errs clinic.Errors
	return errors.As(err, &errs) && errs.For(field) != nil
}
