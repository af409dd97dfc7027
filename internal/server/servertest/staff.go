package servertest

import (
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store/storetest"
)

// The mail addresses with which the staff of a site sign in.
const (
	Admin     = "admin@example.jp"
	FrontDesk = "frontdesk@example.jp"
	Doctor    = "doctor@example.jp"    // the clinic's first doctor
	Colleague = "colleague@example.jp" // the second
	Spare     = "spare@example.jp"     // of a Booked site: an account with which nobody is at work
)

// Password opens every account of a site.
const Password = "架空の合言葉です2026"

// passwordHash takes no time to compare, so that a test may sign in often. What a real one costs is a matter of package
// office, whose own tests hash with HashPassword, as do the commands that the tests of the program run.
var passwordHash = sync.OnceValues(func() (string, error) {
	return argon2id.CreateHash(Password, &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
})

// Employ adds an account, which belongs to every branch unless it names some.
func (s *Site) Employ(tb testing.TB, account clinic.Staff) {
	tb.Helper()
	account.EveryBranch = len(account.Branches) == 0
	var err error
	account.PasswordHash, err = passwordHash()
	Must(tb, err)
	s.Staff[account.Email], err = s.Store.AddStaff(tb.Context(), storetest.Owner, account)
	Must(tb, err)
}

// SignedIn is a visitor who has signed in. Signing in itself is tested in package office.
func (s *Site) SignedIn(tb testing.TB, email string) *Visitor {
	tb.Helper()
	v := s.Visitor(tb)
	v.SetCookie(page.SessionCookie, s.StartSession(tb, email))
	return v
}

// StartSession starts a session and returns the value of its cookie.
func (s *Site) StartSession(tb testing.TB, email string) string {
	tb.Helper()
	token, err := s.Store.StartSession(tb.Context(), s.Staff[email], clinic.Browser{}, false, "")
	Must(tb, err)
	return token
}
