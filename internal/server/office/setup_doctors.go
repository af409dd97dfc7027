package office

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// SetUpDoctors adds the doctors who were typed, and lets those who were ticked work at the branch as well.
func (p *Pages) SetUpDoctors(c *gin.Context) error {
	data, err := p.setupForm(c, clinic.SetupDoctors)
	if err != nil {
		return err
	}
	ctx, actor, sent := c.Request.Context(), page.Actor(c), c.Request.PostForm
	var fresh []clinic.Doctor
	data.Rows, fresh, data.Errors = readSetupDoctors(sent)
	data.Ticked = sent["also"]
	if len(fresh)+len(data.Ticked)+len(data.Who)+len(data.Errors) == 0 {
		data.Errors = clinic.Errors{{Code: clinic.Invalid, Field: "family_name-0", Message: "error.setup.nobody"}}
	}
	if len(data.Errors) > 0 {
		return p.showSetup(c, http.StatusUnprocessableEntity, data)
	}
	for _, d := range fresh {
		if _, err := p.Store.SaveDoctor(ctx, actor, d, []string{data.Edited.ID}); err != nil && !clinic.IsStale(err) { // sent twice they are one
			return err
		}
	}
	for _, id := range data.Ticked {
		doctor, worksAt, err := p.Store.Doctor(ctx, id)
		if err != nil {
			return err
		}
		if _, err := p.Store.SaveDoctor(ctx, actor, doctor, append(worksAt, data.Edited.ID)); err != nil {
			return err
		}
	}
	return page.GoTo(c, setupPath(data.Edited.ID, ""))
}

// readSetupDoctors reads the rows of the form. Those that are empty are left out.
func readSetupDoctors(sent url.Values) (rows []view.SetupDoctor, fresh []clinic.Doctor, errs clinic.Errors) {
	for i := range setupRows {
		mark := "-" + strconv.Itoa(i)
		row := view.SetupDoctor{Drawn: sent.Get("drawn" + mark), Doctor: clinic.Doctor{
			FamilyName: sent.Get("family_name" + mark), GivenName: sent.Get("given_name" + mark), FamilyKana: sent.Get("family_kana" + mark),
			GivenKana: sent.Get("given_kana" + mark), Sex: clinic.Sex(sent.Get("sex" + mark)),
		}}
		if !clinic.IsToken(row.Drawn) {
			row.Drawn = clinic.NewID()
		}
		rows = append(rows, row)
		if row.FamilyName+row.GivenName+row.FamilyKana+row.GivenKana == "" && row.Sex == "" {
			continue
		}
		doctor, wrong := clinic.CheckDoctor(row.Doctor)
		for _, e := range wrong {
			at := *e
			at.Field += mark
			errs = append(errs, &at)
		}
		doctor.ID = row.Drawn
		fresh = append(fresh, doctor)
	}
	return rows, fresh, errs
}
