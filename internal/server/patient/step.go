package patient

import (
	"net/http"
	"net/url"
	"regexp"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
)

// robot is how programs that look at pages on their own name themselves. The capitals matter: CUBOT is a telephone.
var robot = regexp.MustCompile(`[Bb]ot\b|[Bb]ot[-/_ ]|[Cc]rawl|[Ss]pider|[Ss]lurp|[Pp]review|facebookexternalhit|[Mm]onitor|HeadlessChrome|^curl|^[Ww]get|^python-|^Go-http-client`)

// declaredRobot reports a request that says of itself that nobody looks at the answer now: of a program, or of a browser that fetches
// a page in case it is wanted.
func declaredRobot(r *http.Request) bool {
	return r.UserAgent() == "" || robot.MatchString(r.UserAgent()) || r.Header.Get("Sec-Purpose") != "" || r.Header.Get("Purpose") == "prefetch"
}

// countSeen counts a visitor who comes to a branch's free times. Going through the weeks there is no second coming: within the site,
// and nowhere else, the browser says from which page. Nothing is kept of the visitor.
func (p *Pages) countSeen(c *gin.Context, branch clinic.Branch, from clinic.Attribution) {
	before, err := url.Parse(c.Request.Referer())
	within := err == nil && before.Host == c.Request.Host && before.Path == c.Request.URL.Path && before.Query().Get("branch") == c.Query("branch")
	if c.Request.Method == http.MethodGet && !within {
		p.countStep(c, branch, clinic.StepSeen, from)
	}
}

func (p *Pages) countStep(c *gin.Context, branch clinic.Branch, step clinic.Step, from clinic.Attribution) {
	if !declaredRobot(c.Request) {
		p.Store.CountStep(clinic.VisitorStep{BranchID: branch.ID, Day: p.today(branch), Attribution: from, Step: step})
	}
}
