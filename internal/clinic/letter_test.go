package clinic

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func appointment(lang string) Appointment {
	return Appointment{
		Booking: Booking{
			ID: "booking", Reference: "M7K-4Q2P", Status: Booked, Lang: lang,
			Details: Details{Answers: map[string][]string{"request": {"膝の痛み"}}, Attribution: Attribution{Area: "back"}},
		},
		Slot:   Slot{ID: "slot", StartsAt: noon, EndsAt: noon.Add(time.Hour)},
		Branch: Branch{Name: "見本クリニック", NameEn: "Mihon Clinic", Address: "見本県架空市", Access: "架空駅", AccessEn: "Kaku Station", Phone: "03-0000-0001", Zone: DefaultZone, Settings: BranchSettings{PhoneHours: "平日", PhoneHoursEn: "weekdays"}},
		Doctor: Doctor{FamilyName: "見本", GivenName: "花", NameEn: "Hana Mihon"},
		Patient: Patient{
			FamilyName: "試験", GivenName: "花子", FamilyKana: "シケン", GivenKana: "ハナコ", Email: "hanako@example.jp", Phone: "09000000000",
		},
	}
}

var settings = Settings{Name: "見本クリニック", NameEn: "Mihon Clinic"}

func TestLetters_SayWhatIsTrueOfTheAppointment(t *testing.T) {
	now := noon.Add(-time.Hour)
	ids := map[string]bool{}
	for lang, want := range map[string]LetterContent{
		"ja": {ClinicName: "見本クリニック", PhoneHours: "平日", BranchName: "見本クリニック", BranchAddress: "見本県架空市", BranchAccess: "架空駅", DoctorName: "見本 花"},
		"en": {ClinicName: "Mihon Clinic", PhoneHours: "weekdays", BranchName: "Mihon Clinic", BranchAddress: "見本県架空市", BranchAccess: "Kaku Station", DoctorName: "Hana Mihon"},
	} {
		want.Lang, want.To, want.ToName, want.Reference, want.BookingID = lang, "hanako@example.jp", "試験 花子", "M7K-4Q2P", "booking"
		want.StartsAt, want.EndsAt, want.Zone, want.ChangesUntil, want.BranchPhone, want.WrittenAt = noon, noon.Add(time.Hour), DefaultZone, noon, "03-0000-0001", now
		cancelled := want
		want.Token, cancelled.Sequence = "token", 1
		for _, c := range []struct {
			got  Letter
			kind LetterKind
			says LetterContent
		}{{ConfirmationFor(settings, appointment(lang), "token", now), Confirmation, want}, {CancellationFor(settings, ended(lang), now), Cancellation, cancelled}} {
			// That the content is comparable to this, whole, also says that no answer is in it.
			if c.got.Content != c.says {
				t.Errorf("%s in %s says\n%+v, want\n%+v", c.kind, lang, c.got.Content, c.says)
			}
			if ids[c.got.ID] {
				t.Errorf("two letters are %s", c.got.ID)
			}
			ids[c.got.ID] = true
			if c.got.OnceKey != "booking/"+string(c.kind) || c.got.Sequence != c.says.Sequence || c.got.Channel != ByMail || c.got.Kind != c.kind || c.got.Status != LetterWaiting || !c.got.DueAt.Equal(now) || c.got.Attempts != 0 {
				t.Errorf("%s in %s is %+v", c.kind, lang, c.got)
			}
		}
	}
}

// ended is the appointment once it was cancelled.
func ended(lang string) Appointment {
	a := appointment(lang)
	a.Booking = a.Booking.Cancelled(Job("test"), noon)
	return a
}

// A letter that fails for now is tried again ever later, for three to four days, and then given to people.
func TestAfterFailure_TriesForDays(t *testing.T) {
	l, now := ConfirmationFor(settings, appointment("ja"), "token", noon), noon
	l.Content.StartsAt = noon.AddDate(0, 0, 14)
	lease := noon
	pause := time.Duration(0)
	for l.Attempts = 1; ; l.Attempts++ {
		l.Status, l.LeaseUntil = LetterSending, &lease
		if l = l.AfterFailure("smtp 451", false, now); l.Failure != "smtp 451" || l.LeaseUntil != nil {
			t.Fatalf("attempt %d: %+v", l.Attempts, l)
		}
		if l.Status == LetterFailed {
			break
		}
		if l.Status != LetterWaiting || l.DueAt.Sub(now) <= pause {
			t.Fatalf("attempt %d: %s, due after %v", l.Attempts, l.Status, l.DueAt.Sub(now))
		}
		pause, now = l.DueAt.Sub(now), l.DueAt
	}
	if lasted := now.Sub(noon); lasted < 72*time.Hour || lasted > 96*time.Hour {
		t.Errorf("given up after %v", lasted)
	}
}

func TestAfterFailure_GivesUpBeforeTheCounseling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Letter{Status: LetterSending, Attempts: rapid.IntRange(1, 9).Draw(t, "attempts")}
		l.Content.StartsAt = noon.Add(time.Duration(rapid.IntRange(-60, 60*80).Draw(t, "minutes")) * time.Minute)
		got := l.AfterFailure("smtp 451", false, noon)
		wait := letterWaits[l.Attempts-1]
		if again := got.Status == LetterWaiting; again != l.Content.StartsAt.After(noon.Add(wait)) || again && !got.DueAt.Equal(noon.Add(wait)) {
			t.Fatalf("with the counseling in %v and a wait of %v: %+v", l.Content.StartsAt.Sub(noon), wait, got)
		}
	})
}

// Thanks come after the counseling, and servers put off whom they do not know then as well.
func TestAfterFailure_ThanksAreTriedAgain(t *testing.T) {
	noon := time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC)
	l := Letter{Kind: Thanks, Status: LetterSending, Attempts: 1, Content: LetterContent{StartsAt: noon.AddDate(0, 0, -1)}}
	if got := l.AfterFailure("smtp 451", false, noon); got.Status != LetterWaiting || !got.DueAt.After(noon) {
		t.Errorf("it is %s, due %s", got.Status, got.DueAt)
	}
}

func TestAfterFailure_APermanentRefusalEndsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Letter{Status: LetterSending, Attempts: rapid.IntRange(0, 50).Draw(t, "attempts"), DueAt: noon}
		if got := l.AfterFailure("smtp 550", true, noon); got.Status != LetterFailed || !got.DueAt.Equal(noon) {
			t.Fatalf("%+v", got)
		}
		// Whatever the count, a failure for now either ends it or is tried again in the future.
		if got := l.AfterFailure("timeout", false, noon); got.Status != LetterFailed && (got.Status != LetterWaiting || !got.DueAt.After(noon)) {
			t.Fatalf("%+v", got)
		}
	})
}

func TestCanResend(t *testing.T) {
	live, ended := Booking{Status: Booked}, Booking{Status: Cancelled}
	for status, want := range map[LetterStatus]bool{
		LetterWaiting: true, LetterSent: true, LetterFailed: true, LetterSending: false, LetterWithdrawn: false, LetterDropped: false, "": false,
	} {
		for _, c := range []struct {
			kind    LetterKind
			booking Booking
			want    bool
		}{{Confirmation, live, want}, {Reminder, live, want && status != LetterSent}, {CalledOff, ended, want}, {Approval, live, want}, {Confirmation, ended, false}, {Cancellation, ended, want}} {
			if got := (Letter{Kind: c.kind, Status: status}).CanResend(c.booking); got != c.want {
				t.Errorf("a %s that is %q for a booking that is %s: %t", c.kind, status, c.booking.Status, got)
			}
		}
	}
}
