// Package server is the pages and the API. It is the only package that knows gin. routes.go lists every address by who may
// open it; the patients' handlers are in patient, the staff's in office, the API in api, and what they share in page.
package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/api"
	"madoguchi/internal/server/office"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/patient"
	"madoguchi/internal/store"
	"madoguchi/web"
)

// Server answers all requests of one instance.
type Server struct {
	*page.Site
	patient *patient.Pages
	office  *office.Pages
	worker  func() bool

	refused   refused
	untrusted atomic.Bool // somebody who is not trusted has said for whom they ask
	silent    atomic.Bool // somebody who is trusted has not said it
}

// New builds the handler of a site. trusted are the proxies whose X-Forwarded-For counts; worker reports whether the
// worker is alive, for /readyz.
func New(site *page.Site, trusted []netip.Prefix, worker func() bool) (http.Handler, error) {
	s := &Server{Site: site, patient: &patient.Pages{Site: site}, office: &office.Pages{Site: site}, worker: worker}
	s.office.Import = s.has("/office/import")

	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"} // the one header that the settings speak of
	proxies := make([]string, len(trusted))
	for i, p := range trusted {
		proxies[i] = p.String()
	}
	if err := engine.SetTrustedProxies(proxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	engine.Use(plainForwarded, s.identify, s.noticeProxies(trusted), s.recoverPanics, s.secure().handle, s.limitHead, showablePath, s.speak, s.limitBody)
	if site.Limits {
		engine.Use(s.limitRate())
	}
	engine.Use(s.checkHost, cleanLink, s.protect(), s.readBody)
	assets := gin.WrapH(web.Assets())
	engine.GET("/assets/*file", assets)
	engine.HEAD("/assets/*file", assets)
	for _, r := range s.routes() {
		engine.Handle(r.method, r.path, s.guard(r.who, r.handle))
		if r.method == http.MethodGet {
			engine.HEAD(r.path, s.guard(r.who, r.handle))
		}
	}
	api.Register(engine, site, s.status)
	engine.NoRoute(s.serve(s.showMissing))
	engine.NoMethod(s.serve(s.showNoMethod))
	return compress(engine)
}

// compress packs pages for browsers that can unpack them: a week's calendar becomes a fifth, which is felt on a phone. The
// padding of random length keeps a secret on a page from being guessed by how well it packs together with what a request
// says (the BREACH attack).
func compress(handler http.Handler) (http.Handler, error) {
	const padding, smallest = 32, 1024
	wrap, err := gzhttp.NewWrapper(gzhttp.ContentTypes([]string{"text/html"}), gzhttp.MinSize(smallest),
		gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.RandomJitter(padding, 0, false))
	if err != nil {
		return nil, err
	}
	return wrap(handler), nil
}

// NewHTTP sets the limits of time and size that keep a slow or greedy client from hurting the others. What net/http itself
// has to say goes to the log.
func NewHTTP(handler http.Handler, to *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ErrorLog: log.New(errorLog{to}, "", 0),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 100},
	}
}

// errorLog is where net/http writes.
type errorLog struct{ to *slog.Logger }

var (
	networkAddress = regexp.MustCompile(`(\[[0-9A-Fa-f:.]+(%\w+)?\]|\b\d{1,3}(\.\d{1,3}){3}\b|\b[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{0,4}){3,7})(:\d+)?`)
	panicValue     = regexp.MustCompile(`^(http: panic serving \S+?):? (?s:.*?)(\ngoroutine |\z)`)
)

// Write logs one line of net/http: without network addresses, and of a panic without its value, which could be anything.
func (l errorLog) Write(line []byte) (int, error) {
	said := panicValue.ReplaceAllString(strings.TrimSpace(string(line)), "$1$2")
	l.to.LogAttrs(context.Background(), slog.LevelError, "http", slog.String("said", networkAddress.ReplaceAllString(said, "[address]")))
	return len(line), nil
}

// readyWithin is how long /readyz waits for the database.
const readyWithin = 2 * time.Second

func (s *Server) showAlive(c *gin.Context) error {
	c.String(http.StatusOK, "ok\n")
	return nil
}

// showReady says whether this instance can do its work: it has not been told to stop, the database answers, has this program's
// shape and takes writes, and the worker is alive.
func (s *Server) showReady(c *gin.Context) error {
	select {
	case <-s.Stopping:
		c.String(http.StatusServiceUnavailable, "stopping\n")
		return nil
	default:
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyWithin)
	defer cancel()
	err := s.Store.Ready(ctx)
	var not *store.NotReady
	switch {
	case page.HasLeft(ctx):
		return ctx.Err()
	case errors.As(err, &not):
		s.Log.LogAttrs(ctx, slog.LevelError, "not ready", slog.String("id", requestIDOf(ctx)), slog.String("why", not.Why), slog.String("cause", not.Cause.Error()))
		c.String(http.StatusServiceUnavailable, "%s\n", not.Why)
	case err != nil:
		return err
	case !s.worker():
		c.String(http.StatusServiceUnavailable, "the worker is not alive\n")
	default:
		c.String(http.StatusOK, "ready\n%s", s.lettersDetail(ctx))
		if s.untrusted.Load() {
			c.String(http.StatusOK, "note: %s\n", untrustedNote)
		}
		if s.silent.Load() {
			c.String(http.StatusOK, "note: %s\n", silentNote)
		}
	}
	return nil
}

// lettersDetail is how the letters are, for whoever looks after the machines. It does not make the instance unready, because it is
// the same on every other.
func (s *Server) lettersDetail(ctx context.Context) string {
	trouble, err := s.Store.CountLettersInTrouble(ctx, clinic.Job("ready"))
	seen, unseen := s.Store.WorkerSeen(ctx)
	if errors.Join(err, unseen) != nil {
		return "letters: unknown\n"
	}
	detail := fmt.Sprintf("letters in trouble: %d\n", trouble)
	if silent, long := clinic.Silence(seen, s.Now()); long {
		detail += fmt.Sprintf("no worker has worked for %s\n", silent.Round(time.Second))
	}
	if state := s.BackupState(); state.Every > 0 {
		last := "none"
		if !state.Last.IsZero() {
			last = state.Last.UTC().Format(time.RFC3339)
		}
		detail += "newest backup: " + last + "\n"
		if trouble := state.Trouble(s.Now()); trouble != clinic.BackupsFine {
			detail += fmt.Sprintf("the backups are in trouble: %s\n", trouble)
		}
	}
	return detail
}
