package web

import (
	"fmt"
	"strings"

	"madoguchi/internal/clinic"
)

// Mailto is the link to a mail address (RFC 6068). What an address may hold and a link may not is escaped: a "?" or "&" would
// otherwise add a subject or another recipient, and a "%" would be read as the beginning of an escape.
func Mailto(address string) string {
	var b strings.Builder
	b.WriteString("mailto:")
	for _, c := range []byte(clinic.QuotedEmail(address)) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~@!$'*+", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
