package clinic

import (
	"net/netip"
	"strings"
	"time"
)

// A code (確認コード) takes the place of a puzzle for a browser without scripts: it goes to the address that was typed, and whoever types it into
// the form can read what is sent there. Nothing is stored of it but its letter.

const (
	// CodeEvery is how long an address has the same code, so that it gets no second letter meanwhile. Until the end of the next such time it counts.
	CodeEvery = 15 * time.Minute

	// CodesPerHour is how many addresses are sent one in an hour, of all visitors together. Hardly anybody is without scripts.
	CodesPerHour = 60

	// CodesPerNetwork is how many of them the addresses of one WideNetwork get, so that nobody alone takes those of all others.
	CodesPerNetwork = 6

	// CodesKept is how long their letters are kept.
	CodesKept = 24 * time.Hour
)

// WideNetwork is the part of a client's network address that one provider's customer can have for little money: of IPv4 a /24, of IPv6 a /48. What is shared
// out between networks is counted by it; bookings are counted by the address alone, because their limit is about people and not about a share.
func WideNetwork(client string) string {
	text, _, _ := strings.Cut(client, "/")
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return client
	}
	bits := 48
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		bits = 24
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return client
	}
	return prefix.String()
}

// CodePeriods are the numbers of the times whose codes count at an instant, the present one first.
func CodePeriods(now time.Time) [2]int64 {
	n := now.Unix() / int64(CodeEvery/time.Second)
	return [2]int64{n, n - 1}
}

// TidyCode is a code as it is compared: of ８桁 and of 1234 5678 the digits.
func TidyCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, Narrow(typed))
}

// ShowCode is a code as people read it: 1234 5678.
func ShowCode(code string) string { return code[:len(code)/2] + " " + code[len(code)/2:] }

// CodeFor writes the letter that brings a code to the address that was typed at a branch.
func CodeFor(s Settings, b Branch, to, lang, code, onceKey string, now time.Time) Letter {
	branch := b.In(lang)
	return Letter{
		ID: NewIDAt(now), Kind: CodeLetter, OnceKey: onceKey, Channel: ByMail, Status: LetterWaiting, DueAt: now, CreatedAt: now,
		Content: LetterContent{
			Lang: lang, To: to, Reference: ShowCode(code), Zone: b.Zone, ClinicName: s.In(lang).Name, BranchName: branch.Name,
			BranchPhone: b.Phone, PhoneHours: branch.Settings.PhoneHours, WrittenAt: now,
		},
	}
}

// ManyCodesError refuses another code.
func ManyCodesError() error { return &Error{Code: TooMany, Message: "error.code.many"} }
