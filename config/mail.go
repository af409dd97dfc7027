package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"madoguchi/internal/clinic"
)

// MailKind is how letters leave.
type MailKind string

// The kinds.
const (
	SMTP MailKind = "smtp"
	Dir  MailKind = "dir" // files in a folder
)

// MailAuth is how Madoguchi signs in to the mail server.
type MailAuth string

// The ways to sign in.
const (
	AuthNone        MailAuth = "" // no user was given
	AuthPlain       MailAuth = "plain"
	AuthLogin       MailAuth = "login"
	AuthScram       MailAuth = "scram"
	AuthOAuthBearer MailAuth = "oauthbearer" // the password is the access token
	AuthXOAuth2     MailAuth = "xoauth2"     // the same
	AuthAuto        MailAuth = "auto"        // the strongest that the server offers
)

// MailTLS is how the connection to the mail server is protected.
type MailTLS string

// The protections.
const (
	StartTLS    MailTLS = "starttls" // required, not merely tried
	ImplicitTLS MailTLS = "implicit" // from the first byte
	NoTLS       MailTLS = "none"
)

var (
	mailAuths = []MailAuth{AuthPlain, AuthLogin, AuthScram, AuthOAuthBearer, AuthXOAuth2, AuthAuto}
	mailPorts = map[MailTLS]int{StartTLS: 587, ImplicitTLS: 465, NoTLS: 25} // RFC 6409, RFC 8314, RFC 5321
)

// ehloName is a host name, or an address in brackets (RFC 5321, 4.1.1.1 and 4.1.3).
var ehloName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Za-z.:]+\])$`)

// Mail says how letters leave.
type Mail struct {
	Kind     MailKind
	Host     string // of SMTP, as the rest
	Port     int
	User     string
	Password Secret
	Auth     MailAuth
	TLS      MailTLS
	Ehlo     string // the name by which Madoguchi greets the server; empty: that of the machine
	Path     string // of Dir: the folder
}

// Mailbox is where a mail server of this machine puts the letters that come back.
type Mailbox struct {
	Format string // mbox or maildir; empty where none is read
	Path   string
}

// String is the address without user and password, for the log.
func (m Mail) String() string {
	if m.Kind == Dir {
		return "dir:" + m.Path
	}
	return fmt.Sprintf("smtp://%s?auth=%s&tls=%s", net.JoinHostPort(m.Host, strconv.Itoa(m.Port)), m.Auth, m.TLS)
}

func (c *Config) setMail(v string) error {
	if path, ok := strings.CutPrefix(v, "dir:"); ok {
		if path == "" {
			return errors.New("dir: wants the path of a folder, such as dir:data/letters")
		}
		if c.MailToken.Set() {
			return errors.New("mail_token is for a mail server, and this is a folder")
		}
		c.Mail = Mail{Kind: Dir, Path: path}
		return nil
	}
	u, err := url.Parse(v) // the parser's own words may repeat the password
	if err != nil || u.Scheme != "smtp" || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return errors.New("it must be dir:PATH or smtp://USER:PASSWORD@HOST:PORT?auth=…&tls=…, with special signs percent-encoded")
	}
	m := Mail{Kind: SMTP, Host: u.Hostname(), User: u.User.Username(), TLS: StartTLS}
	password, _ := u.User.Password()
	m.Password = Secret(password)
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("what follows the ? must be auth=…, tls=… and ehlo=…")
	}
	if m.User != "" {
		m.Auth = AuthAuto
	}
	for name, values := range query {
		switch {
		case len(values) == 1 && name == "auth" && slices.Contains(mailAuths, MailAuth(values[0])):
			m.Auth = MailAuth(values[0])
		case len(values) == 1 && name == "tls" && mailPorts[MailTLS(values[0])] != 0:
			m.TLS = MailTLS(values[0])
		case len(values) == 1 && name == "ehlo" && ehloName.MatchString(values[0]):
			m.Ehlo = values[0]
		default:
			return errors.New("only auth=plain|login|scram|oauthbearer|xoauth2|auto, tls=starttls|implicit|none and ehlo=NAME may follow the ?")
		}
	}
	m.Port = mailPorts[m.TLS]
	if port := u.Port(); port != "" {
		if m.Port, err = strconv.Atoi(port); err != nil || m.Port < 1 || m.Port > 65535 {
			return errors.New("the port must be 1 to 65535")
		}
	}
	c.Mail = m
	return m.checkSignIn(c.MailToken)
}

// checkSignIn refuses a sign-in that cannot work, and one that would show the password to the network.
func (m Mail) checkSignIn(token MailToken) error {
	bearer := m.Auth == AuthOAuthBearer || m.Auth == AuthXOAuth2
	switch {
	case token.Set() && (!bearer || m.User == "" || m.Password != ""):
		return errors.New("with mail_token it wants a user, no password, and auth=oauthbearer or auth=xoauth2")
	case token.Set() && m.TLS != NoTLS:
		return nil
	case (m.User == "") != (m.Password == "") && !token.Set():
		return errors.New("user and password must be given together")
	case m.User == "" && m.Auth != AuthNone:
		return errors.New("auth wants a user and a password before the host")
	case m.User != "" && m.TLS == NoTLS && !isLoopback(m.Host):
		return errors.New("a password is not sent with tls=none, except to localhost")
	}
	return nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (c *Config) setMailFrom(v string) error {
	if from, err := mail.ParseAddress(v); err == nil && from.Name != "" {
		return errors.New("it must be an address without a name: the name of the sender is that of the clinic and its branch")
	}
	return setAddress(&c.MailFrom, v)
}

func (c *Config) setMailReturn(v string) error {
	if v == "" {
		return nil
	}
	return setAddress(&c.MailReturn, v)
}

// setAddress takes what letters can be sent with. It is asked for here already, because a sender with whom no letter can be written
// would only be noticed by the patients who get none.
func setAddress(address *string, v string) error {
	if bracketed, err := mail.ParseAddress(v); err == nil && bracketed.Name == "" {
		v = bracketed.Address
	}
	plain, problem := clinic.ParseEmail(v)
	if problem != "" || plain != v {
		return errors.New("it must be one plain address, such as noreply@yoyaku.example")
	}
	*address = plain
	return nil
}

// CheckSender refuses addresses that a mail server could not answer. It would turn every letter away, or nobody would learn that one
// could not be delivered. A folder takes letters from anybody, so that the default serves to try things out.
func (c Config) CheckSender() error {
	if c.Mail.Kind != SMTP {
		return nil
	}
	for _, s := range []struct{ name, address string }{{"mail_from", c.MailFrom}, {"mail_return", cmp.Or(c.MailReturn, c.MailFrom)}} {
		if _, problem := clinic.ParseRecipient(s.address); problem != "" {
			return fmt.Errorf("the setting %s (%s) is wrong: with a mail server it must be an address of your own to which mail can be sent, such as yoyaku@example.jp",
				s.name, variable(s.name))
		}
	}
	return nil
}

func (c *Config) setMailBounces(v string) error {
	format, path, found := strings.Cut(v, ":")
	switch {
	case v == "":
	case found && path != "" && (format == "mbox" || format == "maildir"):
		c.MailBounces = Mailbox{Format: format, Path: path}
	default:
		return errors.New("it must be mbox:FILE or maildir:FOLDER")
	}
	return nil
}
