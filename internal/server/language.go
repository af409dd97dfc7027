package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

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

// showRobots lets search engines read the public pages and keeps them from everything that belongs to a person.
func (s *Server) showRobots(c *gin.Context) error {
	c.String(http.StatusOK, "User-agent: *\nDisallow: /office\nDisallow: /booking/\nDisallow: /intake/\nDisallow: /book\nDisallow: /dev/\n")
	return nil
}
