package config

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// MailToken is where the access token comes from with which Madoguchi signs in to the mail server: a command, or a token endpoint.
type MailToken struct {
	Command  []string
	Endpoint string // https
	Client   string
	Secret   Secret
	Refresh  Secret
}

// Set reports whether there is any.
func (t MailToken) Set() bool { return len(t.Command) > 0 || t.Endpoint != "" }

func (c *Config) setMailToken(v string) error {
	if v == "" {
		return nil
	}
	if command, ok := strings.CutPrefix(v, "exec:"); ok {
		if c.MailToken.Command = strings.Fields(command); len(c.MailToken.Command) == 0 {
			return errors.New("exec: wants a program, such as exec:/usr/local/bin/mail-token")
		}
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return errors.New("it must be exec:PROGRAM or an https:// address")
	}
	c.MailToken.Endpoint = v
	return nil
}

// setTokenPart sets what only a token endpoint is told.
func (c *Config) setTokenPart(part *string, v string, must bool) error {
	switch {
	case v == "" && must && c.MailToken.Endpoint != "":
		return errors.New("the token endpoint of mail_token wants it")
	case v != "" && c.MailToken.Endpoint == "":
		return errors.New("it is for a token endpoint, and mail_token names none")
	}
	*part = v
	return nil
}

// maxRate is more than any mail server takes.
const maxRate = 100_000

func setRate(rate *int, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > maxRate {
		return fmt.Errorf("it must be a number of letters in a minute from 1 to %d, or 0 for no limit", maxRate)
	}
	*rate = n
	return nil
}
