package clinic

import (
	"testing"
	"time"
)

func TestAccount_State(t *testing.T) {
	open := Staff{Active: true, PasswordHash: "$x"}
	for want, a := range map[AccountState]Account{
		AccountOpen: {Staff: open}, AccountLocked: {Staff: open, Locked: true}, AccountInvited: {Staff: Staff{Active: true}, Locked: true}, AccountDisabled: {Staff: Staff{PasswordHash: "$x"}, Locked: true},
	} {
		if got := a.State(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Nobody takes away what they work with themselves, and somebody is left who can administrate the clinic.
func TestCheckAccountChange(t *testing.T) {
	chief := Staff{ID: "chief", Role: Admin, EveryBranch: true, Active: true, PasswordHash: "$x"}
	other := StaffActor(Staff{ID: "other", Role: Admin, EveryBranch: true, Active: true})
	for what, change := range map[string]func(*Staff){
		"closed":      func(s *Staff) { s.Active = false },
		"demoted":     func(s *Staff) { s.Role = FrontDesk },
		"narrowed":    func(s *Staff) { s.EveryBranch, s.Branches = false, []string{"one"} },
		"only called": func(s *Staff) { s.Name, s.Email = "別名", "other@example.jp" },
	} {
		after := chief
		change(&after)
		less := what != "only called"
		for who, of := range map[string]struct {
			actor  Actor
			others int
			want   string
		}{
			"another, with others left": {other, 1, ""},
			"another, with nobody left": {other, 0, "error.account.last"},
			"the server's command":      {Job("x"), 0, "error.account.last"},
			"themselves":                {StaffActor(chief), 1, "error.account.self"},
		} {
			err := CheckAccountChange(of.actor, chief, after, of.others)
			want := of.want
			if !less {
				want = ""
			}
			if got := message(err); got != want {
				t.Errorf("%s by %s: %q, want %q", what, who, got, want)
			}
		}
	}
	invited := chief
	invited.PasswordHash = ""
	closed := invited
	closed.Active = false
	if err := CheckAccountChange(other, invited, closed, 0); err != nil {
		t.Errorf("somebody who has never signed in is kept: %v", err)
	}
}

func message(err error) string {
	if refusal, ok := err.(*Error); ok { //nolint:errorlint // the very value
		return refusal.Message
	}
	return ""
}

func TestNewStaffToken(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token := NewStaffToken()
		if len(token) != 52 || seen[token] {
			t.Fatalf("token %q", token)
		}
		seen[token] = true
	}
}

func TestSession_Proved(t *testing.T) {
	s := Session{ProvedAt: noon}
	if !s.Proved(noon.Add(ProofLife-time.Second)) || s.Proved(noon.Add(ProofLife)) || (Session{}).Proved(noon) {
		t.Error("the proof does not end when it should")
	}
}
