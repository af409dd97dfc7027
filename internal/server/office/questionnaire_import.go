package office

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/fhir"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

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
