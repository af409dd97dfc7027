package config

import (
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
)

// TLS is how the program itself speaks https; the zero value is that it does not, because a proxy in front does.
type TLS struct {
	Cert, Key string // files, both or neither
	Directory string // that of an authority that speaks ACME; empty where the files are given
	Mail      string // to which the authority writes; may be empty
	Folder    string // in which what the authority gave is kept
	PlainAddr string // where http is listened for, to lead to https; empty for nowhere
}

// On reports whether the program speaks https.
func (t TLS) On() bool { return t.Cert != "" || t.Directory != "" }

func (c *Config) setCert(v string) error {
	if c.TLS.Cert = v; v != "" && c.BaseURL.Scheme != "https" {
		return errors.New("base_url must be an https:// address then")
	}
	return nil
}

func (c *Config) setCertKey(v string) error {
	if c.TLS.Key = v; (v == "") != (c.TLS.Cert == "") {
		return errors.New("tls_cert and tls_key are given both or neither")
	}
	return nil
}

func (c *Config) setACME(v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	host := c.BaseURL.Hostname()
	_, number := netip.ParseAddr(host)
	switch {
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil:
		return errors.New("it must be the https:// address of an authority's directory, such as https://acme-v02.api.letsencrypt.org/directory")
	case c.TLS.Cert != "":
		return errors.New("a certificate comes from files (tls_cert) or from an authority, not from both")
	case c.BaseURL.Scheme != "https" || number == nil || !strings.Contains(strings.Trim(host, "."), "."):
		return errors.New("base_url must be https:// and a name then, such as https://yoyaku.example.jp")
	}
	c.TLS.Directory = v
	return nil
}

func (c *Config) setACMEMail(v string) error {
	if v == "" {
		return nil
	}
	if a, err := mail.ParseAddress(v); err != nil || a.Address != v {
		return errors.New("it must be a mail address and nothing else")
	}
	c.TLS.Mail = v
	return nil
}

func (c *Config) setACMEFolder(v string) error {
	if c.TLS.Folder = v; v == "" {
		c.TLS.Folder = filepath.Join(filepath.Dir(c.Keys), "acme")
	}
	return nil
}

func (c *Config) setPlainAddr(v string) error {
	if v == "" {
		return nil
	}
	if !c.TLS.On() {
		return errors.New("it is only for tls_cert or acme: without them a proxy speaks https, and leads from http to it")
	}
	if err := checkAddr(v); err != nil {
		return err
	}
	if _, port, err := net.SplitHostPort(v); err == nil && c.Addr == v && port != "0" {
		return errors.New("it must be another one than addr")
	}
	c.TLS.PlainAddr = v
	return nil
}
