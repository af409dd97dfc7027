package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"
)

// ServeTLS prepares a server for TLS 1.2 and later, and for HTTP/2, with the certificates that get gives and the protocols beside HTTP that
// it needs to get them.
func ServeTLS(h *http.Server, get func(*tls.ClientHelloInfo) (*tls.Certificate, error), protocols ...string) {
	h.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: get, NextProtos: append([]string{"h2", "http/1.1"}, protocols...)}
}

// CertificateFiles is a certificate and its key in two files, which are read anew when they have changed: whoever renews them need not know
// of this program. While what they hold cannot be used, the pair before it is.
type CertificateFiles struct {
	cert, key, host string
	now             func() time.Time
	log             *slog.Logger

	mu   sync.Mutex
	pair *tls.Certificate
	seen [2]stamp // of the files when they were read last, whether they were good or not
}

// stamp is by what a file is seen to have changed.
type stamp struct {
	changed time.Time
	size    int64
	file    os.FileInfo // for os.SameFile: a link may lead elsewhere, to a file of the same second
}

// LoadCertificate reads the files for a host, and says in one sentence why they cannot be used.
func LoadCertificate(cert, key, host string, now func() time.Time, log *slog.Logger) (*CertificateFiles, error) {
	c := &CertificateFiles{cert: cert, key: key, host: host, now: now, log: log}
	var err error
	if c.seen, err = c.look(); err != nil {
		return nil, err
	}
	if c.pair, err = c.read(); err != nil {
		return nil, err
	}
	return c, nil
}

// Get is the certificate for a connection. Two files are looked at for each, which costs less than the connection's first byte.
func (c *CertificateFiles) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen, err := c.look()
	if err == nil && same(seen, c.seen) {
		return c.pair, nil
	}
	var pair *tls.Certificate
	if err == nil {
		pair, err = c.read()
	}
	switch {
	case err == nil:
		c.pair = pair
		c.log.Info("the certificate was read anew", "until", pair.Leaf.NotAfter.UTC().Format(time.RFC3339))
	case !same(seen, c.seen): // said once for each state of the files, not for each connection
		c.log.Error("the certificate was not read anew, and the one before is used", "until", c.pair.Leaf.NotAfter.UTC().Format(time.RFC3339), "cause", err.Error())
	}
	c.seen = seen
	return c.pair, nil
}

// look takes the stamps of both files.
func (c *CertificateFiles) look() (seen [2]stamp, err error) {
	for i, name := range []string{c.cert, c.key} {
		info, problem := os.Stat(name)
		if problem != nil {
			err = errors.Join(err, problem)
			continue
		}
		seen[i] = stamp{info.ModTime(), info.Size(), info}
	}
	return seen, err
}

func same(a, b [2]stamp) bool {
	for i := range a {
		one, other := a[i], b[i]
		if (one.file == nil) != (other.file == nil) || one.file != nil && (!one.changed.Equal(other.changed) || one.size != other.size || !os.SameFile(one.file, other.file)) {
			return false
		}
	}
	return true
}

// read reads a pair that can be used: the two belong together, are for the host, and are not over.
func (c *CertificateFiles) read() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return nil, err
	}
	if err := pair.Leaf.VerifyHostname(c.host); err != nil {
		return nil, err
	}
	if over := pair.Leaf.NotAfter; c.now().After(over) {
		return nil, fmt.Errorf("the certificate was good until %s", over.UTC().Format(time.RFC3339))
	}
	return &pair, nil
}
