package main_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store/storetest"
)

var linkInLetter = regexp.MustCompile(`https?://[^\s"'<>\\]+`)

// TestProof_LinksInLetters: the links of a real letter begin with the configured address, whatever host the booking's
// request had claimed; they open the patient's pages; and a scanner that follows them with GET and HEAD changes nothing.
func TestProof_LinksInLetters(t *testing.T) {
	const base, evil = "http://yoyaku.example.jp", "evil.example"
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			mails := mailtest.Start(t, mailtest.Script{})
			s := newSettings(t, engine).mailTo(mails, "")
			s["MADOGUCHI_BASE_URL"] = base
			c := openClinic(t, s, 3)
			p := serve(t, s)
			v := newVisitor(t, p)
			forged := http.Header{
				"X-Forwarded-Host": {evil}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"host=" + evil}, "X-Original-Host": {evil}, "Referer": {"http://" + evil},
			}
			v.http.Transport = forging{evil} // a forged host is refused, so that only the headers beside it are left
			for path, body := range map[string]string{"/api/v1/bookings": bookingBody(c.slots[0], 1), "/book": goodForm(c.slots[1]).Encode()} {
				kind := map[bool]string{true: "application/json", false: "application/x-www-form-urlencoded"}[strings.HasPrefix(path, "/api/")]
				refused, err := v.do(http.MethodPost, path, kind, body, forged.Clone())
				must(t, err)
				refused.expect(t, http.StatusMisdirectedRequest, path)
			}
			v.http.Transport = nil
			call, err := v.do(http.MethodPost, "/api/v1/bookings", "application/json", bookingBody(c.slots[0], 1), forged.Clone())
			must(t, err)
			call.expect(t, http.StatusCreated, "/api/")
			page, err := v.do(http.MethodPost, "/book", "application/x-www-form-urlencoded", goodForm(c.slots[1]).Encode(), forged.Clone())
			must(t, err)
			page.expect(t, http.StatusOK, "/booking/")

			messages := arrive(t, mails, 2)
			eventually(t, "both letters are recorded as sent", func() bool {
				return !slices.ContainsFunc(storetest.Read(t, s["MADOGUCHI_DATABASE"])["letters"], func(l string) bool { return !strings.Contains(l, "status=sent") })
			})
			before := storetest.Read(t, s["MADOGUCHI_DATABASE"])
			opened := map[string]int{}
			for _, m := range messages {
				text := decoded(t, m.Data)
				if strings.Contains(text, evil) {
					t.Errorf("the letter holds the forged host:\n%s", text)
				}
				for _, link := range linkInLetter.FindAllString(text, -1) {
					link = strings.TrimRight(link, ".,)。")
					path, ours := strings.CutPrefix(link, base)
					if !ours {
						t.Errorf("the letter leads to %s", link)
						continue
					}
					for range 20 {
						for _, method := range []string{http.MethodGet, http.MethodHead} {
							a, err := v.do(method, path, "", "", nil)
							must(t, err)
							a.expect(t, http.StatusOK, "/")
						}
					}
					first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
					opened[first]++
				}
			}
			if opened["booking"] < 2 || opened["intake"] < 2 {
				t.Errorf("the letters lead to %v", opened)
			}
			// The worker writes the words by which patients are found some time after a booking, whether or not anybody follows a link.
			changed := slices.DeleteFunc(storetest.Read(t, s["MADOGUCHI_DATABASE"]).Changed(before), func(table string) bool { return strings.HasPrefix(table, "patient_term") })
			if len(changed) > 0 {
				t.Errorf("following the links changed %v", changed)
			}
		})
	}
}

// goodForm is the booking form of somebody who makes no mistake.
func goodForm(slotID string) url.Values {
	form := secretForm(slotID)
	form.Set("email", "hanako@example.jp")
	return form
}

// forging claims another host in every request.
type forging struct{ host string }

func (f forging) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = f.host
	return http.DefaultTransport.RoundTrip(r)
}

// decoded is every part of a message as people and programs read it, headers included.
func decoded(t *testing.T, data []byte) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(data))
	must(t, err)
	var out strings.Builder
	decodePart(t, &out, textproto.MIMEHeader(m.Header), m.Body)
	return out.String()
}

func decodePart(t *testing.T, out *strings.Builder, header textproto.MIMEHeader, body io.Reader) {
	t.Helper()
	for name, values := range header {
		for _, value := range values {
			text, err := new(mime.WordDecoder).DecodeHeader(value)
			must(t, err)
			out.WriteString(name + ": " + text + "\n")
		}
	}
	kind, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	must(t, err)
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(body, parameters["boundary"]); ; {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			must(t, err)
			decodePart(t, out, part.Header, part)
		}
	}
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	must(t, err)
	// Long lines of a calendar file are folded (RFC 5545, 3.1).
	out.WriteString(strings.ReplaceAll(string(text), "\r\n ", "") + "\n")
}
