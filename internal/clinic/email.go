package clinic

import (
	"net/mail"
	"slices"
	"strings"
)

// MaxEmail is the longest mail address, in bytes: RFC 5321, 4.5.3.1.3, less the angle brackets.
const MaxEmail = 254

// ParseEmail reads one bare address. It returns the address, or the key of the sentence that says what is wrong. The
// address goes into mail headers, so anything but ASCII without quotes is refused.
func ParseEmail(typed string) (address, problem string) {
	s := strings.TrimSpace(Narrow(typed))
	s = strings.NewReplacer("。", ".", "｡", ".").Replace(s) // what a Japanese keyboard types for it
	if s == "" {
		return "", "error.email.empty"
	}
	if len(s) > MaxEmail {
		return "", "error.email.long"
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(local) > 64 || !isAtoms(local, "!#$%&'*+/=?^_`{|}~") || !isDomain(domain) {
		return "", "error.email.form"
	}
	if looseDots(local) && !isMobile(strings.ToLower(domain)) {
		return "", "error.email.form"
	}
	// The standard parser has the last word, so that what is stored can always be put into a header.
	if parsed, err := mail.ParseAddress(QuotedEmail(s)); err != nil || parsed.Address != s || parsed.Name != "" {
		return "", "error.email.form"
	}
	return s, ""
}

// ParseRecipient is ParseEmail for an address to which letters go: one that no mail can reach is refused.
func ParseRecipient(typed string) (address, problem string) {
	address, problem = ParseEmail(typed)
	if problem == "" && unreachable(address[strings.IndexByte(address, '@')+1:]) {
		return "", "error.email.unreachable"
	}
	return address, problem
}

// Mailbox writes an address the one way all addresses of the same mailbox are written: in lower case, without what a + adds to the
// name and, at Gmail, without the dots in it. Persons and letters are counted by it, because whoever has a mailbox has as many such
// addresses as they like. Letters go to the address as it was typed.
func Mailbox(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		local = local[:plus]
	}
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}

// QuotedEmail writes an address as mail and links want it: a local part that is no dot-atom stands in quotes (RFC 5321, 4.1.2).
func QuotedEmail(address string) string {
	return strings.Trim((&mail.Address{Address: address}).String(), "<>")
}

// mobileDomains are those of the telephone companies that once gave out addresses with two dots in a row, or one before the @.
// They still belong to people, at domains under these as well, such as a1.ezweb.ne.jp and t.vodafone.ne.jp. Elsewhere such a dot is a slip.
var mobileDomains = []string{
	"docomo.ne.jp", "ezweb.ne.jp", "au.com", "ido.ne.jp", "softbank.ne.jp", "i.softbank.jp", "vodafone.ne.jp", "disney.ne.jp", "willcom.com", "wcm.ne.jp", "pdx.ne.jp", "emnet.ne.jp",
	"ymobile.ne.jp", "ymobile1.ne.jp", "y-mobile.ne.jp",
}

func isMobile(domain string) bool {
	return slices.ContainsFunc(mobileDomains, func(mobile string) bool { return domain == mobile || strings.HasSuffix(domain, "."+mobile) })
}

func looseDots(local string) bool {
	return strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..")
}

// isAtoms accepts the letters, digits, dots and hyphens of ASCII, and the given signs.
func isAtoms(s, signs string) bool {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || strings.ContainsRune(signs, r):
		default:
			return false
		}
	}
	return true
}

func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 || !isAtoms(s, "") {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.HasPrefix(l, "-") || strings.HasSuffix(l, "-") {
			return false
		}
	}
	return true
}

// nowhere are the top-level domains that exist in no public DNS: those reserved for tests and for the own network (RFC 2606, 6761,
// 6762, 7686, 9476; ICANN's .internal), and those that routers and companies have made up.
var nowhere = []string{
	"test", "invalid", "example", "localhost", "local", "internal", "onion", "alt", "arpa",
	"localdomain", "lan", "home", "corp", "intranet", "private", "domain", "workgroup", "localnet",
}

// groups are the domains of Japan under which organisations have theirs, and nobody an address.
var groups = []string{"co.jp", "ne.jp", "or.jp", "ac.jp", "go.jp"}

// unreachable reports a domain that no mail can come to, whatever stands before the @: an address of a network, a name that is
// known in one place only. Nothing is asked of any server.
func unreachable(domain string) bool {
	top := strings.ToLower(domain[strings.LastIndexByte(domain, '.')+1:])
	letters := strings.HasPrefix(top, "xn--") || strings.Trim(top, "abcdefghijklmnopqrstuvwxyz") == "" && len(top) > 1
	return !letters || slices.Contains(nowhere, top) || slices.Contains(groups, strings.ToLower(domain))
}

// likelyDomains are those that people have most, the likeliest first.
var likelyDomains = []string{
	"gmail.com", "icloud.com", "yahoo.co.jp", "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "outlook.jp", "outlook.com", "hotmail.co.jp",
	"hotmail.com", "yahoo.com", "live.jp", "me.com", "msn.com", "ymobile.ne.jp", "rakumail.jp", "uqmobile.jp", "nifty.com", "biglobe.ne.jp", "ocn.ne.jp", "naver.com", "hanmail.net",
}

// otherDomains are as real as those and so near to one of them that nobody should be asked.
var otherDomains = []string{
	"mail.com", "email.com", "ymail.com", "ymail.ne.jp", "gmx.com", "gmx.net", "gmx.de", "live.com", "mac.com", "aol.com", "aol.jp", "fmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.it", "hotmail.es",
	"odn.ne.jp", "nifty.ne.jp", "zoho.com", "tmail.com", "mail.ru", "ocn.jp", "yahoo.co.kr", "yahoo.co.in", "yahoo.co.id", "yahoo.co.uk", "yahoo.co.nz", "yahoo.co.th", "yahoo.ca", "au.jp", "rakuten.jp",
}

// slips are endings that are no domain, or none that the provider before them has.
var slips = []string{"com", "co", "con", "cm", "cmo", "ocm", "om", "comm", "coom", "cpm", "vom", "xom", "jp", "ne", "co.jp", "ne.jp", "or.jp", "ac.jp", "cojp", "nejp", "co.jo", "com.jp", "jpn", "net", "com.com"}

// sureSlips are slips that are too far from what was meant, or nearer to another domain.
var sureSlips = map[string]string{
	"i.softbank.ne.jp": "i.softbank.jp", "i.softbank.co.jp": "i.softbank.jp", "hanmail.com": "hanmail.net", "hotmail.net": "hotmail.com", "gmailcom.com": "gmail.com", "au.ne.jp": "au.com",
}

// AskEmail asks about an address whose domain looks like a slip of one that many people have: gmail.com, for gmial.com. It only
// asks, so asked is what was typed when the person was asked before: sent again as it stands, it is meant.
func AskEmail(address, asked string) *Error {
	local, domain, ok := strings.Cut(address, "@")
	if before, _ := ParseEmail(asked); !ok || address == before {
		return nil
	}
	likely := likelyDomain(strings.ToLower(domain))
	if likely == "" {
		return nil
	}
	return &Error{Code: Invalid, Field: "email", Message: "error.email.likely", Args: map[string]string{"Domain": likely, "Address": local + "@" + likely}}
}

// wrongEmail says what is wrong with an address as it was typed. One that is refused for a slip in a domain that many people have, such
// as gmail,com or gmail, is refused with what was likely meant.
func wrongEmail(typed, problem string) *Error {
	local, domain, _ := strings.Cut(strings.TrimSpace(Narrow(typed)), "@")
	domain = strings.Join(strings.FieldsFunc(strings.ToLower(domain), func(r rune) bool { return strings.ContainsRune(".,。｡、", r) }), ".")
	for _, likely := range likelyDomains {
		provider, _, _ := strings.Cut(likely, ".")
		if problem != "error.email.form" || domain != likely && (domain != provider || len(provider) < 3) {
			continue
		}
		if address, wrong := ParseRecipient(local + "@" + likely); wrong == "" {
			return &Error{Code: Invalid, Field: "email", Message: "error.email.meant", Args: map[string]string{"Domain": likely, "Address": address}}
		}
	}
	return invalid("email", problem)
}

func likelyDomain(domain string) string {
	if slices.Contains(likelyDomains, domain) || slices.Contains(otherDomains, domain) {
		return ""
	}
	if meant, ok := sureSlips[domain]; ok {
		return meant
	}
	name, ending, _ := strings.Cut(domain, ".")
	best, fewest := "", len(domain)
	for _, likely := range likelyDomains {
		provider, _, _ := strings.Cut(likely, ".")
		wrongEnding := slices.Contains(slips, ending) && len(provider) > 2 && edits(name, provider) <= len(provider)/5
		n := edits(domain, likely)
		near := n <= min(2, (len(likely)-1)/5) // a short domain is soon near to any other
		if (wrongEnding || near) && n < fewest {
			best, fewest = likely, n
		}
	}
	return best
}

// edits counts the letters that were left out, added, mistaken or swapped with their neighbour (optimal string alignment).
func edits(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j]+change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
