package page

import (
	"bytes"
	"crypto/rand"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"
)

// Unpacks reports whether a browser can unpack what Pack packs (RFC 9110, section 12.5.3).
func Unpacks(c *gin.Context) bool {
	for coding := range strings.SplitSeq(c.GetHeader("Accept-Encoding"), ",") {
		name, weight, weighted := strings.Cut(coding, ";")
		if strings.TrimSpace(name) == "gzip" {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return !weighted || err == nil && q > 0
		}
	}
	return false
}

// maxPadding is the most bytes that Pack adds, as the server does when it packs a page that is sent once.
const maxPadding = 32

// Pack renders what is sent to many as it is, in the form in which it is sent. The comment of random length keeps a secret on the page from
// being guessed by how well it packs together with what a request says (the BREACH attack).
func Pack(c *gin.Context, component templ.Component) ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	var random [1]byte
	_, _ = rand.Read(random[:]) // it never fails
	w.Comment = strings.Repeat("-", int(random[0])%maxPadding+1)
	if err := component.Render(c.Request.Context(), w); err != nil {
		return nil, err
	}
	err := w.Close()
	return packed.Bytes(), err
}

// ShowPacked sends what Pack has packed.
func ShowPacked(c *gin.Context, status int, packed []byte) error {
	if err := NoteSeen(c); err != nil {
		return err
	}
	c.Header("Content-Encoding", "gzip")
	c.Data(status, "text/html; charset=utf-8", packed)
	return nil
}
