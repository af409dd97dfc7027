package patient

import (
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// passCookie is the name of the cookie that holds the pass for a booking. It does not tell which booking that is.
func passCookie(bookingID string) string {
	return "own-" + hex.EncodeToString(clinic.TokenHash("pass " + bookingID))[:12]
}

// passOf is the pass that the browser has for a booking.
func (p *Pages) passOf(c *gin.Context, bookingID string) (clinic.Pass, error) {
	sealed := p.Cookie(c, passCookie(bookingID))
	if sealed == "" {
		return clinic.Pass{}, nil
	}
	return p.Store.OpenPass(bookingID, sealed)
}

// givePass gives the browser a pass for a booking. What was proved is kept until the counseling ends, anything else until the browser is closed.
func (p *Pages) givePass(c *gin.Context, bookingID string, pass clinic.Pass) error {
	sealed, err := p.Store.SealPass(bookingID, pass)
	if err != nil {
		return err
	}
	seconds := 0
	if pass.Kind == clinic.PassProved {
		seconds = max(int(pass.Ends.Sub(p.Now())/time.Second), 1)
	}
	p.SetCookie(c, passCookie(bookingID), sealed, seconds)
	return nil
}

// opens reports whether the browser may see the answers of the chart.
func (chart openChart) opens(now time.Time) bool { return chart.pass.Opens(chart.Intake.Revision, now) }

// knowsBehind reports whether the browser is that of the patient whose booking the link in the path opens, or has opened before it ended.
func (p *Pages) knowsBehind(c *gin.Context) (bool, error) {
	booking, err := p.Store.BehindLink(c.Request.Context(), clinic.PatientByLink(c.Param("token")))
	if err != nil {
		return false, err
	}
	pass, err := p.passOf(c, booking.ID)
	return pass.Knows(p.Now()), err
}

// proofFor is what the browser is asked for, with what was wrong with what was typed.
func (p *Pages) proofFor(c *gin.Context, chart openChart, problem *clinic.Error) (view.Proof, error) {
	v := view.Proof{Kind: chart.Appointment.Patient.Proof(), Problem: problem, Branch: chart.Appointment.Branch}
	if chart.pass.Knows(p.Now()) {
		return v, nil
	}
	wrong, err := p.Store.Guesses(c.Request.Context(), patientOf(c))
	v.Spent = clinic.CheckTries(wrong) != nil
	return v, err
}

// Prove checks the proof that was typed, and leads on to what it was typed for.
func (p *Pages) Prove(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	to := c.PostForm("open-page")
	problem, err := p.prove(c, &chart)
	switch {
	case err != nil:
		return err
	case problem == nil && to == "contact":
		return page.GoTo(c, bookingPath(c.Param("token"), "#contact"))
	case problem == nil && (strings.HasPrefix(to, "/intake/"+c.Param("token")) || to == bookingPath(c.Param("token"), "/erase")):
		return page.GoTo(c, page.OwnPath(proved(to)))
	case problem == nil:
		return page.GoTo(c, proved("/intake/"+c.Param("token")))
	case strings.HasPrefix(to, "/intake/"), to == bookingPath(c.Param("token"), "/erase"):
		return p.askProof(c, page.Status(problem.Code), chart, to, problem)
	}
	return p.showMyBooking(c, page.Status(problem.Code), saying{proof: problem})
}

// proved marks an address as one to which a right proof has led, so that a browser that has not kept its pass is told so.
func proved(address string) string {
	path, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set("proved", "1")
	return path + "?" + values.Encode()
}

// prove checks the proof that was typed. The problem is what is wrong with it; there is none where the browser has got its pass.
func (p *Pages) prove(c *gin.Context, chart *openChart) (problem *clinic.Error, err error) {
	sent := c.Request.PostForm
	err = p.Store.Prove(c.Request.Context(), patientOf(c), clinic.ProofInput{
		BirthEra: sent.Get("birth-era"), BirthYear: sent.Get("birth_year"), BirthMonth: sent.Get("birth_month"), BirthDay: sent.Get("birth_day"),
		Phone: sent.Get("phone-digits"),
	})
	if refusal := refusalOf(err); refusal != nil && refusal.Code != clinic.NotFound {
		return refusal, nil
	}
	if err != nil {
		return nil, err
	}
	a := chart.Appointment
	chart.pass = clinic.Pass{Kind: clinic.PassProved, Ends: a.Slot.EndsAt}
	return nil, p.givePass(c, a.Booking.ID, chart.pass)
}

// proofNames are the fields of the proof, which are not carried along.
var proofNames = []string{"proof-asked", "birth-era", "birth_year", "birth_month", "birth_day", "phone-digits"}

// askProof asks for the proof in the place of a page with answers. What was typed into that page's form is carried along and not lost.
func (p *Pages) askProof(c *gin.Context, status int, chart openChart, to string, problem *clinic.Error) error {
	proof, err := p.proofFor(c, chart, problem)
	if err != nil {
		return err
	}
	v := view.PassPage{Token: c.Param("token"), To: page.OwnPath(to), Erase: strings.HasSuffix(to, "/erase"), Lost: c.Query("proved") != "" && problem == nil, Proof: proof}
	if c.Request.Method == http.MethodPost && c.Param("section") != "" {
		v.Carried = maps.Clone(c.Request.PostForm)
		maps.DeleteFunc(v.Carried, func(name string, _ []string) bool { return slices.Contains(proofNames, name) })
	}
	c.Abort()
	return page.Show(c, status, view.PassPageOf(v))
}

// unlock asks a browser that may not see the answers for the proof, and ends the request. A form that brings the proof goes on.
func (p *Pages) unlock(c *gin.Context, chart *openChart) error {
	var problem *clinic.Error
	if c.Request.Method == http.MethodPost && c.PostForm("proof-asked") != "" {
		var err error
		if problem, err = p.prove(c, chart); err != nil || problem == nil {
			return err
		}
	}
	status := http.StatusOK
	if problem != nil {
		status = page.Status(problem.Code)
	} else if c.Request.Method == http.MethodPost {
		status = http.StatusForbidden
	}
	return p.askProof(c, status, *chart, c.Request.URL.RequestURI(), problem)
}

// keepTyped lets the browser in which answers were typed see those, and no longer once another has saved some.
func (p *Pages) keepTyped(c *gin.Context, chart openChart) error {
	if chart.pass.Knows(p.Now()) {
		return nil
	}
	a := chart.Appointment
	return p.givePass(c, a.Booking.ID, clinic.Pass{Kind: clinic.PassTyped, Revision: chart.Intake.Revision, Ends: a.Slot.EndsAt})
}
