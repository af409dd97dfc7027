package main_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/server/servertest"
)

// authority is a certificate authority that speaks ACME (Let's Encrypt's own for tests), with the name server that it asks: every name
// there is leads to this machine.
type authority struct {
	Directory string
	File      string // by which it is known itself
	Log       *servertest.Journal

	management string
}

// authorityPrograms is the folder of both programs, which are built once for all tests.
var authorityPrograms = sync.OnceValues(func() (string, error) {
	const module = "github.com/letsencrypt/pebble/v2/cmd/"
	build := exec.CommandContext(context.Background(), "go", "build", "-C", "testdata/acme", "-buildvcs=false", "-o", programDir+"/", module+"pebble", module+"pebble-challtestsrv")
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return programDir, nil
})

// freePort is a port of this machine that nobody listens on, for TCP and UDP.
func freePort(t *testing.T) int {
	t.Helper()
	for {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		must(t, err)
		address := listener.Addr().String()
		packets, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", address)
		must(t, listener.Close())
		if err != nil {
			continue
		}
		must(t, packets.Close())
		_, port, err := net.SplitHostPort(address)
		must(t, err)
		n, err := strconv.Atoi(port)
		must(t, err)
		return n
	}
}

// newAuthority starts an authority that looks for whoever asks for a certificate at two ports of this machine.
func newAuthority(t *testing.T, plainPort, tlsPort int) *authority {
	t.Helper()
	programs, err := authorityPrograms()
	must(t, err)
	dir := t.TempDir()
	cert, key := servertest.Certificate(t, 1, "127.0.0.1", time.Now().AddDate(0, 1, 0))
	must(t, os.WriteFile(filepath.Join(dir, "cert.pem"), cert, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "key.pem"), key, 0o600))
	at := func() string { return fmt.Sprintf("127.0.0.1:%d", freePort(t)) }
	names, listen, management := at(), at(), at()
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": management, "certificate": filepath.Join(dir, "cert.pem"), "privateKey": filepath.Join(dir, "key.pem"),
		"httpPort": plainPort, "tlsPort": tlsPort, "profiles": map[string]any{"default": map[string]any{"description": "for tests", "validityPeriod": 7776000}},
	}})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "pebble.json"), settings, 0o600))
	a := &authority{Directory: "https://" + listen + "/dir", File: filepath.Join(dir, "cert.pem"), Log: servertest.NewJournal(), management: management}
	for _, args := range [][]string{
		{"pebble-challtestsrv", "-dnsserver", names, "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-doh", "", "-https01", "", "-tlsalpn01", "", "-management", at()},
		{"pebble", "-config", filepath.Join(dir, "pebble.json"), "-dnsserver", names},
	} {
		c := exec.CommandContext(t.Context(), filepath.Join(programs, args[0]), args[1:]...)
		c.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
		c.Stdout, c.Stderr = a.Log, a.Log
		must(t, c.Start())
		t.Cleanup(func() {
			_ = c.Process.Kill()
			_ = c.Wait() // it was killed
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, line := range []string{"Starting management server", "Listening on: " + regexp.QuoteMeta(listen)} {
		_, err = a.Log.Wait(ctx, regexp.MustCompile(line), nil)
		if err != nil {
			t.Fatalf("%v: the authority says\n%s", err, a.Log)
		}
	}
	return a
}

// roots are those by which its certificates are known.
func (a *authority) roots(t *testing.T) *x509.CertPool {
	t.Helper()
	known := x509.NewCertPool()
	file, err := os.ReadFile(a.File)
	must(t, err)
	known.AppendCertsFromPEM(file)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: known}}}
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+a.management+"/roots/0", http.NoBody)
	must(t, err)
	answer, err := client.Do(r)
	must(t, err)
	root, err := io.ReadAll(answer.Body)
	must(t, err)
	must(t, answer.Body.Close())
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		t.Fatalf("no certificate: %s", root)
	}
	return pool
}
