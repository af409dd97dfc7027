package office

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowDoctors lists the doctors.
func (p *Pages) ShowDoctors(c *gin.Context) error {
	ctx := c.Request.Context()
	data := view.Doctors{Frame: p.frame(c, clinic.Branch{}), Saved: justSaved(c), Orders: page.Actor(c).MayEverywhere(clinic.ManageClinic)}
	var err error
	if data.Doctors, err = p.Store.Doctors(ctx); err != nil {
		return err
	}
	if data.Branches, err = p.Store.Branches(ctx); err != nil {
		return err
	}
	if data.WorksAt, err = p.Store.DoctorBranches(ctx); err != nil {
		return err
	}
	if data.Accounts, err = p.Store.DoctorsWithAccount(ctx); err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.DoctorsPage(data))
}

// doctorToEdit is the doctor in the path with the branches they work at, or a new one.
func (p *Pages) doctorToEdit(c *gin.Context) (clinic.Doctor, []string, error) {
	id, isNew := idToEdit(c)
	doctor, worksAt, err := p.Store.Doctor(c.Request.Context(), id)
	if isNew && clinic.CodeOf(err) == clinic.NotFound {
		return clinic.Doctor{}, nil, nil
	}
	return doctor, worksAt, err
}

// ShowDoctor shows the form of a doctor, or of a new one.
func (p *Pages) ShowDoctor(c *gin.Context) error {
	doctor, worksAt, err := p.doctorToEdit(c)
	if err != nil {
		return err
	}
	return p.showDoctor(c, http.StatusOK, doctor, worksAt, nil, view.PhotoForm{})
}

func (p *Pages) showDoctor(c *gin.Context, status int, doctor clinic.Doctor, worksAt []string, errs clinic.Errors, photo view.PhotoForm) error {
	branches, err := p.Store.Branches(c.Request.Context())
	if err != nil {
		return err
	}
	accounts, err := p.Store.DoctorsWithAccount(c.Request.Context())
	if err != nil {
		return err
	}
	data := view.DoctorForm{Account: slices.Contains(accounts, doctor.ID), Frame: p.frame(c, clinic.Branch{}), Doctor: doctor, Drawn: drawnID(c), WorksAt: worksAt, Branches: branches, Errors: errs, Photo: photo, Saved: justSaved(c)}
	return page.Show(c, status, view.DoctorPage(data))
}

// doctorFields are the fields of the form, in their order.
var doctorFields = []string{
	"family_name", "given_name", "family_kana", "given_kana", "name_en", "sex", "branches", "career", "societies", "career_en", "societies_en",
}

// doctorForm fills the form in. Of the branches it holds those that the actor decides about.
func doctorForm(actor clinic.Actor, d clinic.Doctor, worksAt []string) url.Values {
	form := filled("family_name", d.FamilyName, "given_name", d.GivenName, "family_kana", d.FamilyKana, "given_kana", d.GivenKana, "name_en", d.NameEn,
		"sex", string(d.Sex), "career", d.Career, "societies", d.Societies, "career_en", d.CareerEn, "societies_en", d.SocietiesEn)
	for _, id := range slices.Compact(slices.Sorted(slices.Values(worksAt))) {
		if actor.May(clinic.ManageClinic, id) {
			form.Add("branches", id)
		}
	}
	return form
}

func readDoctor(form url.Values) clinic.Doctor {
	return clinic.Doctor{
		FamilyName: form.Get("family_name"), GivenName: form.Get("given_name"), FamilyKana: form.Get("family_kana"),
		GivenKana: form.Get("given_kana"), NameEn: form.Get("name_en"), Sex: clinic.Sex(form.Get("sex")), Career: form.Get("career"),
		CareerEn: form.Get("career_en"), Societies: form.Get("societies"), SocietiesEn: form.Get("societies_en"),
	}
}

// SaveDoctor stores a doctor and where they work, or shows what is wrong, or what somebody else has saved since the form was drawn.
func (p *Pages) SaveDoctor(c *gin.Context) error {
	stored, storedAt, err := p.doctorToEdit(c)
	if err != nil {
		return err
	}
	actor, sent := page.Actor(c), c.Request.PostForm
	seen, before := page.ReadSeen(sent), doctorForm(actor, stored, storedAt)
	form := decided(sent, before)
	typed, worksAt := readDoctor(form), form["branches"]
	typed.ID, typed.Revision, typed.Photo = stored.ID, seen.Revision, stored.Photo
	doctor, errs := clinic.CheckDoctor(typed)
	if len(errs) == 0 {
		if differ := differences(seen, stored.Revision, doctorFields, before, doctorForm(actor, doctor, worksAt)); len(differ) > 0 {
			return p.showDoctorConflict(c, p.conflict(c, stored.ID, sent, stored.Revision, differ))
		}
		doctor.Revision = stored.Revision
		if stored.ID == "" {
			doctor.ID = drawnID(c)
		}
		_, err := p.Store.SaveDoctor(c.Request.Context(), actor, doctor, worksAt)
		switch {
		case err == nil:
			return page.GoTo(c, "/office/doctors"+savedMark)
		case clinic.IsStale(err) && stored.ID == "": // made by the same form, sent twice at once
			return page.GoTo(c, "/office/doctors/"+doctor.ID)
		case clinic.IsStale(err): // saved by somebody else since it was read: what they saved is compared anew
			return p.SaveDoctor(c)
		}
		var ours bool
		if errs, ours = atField(err); !ours {
			return err
		}
	}
	stay(c, c.Request.URL.Path)
	return p.showDoctor(c, http.StatusUnprocessableEntity, typed, worksAt, errs, view.PhotoForm{})
}

func (p *Pages) showDoctorConflict(c *gin.Context, conflict view.Conflict) error {
	branches, err := p.Store.Branches(c.Request.Context())
	if err != nil {
		return err
	}
	return page.Show(c, http.StatusConflict, view.DoctorConflictPage(conflict, branches))
}
