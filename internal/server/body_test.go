package server_test

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/web"
)

// endless is a body without an announced length, as a chunked one.
type endless struct{ io.Reader }

// TestBadInput_Size: what is too large, or is no form at all, is refused by its size, whoever asks, and changes nothing.
func TestBadInput_Size(t *testing.T) {
	const huge = 11 << 20
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		token := v.Book(s.Slots[0].ID)
		before := s.Facts(t)
		for _, path := range []string{"/book", "/hold", "/language", "/intake/" + token + "/goal", "/office/sign-in", "/api/v1/bookings"} {
			header := servertest.FormHeader()
			body := "family_name=" + strings.Repeat("a", huge)
			if strings.HasPrefix(path, "/api/") {
				header = http.Header{"Content-Type": {"application/json"}}
				body = servertest.CallBodyWith(s.Slots[1].ID, "patient.family_name", strings.Repeat("a", huge))
			}
			for what, reader := range map[string]io.Reader{"announced": strings.NewReader(body), "chunked": endless{strings.NewReader(body)}} {
				t.Run(path+" "+what, func(t *testing.T) {
					a := v.For(t).Send(http.MethodPost, path, reader, header).Want(http.StatusRequestEntityTooLarge)
					if strings.HasPrefix(path, "/api/") {
						a.Problem()
						return
					}
					side, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
					if side != "office" {
						side = "patient"
					}
					if title := a.Page().Find("h1").Text(); title != web.Find("ja").T(side+".problem.large") {
						t.Errorf("the page says %q", title)
					}
				})
			}
			if strings.HasPrefix(path, "/api/") {
				continue
			}
			for what, body := range map[string]string{"no form": "family_name=%zz&x=%", "semicolons": "a=1;b=2"} {
				t.Run(path+" "+what, func(t *testing.T) {
					v.For(t).Send(http.MethodPost, path, strings.NewReader(body), servertest.FormHeader()).Want(http.StatusUnprocessableEntity)
				})
			}
			t.Run(path+" 10,000 fields", func(t *testing.T) {
				v.For(t).Send(http.MethodPost, path, strings.NewReader(strings.Repeat("a=1&", 9_999)+"b=2"), servertest.FormHeader()).Want(http.StatusRequestEntityTooLarge)
			})
		}
		for what, body := range map[string]string{"no JSON": "{", "another JSON": "[]", "nothing": "", "deep": strings.Repeat(`{"a":`, 5_000) + "1" + strings.Repeat("}", 5_000)} {
			t.Run("API "+what, func(t *testing.T) {
				if p := v.For(t).Call(body).Problem(); p.Status != http.StatusBadRequest && p.Status != http.StatusUnprocessableEntity {
					t.Errorf("%d %s", p.Status, p.Detail)
				}
			})
		}
		s.WantUnchanged(t, before)
		t.Run("1,000 fields", func(t *testing.T) {
			form := servertest.BookingForm(s.Slots[1].ID).Encode() + "&another=yes&email=" // the second mail is not looked at
			form += strings.Repeat("&areas=back", 999-strings.Count(form, "&"))
			v.For(t).Send(http.MethodPost, "/book", strings.NewReader(form), servertest.FormHeader()).Want(http.StatusSeeOther)
		})
	})
}

// counting counts what is read of a body.
type counting struct {
	io.Reader
	read atomic.Int64 // the client goes on reading while its answer is there already
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.read.Add(int64(n))
	return n, err
}

// TestBadInput_EveryPost: eleven megabytes are refused by every route that takes a form, whoever sends them, and never read to their end. Where a form
// brings a file, whoever may not send it is refused as well, and nobody's is read beyond the route's own bound.
func TestBadInput_EveryPost(t *testing.T) {
	const huge = 11 << 20
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	before, sent := b.Facts(t), "q="+strings.Repeat("a", huge)
	for _, r := range server.Routes() {
		if r.Method != http.MethodPost {
			continue
		}
		for who, v := range map[string]*servertest.Visitor{"nobody": b.Visitor(t), "the admin": b.Admin, "the patient": b.Patient} {
			body := &counting{Reader: strings.NewReader(sent)}
			a := v.Send(http.MethodPost, b.Fill(r.Path), endless{body}, servertest.FormHeader())
			_, upload := server.Uploads[r.Path]
			switch {
			case !upload && a.Status != http.StatusRequestEntityTooLarge, upload && v != b.Admin && a.Status != http.StatusUnauthorized, a.Status < 400 || a.Status >= 500:
				t.Errorf("%s by %s answered %d", a.Asked, who, a.Status)
			}
			if !(upload && v == b.Admin) && body.read.Load() > huge*3/4 { // of which most lies in the buffers of the connection
				t.Errorf("%s by %s: %d bytes went", a.Asked, who, body.read.Load())
			}
		}
	}
	b.WantUnchanged(t, before)
}

// TestBadInput_Head: a request whose beginning is larger than that of any browser is refused, on any route, and the server lives on.
func TestBadInput_Head(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := s.Visitor(t)
	for _, path := range []string{"/", "/healthz", "/office", "/api/v1/branches", "/nothing"} {
		many, long := http.Header{}, http.Header{"X-Long": {strings.Repeat("a", 64<<10)}}
		for n := range 101 {
			many.Add("X-Many", strconv.Itoa(n))
		}
		v.Send(http.MethodGet, path, nil, many).Want(http.StatusRequestHeaderFieldsTooLarge)
		v.Send(http.MethodGet, path, nil, long).Want(http.StatusRequestHeaderFieldsTooLarge)
		v.Send(http.MethodGet, path+"?"+strings.Repeat("a&", 1_000), nil, nil).Want(http.StatusRequestURITooLong)
		v.Send(http.MethodGet, path+"?"+strings.Repeat("a", 9<<10), nil, nil).Want(http.StatusRequestURITooLong)
	}
	v.Get("/").Want(http.StatusOK)
}

// TestBadInput_Upload: one route takes a file, and no more than it must. Every other refuses such a form, and nobody makes
// the server read one who may not send it.
func TestBadInput_Upload(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	admin, frontDesk, nobody := s.SignedIn(t, servertest.Admin), s.SignedIn(t, servertest.FrontDesk), s.Visitor(t)
	token := nobody.Book(s.Slots[0].ID)
	before := s.Facts(t)
	good := servertest.LogoFile(t, 100, 20)
	for _, path := range []string{"/book", "/hold", "/language", "/intake/" + token + "/goal", "/office/branches/new", "/office/search"} {
		admin.Upload(path, "logo", "a.png", good, "name", "院").Want(http.StatusUnprocessableEntity)
	}
	nobody.Upload("/office/clinic", "logo", "a.png", good, "name", "のっとり").Want(http.StatusUnauthorized)
	frontDesk.Upload("/office/clinic", "logo", "a.png", good, "name", "のっとり").Want(http.StatusForbidden)

	header := http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}
	part := func(name, content string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n"
	}
	send := func(body string) *servertest.Answer {
		return admin.Send(http.MethodPost, "/office/clinic", endless{strings.NewReader(body)}, header)
	}
	for what, c := range map[string]struct {
		body   string
		status int
	}{
		"nothing":         {"", http.StatusUnprocessableEntity},
		"no end":          {part("name", "院"), http.StatusUnprocessableEntity},
		"no boundary":     {"name=院", http.StatusUnprocessableEntity},
		"many parts":      {strings.Repeat(part("name", "院"), 1000) + "--b--", http.StatusUnprocessableEntity},
		"a long text":     {part("name", strings.Repeat("院", 100_000)) + "--b--", http.StatusUnprocessableEntity},
		"many long texts": {strings.Repeat(part("name", strings.Repeat("a", 20_000)), 10) + "--b--", http.StatusUnprocessableEntity},
		"a huge file":     {part("name", "院") + part("logo", strings.Repeat("a", 13<<20)) + "--b--", http.StatusRequestEntityTooLarge},
		"a huge head":     {"--b\r\nX-A: " + strings.Repeat("a", 13<<20), http.StatusUnprocessableEntity},
	} {
		t.Run(what, func(t *testing.T) {
			if a := send(c.body); a.Status != c.status {
				t.Errorf("%d, want %d", a.Status, c.status)
			}
		})
	}
	admin.PostForm("/office/clinic", url.Values{"name": {"院"}}).Want(http.StatusUnprocessableEntity)
	admin.Send(http.MethodPost, "/office/clinic", strings.NewReader(strings.Repeat("a", 13<<20)), header).Want(http.StatusRequestEntityTooLarge)
	s.WantUnchanged(t, before)
}

// TestBadInput_LongKeys: a key that is too long is refused, in whatever language, and nothing is written: cut or replaced, it would
// let a form that is sent twice book twice. So is the name of a field.
func TestBadInput_LongKeys(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		before := s.Facts(t)
		for _, n := range []int{65, 1000, 100_000} {
			form := servertest.BookingForm(s.Slots[0].ID)
			form.Set("key", strings.Repeat("k", n))
			v.PostForm("/book", form).Want(http.StatusUnprocessableEntity)
			named := servertest.BookingForm(s.Slots[0].ID)
			named.Set(strings.Repeat("n", n), "x")
			v.PostForm("/book", named).Want(http.StatusUnprocessableEntity)
			v.Post("/language", "lang", "ja", strings.Repeat("n", n), "x").Want(http.StatusUnprocessableEntity)
		}
		v.Call(servertest.CallBody(s.Slots[0].ID), "Idempotency-Key", strings.Repeat("k", 129)).Want(http.StatusUnprocessableEntity)
		s.WantUnchanged(t, before)
		form := servertest.BookingForm(s.Slots[0].ID)
		form.Set("key", strings.Repeat("k", 64))
		token := v.PostForm("/book", form).Token()
		if again := v.PostForm("/book", form).Token(); again != token {
			t.Error("the same form booked twice")
		}
	})
}
