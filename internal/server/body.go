package server

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/server/page"
	"madoguchi/web"
)

// maxBody is the largest form or API body that is read. The longest honest one, an intake section full of text, is a
// tenth of it.
const maxBody = 256 << 10

// maxFields is how many fields a form or a query may have. The largest honest form, the opening hours of a week with many bookings to
// keep, has some hundreds; the same field a hundred thousand times is how a server is made to work for nothing.
const maxFields = 1000

var errManyFields = errors.New("too many fields")

// What is read of a request before its body. net/http bounds the bytes, see NewHTTP; but a header of four bytes costs more than it weighs.
const (
	maxHeaders = 100
	maxAddress = 8 << 10
)

// limitHead refuses a request with more of its beginning than any browser or proxy sends.
func (s *Server) limitHead(c *gin.Context) {
	headers := 0
	for _, values := range c.Request.Header {
		headers += len(values)
	}
	switch {
	case headers > maxHeaders:
		s.refuseHead(c, http.StatusRequestHeaderFieldsTooLarge)
	case len(c.Request.RequestURI) > maxAddress, strings.Count(c.Request.URL.RawQuery, "&") >= maxFields:
		s.refuseHead(c, http.StatusRequestURITooLong)
	}
}

// refuseHead answers in a word: no person sends such a request.
func (*Server) refuseHead(c *gin.Context, status int) {
	c.Abort()
	c.String(status, "%s\n", http.StatusText(status))
}

// limitBody bounds what is read of a request. Only a route whose form brings a file takes more than maxBody.
func (s *Server) limitBody(c *gin.Context) {
	most := int64(maxBody)
	if takesFile(c) {
		most = uploads[c.FullPath()]
	}
	if c.Request.ContentLength > most {
		s.showStatus(c, http.StatusRequestEntityTooLarge, nil)
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
}

// takesFile reports whether the route asked for is one whose form brings a file.
func takesFile(c *gin.Context) bool {
	return c.Request.Method == http.MethodPost && uploads[c.FullPath()] > 0
}

// maxFieldName is the longest name of a form's field, in bytes. Our own are half as long at the most.
const maxFieldName = 64

// readBody reads what is sent before any handler does, so that what is too large or too slow, what breaks off, and what is
// no form is answered once and for all. What a form holds is made showable: every rule then refuses it at its field. A form
// with a file is read by its handler, once it is known that whoever sends it may; no other route takes one.
func (s *Server) readBody(c *gin.Context) {
	if c.Request.Method != http.MethodPost || takesFile(c) {
		return
	}
	if !isAPI(c) && strings.HasPrefix(strings.ToLower(c.ContentType()), "multipart/") {
		s.fail(c, page.UnreadableForm())
		return
	}
	sent, err := io.ReadAll(c.Request.Body)
	if err != nil {
		s.fail(c, page.BodyError(err))
		return
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(sent))
	if isAPI(c) {
		return
	}
	if bytes.Count(sent, []byte("&")) >= maxFields {
		s.fail(c, &page.UnreadBody{Status: http.StatusRequestEntityTooLarge, Cause: errManyFields})
		return
	}
	if c.Request.ParseForm() != nil { // its words quote the form
		s.fail(c, page.UnreadableForm())
		return
	}
	for name := range c.Request.PostForm {
		if len(name) > maxFieldName {
			s.fail(c, page.UnreadableForm())
			return
		}
	}
	showable(c.Request.Form)
	showable(c.Request.PostForm)
	c.Request = c.Request.WithContext(web.WithPath(c.Request.Context(), s.cameFrom(c)))
}
