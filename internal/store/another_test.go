package store_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// person is a request for a slot by somebody whose kana, phone and mail are as given.
func person(slotID, kana, phone, email string) clinic.Request {
	r := storetest.Request(slotID, 0)
	r.Patient.GivenKana, r.Patient.Phone, r.Patient.Email = kana, phone, email
	return r
}

func another(r clinic.Request) clinic.Request {
	r.Another = true
	return r
}

var visitor = clinic.Visitor("a cookie", "an address")

// Whoever books with the phone, the mail address, or the kana and birth date of a live booking is asked, whatever else differs,
// and learns nothing of the booking.
func TestBook_AsksTheSamePerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		c.Branch.Settings.LiveBookings = clinic.MaxLiveBookings // so that the limit has no say
		_, err := s.SaveBranch(t.Context(), storetest.Owner, c.Branch)
		check(t, err)
		wanted := c.Slots[6].ID
		hanako := person(wanted, "ハナコ", "09000000001", "hanako@example.jp")
		first := hanako
		first.SlotID = c.Slots[0].ID
		receipt, err := s.Book(t.Context(), visitor, first)
		check(t, err)
		asked := map[string]clinic.Request{
			"everything":              hanako,
			"the phone":               person(wanted, "タロウ", "09000000002", "taro@example.jp"),
			"the mail address":        person(wanted, "タロウ", "09000000003", "HANAKO@example.jp"),
			"the kana and birth date": person(wanted, "ハナコ", "09000000004", "hanako2@example.jp"),
		}
		for i, address := range []string{"hanako+1@example.jp", "HANAKO+2+3@example.jp"} {
			asked["the mailbox of "+address] = person(wanted, "タロウ", fmt.Sprintf("0900000001%d", i), address)
		}
		swapped := person(wanted, "シケン", "09000000020", "swapped@example.jp")
		swapped.Patient.FamilyKana = "ハナコ"
		asked["the kana, its parts the other way round"] = swapped
		phone := asked["the phone"]
		phone.Patient.Phone = "09000000001"
		asked["the phone"] = phone
		for what, r := range asked {
			_, err := s.Book(t.Context(), clinic.Visitor("another cookie", "elsewhere"), r)
			if got := clinic.CodeOf(err); got != clinic.AlreadyBooked {
				t.Errorf("by %s: %v", what, err)
			} else if err.Error() != "store.Book: already_booked: error.booking.another" {
				t.Errorf("by %s it says %q", what, err)
			}
		}
		twin := person("", "ハナコ", "09000000005", "twin@example.jp")
		twin.Patient.Birth.Day = 2
		for i, b := range []struct {
			what  string
			actor clinic.Actor
			r     clinic.Request
		}{
			{"somebody else", visitor, person("", "ハナエ", "09000000006", "hanae@example.jp")},
			{"the same kana on another birthday", visitor, twin},
			{"one who wants another", visitor, another(hanako)},
			{"the front desk", storetest.Owner, hanako},
			{"a program", clinic.API(clinic.APIKey{}), hanako},
		} {
			b.r.SlotID = c.Slots[i+1].ID
			if _, err := s.Book(t.Context(), b.actor, b.r); err != nil {
				t.Errorf("%s: %v", b.what, err)
			}
		}
		// The same form again gets the same answer, and not the question.
		again := another(person(c.Slots[7].ID, "ハナコ", "09000000001", "hanako@example.jp"))
		again.Key = "one form"
		second, err := s.Book(t.Context(), visitor, again)
		check(t, err)
		again.Another = false
		if repeated, err := s.Book(t.Context(), visitor, again); err != nil || repeated != second || repeated == receipt {
			t.Errorf("the same form once more: %+v, %v", repeated, err)
		}
	})
}

// A booking that was cancelled, or whose counseling has begun, is no reason to ask.
func TestBook_AsksOfBookingsToCome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt, err := s.Book(t.Context(), visitor, storetest.Request(c.Slots[0].ID, 1))
		check(t, err)
		check(t, s.Cancel(t.Context(), storetest.Owner, receipt.BookingID))
		_, err = s.Book(t.Context(), visitor, storetest.Request(c.Slots[0].ID, 1))
		check(t, err)
		_, err = s.Book(t.Context(), visitor, storetest.Request(c.Slots[8].ID, 1))
		wantCode(t, err, clinic.AlreadyBooked)
		clock.Advance(c.Slots[0].StartsAt.Sub(clock.Now()))
		_, err = s.Book(t.Context(), visitor, storetest.Request(c.Slots[8].ID, 1))
		check(t, err)
	})
}

// Of many forms of one person at once, one books and the others ask.
func TestBook_AsksAlsoAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		won := 0
		for i, err := range atOnce(len(c.Slots), func(i int) error {
			r := person(c.Slots[i].ID, fmt.Sprint("ハナ", "アイウエオカキクケコサシスセ"[3*i:3*i+3]), "09000000001", fmt.Sprintf("p%d@example.jp", i))
			_, err := s.Book(t.Context(), clinic.Visitor(fmt.Sprint("tab", i), "here"), r)
			return err
		}) {
			if err == nil {
				won++
			} else if clinic.CodeOf(err) != clinic.AlreadyBooked {
				t.Errorf("form %d: %v", i, err)
			}
		}
		if won != 1 {
			t.Errorf("%d of %d forms with one phone number booked without a question", won, len(c.Slots))
		}
	})
}

// What a visitor has booked is found again by the key of the form and by their own, as long as it stands.
func TestBookedUnder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		r := storetest.Request(c.Slots[0].ID, 1)
		r.Key, r.Own = "form:1", "visitor:me:"+r.SlotID
		receipt, err := s.Book(t.Context(), visitor, r)
		check(t, err)
		for _, key := range []string{r.Key, r.Own} {
			if got, err := s.BookedUnder(t.Context(), key); err != nil || got != receipt {
				t.Errorf("under %s: %+v, %v", key, got, err)
			}
		}
		for _, key := range []string{"", "form:2", "visitor:you:" + r.SlotID} {
			_, err := s.BookedUnder(t.Context(), key)
			wantCode(t, err, clinic.NotFound)
		}
		check(t, s.Cancel(t.Context(), storetest.Owner, receipt.BookingID))
		for _, key := range []string{r.Key, r.Own} {
			_, err := s.BookedUnder(t.Context(), key)
			wantCode(t, err, clinic.NotFound)
		}
		// Booked once more, it is the later booking.
		r.Key = "form:3"
		later, err := s.Book(t.Context(), visitor, r)
		check(t, err)
		if got, err := s.BookedUnder(t.Context(), r.Own); err != nil || got != later {
			t.Errorf("after booking again: %+v, %v", got, err)
		}
	})
}

// The front desk sees beside each live booking the others to come of the same person, at every branch, and beside none of
// somebody else, cancelled or past.
func TestOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		book := func(slot int, r clinic.Request) string {
			t.Helper()
			r.SlotID = c.Slots[slot].ID
			receipt, err := s.Book(t.Context(), storetest.Owner, r)
			check(t, err)
			return receipt.BookingID
		}
		early := book(0, person("", "ハナコ", "09000000001", "hanako@example.jp"))
		byPhone := book(4, person("", "タロウ", "09000000001", "taro@example.jp"))
		byMail := book(6, person("", "ジロウ", "09000000002", "hanako@example.jp"))
		alone := book(8, person("", "サブロウ", "09000000003", "saburo@example.jp"))
		gone := book(9, person("", "ハナコ", "09000000004", "h@example.jp"))
		check(t, s.Cancel(t.Context(), storetest.Owner, gone))
		all, err := s.Appointments(t.Context(), storetest.Owner, early, byPhone, byMail, alone, gone)
		check(t, err)
		wantOthers := func(actor clinic.Actor, want map[string][]string) {
			t.Helper()
			var list []*clinic.Appointment
			for _, a := range all {
				list = append(list, &a)
			}
			got, _, err := s.OthersAndNoShows(t.Context(), actor, list...)
			if err != nil || !maps.EqualFunc(got, want, slices.Equal) {
				t.Errorf("the others are %v, %v; want %v", got, err, want)
			}
		}
		wantOthers(storetest.Owner, map[string][]string{early: {byPhone, byMail}, byPhone: {early}, byMail: {early}})
		wantOthers(clinic.StaffActor(clinic.Staff{Role: clinic.FrontDesk, Branches: []string{c.Other.ID}, Active: true}), nil)
		wantOthers(visitor, nil)
		clock.Advance(c.Slots[0].StartsAt.Sub(clock.Now()))
		wantOthers(storetest.Owner, map[string][]string{early: {byPhone, byMail}})
		// A record that was corrected is found by what it said before and by what it says now.
		again := book(10, person("", "サブロウ", "09000000003", "saburo@example.jp"))
		both, err := s.Appointments(t.Context(), storetest.Owner, alone, again)
		check(t, err)
		if both[alone].Patient.ID != both[again].Patient.ID {
			t.Fatal("who books again is somebody else")
		}
		corrected := all[byPhone].Patient
		corrected.Phone = "09000000003"
		check(t, s.CorrectPatient(t.Context(), storetest.Owner, corrected.ID, 1, corrected))
		corrected = both[alone].Patient
		corrected.Phone, corrected.Email, corrected.GivenKana = "09000000008", "h8@example.jp", "ハチロウ"
		check(t, s.CorrectPatient(t.Context(), storetest.Owner, corrected.ID, 1, corrected))
		maps.Copy(all, both)
		wantOthers(storetest.Owner, map[string][]string{early: {byPhone, byMail}, alone: {byPhone, again}, again: {byPhone, alone}})
		if got, _, err := s.OthersAndNoShows(t.Context(), storetest.Owner); err != nil || len(got) != 0 {
			t.Errorf("of nothing: %v, %v", got, err)
		}
	})
}
