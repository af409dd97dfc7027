package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"
	"testing"
)

// part is a message or a part of one, read by the standard library.
type part struct {
	header map[string][]string
	kind   string
	params map[string]string
	body   []byte // decoded
	parts  []part
}

func read(t *testing.T, raw []byte) part {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return readPart(t, m.Header, m.Body)
}

func readPart(t *testing.T, header map[string][]string, body io.Reader) part {
	t.Helper()
	kind, params, err := mime.ParseMediaType(netmail.Header(header).Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	p := part{header: header, kind: kind, params: params}
	if !strings.HasPrefix(kind, "multipart/") {
		if encoding := netmail.Header(header).Get("Content-Transfer-Encoding"); encoding != "base64" {
			t.Fatalf("%s is encoded as %q", kind, encoding)
		}
		if p.body, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, body)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		next, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatal(err)
		}
		p.parts = append(p.parts, readPart(t, next.Header, next))
	}
}

func (p part) find(t *testing.T, kind string) part {
	t.Helper()
	var found []part
	var walk func(part)
	walk = func(p part) {
		if p.kind == kind {
			found = append(found, p)
		}
		for _, child := range p.parts {
			walk(child)
		}
	}
	walk(p)
	if len(found) != 1 {
		t.Fatalf("%d parts of %s", len(found), kind)
	}
	return found[0]
}

func (p part) structure() []byte {
	var b strings.Builder
	var walk func(part, string)
	walk = func(p part, indent string) {
		fmt.Fprintf(&b, "%s%s", indent, p.kind)
		for _, name := range []string{"method", "charset", "name"} {
			if v := p.params[name]; v != "" {
				fmt.Fprintf(&b, " %s=%s", name, v)
			}
		}
		if d := netmail.Header(p.header).Get("Content-Disposition"); d != "" {
			fmt.Fprintf(&b, " (%s)", d)
		}
		b.WriteByte('\n')
		for _, child := range p.parts {
			walk(child, indent+"  ")
		}
	}
	walk(p, "")
	return []byte(b.String())
}
