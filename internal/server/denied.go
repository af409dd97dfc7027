package server

import (
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
)

// noteDenied writes into the audit log that a page was refused to somebody who has signed in, because it is not for them or because what its address
// names is not theirs, whether or not it exists. It returns the refusal, which tells them no more than before.
func (s *Server) noteDenied(c *gin.Context, refusal error) error {
	staff, ok := page.StaffOf(c)
	code := clinic.CodeOf(refusal)
	if !ok || code != clinic.Forbidden && code != clinic.NotFound || c.FullPath() == "" {
		return refusal
	}
	err := s.Store.NoteDenied(c.Request.Context(), clinic.StaffActor(staff), c.Request.Method+" "+c.FullPath(), c.Param("id"), code)
	if err != nil && clinic.CodeOf(err) != clinic.Unavailable {
		return err
	}
	return refusal
}
