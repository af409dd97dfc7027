package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// CA is a certificate authority that lives as long as a test.
type CA struct {
	Pool *x509.CertPool
	File string // PEM, for SSL_CERT_FILE of another process
	leaf tls.Certificate
}

// newCA vouches for a server at 127.0.0.1 and localhost. Its certificates have always been valid, so that a test may have
// whatever clock it likes.
func newCA(tb testing.TB) CA {
	tb.Helper()
	root, rootKey := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mailtest"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: always(2000), NotAfter: always(2100),
	}, newKey(tb)
	rootCert := sign(tb, root, root, rootKey, rootKey)
	leaf, leafKey := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, NotBefore: always(2000), NotAfter: always(2100),
	}, newKey(tb)
	leafCert := sign(tb, leaf, rootCert, leafKey, rootKey)

	ca := CA{Pool: x509.NewCertPool(), File: filepath.Join(tb.TempDir(), "ca.pem")}
	ca.Pool.AddCert(rootCert)
	ca.leaf = tls.Certificate{Certificate: [][]byte{leafCert.Raw}, PrivateKey: leafKey, Leaf: leafCert}
	file := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootCert.Raw})
	if err := os.WriteFile(ca.File, file, 0o600); err != nil {
		tb.Fatalf("mailtest: %v", err)
	}
	return ca
}

func always(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatalf("mailtest: %v", err)
	}
	return key
}

func sign(tb testing.TB, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) *x509.Certificate {
	tb.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		tb.Fatalf("mailtest: %v", err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		tb.Fatalf("mailtest: %v", err)
	}
	return cert
}
