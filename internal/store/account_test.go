package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// employ adds an account that can sign in.
func employ(t *testing.T, s *store.Store, role clinic.Role, email string) clinic.Staff {
	t.Helper()
	p, err := s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{EveryBranch: true, Role: role, Name: "職員 " + email, Email: email, PasswordHash: "$argon2id$"})
	check(t, err)
	return p
}

func accountOf(t *testing.T, s *store.Store, id string) clinic.Account {
	t.Helper()
	a, err := s.Account(t.Context(), storetest.Owner, id)
	check(t, err)
	return a
}

func TestAccounts_SayHowTheyStand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		admin, front := employ(t, s, clinic.Admin, "admin@example.jp"), employ(t, s, clinic.FrontDesk, "front@example.jp")
		invited, err := s.AddStaff(t.Context(), clinic.StaffActor(admin), clinic.Staff{EveryBranch: true, Role: clinic.FrontDesk, Name: "招待", Email: "new@example.jp"})
		check(t, err)
		_, err = s.NewStaffLink(t.Context(), clinic.StaffActor(admin), invited.ID)
		check(t, err)
		for range clinic.SignInsPerAccount {
			_, err := s.TrySignIn(t.Context(), clinic.Visitor("", "192.0.2.1"), "FRONT@example.jp", "")
			check(t, err)
		}
		clock.Advance(time.Minute)
		_, err = s.StartSession(t.Context(), admin, clinic.Browser{}, false, "")
		check(t, err)
		all, err := s.Accounts(t.Context(), clinic.StaffActor(admin))
		check(t, err)
		want := map[string]clinic.AccountState{admin.ID: clinic.AccountOpen, front.ID: clinic.AccountLocked, invited.ID: clinic.AccountInvited}
		for _, a := range all {
			if a.State() != want[a.ID] {
				t.Errorf("%s is %s, want %s", a.Email, a.State(), want[a.ID])
			}
			if in := a.SignedInAt; (in != nil) != (a.ID == admin.ID) || in != nil && !in.Equal(clock.Now()) {
				t.Errorf("%s signed in at %v", a.Email, in)
			}
			if (a.LinkUntil != nil) != (a.ID == invited.ID) || a.SecondFactor {
				t.Errorf("%s: link until %v, second factor %t", a.Email, a.LinkUntil, a.SecondFactor)
			}
		}
		if len(all) != 3 {
			t.Errorf("%d accounts", len(all))
		}
		check(t, s.UnlockAccount(t.Context(), clinic.StaffActor(admin), front.ID))
		if state := accountOf(t, s, front.ID).State(); state != clinic.AccountOpen {
			t.Errorf("unlocked, it is %s", state)
		}
		// None of it is for anybody else, nor for who manages some branches only.
		for _, actor := range []clinic.Actor{clinic.StaffActor(front), clinic.Visitor("", ""), clinic.StaffActor(clinic.Staff{Role: clinic.Admin, Active: true, Branches: []string{"one"}})} {
			_, err := s.Accounts(t.Context(), actor)
			wantCode(t, err, clinic.Forbidden)
			_, err = s.Account(t.Context(), actor, front.ID)
			wantCode(t, err, clinic.Forbidden)
			_, err = s.AddStaff(t.Context(), actor, clinic.Staff{EveryBranch: true, Role: clinic.Admin, Name: "x", Email: "x@example.jp"})
			wantCode(t, err, clinic.Forbidden)
			_, err = s.NewStaffLink(t.Context(), actor, front.ID)
			wantCode(t, err, clinic.Forbidden)
			wantCode(t, s.SaveAccount(t.Context(), actor, front), clinic.Forbidden)
			wantCode(t, s.SetAccountActive(t.Context(), actor, front.ID, false), clinic.Forbidden)
			wantCode(t, s.UnlockAccount(t.Context(), actor, front.ID), clinic.Forbidden)
			wantCode(t, s.RemoveSecondFactors(t.Context(), actor, front.ID), clinic.Forbidden)
		}
	})
}

func TestSaveAccount_ChangesAllOfItAndNothingUnseen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		admin, front := employ(t, s, clinic.Admin, "admin@example.jp"), employ(t, s, clinic.FrontDesk, "front@example.jp")
		actor := clinic.StaffActor(admin)
		session, err := s.StartSession(t.Context(), front, clinic.Browser{}, false, "")
		check(t, err)
		next := front
		next.Name, next.Email, next.Role, next.DoctorID, next.EveryBranch, next.Branches = "見本 花", "Hana@example.jp", clinic.DoctorRole, c.Doctors[0].ID, false, []string{c.Branch.ID}
		check(t, s.SaveAccount(t.Context(), actor, next))
		got := accountOf(t, s, front.ID)
		if got.Name != next.Name || got.Email != next.Email || got.Role != next.Role || got.DoctorID != next.DoctorID || got.EveryBranch || len(got.Branches) != 1 || got.Revision != 2 || got.PasswordHash != front.PasswordHash || !got.Active {
			t.Errorf("got %+v", got.Staff)
		}
		if _, err := s.StaffByEmail(t.Context(), "hana@example.jp"); err != nil {
			t.Error(err)
		}
		_, err = s.StaffByEmail(t.Context(), "front@example.jp")
		wantCode(t, err, clinic.NotFound)
		_, _, err = s.SignedIn(t.Context(), session) // another role: what the page was opened for may not be theirs any more
		wantCode(t, err, clinic.Unauthorized)
		if err := s.SaveAccount(t.Context(), actor, next); !clinic.IsStale(err) {
			t.Errorf("saved over what was not seen: %v", err)
		}
		taken := got.Staff
		taken.Email = "ADMIN@example.jp"
		wantCode(t, s.SaveAccount(t.Context(), actor, taken), clinic.Conflict)
		nowhere := got.Staff
		nowhere.Branches = []string{"nowhere"}
		wantCode(t, s.SaveAccount(t.Context(), actor, nowhere), clinic.Invalid)
		nobody := got.Staff
		nobody.DoctorID = "nobody"
		wantCode(t, s.SaveAccount(t.Context(), actor, nobody), clinic.Invalid)
		if after := accountOf(t, s, front.ID); after.Revision != 2 || after.Branches[0] != c.Branch.ID {
			t.Errorf("a refused change left %+v", after.Staff)
		}
	})
}

// A closed account's session is dead at once and stays dead, however the account was closed; so are its links.
func TestSetAccountActive_EndsEverythingForGood(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			s := storetest.Open(t, at, t.TempDir()+"/keys", storetest.NewClock().Now)
			admin, front := employ(t, s, clinic.Admin, "admin@example.jp"), employ(t, s, clinic.FrontDesk, "front@example.jp")
			actor := clinic.StaffActor(admin)
			for what, closing := range map[string]func(active bool) error{
				"on its page": func(active bool) error { return s.SetAccountActive(t.Context(), actor, front.ID, active) },
				"in the database": func(active bool) error {
					return tryExec(t, at, "UPDATE staff SET active = $1 WHERE id = $2", active, front.ID)
				},
			} {
				session, err := s.StartSession(t.Context(), front, clinic.Browser{}, false, "")
				check(t, err)
				half, err := s.BeginSignIn(t.Context(), front)
				check(t, err)
				link, err := s.NewStaffLink(t.Context(), actor, front.ID)
				check(t, err)
				check(t, closing(false))
				opensNothing := func() {
					t.Helper()
					_, _, err := s.SignedIn(t.Context(), session)
					wantCode(t, err, clinic.Unauthorized)
					_, err = s.SigningIn(t.Context(), half)
					wantCode(t, err, clinic.Unauthorized)
					_, err = s.StaffByLink(t.Context(), link)
					wantCode(t, err, clinic.NotFound)
				}
				opensNothing()
				_, err = s.StartSession(t.Context(), front, clinic.Browser{}, false, "")
				wantCode(t, err, clinic.Unauthorized)
				_, err = s.BeginSignIn(t.Context(), front)
				wantCode(t, err, clinic.Unauthorized)
				_, err = s.NewStaffLink(t.Context(), actor, front.ID)
				wantCode(t, err, clinic.Conflict)
				check(t, closing(true))
				opensNothing()
				if t.Failed() {
					t.Fatalf("closed %s", what)
				}
			}
		})
	}
}

// Two administrators who close each other's account at the same instant do not both succeed.
func TestSetAccountActive_LeavesAnAdministrator(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		a, b := employ(t, s, clinic.Admin, "a@example.jp"), employ(t, s, clinic.Admin, "b@example.jp")
		both := []clinic.Staff{a, b}
		refused := 0
		for _, err := range atOnce(2, func(i int) error {
			return s.SetAccountActive(t.Context(), clinic.StaffActor(both[i]), both[1-i].ID, false)
		}) {
			if err != nil {
				wantCode(t, err, clinic.Conflict)
				refused++
			}
		}
		if refused != 1 {
			t.Errorf("%d of both were refused", refused)
		}
		self := employ(t, s, clinic.Admin, "c@example.jp")
		wantCode(t, s.SetAccountActive(t.Context(), clinic.StaffActor(self), self.ID, false), clinic.Conflict)
	})
}

// The link of an account chooses its password once, within its time; another link replaces it.
func TestChoosePassword_TakesALinkOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		admin, front := employ(t, s, clinic.Admin, "admin@example.jp"), employ(t, s, clinic.FrontDesk, "front@example.jp")
		actor := clinic.StaffActor(admin)
		newLink := func() string {
			token, err := s.NewStaffLink(t.Context(), actor, front.ID)
			check(t, err)
			return token
		}
		first, second := newLink(), newLink()
		_, err := s.ChoosePassword(t.Context(), first, "$first")
		wantCode(t, err, clinic.NotFound)
		session, err := s.StartSession(t.Context(), front, clinic.Browser{}, false, "")
		check(t, err)
		for range clinic.SignInsPerAccount {
			_, err := s.TrySignIn(t.Context(), clinic.Visitor("", "192.0.2.1"), front.Email, "")
			check(t, err)
		}
		taken := 0
		for _, err := range atOnce(20, func(int) error {
			_, err := s.ChoosePassword(t.Context(), second, "$second")
			return err
		}) {
			if err == nil {
				taken++
			} else {
				wantCode(t, err, clinic.NotFound)
			}
		}
		if taken != 1 {
			t.Errorf("the link was taken %d times", taken)
		}
		after := accountOf(t, s, front.ID)
		if after.PasswordHash != "$second" || after.Locked || after.LinkUntil != nil {
			t.Errorf("got %+v", after)
		}
		_, _, err = s.SignedIn(t.Context(), session)
		wantCode(t, err, clinic.Unauthorized)

		late := newLink()
		clock.Advance(clinic.StaffLinkLife)
		_, err = s.StaffByLink(t.Context(), late)
		wantCode(t, err, clinic.NotFound)
		_, err = s.ChoosePassword(t.Context(), late, "$late")
		wantCode(t, err, clinic.NotFound)
		check(t, s.Purge(t.Context()))
	})
}

// Who changes their password is signed out everywhere but here, where the session is another one.
func TestChangePassword_EndsTheOtherSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		front, other := employ(t, s, clinic.FrontDesk, "front@example.jp"), employ(t, s, clinic.FrontDesk, "other@example.jp")
		start := func(p clinic.Staff) string {
			token, err := s.StartSession(t.Context(), p, clinic.Browser{Agent: "Firefox/140.0", Network: "192.0.2.7"}, true, "")
			check(t, err)
			return token
		}
		here, there, elsewhere := start(front), start(front), start(other)
		_, session, err := s.SignedIn(t.Context(), here)
		check(t, err)
		now, err := s.ChangePassword(t.Context(), clinic.StaffActor(front), "$new", session, clinic.Browser{Agent: "Here"})
		check(t, err)
		for _, ended := range []string{here, there} {
			_, _, err := s.SignedIn(t.Context(), ended)
			wantCode(t, err, clinic.Unauthorized)
		}
		got, session, err := s.SignedIn(t.Context(), now)
		if err != nil || got.PasswordHash != "$new" || !session.SecondFactor {
			t.Errorf("%+v, %+v, %v", got, session, err)
		}
		_, _, err = s.SignedIn(t.Context(), elsewhere)
		check(t, err)
	})
}

func TestSessions_AreTheirOwnersToEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front, other := employ(t, s, clinic.FrontDesk, "front@example.jp"), employ(t, s, clinic.FrontDesk, "other@example.jp")
		start := func(p clinic.Staff, agent string) string {
			token, err := s.StartSession(t.Context(), p, clinic.Browser{Agent: agent, Network: "192.0.2.7"}, false, "")
			check(t, err)
			return token
		}
		idle := start(front, "idle")
		clock.Advance(clinic.SessionIdle - time.Minute)
		here, there, elsewhere := start(front, "here"), start(front, "there"), start(other, "elsewhere")
		clock.Advance(time.Minute)
		_, own, err := s.SignedIn(t.Context(), here)
		check(t, err)
		list := func(p clinic.Staff) (agents []string, ids map[string]string) {
			all, err := s.Sessions(t.Context(), clinic.StaffActor(p))
			check(t, err)
			ids = map[string]string{}
			for _, session := range all {
				agents, ids[session.Browser.Agent] = append(agents, session.Browser.Agent), session.ID
				if session.Browser.Network != "192.0.2.7" {
					t.Errorf("from %q", session.Browser.Network)
				}
			}
			return agents, ids
		}
		agents, ids := list(front)
		if len(agents) != 2 || agents[0] != "here" || ids["here"] != own.ID || idle == "" {
			t.Fatalf("the sessions are %v", agents)
		}
		_, others := list(other)
		check(t, s.EndSessions(t.Context(), clinic.StaffActor(front), others["elsewhere"], here)) // somebody else's
		wantCode(t, s.EndSessions(t.Context(), clinic.StaffActor(front), "no id", here), clinic.NotFound)
		_, _, err = s.SignedIn(t.Context(), elsewhere)
		check(t, err)
		check(t, s.EndSessions(t.Context(), clinic.StaffActor(front), ids["there"], here))
		_, _, err = s.SignedIn(t.Context(), there)
		wantCode(t, err, clinic.Unauthorized)
		again := start(front, "again")
		check(t, s.EndSessions(t.Context(), clinic.StaffActor(front), "", here))
		_, _, err = s.SignedIn(t.Context(), again)
		wantCode(t, err, clinic.Unauthorized)
		_, _, err = s.SignedIn(t.Context(), here)
		check(t, err)
	})
}

func TestProveSession_CountsForAWhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		front, other := employ(t, s, clinic.FrontDesk, "front@example.jp"), employ(t, s, clinic.FrontDesk, "other@example.jp")
		token, err := s.StartSession(t.Context(), front, clinic.Browser{}, false, "")
		check(t, err)
		proved := func() bool {
			_, session, err := s.SignedIn(t.Context(), token)
			check(t, err)
			return session.Proved(clock.Now())
		}
		if !proved() {
			t.Error("whoever has just signed in has to show who they are")
		}
		clock.Advance(clinic.ProofLife)
		if proved() {
			t.Error("a proof does not end")
		}
		wantCode(t, s.ProveSession(t.Context(), clinic.StaffActor(other), token), clinic.NotFound)
		check(t, s.ProveSession(t.Context(), clinic.StaffActor(front), token))
		if !proved() {
			t.Error("a proof does not count")
		}
	})
}
