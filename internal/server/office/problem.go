package office

import (
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	office "madoguchi/web/office"
)

// ShowProblem ends a request of the office with the page for a status. requestID is shown where the failure is ours.
func (p *Pages) ShowProblem(c *gin.Context, status int, refusal *clinic.Error, requestID string) error {
	view := office.Problem{Frame: office.Frame{Demo: p.Demo}, Status: status, Error: refusal, RequestID: requestID}
	view.Staff, _ = page.StaffOf(c)
	return page.Show(c, status, office.ProblemPage(view))
}
