package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowDoctors lists the doctors.
func (p *Pages) ShowDoctors(c *gin.Context) error {
	ctx := c.Request.Context()
	data := view.Doctors{Frame: p.frame(c, clinic.Branch{}), Saved: justSaved(c)}
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
	return page.Show(c, http.StatusOK, view.DoctorsPage(data))
}

// ShowDoctor shows the form of a doctor, or of a new one.
func (p *Pages) ShowDoctor(c *gin.Context) error {
	var (
		doctor  clinic.Doctor
		worksAt []string
		err     error
	)
	if id := c.Param("id"); id != newID {
		if doctor, worksAt, err = p.Store.Doctor(c.Request.Context(), id); err != nil {
			return err
		}
	}
	return p.showDoctor(c, http.StatusOK, doctor, worksAt, nil)
}

func (p *Pages) showDoctor(c *gin.Context, status int, doctor clinic.Doctor, worksAt []string, errs clinic.Errors) error {
	branches, err := p.Store.Branches(c.Request.Context())
	if err != nil {
		return err
	}
	data := view.DoctorForm{Frame: p.frame(c, clinic.Branch{}), Doctor: doctor, WorksAt: worksAt, Branches: branches, Errors: errs}
	return page.Show(c, status, view.DoctorPage(data))
}

// SaveDoctor stores a doctor and where they work, or shows what is wrong.
func (p *Pages) SaveDoctor(c *gin.Context) error {
	typed := clinic.Doctor{
		FamilyName: c.PostForm("family_name"), GivenName: c.PostForm("given_name"), FamilyKana: c.PostForm("family_kana"),
		GivenKana: c.PostForm("given_kana"), NameEn: c.PostForm("name_en"), Sex: clinic.Sex(c.PostForm("sex")), Career: c.PostForm("career"),
		CareerEn: c.PostForm("career_en"), Societies: c.PostForm("societies"), SocietiesEn: c.PostForm("societies_en"),
	}
	if id := c.Param("id"); id != newID {
		typed.ID = id
	}
	worksAt := c.PostFormArray("branches")
	doctor, errs := clinic.CheckDoctor(typed)
	if len(errs) == 0 {
		_, err := p.Store.SaveDoctor(c.Request.Context(), page.Actor(c), doctor, worksAt)
		if err == nil {
			return page.GoTo(c, "/office/doctors"+savedMark)
		}
		var ours bool
		if errs, ours = atField(err); !ours {
			return err
		}
	}
	stay(c, c.Request.URL.Path)
	return p.showDoctor(c, http.StatusUnprocessableEntity, typed, worksAt, errs)
}
