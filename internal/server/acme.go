package server

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Authority gets certificates for one host from an authority that speaks ACME (RFC 8555), and renews them. It proves that the host is ours over TLS
// itself (RFC 8737), or over HTTP where Answer serves it.
type Authority struct {
	manager *autocert.Manager
	host    string
}

// authorityPatience is how long one question to the authority may take.
const authorityPatience = time.Minute

// NewAuthority prepares what Get needs. What was got is kept in a folder, keys included, so that a start asks for nothing that is there.
func NewAuthority(directory, mail, folder, host string) *Authority {
	return &Authority{host: host, manager: &autocert.Manager{
		Prompt: autocert.AcceptTOS, Email: mail, Cache: autocert.DirCache(folder), HostPolicy: autocert.HostWhitelist(host),
		Client: &acme.Client{DirectoryURL: directory, UserAgent: "madoguchi", HTTPClient: &http.Client{Timeout: authorityPatience}},
	}}
}

// ProofProtocol is the protocol by which the authority asks over TLS.
const ProofProtocol = acme.ALPNProto

// Get is the certificate for a connection. The first one waits until there is a certificate.
func (a *Authority) Get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if hello.ServerName == "" { // as of a probe that asks by an address
		named := *hello
		named.ServerName = a.host
		hello = &named
	}
	return a.manager.GetCertificate(hello)
}

// Answer answers the authority over HTTP, and leaves everything else to next. The authority may name the port with the host, which autocert does
// not take for the host.
func (a *Authority) Answer(next http.Handler) http.Handler {
	answer := a.manager.HTTPHandler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host, _, err := net.SplitHostPort(r.Host); err == nil {
			named := *r
			named.Host = host
			r = &named
		}
		answer.ServeHTTP(w, r)
	})
}

// Begin gets the certificate before anybody needs it, so that no visitor waits and what is wrong is said at the start.
func (a *Authority) Begin() error {
	_, err := a.Get(&tls.ClientHelloInfo{ // as today's browsers say it
		ServerName: a.host, SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, SupportedCurves: []tls.CurveID{tls.CurveP256},
		CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
	})
	return err
}
