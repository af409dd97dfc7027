package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowClinic shows the form of what belongs to the clinic as a whole: its name, its logo and who answers for personal data.
func (p *Pages) ShowClinic(c *gin.Context) error {
	settings, err := p.Store.Settings(c.Request.Context())
	if err != nil {
		return err
	}
	return p.showClinic(c, http.StatusOK, view.ClinicForm{Edited: settings, Saved: justSaved(c)})
}

func (p *Pages) showClinic(c *gin.Context, status int, form view.ClinicForm) error {
	form.Frame = p.frame(c, clinic.Branch{})
	return page.Show(c, status, view.ClinicPage(form))
}

// SaveClinic stores the settings and, where a file was chosen, the logo, or shows what is wrong with them.
func (p *Pages) SaveClinic(c *gin.Context) error {
	sent, err := page.ReadUpload(c.Request, "logo", clinic.MaxLogoBytes)
	if err != nil {
		return err
	}
	remove := sent.Get("remove_logo") != ""
	typed := clinic.Settings{
		Name: sent.Get("name"), NameEn: sent.Get("name_en"), Operator: sent.Get("operator"), OperatorEn: sent.Get("operator_en"),
		Address: sent.Get("address"), AddressEn: sent.Get("address_en"), Contact: sent.Get("contact"), ContactEn: sent.Get("contact_en"),
		Processors: sent.Get("processors"), ProcessorsEn: sent.Get("processors_en"),
	}
	checked, errs := clinic.CheckSettings(typed)
	switch {
	case sent.TooLong:
		errs = append(errs, clinic.LogoTooLarge())
	case sent.Chosen:
		logo, wrong := clinic.NewLogo(sent.File)
		checked.Logo, errs = logo, append(errs, wrong...)
	}
	if len(errs) > 0 {
		now, err := p.Store.Settings(c.Request.Context())
		if err != nil {
			return err
		}
		typed.Logo = now.Logo
		stay(c, c.Request.URL.Path)
		return p.showClinic(c, http.StatusUnprocessableEntity, view.ClinicForm{Edited: typed, Remove: remove, Errors: errs})
	}
	err = p.Store.ChangeSettings(c.Request.Context(), page.Actor(c), func(now clinic.Settings) clinic.Settings {
		next := checked
		if next.Logo.IsZero() && !remove {
			next.Logo = now.Logo
		}
		return next
	})
	if err != nil {
		return err
	}
	return page.GoTo(c, "/office/clinic"+savedMark)
}
