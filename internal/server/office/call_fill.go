package office

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// showCall shows the form as it was typed, with what was found.
func (p *Pages) showCall(c *gin.Context, status int, v view.Call, branchID string) error {
	branch, branches, err := p.branchOf(c, clinic.ChangeBooking, branchID)
	if err != nil {
		return err
	}
	v.Frame, v.Branches, v.Now = p.frame(c, branch), branches, p.Now()
	if branch.ID == "" {
		return page.Show(c, status, view.NoCallPage(v.Frame))
	}
	for _, fill := range []func(*gin.Context, *view.Call) error{p.fillWho, p.fillWhen, p.fillOutside, p.fillComing} {
		if err := fill(c, &v); err != nil {
			return err
		}
	}
	page.SawEach(c, clinic.SawFound, v.Hits, aboutRecord)
	page.Private(c)
	c.Header("Vary", "HX-Request")
	if asksForPart(c) {
		return page.Show(c, status, view.CallPart(v))
	}
	return page.Show(c, status, view.CallPage(v))
}

// fillWho finds the people whom the first field means, and fills in how the one who was chosen is reached.
func (p *Pages) fillWho(c *gin.Context, v *view.Call) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	if strings.TrimSpace(v.Text) != "" && v.Errors.For("q") == nil {
		found, err := p.Store.SearchPatients(ctx, actor, v.Text, callHits)
		if err != nil {
			return err
		}
		v.Asked, v.Hits, v.MoreHits = true, found.Patients, found.More
	}
	if v.Known() {
		known, err := p.Store.Patient(ctx, actor, v.Chosen)
		switch {
		case clinic.CodeOf(err) == clinic.NotFound:
			v.Chosen = ""
		case err != nil:
			return err
		default:
			v.Chosen, v.Record = known.Patient.ID, known
			if !slices.ContainsFunc(v.Hits, func(r clinic.PatientRecord) bool { return r.Patient.ID == v.Chosen }) {
				v.Hits = append([]clinic.PatientRecord{known}, v.Hits...)
			}
			if v.Filled != v.Chosen {
				v.Input, v.Filled, v.Letter = known.Patient.Caller(), v.Chosen, true
				v.FilledRevision = strconv.Itoa(known.Revision)
			}
		}
	}
	if v.Chosen == view.NewCaller && v.Filled != view.NewCaller {
		if v.Filled != "" { // what was filled in is another's
			v.Input = clinic.CallerInput{}
		}
		v.Filled = view.NewCaller
		switch text := clinic.Tidy(v.Text); {
		case v.Input.Kana != "" || v.Input.Phone != "":
		case clinic.ReadsAsKana(text):
			v.Input.Kana = clinic.Katakana(text)
		default:
			if number, problem := clinic.ParsePhone(text); problem == "" {
				v.Input.Phone = clinic.FormatPhone(number)
			}
		}
	}
	return nil
}

// fillComing marks somebody who has a booking before them already.
func (p *Pages) fillComing(c *gin.Context, v *view.Call) error {
	typed, _ := clinic.NewCaller(v.Input, clinic.DateOf(p.Now(), v.Branch.Location()))
	patientID := ""
	if v.Known() {
		patientID = v.Chosen
	}
	if patientID == "" && typed.Phone == "" {
		return nil
	}
	var err error
	v.Coming, v.Elsewhere, err = p.Store.ComingOf(c.Request.Context(), page.Actor(c), patientID, typed)
	return err
}
