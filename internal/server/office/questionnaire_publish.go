package office

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/fhir"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// zone is that in which what belongs to the whole clinic is dated.
func (p *Pages) zone() *time.Location { return clinic.Branch{Zone: clinic.DefaultZone}.Location() }

// ShowPublish shows what there is to say about the draft before it is published, and what it changes.
func (p *Pages) ShowPublish(c *gin.Context) error { return p.showPublish(c, http.StatusOK, false) }

func (p *Pages) showPublish(c *gin.Context, status int, stale bool) error {
	d, err := p.needDraft(c)
	if err != nil || c.IsAborted() {
		return err
	}
	i, err := p.Store.Inspect(c.Request.Context(), page.Actor(c), d)
	if err != nil {
		return err
	}
	v := view.Publishing{
		Frame: p.frame(c, clinic.Branch{}), Draft: d.Questions, Before: i.Before, Revision: d.Revision, Next: i.Next, Findings: i.Findings, Changes: i.Changes, Stale: stale,
	}
	draft, before := d.Questions.Lenient(), i.Before.Lenient()
	for _, person := range p.Typical {
		each := view.Length{Name: person.Name, Facts: person.Facts}
		each.Questions, each.Minutes = draft.Length(person.Answers, person.Facts)
		each.QuestionsBefore, each.MinutesBefore = before.Length(person.Answers, person.Facts)
		v.Lengths = append(v.Lengths, each)
	}
	stay(c, questionnairePath+"/publish")
	return page.Show(c, status, view.PublishPage(v))
}

// PublishQuestionnaire publishes the draft as it was shown. One that was changed since, or in which something is wrong, is shown again.
func (p *Pages) PublishQuestionnaire(c *gin.Context) error {
	form := c.Request.PostForm
	if form.Get("sure") == "" {
		return p.showPublish(c, http.StatusUnprocessableEntity, false)
	}
	_, err := p.Store.PublishDraft(c.Request.Context(), page.Actor(c), page.ReadSeen(form).Revision)
	switch {
	case clinic.IsStale(err):
		if _, _, ok, err := p.draft(c); err != nil || !ok { // it was published by somebody else
			return errors.Join(err, page.GoTo(c, questionnairePath))
		}
		return p.showPublish(c, http.StatusConflict, true)
	case clinic.CodeOf(err) == clinic.Invalid:
		return p.showPublish(c, http.StatusUnprocessableEntity, false)
	case err != nil:
		return err
	}
	return page.GoTo(c, questionnairePath+"?done=published")
}

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

// ShowQuestionnaireImport shows the form by which a questionnaire is taken over.
func (p *Pages) ShowQuestionnaireImport(c *gin.Context) error {
	return p.showQuestionnaireImport(c, http.StatusOK, "")
}

func (p *Pages) showQuestionnaireImport(c *gin.Context, status int, problem string) error {
	_, _, ok, err := p.draft(c)
	if err != nil {
		return err
	}
	stay(c, questionnairePath+"/import")
	return page.Show(c, status, view.QuestionnaireImportPage(view.Importing{Frame: p.frame(c, clinic.Branch{}), Draft: ok, Problem: problem}))
}

// ImportQuestionnaire makes a draft of a file: of config/, or a Questionnaire as FHIR has it.
func (p *Pages) ImportQuestionnaire(c *gin.Context) error {
	sent, err := page.ReadUpload(c.Request, "file", intake.MaxDraft)
	if err != nil {
		return err
	}
	wrong := func(err error) error {
		var refusal *clinic.Error
		if !errors.As(err, &refusal) {
			refusal = importProblem(sent.File, err)
		}
		return p.showQuestionnaireImport(c, http.StatusUnprocessableEntity, web.LocaleOf(c.Request.Context()).Sentence(refusal))
	}
	switch {
	case sent.TooLong:
		return wrong(&clinic.Error{Code: clinic.Invalid, Message: "error.questionnaire.import.long"})
	case !sent.Chosen:
		return wrong(&clinic.Error{Code: clinic.Invalid, Message: "error.choose"})
	}
	d, err := p.readImport(c, sent.File)
	if err != nil {
		return wrong(err)
	}
	return p.begin(c, d)
}

func (p *Pages) readImport(c *gin.Context, file []byte) (d intake.Draft, err error) {
	file = bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
	var kind struct {
		ResourceType string `json:"resourceType"`
	}
	if json.Unmarshal(file, &kind) != nil || kind.ResourceType == "" {
		d.Questions, err = intake.ReadImported(file)
		return d, err
	}
	versions, err := p.Store.Questionnaires(c.Request.Context())
	if err != nil {
		return d, err
	}
	_, now, err := p.version(c, "current")
	if err != nil {
		return d, err
	}
	return fhir.Read(file, now, intake.TakenBy(versions...))
}

// ShowRoles shows what the program does with single questions.
func (p *Pages) ShowRoles(c *gin.Context) error {
	return p.showRoles(c, http.StatusOK, false)
}

func (p *Pages) showRoles(c *gin.Context, status int, stale bool) error {
	d, err := p.needDraft(c)
	if err != nil || c.IsAborted() {
		return err
	}
	stay(c, questionnairePath+"/roles")
	return page.Show(c, status, view.RolesPage(view.Roles{
		Frame: p.frame(c, clinic.Branch{}), Draft: d.Questions, Revision: d.Revision, Saved: justSaved(c), Stale: stale,
	}))
}

// SaveRoles stores them. What somebody else has saved meanwhile is shown in their place: it was chosen from lists, and is chosen again.
func (p *Pages) SaveRoles(c *gin.Context) error {
	form := c.Request.PostForm
	seen := page.ReadSeen(form)
	do, what, _ := strings.Cut(form.Get("do"), ":")
	_, err := p.Store.EditDraft(c.Request.Context(), page.Actor(c), func(d *intake.Draft, _ intake.Taken) error {
		if seen.Revision < d.ChangedIn(intake.RolesPart) {
			return clinic.StaleError()
		}
		for _, use := range d.Questions.Uses.List() {
			id := form.Get("use-" + use.Name)
			if id == "" || slices.ContainsFunc(d.Questions.Candidates(use.Name), func(q intake.Question) bool { return q.ID == id }) {
				*use.ID = id
			}
		}
		for _, part := range d.Questions.Summary.Parts() {
			*part.IDs = reordered(*part.IDs, form["summary-"+part.Name], part.Name, do, what)
		}
		return nil
	}, intake.RolesPart)
	switch {
	case clinic.IsStale(err):
		return p.showRoles(c, http.StatusConflict, true)
	case err != nil:
		return p.aboutEdit(c, err)
	}
	return page.GoTo(c, questionnairePath+"/roles"+savedMark)
}

// reordered are the questions of a part of the summary in the order of the form, after what its button does. A question that the form does
// not have stays behind the others.
func reordered(now, sent []string, part, do, what string) []string {
	var out []string
	for _, id := range append(slices.Clone(sent), now...) {
		if slices.Contains(now, id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	name, id, _ := strings.Cut(what, ":")
	at := slices.Index(out, id)
	if name != part || at < 0 {
		return out
	}
	switch {
	case do == "drop":
		return slices.Delete(out, at, at+1)
	case do == "up" && at > 0:
		out[at-1], out[at] = out[at], out[at-1]
	case do == "down" && at < len(out)-1:
		out[at], out[at+1] = out[at+1], out[at]
	}
	return out
}
