package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/api"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// fail answers an error that no handler answered itself.
func (s *Server) fail(c *gin.Context, err error) {
	status := s.status(c.Request.Context(), err)
	var refusal *clinic.Error
	if !errors.As(err, &refusal) {
		var several clinic.Errors
		if errors.As(err, &several) && len(several) > 0 {
			refusal = several[0]
		}
	}
	s.showStatus(c, status, refusal)
}

// status is the HTTP status of an error. A failure inside is written to the log with the id that the person sees.
func (s *Server) status(ctx context.Context, err error) int {
	var unread *page.UnreadBody
	if errors.As(err, &unread) {
		return unread.Status
	}
	if page.HasLeft(ctx) && (errors.Is(err, context.Canceled) || clinic.CodeOf(err) == clinic.Unavailable) {
		return page.StatusGone // what was being done was cut off with the connection, which is no failure of ours
	}
	status := page.Status(clinic.CodeOf(err))
	if status >= http.StatusInternalServerError {
		s.Log.LogAttrs(ctx, slog.LevelError, "failure", slog.String("id", requestIDOf(ctx)), slog.String("cause", err.Error()))
	}
	return status
}

// showStatus ends the request with the page for a status, or with the problem for a program.
func (s *Server) showStatus(c *gin.Context, status int, refusal *clinic.Error) {
	c.Abort()
	if c.Writer.Written() {
		panic(http.ErrAbortHandler) // the connection ends at once, so that nobody takes the beginning of an answer for all of it
	}
	page.Private(c)
	if status == page.StatusGone || page.HasLeft(c.Request.Context()) {
		c.Status(status)
		return
	}
	if isAPI(c) {
		c.Header("Content-Type", api.ProblemType)
		c.JSON(status, api.NewProblem(c.Request.Context(), status, refusal))
		return
	}
	id := ""
	if status >= http.StatusInternalServerError {
		id = requestIDOf(c.Request.Context())
	}
	var err error
	if path := c.Request.URL.Path; path == "/office" || strings.HasPrefix(path, "/office/") {
		err = s.office.ShowProblem(c, status, refusal, id)
	} else {
		// Without a database, whom to call is what was read last: an error adds nothing to the page that tells of one.
		branches, _ := s.Store.Branches(c.Request.Context())
		err = page.Show(c, status, view.ProblemPage(view.Problem{Status: status, Error: refusal, RequestID: id, Branches: branches}))
	}
	if err != nil {
		s.Log.LogAttrs(c.Request.Context(), slog.LevelError, "failure", slog.String("id", requestIDOf(c.Request.Context())),
			slog.String("cause", err.Error()))
		c.String(http.StatusInternalServerError, "%s\n", requestIDOf(c.Request.Context()))
	}
}

func (s *Server) showMissing(*gin.Context) error {
	return &clinic.Error{Code: clinic.NotFound, Message: "error.not_found"}
}

func (s *Server) showNoMethod(c *gin.Context) error {
	s.showStatus(c, http.StatusMethodNotAllowed, nil)
	return nil
}
