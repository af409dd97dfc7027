package store_test

import (
	"errors"
	"net/url"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/passkey"
	"madoguchi/internal/passkey/passkeytest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

const passkeyOrigin = "https://yoyaku.example.jp"

// passkeySite is the site at which the passkeys of tests are made.
func passkeySite(t *testing.T) passkey.Site {
	t.Helper()
	base, err := url.Parse(passkeyOrigin)
	check(t, err)
	return passkey.SiteAt(base, "見本クリニック")
}

// withPasskey gives somebody a passkey, and returns the key and their recovery codes.
func withPasskey(t *testing.T, s *store.Store, p clinic.Staff, name string) (key *passkeytest.Authenticator, recovery []string) {
	t.Helper()
	key = &passkeytest.Authenticator{Origin: passkeyOrigin}
	options, err := s.AskToAddPasskey(t.Context(), clinic.StaffActor(p), passkeySite(t), "holder of "+p.ID, name)
	check(t, err)
	_, recovery, err = s.AddPasskey(t.Context(), clinic.StaffActor(p), passkeySite(t), "holder of "+p.ID, name, key.Make(t, options), clinic.Browser{})
	check(t, err)
	return key, recovery
}

// passkeyAlone asks for a passkey and nothing else, and returns the holder of the question with the answer.
func passkeyAlone(t *testing.T, s *store.Store, key *passkeytest.Authenticator) (holder, answer string) {
	t.Helper()
	holder = clinic.NewToken()
	options, err := s.AskForPasskey(t.Context(), clinic.Visitor("", "192.0.2.1"), passkeySite(t), holder)
	check(t, err)
	return holder, key.Show(t, options)
}

func signInAlone(t *testing.T, s *store.Store, holder, answer string) (session string, err error) {
	t.Helper()
	return s.SignInWithPasskey(t.Context(), clinic.Visitor("", "192.0.2.1"), passkeySite(t), holder, answer, clinic.Browser{}, "")
}

// wantRefused wants an answer to be refused with a sentence of its own.
func wantRefused(t *testing.T, what string, err error, message string) {
	t.Helper()
	if refusal := (*clinic.Error)(nil); !errors.As(err, &refusal) || refusal.Message != message || refusal.Field != "passkey" {
		t.Errorf("%s: %v, want %s", what, err, message)
	}
}

// auditCount is how often something stands in the audit log, with a result.
func auditCount(t *testing.T, s *store.Store, action clinic.AuditAction, result clinic.Code) (n int) {
	t.Helper()
	all, err := s.AuditEntries(t.Context(), storetest.Owner, store.AuditQuery{Limit: 500})
	check(t, err)
	for _, e := range all {
		if e.Action == action && e.Result == string(result) {
			n++
		}
	}
	return n
}

// A passkey signs in alone, which counts as both, and after the password; it is a second factor like any other.
func TestPasskey_SignsInAloneAndAfterThePassword(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front := employ(t, s, clinic.FrontDesk, "front@example.jp")
		before, err := s.StartSession(t.Context(), front, clinic.Browser{}, false, "")
		check(t, err)
		key, recovery := withPasskey(t, s, front, "窓口のパソコン")
		if len(recovery) != clinic.RecoveryCodes {
			t.Errorf("%d recovery codes", len(recovery))
		}
		_, _, err = s.SignedIn(t.Context(), before)
		wantCode(t, err, clinic.Unauthorized)
		if _, more := withPasskey(t, s, front, "スマートフォン"); more != nil {
			t.Error("a second passkey takes the recovery codes of the first away")
		}
		f, err := s.SecondFactor(t.Context(), front.ID)
		check(t, err)
		if !f.Any() || len(f.Passkeys) != 2 || f.Recovery != clinic.RecoveryCodes || f.Passkeys[0].UsedAt != nil || !accountOf(t, s, front.ID).SecondFactor {
			t.Errorf("%+v", f)
		}

		clock.Advance(clinic.PasskeyLife)
		holder, answer := passkeyAlone(t, s, key)
		session, err := signInAlone(t, s, holder, answer)
		check(t, err)
		who, is, err := s.SignedIn(t.Context(), session)
		if err != nil || who.ID != front.ID || !is.SecondFactor || !is.Proved(clock.Now()) {
			t.Errorf("%+v, %+v, %v", who, is, err)
		}
		half, err := s.BeginSignIn(t.Context(), front)
		check(t, err)
		options, err := s.AskForSecond(t.Context(), passkeySite(t), half)
		check(t, err)
		key.Unproved = true // the password was right, so that a touch is enough
		session, err = s.FinishWithPasskey(t.Context(), passkeySite(t), half, key.Show(t, options), clinic.Browser{}, "")
		check(t, err)
		if _, is, err := s.SignedIn(t.Context(), session); err != nil || !is.SecondFactor {
			t.Errorf("%+v, %v", is, err)
		}
		f, err = s.SecondFactor(t.Context(), front.ID)
		check(t, err)
		for _, p := range f.Passkeys {
			if used := p.UsedAt != nil && p.UsedAt.Equal(clock.Now()); used != (p.Name == "窓口のパソコン") {
				t.Errorf("%s: used at %v", p.Name, p.UsedAt)
			}
		}
		holder, answer = passkeyAlone(t, s, key)
		_, err = signInAlone(t, s, holder, answer)
		wantRefused(t, "a key that has not looked who holds it, alone", err, "error.passkey.wrong")
	})
}

// Of twenty who send one answer at once, one gets a session, and afterwards nobody does.
func TestPasskey_OneAnswerIsOneSession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		front := employ(t, s, clinic.FrontDesk, "front@example.jp")
		key, _ := withPasskey(t, s, front, "窓口")
		half, err := s.BeginSignIn(t.Context(), front)
		check(t, err)
		options, err := s.AskForSecond(t.Context(), passkeySite(t), half)
		check(t, err)
		second := key.Show(t, options)
		holder, alone := passkeyAlone(t, s, key)
		for what, send := range map[string]func() (string, error){
			"alone": func() (string, error) { return signInAlone(t, s, holder, alone) },
			"second": func() (string, error) {
				return s.FinishWithPasskey(t.Context(), passkeySite(t), half, second, clinic.Browser{}, "")
			},
		} {
			sessions := map[string]bool{}
			for _, session := range atOnce(20, func(int) string { session, _ := send(); return session }) {
				if _, _, err := s.SignedIn(t.Context(), session); err == nil {
					sessions[session] = true
				}
			}
			if len(sessions) != 1 {
				t.Errorf("%s: %d sessions", what, len(sessions))
			}
			if _, err := send(); err == nil {
				t.Errorf("%s: an answer is taken again", what)
			}
		}
	})
}

// Of a key that counts, one count is taken once, also where each answer has a question of its own. One that goes back is refused and written down.
func TestPasskey_CountNeverGoesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		front := employ(t, s, clinic.FrontDesk, "front@example.jp")
		key, _ := withPasskey(t, s, front, "窓口")
		type asked struct{ holder, answer string }
		all := make([]asked, 20)
		key.Count = 7
		for i := range all {
			all[i].holder, all[i].answer = passkeyAlone(t, s, key)
		}
		in := 0
		for _, err := range atOnce(len(all), func(i int) error { _, err := signInAlone(t, s, all[i].holder, all[i].answer); return err }) {
			if err == nil {
				in++
			} else {
				wantRefused(t, "the same count", err, "error.passkey.behind")
			}
		}
		if in != 1 {
			t.Errorf("%d got in with one count", in)
		}
		check(t, s.Purge(t.Context()))
		for what, count := range map[string]uint32{"less": 6, "none": 0} {
			before := auditCount(t, s, "RefusePasskey", clinic.AuditDone)
			key.Count = count
			holder, answer := passkeyAlone(t, s, key)
			_, err := signInAlone(t, s, holder, answer)
			wantRefused(t, what, err, "error.passkey.behind")
			if n := auditCount(t, s, "RefusePasskey", clinic.AuditDone) - before; n != 1 {
				t.Errorf("%s: %d entries", what, n)
			}
		}
		key.Count = 8
		holder, answer := passkeyAlone(t, s, key)
		_, err := signInAlone(t, s, holder, answer)
		check(t, err)
	})
}

// An answer counts for what was asked, of whom it was asked, where and when it was asked.
func TestPasskey_AnswersNothingElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front, other := employ(t, s, clinic.FrontDesk, "front@example.jp"), employ(t, s, clinic.FrontDesk, "other@example.jp")
		key, _ := withPasskey(t, s, front, "窓口")
		others, _ := withPasskey(t, s, other, "ほかの人")

		holder, answer := passkeyAlone(t, s, key)
		clock.Advance(clinic.PasskeyLife)
		_, err := signInAlone(t, s, holder, answer)
		wantRefused(t, "too late", err, "error.passkey.late")

		_, first := passkeyAlone(t, s, key)
		holder, _ = passkeyAlone(t, s, key)
		_, err = signInAlone(t, s, holder, first)
		wantRefused(t, "the answer to another question", err, "error.passkey.wrong")
		_, err = signInAlone(t, s, holder, first)
		wantRefused(t, "a question whose first answer was wrong", err, "error.passkey.late")

		key.Origin = "https://yoyaku.example.com"
		holder, answer = passkeyAlone(t, s, key)
		_, err = signInAlone(t, s, holder, answer)
		wantRefused(t, "another origin", err, "error.passkey.origin")
		key.Origin = passkeyOrigin

		half, err := s.BeginSignIn(t.Context(), front)
		check(t, err)
		options, err := s.AskForSecond(t.Context(), passkeySite(t), half)
		check(t, err)
		_, err = s.FinishWithPasskey(t.Context(), passkeySite(t), half, others.Show(t, options), clinic.Browser{}, "")
		wantRefused(t, "another person's passkey", err, "error.passkey.unknown")
		options, err = s.AskForProof(t.Context(), clinic.StaffActor(front), passkeySite(t), half)
		check(t, err)
		_, err = s.FinishWithPasskey(t.Context(), passkeySite(t), half, key.Show(t, options), clinic.Browser{}, "")
		wantRefused(t, "the answer to a proof", err, "error.passkey.late")

		stranger := &passkeytest.Authenticator{Origin: passkeyOrigin}
		options, err = s.AskToAddPasskey(t.Context(), clinic.StaffActor(front), passkeySite(t), "x", "ほかの名前")
		check(t, err)
		_ = stranger.Make(t, options) // and never kept
		holder, answer = passkeyAlone(t, s, stranger)
		_, err = signInAlone(t, s, holder, answer)
		wantRefused(t, "an unknown key", err, "error.passkey.unknown")
		_, err = signInAlone(t, s, holder, "{")
		wantRefused(t, "no answer", err, "error.passkey.late")
		if n := auditCount(t, s, clinic.SignIn, clinic.Unauthorized); n < 4 {
			t.Errorf("%d refused sign-ins stand in the audit log", n)
		}

		check(t, s.SetAccountActive(t.Context(), storetest.Owner, front.ID, false))
		holder, answer = passkeyAlone(t, s, key)
		_, err = signInAlone(t, s, holder, answer)
		wantRefused(t, "a closed account", err, "error.passkey.unknown")
	})
}

// Whoever is signed in shows again who they are by a passkey that looks who holds it.
func TestPasskey_IsAProof(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front := employ(t, s, clinic.FrontDesk, "front@example.jp")
		actor := clinic.StaffActor(front)
		key, _ := withPasskey(t, s, front, "窓口")
		session, err := s.StartSession(t.Context(), front, clinic.Browser{}, true, "")
		check(t, err)
		clock.Advance(clinic.ProofLife)
		prove := func() error {
			options, err := s.AskForProof(t.Context(), actor, passkeySite(t), session)
			check(t, err)
			return s.ProveWithPasskey(t.Context(), actor, passkeySite(t), session, key.Show(t, options))
		}
		key.Unproved = true
		wantRefused(t, "a touch alone", prove(), "error.passkey.wrong")
		key.Unproved = false
		check(t, prove())
		if _, is, err := s.SignedIn(t.Context(), session); err != nil || !is.Proved(clock.Now()) {
			t.Errorf("%+v, %v", is, err)
		}
	})
}

// A passkey is removed by its owner or, with everything else, by an administrator. With the last second factor the recovery codes go.
func TestPasskey_IsRemoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front, other := employ(t, s, clinic.FrontDesk, "front@example.jp"), employ(t, s, clinic.FrontDesk, "other@example.jp")
		actor := clinic.StaffActor(front)
		key, _ := withPasskey(t, s, front, "窓口")
		if _, recovery := withApp(t, s, clock, front); recovery != nil {
			t.Error("an app beside a passkey takes the recovery codes away that are kept somewhere")
		}
		have := func() clinic.SecondFactor {
			f, err := s.SecondFactor(t.Context(), front.ID)
			check(t, err)
			return f
		}
		id := have().Passkeys[0].ID
		wantCode(t, s.RemovePasskey(t.Context(), clinic.StaffActor(other), id), clinic.NotFound)
		check(t, s.RemoveApp(t.Context(), actor))
		if f := have(); !f.Any() || f.Recovery != clinic.RecoveryCodes {
			t.Errorf("without the app: %+v", f)
		}
		holder, answer := passkeyAlone(t, s, key)
		check(t, s.RemovePasskey(t.Context(), actor, id))
		if f := have(); f.Any() || f.Recovery != 0 {
			t.Errorf("without anything: %+v", f)
		}
		_, err := signInAlone(t, s, holder, answer)
		wantRefused(t, "a removed passkey", err, "error.passkey.unknown")

		key, _ = withPasskey(t, s, front, "窓口")
		check(t, s.RemoveSecondFactors(t.Context(), storetest.Owner, front.ID))
		if f := have(); f.Any() {
			t.Errorf("after the administrator: %+v", f)
		}
		holder, answer = passkeyAlone(t, s, key)
		_, err = signInAlone(t, s, holder, answer)
		wantRefused(t, "what an administrator took away", err, "error.passkey.unknown")
	})
}
