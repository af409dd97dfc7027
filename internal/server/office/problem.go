package office

import (
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowProblem ends a request of the office with the page for a status. requestID is shown where the failure is ours.
func (p *Pages) ShowProblem(c *gin.Context, status int, refusal *clinic.Error, requestID string) error {
	data := view.Problem{Frame: view.Frame{Demo: p.Demo}, Status: status, Error: refusal, RequestID: requestID}
	data.Staff, _ = page.StaffOf(c)
	return page.Show(c, status, view.ProblemPage(data))
}
