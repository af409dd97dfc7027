package server

import (
	"net/http"

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
	c.String(http.StatusOK, "User-agent: *\nDisallow: /office\nDisallow: /booking/\nDisallow: /intake/\nDisallow: /book\nDisallow: /dev/\n")
	return nil
}
