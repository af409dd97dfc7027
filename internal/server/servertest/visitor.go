package servertest

import (
	"bytes"
	"context"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Visitor is a browser without JavaScript. It keeps cookies, and stays where it is when it is sent on.
type Visitor struct {
	Header http.Header // goes with every request, as from a proxy in between
	APIKey string      // goes with every call of the API; empty for none

	tb   testing.TB
	base *url.URL
	http *http.Client
}

// Visitor is somebody whom the site does not know yet, and who reads Japanese.
func (s *Site) Visitor(tb testing.TB) *Visitor {
	tb.Helper()
	v := Visit(tb, s.URL)
	v.APIKey = s.APIKey
	return v
}

// Visit is a new visitor of the site at an address.
func Visit(tb testing.TB, address string) *Visitor {
	tb.Helper()
	base, err := url.Parse(address)
	Must(tb, err)
	jar, err := cookiejar.New(nil)
	Must(tb, err)
	return &Visitor{Header: http.Header{}, tb: tb, base: base, http: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// For is the same visitor, who fails a subtest from now on.
func (v *Visitor) For(tb testing.TB) *Visitor {
	same := *v
	same.tb = tb
	return &same
}

// Speak chooses a language as the switch on every page does.
func (v *Visitor) Speak(lang string) *Visitor {
	v.tb.Helper()
	v.Post("/language", "lang", lang, "back", "/").Want(http.StatusSeeOther)
	return v
}

// Cookie is the value of a cookie; empty where there is none.
func (v *Visitor) Cookie(name string) string {
	for _, c := range v.http.Jar.Cookies(v.base) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// SetCookie puts a cookie into the browser.
func (v *Visitor) SetCookie(name, value string) {
	v.http.Jar.SetCookies(v.base, []*http.Cookie{{Name: name, Value: value, Path: "/"}}) //nolint:gosec // what a browser sends back
}

// Get opens a page.
func (v *Visitor) Get(path string) *Answer {
	v.tb.Helper()
	return v.Send(http.MethodGet, path, nil, nil)
}

// Post sends a form of names and values in turn, as our own pages do.
func (v *Visitor) Post(path string, pairs ...string) *Answer {
	v.tb.Helper()
	form := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		form.Add(pair[0], pair[1])
	}
	return v.PostForm(path, form)
}

// PostForm is Post for a form that is there already.
func (v *Visitor) PostForm(path string, form url.Values) *Answer {
	v.tb.Helper()
	header := FormHeader()
	header.Set("Sec-Fetch-Site", "same-origin")
	return v.Send(http.MethodPost, path, strings.NewReader(form.Encode()), header)
}

// Upload sends a form that brings a file, as the browser does: the fields in turn, then the file under the name of its own
// field. A file without a name is none: the browser sends the field all the same.
func (v *Visitor) Upload(path, field, name string, file []byte, pairs ...string) *Answer {
	v.tb.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for pair := range slices.Chunk(pairs, 2) {
		Must(v.tb, form.WriteField(pair[0], pair[1]))
	}
	part, err := form.CreateFormFile(field, name)
	Must(v.tb, err)
	_, err = part.Write(file)
	Must(v.tb, err)
	Must(v.tb, form.Close())
	return v.Send(http.MethodPost, path, &body, http.Header{"Content-Type": {form.FormDataContentType()}, "Sec-Fetch-Site": {"same-origin"}})
}

// FormHeader is the header of a form.
func FormHeader() http.Header {
	return http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
}

// Call calls the API to book, as a program does. More headers are names and values in turn.
func (v *Visitor) Call(body string, headers ...string) *Answer {
	v.tb.Helper()
	header := http.Header{"Content-Type": {"application/json"}}
	for pair := range slices.Chunk(headers, 2) {
		header.Set(pair[0], pair[1])
	}
	return v.Send(http.MethodPost, "/api/v1/bookings", strings.NewReader(body), header)
}

// SignIn sends the staff's form.
func (v *Visitor) SignIn(email, password string) *Answer {
	v.tb.Helper()
	return v.Post("/office/sign-in", "email", email, "password", password)
}

// Send sends any request. Host in the header becomes the request's host.
func (v *Visitor) Send(method, path string, body io.Reader, header http.Header) *Answer {
	v.tb.Helper()
	r, err := http.NewRequestWithContext(v.tb.Context(), method, v.base.String()+path, body)
	Must(v.tb, err)
	if v.APIKey != "" && strings.HasPrefix(path, "/api/") {
		r.Header.Set("Authorization", "Bearer "+v.APIKey)
	}
	maps.Copy(r.Header, v.Header)
	maps.Copy(r.Header, header)
	r.Host = header.Get("Host")
	response, err := v.http.Do(r)
	Must(v.tb, err)
	text, err := io.ReadAll(response.Body)
	Must(v.tb, err)
	Must(v.tb, response.Body.Close())
	return &Answer{Asked: method + " " + path, Status: response.StatusCode, Header: response.Header, Body: string(text), tb: v.tb}
}

// Stream is an answer that has begun and goes on until it is closed.
type Stream struct {
	Status int
	Header http.Header

	tb    testing.TB
	asked string
	body  io.Closer
}

// Listen asks for a stream. It is closed with the test at the latest.
func (v *Visitor) Listen(path string, header http.Header) *Stream {
	v.tb.Helper()
	ctx, stop := context.WithCancel(v.tb.Context())
	v.tb.Cleanup(stop)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base.String()+path, http.NoBody)
	Must(v.tb, err)
	maps.Copy(r.Header, header)
	answer, err := v.http.Do(r)
	Must(v.tb, err)
	v.tb.Cleanup(func() { _ = answer.Body.Close() })
	return &Stream{Status: answer.StatusCode, Header: answer.Header, tb: v.tb, asked: path, body: answer.Body}
}

// Want fails the test when the stream was answered with another status.
func (s *Stream) Want(status int) *Stream {
	s.tb.Helper()
	if s.Status != status {
		s.tb.Fatalf("%s answered %d, want %d", s.asked, s.Status, status)
	}
	return s
}

// Close stops listening.
func (s *Stream) Close() {
	s.tb.Helper()
	Must(s.tb, s.body.Close())
}
