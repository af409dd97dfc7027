package clinic

import (
	"net/mail"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
	"pgregory.net/rapid"
)

func TestParseEmail(t *testing.T) {
	for typed, want := range map[string]string{
		"hanako@example.jp": "hanako@example.jp",
		" ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ　":                       "hanako@example.jp",
		"h.a+b_c'd@sub.example.co.jp":               "h.a+b_c'd@sub.example.co.jp",
		"h/a=b!c@example.jp":                        "h/a=b!c@example.jp",
		"":                                          "error.email.empty",
		"　":                                         "error.email.empty",
		"hanako":                                    "error.email.form",
		"@example.jp":                               "error.email.form",
		"hanako@":                                   "error.email.form",
		"hanako@example":                            "error.email.form",
		"hanako@@example.jp":                        "error.email.form",
		"hanako@example..jp":                        "error.email.form",
		"hanako@-example.jp":                        "error.email.form",
		"hanako@example.jp.":                        "error.email.form",
		"a..b@example.jp":                           "error.email.form",
		".a@example.jp":                             "error.email.form",
		"a.@example.jp":                             "error.email.form",
		"花子@example.jp":                             "error.email.form",
		"hanako@例示.example":                         "error.email.form",
		"Hanako <hanako@example.jp>":                "error.email.form",
		"hanako@example.jp, b@c.example":            "error.email.form",
		"hanako@example.jp\r\nBcc: x@y.example":     "error.email.form",
		"hanako\x00@example.jp":                     "error.email.form",
		"hanako@example.jp\u2028":                   "hanako@example.jp", // trimmed as the space it is
		"\u202dhanako@\u200bexample.jp\u00a0":       "hanako@example.jp",
		"hanako＠example。jp":                         "hanako@example.jp",
		"a..b.@docomo.ne.jp":                        "a..b.@docomo.ne.jp",
		".a@ezweb.ne.jp":                            ".a@ezweb.ne.jp",
		"a.@DoCoMo.ne.jp":                           "a.@DoCoMo.ne.jp",
		"...@docomo.ne.jp":                          "...@docomo.ne.jp",
		"a..b.@a1.ezweb.ne.jp":                      "a..b.@a1.ezweb.ne.jp",
		"a.@T.vodafone.ne.jp":                       "a.@T.vodafone.ne.jp",
		"a.@ido.ne.jp":                              "a.@ido.ne.jp",
		"a..b@ymobile1.ne.jp":                       "a..b@ymobile1.ne.jp",
		"a..b@y-mobile.ne.jp":                       "a..b@y-mobile.ne.jp",
		"a..b@notdocomo.ne.jp":                      "error.email.form",
		"a..b@docomo.ne.jp.example.jp":              "error.email.form",
		"a..b@gmail.com":                            "error.email.form",
		"\"a..b\"@docomo.ne.jp":                     "error.email.form",
		"a..b.@docomo..ne.jp":                       "error.email.form",
		"hana ko@example.jp":                        "error.email.form",
		"\"hana ko\"@example.jp":                    "error.email.form",
		"hanako@[192.0.2.1]":                        "error.email.form",
		strings.Repeat("a", 65) + "@example.jp":     "error.email.form",
		strings.Repeat("a", 250) + "@example.jp":    "error.email.long",
		"a@" + strings.Repeat("b", 64) + ".example": "error.email.form",
	} {
		address, problem := ParseEmail(typed)
		if got := address + problem; got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
	}
}

// Nobody waits for a letter that cannot come, and nobody is refused whose domain the program happens not to know.
func TestParseRecipient(t *testing.T) {
	for _, address := range []string{
		"a@127.0.0.1", "a@127.1", "a@192.0.2.1", "root@localhost.localdomain", "a@mac.local", "a@x.TEST", "a@x.invalid", "a@x.example", "a@app.localhost",
		"a@nas.lan", "a@router.home.arpa", "a@mail.internal", "a@dc.corp", "a@x.onion", "a@example.c", "a@example.123", "a@example.j2", "a@co.jp", "a@NE.jp", "a@or.jp", "a@ac.jp", "a@go.jp",
	} {
		if got, problem := ParseRecipient(address); problem != "error.email.unreachable" {
			t.Errorf("%s: %q %s", address, got, problem)
		}
	}
	for _, address := range []string{
		"hanako@example.jp", "hanako@example.com", "a@sub.example.co.jp", "a@clinic.tokyo", "a@xn--fsqu00a.xn--p1ai", "a..b.@docomo.ne.jp", "a@gmial.com", "a@test.jp", "a@local.co.jp", "a@new.gtldoftomorrow",
	} {
		if got, problem := ParseRecipient(address); got != address {
			t.Errorf("%s: %q %s", address, got, problem)
		}
	}
	for _, top := range nowhere {
		if suffix, icann := publicsuffix.PublicSuffix("mail." + top); icann && suffix == top && top != "arpa" && top != "onion" {
			t.Errorf(".%s exists", top)
		}
	}
}

func TestMailbox(t *testing.T) {
	for address, want := range map[string]string{
		"Hanako@Example.JP": "hanako@example.jp", "hanako+1@example.jp": "hanako@example.jp", "hanako+a+b@example.jp": "hanako@example.jp", "h.anako@example.jp": "h.anako@example.jp",
		"T.gt+1@gmail.com": "tgt@gmail.com", "t.g.t@GoogleMail.com": "tgt@gmail.com", "tgt@gmail.com": "tgt@gmail.com", "t.gt@gmail.com.example": "t.gt@gmail.com.example",
		"+1@example.jp": "+1@example.jp", "a..b.@docomo.ne.jp": "a..b.@docomo.ne.jp",
	} {
		if got := Mailbox(address); got != want {
			t.Errorf("%s is of the mailbox %s, want %s", address, got, want)
		}
	}
}

// Whatever is added, every address of a mailbox is counted as one; and elsewhere than at Gmail a dot makes another.
func TestMailbox_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z0-9]{1,8}`)
		local, domain := name.Draw(t, "local"), rapid.SampledFrom([]string{"gmail.com", "googlemail.com", "example.jp", "docomo.ne.jp"}).Draw(t, "domain")
		mailbox := Mailbox(local + "@" + domain)
		if Mailbox(mailbox) != mailbox {
			t.Fatalf("%s is of the mailbox %s", mailbox, Mailbox(mailbox))
		}
		if other := Mailbox(strings.ToUpper(local) + "+" + name.Draw(t, "tag") + "@" + domain); other != mailbox {
			t.Fatalf("%s and %s", mailbox, other)
		}
		i := rapid.IntRange(1, len(local)).Draw(t, "dot")
		dotted := local[:i] + "." + local[i:] + "@" + domain
		if same := Mailbox(dotted) == mailbox; same != strings.HasSuffix(mailbox, "@gmail.com") {
			t.Fatalf("%s is of the mailbox %s", dotted, Mailbox(dotted))
		}
		if address, problem := ParseEmail(mailbox); address != mailbox {
			t.Fatalf("%s: %s", mailbox, problem)
		}
	})
}

func TestAskEmail(t *testing.T) {
	for domain, want := range map[string]string{
		"gmial.com": "gmail.com", "gamil.com": "gmail.com", "gmai.com": "gmail.com", "gmail.con": "gmail.com", "gmail.co": "gmail.com", "gmail.jp": "gmail.com", "gmaill.com": "gmail.com",
		"gmail.co.jp": "gmail.com", "gmail.ne.jp": "gmail.com", "GMIAL.com": "gmail.com", "gnail.com": "gmail.com", "gmailcom.com": "gmail.com", "gmail.com.com": "gmail.com", "i.softbank.ne.jp": "i.softbank.jp", "i.softbank.co.jp": "i.softbank.jp", "hanmail.com": "hanmail.net", "hotmail.net": "hotmail.com", "au.ne.jp": "au.com", "hotmail.co.uk": "", "gmail.cm": "gmail.com", "gmil.co": "gmail.com",
		"yahoo.ne.jp": "yahoo.co.jp", "yaho.co.jp": "yahoo.co.jp", "yahoo.co.jo": "yahoo.co.jp", "yhaoo.co.jp": "yahoo.co.jp", "yahoo.jp": "yahoo.co.jp", "yahooo.co.jp": "yahoo.co.jp",
		"docomo.co.jp": "docomo.ne.jp", "docomo.ne": "docomo.ne.jp", "docmo.ne.jp": "docomo.ne.jp", "docomo.me.jp": "docomo.ne.jp", "docomo.com": "docomo.ne.jp", "ezweb.com": "ezweb.ne.jp",
		"icloud.co.jp": "icloud.com", "iclod.com": "icloud.com", "icoud.com": "icloud.com", "icloud.jp": "icloud.com", "ezweb.co.jp": "ezweb.ne.jp", "ezwab.ne.jp": "ezweb.ne.jp",
		"softbank.co.jp": "softbank.ne.jp", "sofbank.ne.jp": "softbank.ne.jp", "i.sofbank.jp": "i.softbank.jp", "hotmial.com": "hotmail.com", "hotmail.con": "hotmail.com", "hotmail.jp": "hotmail.co.jp", "yahoo.con": "yahoo.com", "outlok.jp": "outlook.jp",

		// Nobody is asked about what is right, or may be.
		"gmail.com": "", "mail.com": "", "email.com": "", "ymail.com": "", "gmx.com": "", "gmx.de": "", "aol.com": "", "me.com": "", "mac.com": "", "live.com": "", "au.com": "", "odn.ne.jp": "",
		"yahoo.com": "", "yahoo.fr": "", "yahoo.co.uk": "", "yahoo.com.tw": "", "yahoo.co.kr": "", "hotmail.fr": "", "outlook.fr": "", "outlook.kr": "", "googlemail.com": "", "163.com": "", "126.com": "",
		"qq.com": "", "naver.com": "", "hanmail.net": "", "example.jp": "", "example.com": "", "clinic.example.jp": "", "keio.ac.jp": "", "proton.me": "", "so-net.ne.jp": "", "asahi-net.or.jp": "",
		"docomo-cs.jp": "", "eonet.ne.jp": "", "rakuten.co.jp": "", "nifty.ne.jp": "", "biglobe.ne.jp": "", "jcom.home.ne.jp": "", "cloud.com": "icloud.com", "ne.jp": "", "co.jp": "",
	} {
		address := "hanako@" + domain
		got := ""
		if question := AskEmail(address, ""); question != nil {
			got = question.Args["Domain"]
			if question.Args["Address"] != "hanako@"+got || question.Field != "email" {
				t.Errorf("%s: %v", domain, question.Args)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", domain, got, want)
		}
		if question := AskEmail(address, " "+address); question != nil {
			t.Errorf("%s is asked about twice", domain)
		}
		if question := AskEmail(address, "other@"+domain); (question != nil) != (want != "") {
			t.Errorf("%s: an answer about another address counts", domain)
		}
	}
	if question := AskEmail("", ""); question != nil {
		t.Error(question)
	}
}

// What cannot be read, but for a slip in a domain that many people have, is refused with what was likely meant.
func TestWrongEmail(t *testing.T) {
	for address, want := range map[string]string{
		"a@gmail.com.": "a@gmail.com", "a@gmail,com": "a@gmail.com", "a@gmail..com": "a@gmail.com", " A.b@Gmail": "A.b@gmail.com", "ａ＠ｄｏｃｏｍｏ": "a@docomo.ne.jp", "a@yahoo.co,jp": "a@yahoo.co.jp", "a..b.@docomo。。ne.jp": "a..b.@docomo.ne.jp",
		"a..b@gmail,com": "", "花子@gmail": "", "a@i": "", "a@me": "", "a@example": "", "a@gmail.com, b@gmail.com": "", "@gmail": "", "gmail": "", "": "",
	} {
		in := typed()
		in.Email = address
		_, errs := NewPatient(in, today)
		wrong := errs.For("email")
		if wrong == nil || wrong.Args["Address"] != want || (wrong.Message == "error.email.meant") != (want != "") {
			t.Errorf("%q: %+v, want %q", address, wrong, want)
		}
	}
}

// A suggestion is itself beyond question, and one letter beside a domain that many people have always leads to a question.
func TestAskEmail_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		likely := rapid.SampledFrom(likelyDomains).Draw(t, "domain")
		name, ending, _ := strings.Cut(likely, ".")
		if AskEmail("a@"+likely, "") != nil {
			t.Fatalf("%s is asked about", likely)
		}
		i := rapid.IntRange(0, len(name)-1).Draw(t, "letter")
		slip := name[:i] + name[i+1:] + "." + ending
		if len(name) < 5 || slices.Contains(otherDomains, slip) || slices.Contains(likelyDomains, slip) {
			return
		}
		question := AskEmail("a@"+slip, "")
		if question == nil || AskEmail(question.Args["Address"], "") != nil {
			t.Fatalf("%s: %v", slip, question)
		}
	})
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"hanako@example.jp", "a..b.@docomo.ne.jp", "a@gmial.com", "\"a\"@docomo.ne.jp", "a@127.0.0.1", "ａ＠ｂ。jp", "\u202da@b.jp", "a@b@c.jp", "@@", "'@docomo.ne.jp", "..@EZWEB.ne.jp"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		address, problem := ParseRecipient(typed)
		if problem != "" {
			if !strings.HasPrefix(problem, "error.email.") || address != "" {
				t.Fatalf("%q: %q %s", typed, address, problem)
			}
			return
		}
		if again, problem := ParseRecipient(address); again != address {
			t.Fatalf("%q is %q and then %q %s", typed, address, again, problem)
		}
		list, err := mail.ParseAddressList(QuotedEmail(address))
		if err != nil || len(list) != 1 || list[0].Address != address || strings.ContainsAny(address, "\" <>(),;:\\[]") || len(address) > MaxEmail {
			t.Fatalf("%q in a header: %v %v", address, list, err)
		}
		if question := AskEmail(address, ""); question != nil {
			if likely, problem := ParseRecipient(question.Args["Address"]); problem != "" && problem != "error.email.form" && problem != "error.email.long" || AskEmail(likely, "") != nil {
				t.Fatalf("%q: %v", address, question.Args)
			}
		}
	})
}
