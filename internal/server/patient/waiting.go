package patient

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// joining is the form by which somebody gets in line, as it was typed.
type joining struct {
	branch     clinic.Branch
	input      clinic.WaitingInput
	person     clinic.PatientInput
	emailAsked string
	key        string
	errs       clinic.Errors
	guard      view.Guard
	again      bool
}

// readJoining reads the form.
func readJoining(c *gin.Context, branch clinic.Branch) joining {
	sent := c.Request.PostForm
	j := joining{
		again: true, branch: branch, input: readWaitingInput(sent), key: sent.Get("key"), emailAsked: sent.Get("email-asked"),
		person: clinic.PatientInput{
			FamilyName: sent.Get("family_name"), GivenName: sent.Get("given_name"), FamilyKana: sent.Get("family_kana"), GivenKana: sent.Get("given_kana"),
			Phone: sent.Get("phone"), Email: sent.Get("email"), Lang: page.Lang(c),
		},
	}
	if !clinic.IsToken(j.key) {
		j.key = clinic.NewToken()
	}
	return j
}

// readWaitingInput reads what somebody waits for. The doctor's field has a word for any woman among them.
func readWaitingInput(sent url.Values) clinic.WaitingInput {
	in := clinic.WaitingInput{DoctorID: sent.Get("doctor"), Weekdays: sent["wait-days"], Parts: sent["wait-parts"], Last: sent.Get("wait-until")}
	if in.DoctorID == view.AnyWoman {
		in.DoctorID, in.Women = "", true
	}
	return in
}

// ShowWaiting is the form by which somebody gets in line at a branch: ?branch=ID&doctor=ID&sex=f.
func (p *Pages) ShowWaiting(c *gin.Context) error {
	asked := c.Request.URL.Query()
	branch, err := p.branchToWaitAt(c, asked.Get("branch"))
	if err != nil || c.IsAborted() {
		return err
	}
	j := joining{branch: branch, key: clinic.NewToken(), input: clinic.WaitingInput{DoctorID: asked.Get("doctor"), Women: asked.Get("sex") == string(clinic.Female)}}
	j.input.Last = clinic.LastWaitingDay(branch, clinic.Date{}, p.Now()).String()
	return p.showJoining(c, http.StatusOK, j)
}

// branchToWaitAt is the branch of an id, or the only one. Where there are several, they are shown to choose from, and the request is at its
// end.
func (p *Pages) branchToWaitAt(c *gin.Context, id string) (clinic.Branch, error) {
	branches, err := p.Store.Branches(c.Request.Context())
	if err != nil {
		return clinic.Branch{}, err
	}
	branch, ok := branchOf(branches, id)
	if !ok && len(branches) == 1 {
		branch, ok = branches[0], true
	}
	if ok {
		return branch, nil
	}
	branches = slices.DeleteFunc(branches, func(b clinic.Branch) bool { return b.Settings.Waiting.Off })
	c.Abort()
	status := http.StatusOK
	if c.Request.Method == http.MethodPost { // nobody has been put in line
		status = http.StatusUnprocessableEntity
	}
	return branch, page.Show(c, status, view.WaitingBranchPage(branches))
}

func (p *Pages) showJoining(c *gin.Context, status int, j joining) error {
	doctors, err := p.Store.DoctorsAt(c.Request.Context(), j.branch.ID)
	if err != nil {
		return err
	}
	guard, err := p.newGuard(c, guarded{key: j.key, about: j.branch.ID, again: j.again})
	if err != nil {
		return err
	}
	guard.Code, guard.Typed = j.guard.Code, j.guard.Typed
	page.Private(c)
	return page.Show(c, status, view.JoinPage(view.Join{
		Guard: guard, Branch: j.branch, Doctors: doctors, Input: j.input, Person: j.person, EmailAsked: j.emailAsked, Key: j.key, Errors: j.errs,
		Off: j.branch.Settings.Waiting.Off,
	}))
}

// GetInLine puts somebody in line. The form's key opens their place, so that the form sent twice leads there twice.
func (p *Pages) GetInLine(c *gin.Context) error {
	branch, err := p.branchToWaitAt(c, c.PostForm("branch"))
	if err != nil || c.IsAborted() {
		return err
	}
	if was, err := p.trapped(c, branch); was || err != nil {
		return err
	}
	ctx, j := c.Request.Context(), readJoining(c, branch)
	doctors, err := p.Store.DoctorsAt(ctx, branch.ID)
	if err != nil {
		return err
	}
	wish, parts, errs := clinic.ReadWaiting(j.input, doctors, branch, clinic.Date{}, p.Now())
	person, more := clinic.NewWaiter(j.person, p.today(branch))
	errs = append(errs, more...)
	if question := clinic.AskEmail(person.Email, j.emailAsked); question != nil {
		errs = append(errs, question)
	}
	if len(errs) > 0 {
		j.errs, j.emailAsked = errs, j.person.Email
		return p.showJoining(c, http.StatusUnprocessableEntity, j)
	}
	proved, asks, refused, err := p.proved(c, guarded{key: j.key, about: branch.ID, branch: branch, email: person.Email})
	if err != nil {
		return err
	}
	j.guard = asks
	if !proved {
		j.emailAsked = j.person.Email
		status := http.StatusUnprocessableEntity
		if refused != nil {
			j.errs, status = clinic.Errors{refused}, page.Status(refused.Code)
		}
		return p.showJoining(c, status, j)
	}
	err = p.Store.GetInLine(ctx, p.Visitor(c), clinic.WaitingRequest{
		BranchID: branch.ID, Wish: wish, Parts: parts, Patient: person, Lang: page.Lang(c), Token: j.key,
	})
	if refusal := refusalOf(err); refusal != nil {
		j.errs = clinic.Errors{refusal}
		return p.showJoining(c, page.Status(refusal.Code), j)
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, placePath(j.key, "?done=joined"))
}

// ShowOwnWaiting is the form by which a patient waits for an earlier time than that of the booking behind their link.
func (p *Pages) ShowOwnWaiting(c *gin.Context) error {
	a, err := p.changeable(c)
	if err != nil || c.IsAborted() {
		return err
	}
	latest := clinic.DateOf(a.Slot.StartsAt, a.Branch.Location())
	in := clinic.WaitingInput{Last: latest.String()}
	w, err := p.Store.WaitsWith(c.Request.Context(), patientOf(c))
	switch {
	case clinic.CodeOf(err) == clinic.NotFound:
		return p.showOwnWaiting(c, http.StatusOK, a, in, false, nil)
	case err != nil:
		return err
	}
	return p.showOwnWaiting(c, http.StatusOK, a, view.WaitingInput(w), true, nil)
}

func (p *Pages) showOwnWaiting(c *gin.Context, status int, a clinic.Appointment, in clinic.WaitingInput, waits bool, errs clinic.Errors) error {
	doctors, err := p.Store.DoctorsAt(c.Request.Context(), a.Branch.ID)
	if err != nil {
		return err
	}
	key := c.PostForm("key")
	if !clinic.IsToken(key) {
		key = clinic.NewToken()
	}
	return page.Show(c, status, view.JoinPage(view.Join{
		Branch: a.Branch, Doctors: doctors, Input: in, Key: key, Errors: errs, Own: c.Param("token"), Old: p.appointmentTime(c, a), Waits: waits,
		NoMail: a.Patient.Email == "", Off: a.Branch.Settings.Waiting.Off,
	}))
}

// WaitWith puts the patient behind a link in line with their booking, changes what they wait for, or takes them out of it.
func (p *Pages) WaitWith(c *gin.Context) error {
	a, err := p.changeable(c)
	if err != nil || c.IsAborted() {
		return err
	}
	ctx, sent := c.Request.Context(), c.Request.PostForm
	if sent.Get("wait-do") == "leave" {
		if err := p.Store.LeaveWith(ctx, patientOf(c)); err != nil {
			return err
		}
		return page.GoTo(c, bookingPath(c.Param("token"), "/waiting"))
	}
	doctors, err := p.Store.DoctorsAt(ctx, a.Branch.ID)
	if err != nil {
		return err
	}
	in, waits := readWaitingInput(sent), sent.Get("wait-on") != ""
	wish, parts, errs := clinic.ReadWaiting(in, doctors, a.Branch, clinic.DateOf(a.Slot.StartsAt, a.Branch.Location()), p.Now())
	if len(errs) > 0 {
		return p.showOwnWaiting(c, http.StatusUnprocessableEntity, a, in, waits, errs)
	}
	key := sent.Get("key")
	if !clinic.IsToken(key) {
		key = clinic.NewToken()
	}
	err = p.Store.GetInLine(ctx, patientOf(c), clinic.WaitingRequest{Wish: wish, Parts: parts, Token: key})
	if refusal := refusalOf(err); refusal != nil {
		return p.showOwnWaiting(c, page.Status(refusal.Code), a, in, waits, clinic.Errors{refusal})
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, placePath(key, "?done=joined"))
}
