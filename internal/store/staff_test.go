package store_test

import (
	"reflect"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func addStaff(t *testing.T, s *store.Store, email string) clinic.Staff {
	t.Helper()
	p, err := s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{EveryBranch: true, Role: clinic.FrontDesk, Name: "受付 見本", Email: email, PasswordHash: "$argon2id$"})
	check(t, err)
	return p
}

func TestStaff_AreFoundByTheirAddressInAnyCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		want := addStaff(t, s, "Reception@example.jp")
		got, err := s.StaffByEmail(t.Context(), " reception@EXAMPLE.jp ")
		check(t, err)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		_, err = s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{EveryBranch: true, Role: clinic.Admin, Name: "管理 見本", Email: "reception@example.jp", PasswordHash: "x"})
		wantCode(t, err, clinic.Conflict)
		_, err = s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{EveryBranch: true, Role: clinic.DoctorRole, Name: "医師 見本", Email: "doctor@example.jp", PasswordHash: "x", DoctorID: "nobody"})
		wantCode(t, err, clinic.Invalid)
		_, err = s.StaffByEmail(t.Context(), "nobody@example.jp")
		wantCode(t, err, clinic.NotFound)
	})
}

func TestSession_EndsByIdlenessByAgeAndBySigningOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		staff := addStaff(t, s, "reception@example.jp")
		signedIn := func(token string) error {
			got, _, err := s.SignedIn(t.Context(), token)
			if err == nil && got.ID != staff.ID {
				t.Errorf("signed in as %+v", got)
			}
			return err
		}
		start := func(before string) string {
			token, err := s.StartSession(t.Context(), staff, clinic.Browser{}, false, before)
			check(t, err)
			return token
		}
		first := start("")
		check(t, signedIn(first))
		second := start(first)
		wantCode(t, signedIn(first), clinic.Unauthorized) // rotated
		check(t, s.EndSession(t.Context(), storetest.Owner, second))
		wantCode(t, signedIn(second), clinic.Unauthorized)

		idle := start("")
		clock.Advance(clinic.SessionIdle - time.Second)
		check(t, signedIn(idle)) // a request keeps it alive
		clock.Advance(clinic.SessionIdle - time.Second)
		check(t, signedIn(idle))
		clock.Advance(clinic.SessionIdle)
		wantCode(t, signedIn(idle), clinic.Unauthorized)

		busy := start("")
		for range int(clinic.SessionAbsolute/(10*time.Minute)) - 1 {
			clock.Advance(10 * time.Minute)
			check(t, signedIn(busy))
		}
		clock.Advance(10 * time.Minute)
		wantCode(t, signedIn(busy), clinic.Unauthorized)
		check(t, s.Purge(t.Context()))
		wantCode(t, signedIn("never-given"), clinic.Unauthorized)
	})
}

func TestTrySignIn_CountsPerAccountAndPerAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		try := func(email, address string) bool {
			ok, err := s.TrySignIn(t.Context(), clinic.Visitor("", address), email, "")
			check(t, err)
			return ok
		}
		// Many guesses at once pass no more than the limit.
		passed := 0
		for _, ok := range atOnce(30, func(int) bool { return try("a@example.jp", "10.0.0.1") }) {
			if ok {
				passed++
			}
		}
		if passed != clinic.SignInsPerAccount {
			t.Errorf("%d guesses passed, want %d", passed, clinic.SignInsPerAccount)
		}
		if try("A@example.jp ", "10.0.0.2") {
			t.Error("another address and another spelling got around the account's limit")
		}
		if try("b@example.jp", "10.0.0.1") {
			t.Error("another account got around the address's limit")
		}
		clock.Advance(clinic.SignInWindow)
		if !try("a@example.jp", "10.0.0.1") {
			t.Error("the limit does not end")
		}
		check(t, s.PassSignIn(t.Context(), clinic.Visitor("", "10.0.0.1"), "a@example.jp", ""))
		for range clinic.SignInsPerAccount {
			if !try("a@example.jp", "10.0.0.1") {
				t.Error("signing in did not clear the count")
			}
		}
	})
}
