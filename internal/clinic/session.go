package clinic

import "time"

// How long a session of staff lasts without a request, and at the longest (OWASP ASVS 5.0, 7.3; health data, so on the
// short side).
const (
	SessionIdle     = 15 * time.Minute
	SessionAbsolute = 8 * time.Hour
)

// ProofLife is how long it counts that somebody has shown who they are. Whoever sits down at a desk that was left open does not have
// what changes accounts, takes data out of the house, or publishes a questionnaire (OWASP ASVS 5.0, 7.5).
const ProofLife = 10 * time.Minute

// SignInLife is how long somebody whose password was right may take over their second factor.
const SignInLife = 10 * time.Minute

// Browser is what a browser says of itself, and the network address it comes from. A person knows their own by it.
type Browser struct {
	Agent   string // the header User-Agent
	Network string
}

// MaxAgent is how much of a browser's name is kept, in characters.
const MaxAgent = 300

// Session is one browser in which a member of staff has signed in.
type Session struct {
	ID           string // names it to its owner, and opens nothing
	StaffID      string
	CreatedAt    time.Time
	SeenAt       time.Time // of the latest request, to the minute
	ProvedAt     time.Time // when they last showed who they are
	SecondFactor bool      // whether a second factor was shown
	Browser      Browser
}

// Live reports whether the session still stands.
func (s Session) Live(now time.Time) bool {
	return now.Before(s.SeenAt.Add(SessionIdle)) && now.Before(s.CreatedAt.Add(SessionAbsolute))
}

// Proved reports whether somebody has just shown who they are.
func (s Session) Proved(now time.Time) bool { return now.Before(s.ProvedAt.Add(ProofLife)) }
