package store_test

import (
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// withApp sets an app up for somebody and returns its secret and their recovery codes.
func withApp(t *testing.T, s *store.Store, clock *storetest.Clock, p clinic.Staff) (secret []byte, recovery []string) {
	t.Helper()
	secret, err := s.BeginApp(t.Context(), clinic.StaffActor(p))
	check(t, err)
	_, recovery, err = s.ConfirmApp(t.Context(), clinic.StaffActor(p), codeNow(clock, secret), clinic.Browser{})
	check(t, err)
	clock.Advance(clinic.SignInLife / 10) // another code
	return secret, recovery
}

func codeNow(clock *storetest.Clock, secret []byte) string {
	return clinic.TOTPCode(secret, clinic.TOTPStep(clock.Now()))
}

func TestConfirmApp_NeedsACodeOfIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front := employ(t, s, clinic.FrontDesk, "front@example.jp")
		actor := clinic.StaffActor(front)
		before, err := s.StartSession(t.Context(), front, clinic.Browser{}, false, "")
		check(t, err)
		_, _, err = s.ConfirmApp(t.Context(), actor, "123456", clinic.Browser{})
		wantCode(t, err, clinic.Invalid)
		secret, err := s.BeginApp(t.Context(), actor)
		check(t, err)
		again, err := s.BeginApp(t.Context(), actor)
		check(t, err)
		if string(again) != string(secret) {
			t.Error("a second look gives another secret, so that the picture on the screen is worth nothing")
		}
		_, _, err = s.ConfirmApp(t.Context(), actor, clinic.TOTPCode(secret, 1), clinic.Browser{})
		wantCode(t, err, clinic.Invalid)
		if f, err := s.SecondFactor(t.Context(), front.ID); err != nil || f.Any() {
			t.Errorf("an app that nobody has confirmed counts: %+v, %v", f, err)
		}
		token, recovery, err := s.ConfirmApp(t.Context(), actor, codeNow(clock, secret), clinic.Browser{})
		check(t, err)
		_, session, err := s.SignedIn(t.Context(), token)
		if err != nil || !session.SecondFactor || len(recovery) != clinic.RecoveryCodes {
			t.Errorf("%+v, %d codes, %v", session, len(recovery), err)
		}
		_, _, err = s.SignedIn(t.Context(), before)
		wantCode(t, err, clinic.Unauthorized)
		if f, err := s.SecondFactor(t.Context(), front.ID); err != nil || !f.Any() || f.Recovery != clinic.RecoveryCodes {
			t.Errorf("%+v, %v", f, err)
		}
		_, err = s.BeginApp(t.Context(), actor)
		wantCode(t, err, clinic.Conflict)
		if !accountOf(t, s, front.ID).SecondFactor {
			t.Error("its administrator does not see it")
		}
	})
}

// Of twenty who send one code at once, one gets a session: with one half sign-in, and with one each.
func TestFinishSignIn_TakesACodeOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front := employ(t, s, clinic.FrontDesk, "front@example.jp")
		secret, recovery := withApp(t, s, clock, front)
		half := func() string {
			token, err := s.BeginSignIn(t.Context(), front)
			check(t, err)
			return token
		}
		one := half()
		for what, of := range map[string]struct {
			code  string
			token func(i int) string
		}{
			"one sign-in, a code of the app":  {"", func(int) string { return one }},
			"one each, a code of the app":     {"", func(int) string { return half() }},
			"one each, one recovery code":     {recovery[0], func(int) string { return half() }},
			"one each, the next with a space": {" " + recovery[1] + " ", func(int) string { return half() }},
		} {
			clock.Advance(clinic.SignInLife / 20) // another code
			if what[:7] == "one sig" {
				one = half()
			}
			code := of.code
			if code == "" {
				code = codeNow(clock, secret)
			}
			sessions := map[string]bool{}
			for _, session := range atOnce(20, func(i int) string {
				session, _ := s.FinishSignIn(t.Context(), of.token(i), code, clinic.Browser{}, "")
				return session
			}) {
				if _, _, err := s.SignedIn(t.Context(), session); err == nil {
					sessions[session] = true
				}
			}
			if len(sessions) != 1 {
				t.Errorf("%s: %d sessions", what, len(sessions))
			}
			check(t, s.UnlockAccount(t.Context(), storetest.Owner, front.ID)) // those who were late have counted as wrong
			_, err := s.FinishSignIn(t.Context(), half(), code, clinic.Browser{}, "")
			wantCode(t, err, clinic.Invalid)
		}
		// Each has a code of its own, and all have the one half sign-in.
		check(t, s.UnlockAccount(t.Context(), storetest.Owner, front.ID))
		one, in := half(), 0
		for _, err := range atOnce(4, func(i int) error {
			_, err := s.FinishSignIn(t.Context(), one, recovery[2+i], clinic.Browser{}, "")
			return err
		}) {
			if err == nil {
				in++
			}
		}
		if in != 1 {
			t.Errorf("one sign-in, a recovery code each: %d sessions", in)
		}
	})
}

// Many wrong codes end in a wait, over all the sign-ins of the account, and a right one does not come through. An administrator ends it.
func TestFinishSignIn_CountsWrongCodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front := employ(t, s, clinic.FrontDesk, "front@example.jp")
		secret, recovery := withApp(t, s, clock, front)
		finish := func(code string) error {
			half, err := s.BeginSignIn(t.Context(), front)
			check(t, err)
			_, err = s.FinishSignIn(t.Context(), half, code, clinic.Browser{}, "")
			return err
		}
		looked := 0
		for _, err := range atOnce(30, func(int) error { return finish("000000") }) {
			if clinic.CodeOf(err) == clinic.Invalid {
				looked++
			}
		}
		if looked > clinic.SecondFactorTries {
			t.Errorf("%d codes were looked at", looked)
		}
		wantCode(t, finish(codeNow(clock, secret)), clinic.TooMany)
		wantCode(t, finish(recovery[0]), clinic.TooMany)
		if state := accountOf(t, s, front.ID).State(); state != clinic.AccountLocked {
			t.Errorf("the account is %s", state)
		}
		check(t, s.UnlockAccount(t.Context(), storetest.Owner, front.ID))
		check(t, finish(recovery[0]))
		for range clinic.SecondFactorTries {
			wantCode(t, finish("not a code"), clinic.Invalid)
		}
		wantCode(t, finish(codeNow(clock, secret)), clinic.TooMany)
		clock.Advance(clinic.SecondFactorWindow)
		check(t, finish(codeNow(clock, secret)))
	})
}

// Half a sign-in opens nothing else, ends by itself, and is used up by the whole one, which ends the browser's session of before.
func TestBeginSignIn_OpensNothingElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front := employ(t, s, clinic.FrontDesk, "front@example.jp")
		secret, _ := withApp(t, s, clock, front)
		half, err := s.BeginSignIn(t.Context(), front)
		check(t, err)
		_, _, err = s.SignedIn(t.Context(), half)
		wantCode(t, err, clinic.Unauthorized)
		if p, err := s.SigningIn(t.Context(), half); err != nil || p.ID != front.ID {
			t.Errorf("%+v, %v", p, err)
		}
		before, err := s.StartSession(t.Context(), front, clinic.Browser{}, true, "")
		check(t, err)
		whole, err := s.FinishSignIn(t.Context(), half, codeNow(clock, secret), clinic.Browser{}, before)
		check(t, err)
		for _, ended := range []string{before, half} {
			_, _, err := s.SignedIn(t.Context(), ended)
			wantCode(t, err, clinic.Unauthorized)
		}
		_, err = s.SigningIn(t.Context(), half)
		wantCode(t, err, clinic.Unauthorized)
		_, session, err := s.SignedIn(t.Context(), whole)
		if err != nil || !session.SecondFactor {
			t.Errorf("%+v, %v", session, err)
		}
		late, err := s.BeginSignIn(t.Context(), front)
		check(t, err)
		clock.Advance(clinic.SignInLife)
		_, err = s.FinishSignIn(t.Context(), late, codeNow(clock, secret), clinic.Browser{}, "")
		wantCode(t, err, clinic.Unauthorized)
		check(t, s.Purge(t.Context()))
	})
}

func TestRemoveApp_TakesRecoveryCodesWithIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front := employ(t, s, clinic.FrontDesk, "front@example.jp")
		_, first := withApp(t, s, clock, front)
		second, err := s.NewRecovery(t.Context(), clinic.StaffActor(front))
		check(t, err)
		half, err := s.BeginSignIn(t.Context(), front)
		check(t, err)
		_, err = s.FinishSignIn(t.Context(), half, first[0], clinic.Browser{}, "")
		wantCode(t, err, clinic.Invalid)
		session, err := s.FinishSignIn(t.Context(), half, second[0], clinic.Browser{}, "")
		check(t, err)
		if f, err := s.SecondFactor(t.Context(), front.ID); err != nil || f.Recovery != clinic.RecoveryCodes-1 {
			t.Errorf("%+v, %v", f, err)
		}
		check(t, s.RemoveApp(t.Context(), clinic.StaffActor(front)))
		if f, err := s.SecondFactor(t.Context(), front.ID); err != nil || f.Any() || f.Recovery != 0 {
			t.Errorf("%+v, %v", f, err)
		}
		_, now, err := s.SignedIn(t.Context(), session)
		if err != nil || now.SecondFactor {
			t.Errorf("%+v, %v", now, err)
		}
		_, err = s.NewRecovery(t.Context(), clinic.StaffActor(front))
		wantCode(t, err, clinic.NotFound)
	})
}

func TestRemoveSecondFactors_LeavesThePassword(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front := employ(t, s, clinic.FrontDesk, "front@example.jp")
		withApp(t, s, clock, front)
		session, err := s.StartSession(t.Context(), front, clinic.Browser{}, true, "")
		check(t, err)
		half, err := s.BeginSignIn(t.Context(), front)
		check(t, err)
		check(t, s.RemoveSecondFactors(t.Context(), storetest.Owner, front.ID))
		if f, err := s.SecondFactor(t.Context(), front.ID); err != nil || f.Any() || f.Recovery != 0 {
			t.Errorf("%+v, %v", f, err)
		}
		_, _, err = s.SignedIn(t.Context(), session)
		wantCode(t, err, clinic.Unauthorized)
		_, err = s.SigningIn(t.Context(), half)
		wantCode(t, err, clinic.Unauthorized)
		if accountOf(t, s, front.ID).PasswordHash != front.PasswordHash {
			t.Error("the password is another one")
		}
	})
}
