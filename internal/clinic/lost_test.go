package clinic

import (
	"slices"
	"testing"
	"time"
)

// TestReadLost_NamesWhatIsWrong: each wrong field is named, of the way that was chosen alone.
func TestReadLost_NamesWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		in   LostInput
		want []string
	}{
		"nothing":            {LostInput{}, []string{"booking-reference", "birth_date"}},
		"half a reference":   {LostInput{Reference: "M7K-4Q", BirthYear: "1990", BirthMonth: "4", BirthDay: "1"}, []string{"booking-reference"}},
		"no such day":        {LostInput{Reference: "M7K-4Q2P", BirthYear: "1990", BirthMonth: "2", BirthDay: "30"}, []string{"birth_date"}},
		"no address":         {LostInput{ByEmail: true, Reference: "M7K-4Q2P"}, []string{"email"}},
		"half an address":    {LostInput{ByEmail: true, Email: "hanako@"}, []string{"email"}},
		"full-width, an era": {LostInput{Reference: "ｍ７ｋ４ｑ２ｐ", BirthEra: "平成", BirthYear: "２", BirthMonth: "4", BirthDay: "1"}, nil},
		"an address":         {LostInput{ByEmail: true, Email: " Hanako@Example.JP "}, nil},
	} {
		lost, errs := ReadLost(c.in)
		var got []string
		for _, e := range errs {
			got = append(got, e.Field)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: wrong are %q, want %q", name, got, c.want)
		}
		if name == "full-width, an era" && (lost.Reference != "M7K-4Q2P" || lost.Birth != Date{Year: 1990, Month: time.April, Day: 1}) {
			t.Errorf("%s is read as %+v", name, lost)
		}
	}
}

// TestLost_MeansWhatStandsAndIsTheirs: nothing that is over, cancelled, somebody else's or without an address.
func TestLost_MeansWhatStandsAndIsTheirs(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	birth := Date{Year: 1990, Month: time.April, Day: 1}
	made := func(change func(*Appointment)) Appointment {
		a := Appointment{
			Booking: Booking{Reference: "M7K-4Q2P", Status: Booked}, Patient: Patient{Birth: birth, Email: "hanako@example.jp"},
			Slot: Slot{StartsAt: now.Add(time.Hour), EndsAt: now.Add(2 * time.Hour)},
		}
		change(&a)
		return a
	}
	byReference, byEmail := Lost{Reference: "M7K-4Q2P", Birth: birth}, Lost{Email: "Hanako+x@example.jp"}
	for name, c := range map[string]struct {
		change          func(*Appointment)
		reference, mail bool
	}{
		"it stands":         {func(*Appointment) {}, true, true},
		"it waits":          {func(a *Appointment) { a.Booking.Status = Pending }, true, true},
		"cancelled":         {func(a *Appointment) { a.Booking.Status = Cancelled }, false, false},
		"over":              {func(a *Appointment) { a.Slot.StartsAt, a.Slot.EndsAt = now.Add(-2*time.Hour), now.Add(-time.Hour) }, false, false},
		"no address":        {func(a *Appointment) { a.Patient.Email = "" }, false, false},
		"another birth":     {func(a *Appointment) { a.Patient.Birth.Day = 2 }, false, true},
		"no birth date":     {func(a *Appointment) { a.Patient.Birth = Date{} }, false, true},
		"another number":    {func(a *Appointment) { a.Booking.Reference = "M7K-4Q2Q" }, false, true},
		"another address":   {func(a *Appointment) { a.Patient.Email = "taro@example.jp" }, true, false},
		"written otherwise": {func(a *Appointment) { a.Patient.Email = "HANAKO@example.jp" }, true, true},
	} {
		a := made(c.change)
		if got := byReference.Means(a, now); got != c.reference {
			t.Errorf("%s, by the reference: %t", name, got)
		}
		if got := byEmail.Means(a, now); got != c.mail {
			t.Errorf("%s, by the address: %t", name, got)
		}
	}
	if (Lost{Reference: "M7K-4Q2P"}).Means(made(func(a *Appointment) { a.Patient.Birth = Date{} }), now) {
		t.Error("no birth date is taken for the one that is not known")
	}
}
