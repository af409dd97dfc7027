package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/httprate"
	"github.com/unrolled/secure"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
)

// requestID is the key of the request's id in its context.
type requestID struct{}

func requestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(requestID{}).(string)
	return id
}

// identify gives the request an id and writes its one line in the log: the route's pattern and never the path, because
// paths hold the tokens of links, and neither query, body nor network address.
func (s *Server) identify(c *gin.Context) {
	id := clinic.NewID()
	ctx := context.WithValue(c.Request.Context(), requestID{}, id)
	c.Request = c.Request.WithContext(store.WithOrigin(ctx, store.Origin{Client: page.ClientAddress(c), Request: id}))
	c.Header("X-Request-Id", id)
	c.Writer = retryWriter{c.Writer}
	began := s.Now()
	c.Next()
	pattern := c.FullPath()
	if pattern == "" {
		pattern = "none"
	}
	status, level := c.Writer.Status(), slog.LevelInfo
	switch {
	case status == http.StatusServiceUnavailable:
		level = slog.LevelWarn // what is wrong has an entry of its own; a server that stops is well
	case status >= http.StatusInternalServerError:
		level = slog.LevelError
	case page.HasLeft(c.Request.Context()):
		status = page.StatusGone // whatever the answer was, nobody got it
	}
	if s.Answered != nil {
		s.Answered(status)
	}
	if many := status == http.StatusTooManyRequests || page.IsBusy(c); !s.refused.line(many, s.Now(), s.Log) {
		return
	}
	s.Log.LogAttrs(c.Request.Context(), level, "request", slog.String("id", id), slog.String("method", c.Request.Method),
		slog.String("route", pattern), slog.Int("status", status), slog.Int("bytes", max(c.Writer.Size(), 0)),
		slog.Duration("took", s.Now().Sub(began).Round(time.Microsecond)))
}

// retryWriter says when to ask again, with each answer that means "not now" and does not say so itself.
type retryWriter struct{ gin.ResponseWriter }

// Unwrap lets an answer that is sent in pieces set its own deadlines.
func (w retryWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader adds the header to the answers that want it (RFC 9110, 15.6.4; RFC 6585, 4).
func (w retryWriter) WriteHeader(status int) {
	if w.Header().Get("Retry-After") == "" {
		switch status {
		case http.StatusServiceUnavailable:
			w.Header().Set("Retry-After", "30")
		case http.StatusTooManyRequests:
			w.Header().Set("Retry-After", "60")
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// recoverPanics answers a panic with the page for failures inside. The log gets the place and never the value, which
// could be anything.
func (s *Server) recoverPanics(c *gin.Context) {
	defer func() {
		if v := recover(); v != nil {
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			s.fail(c, fmt.Errorf("panic of type %T at %s", v, debug.Stack()))
		}
	}()
	c.Next()
}

// secureHeaders writes the headers that keep a browser strict.
type secureHeaders struct{ *secure.Secure }

func (s *Server) secure() secureHeaders {
	options := secure.Options{
		ContentSecurityPolicy: page.Policy,
		ContentTypeNosniff:    true,
		FrameDeny:             true,
		// Within the site the referrer stays, so that browsers without Sec-Fetch-Site still send an Origin; other sites
		// never learn a link's token.
		ReferrerPolicy:          "same-origin",
		PermissionsPolicy:       "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		CrossOriginOpenerPolicy: "same-origin",
		// Nothing of ours is shown or run by another site, and letters show no picture of ours.
		CrossOriginResourcePolicy: "same-origin",
	}
	if s.Secure() {
		options.STSSeconds, options.STSIncludeSubdomains, options.ForceSTSHeader = 2*365*24*60*60, true, true
	}
	return secureHeaders{secure.New(options)}
}

func (h secureHeaders) handle(c *gin.Context) {
	if err := h.Process(c.Writer, c.Request); err != nil {
		c.Abort()
		return
	}
	page.Private(c) // whatever does not say otherwise; a page that is forgotten is then kept by nobody
}

// showablePath makes what the path and the query hold showable, so that whoever asks for what cannot be read asks for what
// does not exist, on a page and over the API, of either database.
func showablePath(c *gin.Context) {
	for i := range c.Params {
		c.Params[i].Value = clinic.Showable(c.Params[i].Value)
	}
	address := *c.Request.URL
	address.Path = clinic.Showable(address.Path)
	if query := address.Query(); !showable(query) {
		address.RawQuery = query.Encode()
	}
	c.Request.URL = &address
}

// showable makes all values showable, and reports whether they were.
func showable(form url.Values) bool {
	were := true
	for _, values := range form {
		for i, value := range values {
			values[i] = clinic.Showable(value)
			were = were && values[i] == value
		}
	}
	return were
}

// isAPI reports whether a program asks, and not a person.
func isAPI(c *gin.Context) bool { return strings.HasPrefix(c.Request.URL.Path, "/api/") }

// isPlain reports whether what is asked for is no page and costs next to nothing.
func isPlain(c *gin.Context) bool {
	return strings.HasPrefix(c.FullPath(), "/assets/") || c.FullPath() == "/healthz" || c.FullPath() == "/readyz"
}

// Requests that one network address may send in a minute: a person clicking quickly stays far below, and so do several
// behind one address; a bot does not. The whole front desk is behind one address, searches while somebody types, which posts, and
// brings each calendar that is open up to date with whatever happens in the others.
const (
	requestsPerMinute      = 600
	changesPerMinute       = 240
	staffRequestsPerMinute = 6000
)

// isOfStaff reports whether a page is asked for that only somebody who has signed in is shown.
func isOfStaff(c *gin.Context) bool {
	return strings.HasPrefix(c.FullPath(), "/office/") && !strings.HasPrefix(c.FullPath(), "/office/sign-in") && !strings.HasPrefix(c.FullPath(), "/office/invitation")
}

func (s *Server) limitRate() gin.HandlerFunc {
	all := httprate.NewRateLimiter(requestsPerMinute, time.Minute)
	changes := httprate.NewRateLimiter(changesPerMinute, time.Minute)
	staff := httprate.NewRateLimiter(staffRequestsPerMinute, time.Minute)
	return func(c *gin.Context) {
		if isPlain(c) {
			return
		}
		client := page.ClientAddress(c)
		if isOfStaff(c) {
			if staff.OnLimit(c.Writer, c.Request, client) {
				s.fail(c, &clinic.Error{Code: clinic.TooMany, Message: "error.many"})
			}
			return
		}
		limited := all.OnLimit(c.Writer, c.Request, client)
		if !limited && c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
			limited = changes.OnLimit(c.Writer, c.Request, client)
		}
		if limited {
			s.fail(c, &clinic.Error{Code: clinic.TooMany, Message: "error.many"})
		}
	}
}

// protect refuses what another site makes a browser send (OWASP ASVS 5.0, 3.5). Requests with neither Sec-Fetch-Site nor
// Origin come from no browser and pass, which is why GET never changes anything.
func (s *Server) protect() gin.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	if err := guard.AddTrustedOrigin(s.BaseURL.Scheme + "://" + s.BaseURL.Host); err != nil {
		panic(err) // config has checked the address
	}
	return func(c *gin.Context) {
		if guard.Check(c.Request) != nil || s.Secure() && fromPlain(c.Request) {
			s.fail(c, &clinic.Error{Code: clinic.Forbidden, Message: "error.origin"})
		}
	}
}

// fromPlain reports whether a request was sent from a page that came by plain http. Whoever sits between could have written that
// page, so that for an https site it is another one, even under the same name; http.CrossOriginProtection compares the hosts only.
func fromPlain(r *http.Request) bool {
	return slices.ContainsFunc(r.Header.Values("Origin"), func(origin string) bool {
		scheme, _, ok := strings.Cut(origin, "://")
		return ok && !strings.EqualFold(scheme, "https")
	})
}

// guard lets in whom the route is for, and answers everybody else.
func (s *Server) guard(who access, handle page.Handler) gin.HandlerFunc {
	return s.serve(func(c *gin.Context) error {
		if !who.staff {
			return handle(c)
		}
		page.Private(c)
		staff, err := s.SignedIn(c)
		if clinic.CodeOf(err) == clinic.Unauthorized && c.Request.Method == http.MethodGet {
			return page.GoTo(c, "/office/sign-in?"+url.Values{"next": {c.Request.URL.RequestURI()}}.Encode())
		}
		if err != nil {
			return err
		}
		s.Attend(c)
		if who.ability != "" && !staff.Can(who.ability) || who.everywhere && !page.Actor(c).MayEverywhere(who.ability) {
			return &clinic.Error{Code: clinic.Forbidden, Message: "error.forbidden"}
		}
		if !who.half && web.ClinicOf(c.Request.Context()).SecondFactor && !page.Session(c).SecondFactor {
			return s.office.AskForSecondFactor(c)
		}
		if who.fresh {
			if proved, err := s.office.Proved(c); err != nil || !proved {
				return err
			}
		}
		return handle(c)
	})
}

func (s *Server) serve(handle page.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := handle(c); err != nil {
			page.SawNothing(c)
			s.fail(c, s.noteDenied(c, err))
		}
	}
}
