package clinic

import "time"

// APIKey lets a program book through the JSON API. Its token is shown once, when it is made.
type APIKey struct {
	ID        string
	Name      string // whose it is: 見本サイト
	CreatedAt time.Time
	UsedAt    *time.Time // of the latest booking, to the minute
	RevokedAt *time.Time
}

// maxAPIKeyName is the longest name of a key, in characters.
const maxAPIKeyName = 80

// CheckAPIKeyName tidies the name of a key as it was typed.
func CheckAPIKeyName(name string) (string, error) {
	name = Tidy(name)
	return name, checkLine(nil, "name", name, true, maxAPIKeyName).Err()
}

// NewAPIToken is a new token of an API key. What it begins with lets it be recognised where it should not be, in a file or a log.
func NewAPIToken() string { return "mdg_" + NewToken() }
