package clinic

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// NewID returns an identifier that cannot be guessed: 26 lower-case base32 letters, at least 128 random bits
// (OWASP ASVS 5.0, 7.2.3). Every id the public may see is one of these.
func NewID() string { return strings.ToLower(rand.Text()) }

// timePrefix writes the milliseconds of an instant in letters that sort like the instants.
var timePrefix = base32.HexEncoding.WithPadding(base32.NoPadding)

// NewIDAt is NewID behind an instant, to the millisecond: ids sort by when they were made. Rows that come in the order of
// time are then written to few pages, and the latest are found without sorting (the idea of UUID version 7, RFC 9562, with
// the full 128 random bits).
func NewIDAt(now time.Time) string { return IDsFrom(now) + NewID() }

// IDsFrom is where the ids of NewIDAt begin that were made at an instant or later.
func IDsFrom(at time.Time) string {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(at.UnixMilli(), 0)))
	return strings.ToLower(timePrefix.EncodeToString(ms[2:]))
}

// NewToken returns a secret for a link or a cookie, with at least 128 random bits. Only its TokenHash is stored in the
// clear; the token itself is known to whoever holds the link, and to the sealed letter that carries it.
func NewToken() string { return strings.ToLower(rand.Text()) }

// tokenLength is the length of rand.Text.
const tokenLength = 26

// IsToken reports whether a text has the form of what NewToken returns.
func IsToken(s string) bool {
	return len(s) == tokenLength && !strings.ContainsFunc(s, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '2' && r <= '7') })
}

// TokenHash is how a token is found in the database. The token has full entropy, so a plain hash suffices.
func TokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// referenceAlphabet leaves out what looks or sounds alike on the telephone: 0/O, 1/I/L, 5/S, 8/B, U/V.
const referenceAlphabet = "234679ACDEFGHJKMNPQRTWXYZ"

const referenceLength = 7

// NewReference returns the short human reference of a booking, such as M7K-4Q2P. It names a booking on the telephone
// and opens nothing: links carry a token. 25^7 (six thousand million) references make a clash rare; the unique key in
// the database makes it impossible.
func NewReference() string {
	var b strings.Builder
	var random [1]byte
	for n := 0; n < referenceLength; {
		if _, err := rand.Read(random[:]); err != nil {
			panic(err) // crypto/rand never fails (Go 1.24); the standard library itself aborts.
		}
		// 250 is the largest multiple of 25 in a byte; larger values would favour the first letters.
		if random[0] >= 250 {
			continue
		}
		if n == 3 {
			b.WriteByte('-')
		}
		b.WriteByte(referenceAlphabet[int(random[0])%len(referenceAlphabet)])
		n++
	}
	return b.String()
}

// ParseReference reads a reference as somebody may type it: any case, full-width, with or without the hyphen. It
// reports false when it cannot be one.
func ParseReference(typed string) (string, bool) {
	var letters []byte
	for _, r := range strings.ToUpper(Narrow(typed)) {
		switch {
		case r == ' ' || isDash(r):
		case r < 128 && strings.ContainsRune(referenceAlphabet, r):
			letters = append(letters, byte(r))
		default:
			return "", false
		}
	}
	if len(letters) != referenceLength {
		return "", false
	}
	return string(letters[:3]) + "-" + string(letters[3:]), true
}
