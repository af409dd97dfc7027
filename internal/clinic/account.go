package clinic

import (
	"crypto/rand"
	"encoding/base32"
	"slices"
	"strings"
	"time"
)

// AccountState is how the account of a member of staff stands.
type AccountState string

// The states of an account.
const (
	AccountInvited  AccountState = "invited"  // 招待中: nobody has chosen a password yet
	AccountOpen     AccountState = "open"     // 使用中
	AccountLocked   AccountState = "locked"   // ロック中: so many wrong passwords or codes that it has to wait
	AccountDisabled AccountState = "disabled" // 停止中
)

// Account is the account of a member of staff, as an administrator sees it.
type Account struct {
	Staff

	SignedInAt   *time.Time // the latest sign-in; nil before the first
	SecondFactor bool       // they have one
	Locked       bool
	LinkUntil    *time.Time // until when a link opens it by which a password is chosen; nil where there is none
}

// State is how the account stands.
func (a Account) State() AccountState {
	switch {
	case !a.Active:
		return AccountDisabled
	case a.PasswordHash == "":
		return AccountInvited
	case a.Locked:
		return AccountLocked
	}
	return AccountOpen
}

// StaffLinkLife is how long the link of an account opens it.
const StaffLinkLife = 72 * time.Hour

// staffTokenBytes is how many random bytes the link of an account has.
const staffTokenBytes = 32

var staffToken = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewStaffToken is the secret of an account's link, of 256 random bits. Only its TokenHash is stored.
func NewStaffToken() string {
	var random [staffTokenBytes]byte
	_, _ = rand.Read(random[:]) // it never fails (Go 1.24)
	return strings.ToLower(staffToken.EncodeToString(random[:]))
}

// OpensOffice reports whether an account can administrate all of the clinic: somebody signs in with it and may do everything.
func (s Staff) OpensOffice() bool {
	return s.Active && s.PasswordHash != "" && StaffActor(s).MayEverywhere(ManageClinic)
}

// CheckAccountChange refuses a change of an account from what is stored: nobody takes away their own role, branches or account, and
// the last account that can administrate the clinic stays. others is how many more accounts can.
func CheckAccountChange(actor Actor, before, after Staff, others int) error {
	less := before.Active && !after.Active || before.Role != after.Role || before.EveryBranch != after.EveryBranch ||
		!slices.Equal(sorted(before.Branches), sorted(after.Branches))
	switch {
	case less && actor.Kind == ActorStaff && actor.Staff.ID == before.ID:
		return &Error{Code: Conflict, Field: accountField(before, after), Message: "error.account.self"}
	case before.OpensOffice() && !after.OpensOffice() && others == 0:
		return &Error{Code: Conflict, Field: accountField(before, after), Message: "error.account.last"}
	}
	return nil
}

// accountField is the field of the form at which a refused change stands.
func accountField(before, after Staff) string {
	switch {
	case before.Active != after.Active:
		return ""
	case before.Role != after.Role:
		return "role"
	}
	return "branches"
}

func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }
