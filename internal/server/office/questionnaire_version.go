package office

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/fhir"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

func viewOfVersion(v store.Version) view.PublishedVersion {
	return view.PublishedVersion{Name: v.Name, At: v.At, By: v.By, OfClinic: v.OfClinic, Base: v.Base, Current: v.Current}
}

// ShowVersions lists the versions.
func (p *Pages) ShowVersions(c *gin.Context) error {
	versions, err := p.Store.Versions(c.Request.Context(), page.Actor(c))
	if err != nil {
		return err
	}
	v := view.Versions{Frame: p.frame(c, clinic.Branch{}), Zone: p.zone()}
	for _, each := range versions {
		v.All = append(v.All, viewOfVersion(each))
	}
	return page.Show(c, http.StatusOK, view.VersionsPage(v))
}

// version is what the path or a query calls a version: its name, or one of the words for the one that is asked, the draft, and the one
// that the program brings.
func (p *Pages) version(c *gin.Context, name string) (v view.PublishedVersion, body *intake.Questionnaire, err error) {
	versions, err := p.Store.Versions(c.Request.Context(), page.Actor(c))
	if err != nil {
		return v, nil, err
	}
	switch name {
	case "draft":
		d, edited, err := p.Store.Draft(c.Request.Context(), page.Actor(c))
		return view.PublishedVersion{Name: name, At: edited.At, By: edited.By, Base: d.Base}, d.Questions, err
	case "shipped":
		shipped, offered, err := p.offered(c)
		if err == nil && !offered {
			err = store.NotFound()
		}
		if err != nil {
			return v, nil, err
		}
		return view.PublishedVersion{Name: shipped.Version, Shipped: true}, shipped, nil
	case "current":
		name = versions[0].Name
	}
	at := slices.IndexFunc(versions, func(v store.Version) bool { return v.Name == name })
	if at < 0 {
		return v, nil, store.NotFound()
	}
	body, err = intake.ReadDraft(versions[at].Body)
	return viewOfVersion(versions[at]), body, err
}

// ShowVersion shows a version to read; the one that the program brings beside what it changes from the one that is asked.
func (p *Pages) ShowVersion(c *gin.Context) error {
	v, body, err := p.version(c, c.Param("version"))
	if err != nil {
		return err
	}
	if v.Name == "draft" {
		return page.GoTo(c, questionnairePath)
	}
	out := view.VersionView{Version: v, Body: body}
	if v.Shipped {
		if _, out.Other, err = p.version(c, "current"); err != nil {
			return err
		}
	}
	return p.showVersion(c, out)
}

func (p *Pages) showVersion(c *gin.Context, v view.VersionView) error {
	_, _, ok, err := p.draft(c)
	if err != nil {
		return err
	}
	v.Frame, v.Zone, v.Draft = p.frame(c, clinic.Branch{}), p.zone(), ok
	if v.Other != nil {
		v.Changes = intake.Difference(v.Other, v.Body)
	}
	return page.Show(c, http.StatusOK, view.VersionPage(v))
}

// CompareVersions shows a version beside what it changed from another.
func (p *Pages) CompareVersions(c *gin.Context) error {
	_, other, err := p.version(c, c.Query("from"))
	if err != nil {
		return err
	}
	v, body, err := p.version(c, c.Query("to"))
	if err != nil {
		return err
	}
	return p.showVersion(c, view.VersionView{Version: v, Body: body, Other: other})
}

// canonical is the address under which our own extensions of FHIR stand.
func (p *Pages) canonical() string { return strings.TrimSuffix(p.BaseURL.String(), "/") + "/fhir" }

// ExportVersion sends a version as the file of config/, or as FHIR has it.
func (p *Pages) ExportVersion(c *gin.Context) error {
	v, body, err := p.version(c, c.Param("version"))
	if err != nil {
		return err
	}
	var content []byte
	kind := "application/json"
	switch c.Param("file") {
	case "questionnaire.json":
		content, err = body.Body()
	case "fhir.json":
		kind = fhir.ContentType
		content, err = fhir.Write(body, p.canonical(), v.At)
	default:
		return store.NotFound()
	}
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+strings.TrimSuffix(c.Param("file"), ".json")+"-"+fileName(v.Name)+`.json"`)
	c.Data(http.StatusOK, kind+"; charset=utf-8", content)
	return nil
}

// fileName is what can stand in the name of a file.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, s)
}
