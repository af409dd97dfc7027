package clinic

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 as every app has it; HMAC needs no resistance to collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// A second factor is a code of six digits that an app makes of a secret and the time (RFC 6238), in steps of thirty seconds.
const (
	totpStep   = 30
	totpSecret = 20 // bytes (RFC 4226, 4)
	totpDigits = 6
	totpModulo = 1_000_000
	totpSkew   = 1 // how many steps a clock may be off
)

// How many codes may be wrong within a time, over all the browsers of a person. Whoever comes that far knows the password, so that an
// administrator should hear of it.
const (
	SecondFactorTries  = 5
	SecondFactorWindow = time.Hour
)

// NewTOTPSecret draws the secret of an app.
func NewTOTPSecret() []byte {
	secret := make([]byte, totpSecret)
	_, _ = rand.Read(secret) // it never fails (Go 1.24)
	return secret
}

// TOTPText is a secret as a person types it into an app that cannot read the picture.
func TOTPText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// TOTPAddress is what the picture says that an app reads: whose the code is, and the secret.
func TOTPAddress(clinicName, account string, secret []byte) string {
	return "otpauth://totp/" + url.PathEscape(clinicName+":"+account) + "?secret=" + TOTPText(secret) + "&issuer=" + url.QueryEscape(clinicName)
}

// TOTPCode is the code of a time step.
func TOTPCode(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash takes everything
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%0*d", totpDigits, binary.BigEndian.Uint32(sum[at:])&0x7fffffff%totpModulo)
}

// TOTPStep is the number of the time step of an instant.
func TOTPStep(now time.Time) int64 { return now.Unix() / totpStep }

// MatchTOTP is the time step of which a code is, for a clock that is off by a step at the most. Steps up to last were used before and
// match nothing.
func MatchTOTP(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	for s := TOTPStep(now) - totpSkew; s <= TOTPStep(now)+totpSkew; s++ {
		if subtle.ConstantTimeCompare([]byte(TOTPCode(secret, s)), []byte(code)) == 1 && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}

// RecoveryCodes is how many recovery codes a person gets.
const RecoveryCodes = 10

// The codes are written in groups. Sixty random bits are found under a key that is not in the database.
const (
	recoveryLength = 12
	recoveryGroup  = 4
)

// NewRecoveryCodes draws the codes of a person.
func NewRecoveryCodes() []string {
	codes := make([]string, RecoveryCodes)
	for i := range codes {
		drawn := strings.ToLower(rand.Text())[:recoveryLength]
		codes[i] = drawn[:recoveryGroup] + "-" + drawn[recoveryGroup:2*recoveryGroup] + "-" + drawn[2*recoveryGroup:]
	}
	return codes
}

// ReadCode reads what somebody typed as their second factor: six digits of an app, or one of their recovery codes. Both are empty
// where it can be neither.
func ReadCode(typed string) (totp, recovery string) {
	var kept []rune
	for _, r := range strings.ToLower(Narrow(typed)) {
		if r == ' ' || isDash(r) {
			continue
		}
		kept = append(kept, r)
	}
	code := string(kept)
	isDigits := strings.Trim(code, "0123456789") == ""
	switch {
	case len(code) == totpDigits && isDigits:
		return code, ""
	case len(code) == recoveryLength && IsToken(code+strings.Repeat("a", tokenLength-recoveryLength)):
		return "", code
	}
	return "", ""
}

// SecondFactor is what a member of staff has besides their password.
type SecondFactor struct {
	App      *time.Time // since when an app makes codes; nil for none
	Passkeys []Passkey  // the latest first
	Recovery int        // how many recovery codes are left
}

// Any reports whether there is something that is asked for after the password.
func (f SecondFactor) Any() bool { return f.App != nil || len(f.Passkeys) > 0 }
