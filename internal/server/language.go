package server

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"madoguchi/internal/server/page"
	"madoguchi/web"
)

const (
	languageCookie = "lang"
	yearSeconds    = 365 * 24 * 60 * 60
)

// chooseLanguage remembers the reader's language and returns to where they were.
func (s *Server) chooseLanguage(c *gin.Context) error {
	s.SetCookie(c, languageCookie, web.Find(c.PostForm("lang")).Lang(), yearSeconds)
	return page.GoTo(c, page.OwnPath(c.PostForm("back")))
}

// spoken are the languages in the order of preference.
var spoken = language.NewMatcher([]language.Tag{language.Japanese, language.English})

// language is the reader's: the one they chose, or Japanese. A program that calls the API says it in Accept-Language.
func (s *Server) language(c *gin.Context) string {
	if isAPI(c) {
		tag, _ := language.MatchStrings(spoken, c.GetHeader("Accept-Language"))
		base, _ := tag.Base()
		return web.Find(base.String()).Lang()
	}
	return web.Find(s.Cookie(c, languageCookie)).Lang()
}

// showRobots lets search engines read the public pages and keeps them from everything that belongs to a person.
func (s *Server) showRobots(c *gin.Context) error {
	c.String(http.StatusOK, "User-agent: *\nDisallow: /office\nDisallow: /booking/\nDisallow: /intake/\nDisallow: /book\nDisallow: /waiting\nDisallow: /lost\nDisallow: /dev/\n")
	return nil
}

// speak puts the language, the clinic and the page's own address where the pages find them.
func (s *Server) speak(c *gin.Context) {
	ctx := web.WithLocale(c.Request.Context(), s.language(c))
	if !isPlain(c) && !isAPI(c) {
		settings, err := s.Store.Settings(ctx)
		if err != nil {
			// The page goes on under the name that was read last. If it needs the database, it will say so itself.
			s.Log.LogAttrs(ctx, slog.LevelWarn, "settings not read", slog.String("cause", err.Error()))
		}
		ctx = web.WithClinic(ctx, settings)
	}
	ctx = web.WithBaseURL(ctx, s.BaseURL.Scheme+"://"+s.BaseURL.Host)
	if c.Request.Method == http.MethodGet {
		ctx = web.WithPath(ctx, c.Request.URL.RequestURI())
	} else {
		ctx = web.WithPath(ctx, s.cameFrom(c)) // as far as it is known before the form is read
	}
	c.Request = c.Request.WithContext(ctx)
}

// cameFrom is the page of ours from which a form was sent: where the switch of language returns to from a page that answers a
// form, which cannot be asked for again. A patient's form says itself where it belongs, also once it stands on the answer to another;
// only for the rest the browser is believed.
func (s *Server) cameFrom(c *gin.Context) string {
	read := c.Request.PostForm != nil
	switch path := c.FullPath(); {
	case path == "/book" && read:
		return formPage(c, "/book", "slot", "doctor", "women")
	case path == "/hold" && read:
		return formPage(c, "/slots", "branch", "doctor", "sex", "week")
	case path == "/booking/:token/change", path == "/booking/:token/confirm":
		return page.OwnPath("/booking/" + url.PathEscape(c.Param("token")) + "/change")
	case path == "/booking/:token/cancel":
		return page.OwnPath("/booking/" + url.PathEscape(c.Param("token")) + "/cancel")
	case path == "/booking/:token/proof" && read && strings.HasPrefix(c.Request.PostForm.Get("open-page"), "/intake/"):
		return page.OwnPath(c.Request.PostForm.Get("open-page"))
	case strings.HasPrefix(path, "/booking/:token/"):
		return page.OwnPath("/booking/" + url.PathEscape(c.Param("token")))
	case path == "/intake/:token/:section":
		return page.OwnPath(c.Request.URL.RequestURI())
	}
	from, err := url.Parse(c.GetHeader("Referer"))
	if err != nil || from.Host != s.BaseURL.Host {
		return "/"
	}
	return page.OwnPath(from.RequestURI())
}

// formPage is the address of a page with what its form has sent of its fields, and of those that every page for visitors hands on.
func formPage(c *gin.Context, path string, fields ...string) string {
	query := url.Values{}
	for _, name := range append(fields, "hold", "area", "article", "campaign") {
		if value := c.Request.PostForm.Get(name); value != "" {
			query.Set(name, value)
		}
	}
	return path + "?" + query.Encode()
}
