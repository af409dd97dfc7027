package letter

import (
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// Failure says in a sentence why a letter could not be sent, for staff. The code is clinic's Letter.Failure, as package
// mail gives it: one word, for smtp and auth followed by the server's reply code and enhanced code (RFC 3463), such as
// "smtp 550 5.1.1", for bounce by the enhanced code alone. A code that is not known, an old one perhaps, gets the most general sentence.
func Failure(lang, code string) string {
	return web.Find(lang).T(failureKey(code))
}

func failureKey(code string) string {
	word, reply, _ := strings.Cut(code, " ")
	switch word {
	case "connect":
		return "letter.failure.connect"
	case "lost":
		return "letter.failure.lost"
	case "timeout":
		return "letter.failure.timeout"
	case "stopped":
		return "letter.failure.stopped"
	case "tls":
		return "letter.failure.tls"
	case "auth":
		return "letter.failure.auth"
	case "sender":
		return "letter.failure.sender"
	case "render":
		return "letter.failure.render"
	case "write":
		return "letter.failure.write"
	case "smtp":
		return replyKey(reply)
	case "bounce":
		return bounceKey(reply)
	}
	if key, dropped := dropKeys[clinic.Verdict(word)]; dropped {
		return key
	}
	return "letter.failure.inside"
}

// dropKeys are why letters of the future do not go.
var dropKeys = map[clinic.Verdict]string{
	clinic.LetterLate:      "letter.failure.late",
	clinic.LetterOff:       "letter.failure.off",
	clinic.LetterMoved:     "letter.failure.moved",
	clinic.LetterKnown:     "letter.failure.known",
	clinic.LetterEnded:     "letter.failure.cancelled",
	clinic.LetterUnawaited: "letter.failure.status",
	clinic.LetterAnswered:  "letter.failure.answered",
	clinic.LetterNowhere:   "letter.failure.nowhere",
}

func replyKey(reply string) string {
	basic, enhanced, _ := strings.Cut(reply, " ")
	_, detail, _ := strings.Cut(enhanced, ".")
	switch {
	case strings.HasPrefix(basic, "4") && detail != "2.2":
		return "letter.failure.busy"
	case detail == "2.2", basic == "552":
		return "letter.failure.full"
	case strings.HasPrefix(detail, "1."), enhanced == "" && (basic == "550" || basic == "551" || basic == "553"):
		return "letter.failure.address"
	}
	return "letter.failure.refused"
}

// bounceKey is why a letter came back.
func bounceKey(enhanced string) string {
	_, detail, _ := strings.Cut(enhanced, ".")
	switch {
	case detail == "2.2", detail == "3.4":
		return "letter.failure.full"
	case strings.HasPrefix(detail, "1."), detail == "2.1", detail == "4.4":
		return "letter.failure.address"
	case strings.HasPrefix(detail, "4."):
		return "letter.failure.unreachable"
	case strings.HasPrefix(detail, "7."):
		return "letter.failure.blocked"
	}
	return "letter.failure.returned"
}
