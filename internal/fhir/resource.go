// Package fhir writes the questionnaire and one patient's answers as HL7 FHIR R4 has them, Questionnaire and
// QuestionnaireResponse, and reads a Questionnaire. It is pure, as package intake is. What FHIR has no word for stands in
// extensions of our own, so that what is written and read again says the same.
package fhir

import (
	"encoding/json"
	"strings"
)

// ContentType is what a resource is sent as.
const ContentType = "application/fhir+json"

// The extensions of FHIR that are used.
const (
	translation      = "http://hl7.org/fhir/StructureDefinition/translation"
	optionExclusive  = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive"
	itemControl      = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
	itemUnit         = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"
	minValue         = "http://hl7.org/fhir/StructureDefinition/minValue"
	maxValue         = "http://hl7.org/fhir/StructureDefinition/maxValue"
	maxDecimalPlaces = "http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces"

	itemControls = "http://hl7.org/fhir/questionnaire-item-control"
	ucum         = "http://unitsofmeasure.org"
)

// ours is in every address of an extension of our own, after the canonical of whoever has written it.
const ours = "/StructureDefinition/madoguchi-"

// Questionnaire is the resource, as far as it is used.
type Questionnaire struct {
	ResourceType string      `json:"resourceType"`
	Language     string      `json:"language,omitempty"`
	Extension    []extension `json:"extension,omitempty"`
	URL          string      `json:"url,omitempty"`
	Version      string      `json:"version,omitempty"`
	Title        string      `json:"title,omitempty"`
	Status       string      `json:"status"`
	SubjectType  []string    `json:"subjectType,omitempty"`
	Date         string      `json:"date,omitempty"`
	Item         []item      `json:"item,omitempty"`
}

type item struct {
	Extension      []extension    `json:"extension,omitempty"`
	LinkID         string         `json:"linkId"`
	Prefix         string         `json:"prefix,omitempty"`
	Text           string         `json:"text,omitempty"`
	TextMore       *element       `json:"_text,omitempty"`
	Type           string         `json:"type"`
	EnableWhen     []enableWhen   `json:"enableWhen,omitempty"`
	EnableBehavior string         `json:"enableBehavior,omitempty"`
	Required       bool           `json:"required,omitempty"`
	Repeats        bool           `json:"repeats,omitempty"`
	ReadOnly       bool           `json:"readOnly,omitempty"`
	AnswerOption   []answerOption `json:"answerOption,omitempty"`

	// These are read to say that they cannot be taken over.
	AnswerValueSet string          `json:"answerValueSet,omitempty"`
	Initial        json.RawMessage `json:"initial,omitempty"`
	MaxLength      int             `json:"maxLength,omitempty"`

	Item []item `json:"item,omitempty"`
}

type enableWhen struct {
	Question      string       `json:"question"`
	Operator      string       `json:"operator"`
	AnswerBoolean *bool        `json:"answerBoolean,omitempty"`
	AnswerInteger *json.Number `json:"answerInteger,omitempty"`
	AnswerDecimal *json.Number `json:"answerDecimal,omitempty"`
	AnswerCoding  *coding      `json:"answerCoding,omitempty"`
}

type answerOption struct {
	Extension    []extension `json:"extension,omitempty"`
	ValueCoding  *coding     `json:"valueCoding,omitempty"`
	ValueString  *string     `json:"valueString,omitempty"`
	ValueInteger *int        `json:"valueInteger,omitempty"`
}

type coding struct {
	System      string   `json:"system,omitempty"`
	Code        string   `json:"code,omitempty"`
	Display     string   `json:"display,omitempty"`
	DisplayMore *element `json:"_display,omitempty"`
}

// element is what stands beside a text: its translations.
type element struct {
	Extension []extension `json:"extension,omitempty"`
}

type extension struct {
	URL                  string           `json:"url"`
	Extension            []extension      `json:"extension,omitempty"`
	ValueString          *string          `json:"valueString,omitempty"`
	ValueStringMore      *element         `json:"_valueString,omitempty"`
	ValueMarkdown        *string          `json:"valueMarkdown,omitempty"`
	ValueCode            *string          `json:"valueCode,omitempty"`
	ValueBoolean         *bool            `json:"valueBoolean,omitempty"`
	ValueInteger         *json.Number     `json:"valueInteger,omitempty"`
	ValueDecimal         *json.Number     `json:"valueDecimal,omitempty"`
	ValueCoding          *coding          `json:"valueCoding,omitempty"`
	ValueCodeableConcept *codeableConcept `json:"valueCodeableConcept,omitempty"`
}

type codeableConcept struct {
	Coding []coding `json:"coding,omitempty"`
}

// The groups and items that are no question have ids that no question can have.
const (
	knownGroup    = "known"
	sectionPrefix = "section-"
	introSuffix   = "-intro"
	helpSuffix    = "-help"
	bookingRole   = "booking"
)

func textOf(s string) *string { return &s }

// translated is what stands beside a Japanese text: the English one.
func translated(en string) *element {
	if en == "" {
		return nil
	}
	return &element{Extension: []extension{{URL: translation, Extension: []extension{
		{URL: "lang", ValueCode: textOf("en")}, {URL: "content", ValueString: textOf(en)},
	}}}}
}

// english is the English among the translations beside a text.
func (e *element) english() string {
	if e == nil {
		return ""
	}
	for _, each := range e.Extension {
		if each.URL != translation {
			continue
		}
		lang, content := "", ""
		for _, part := range each.Extension {
			switch {
			case part.URL == "lang" && part.ValueCode != nil:
				lang = *part.ValueCode
			case part.URL == "content" && part.ValueString != nil:
				content = *part.ValueString
			case part.URL == "content" && part.ValueMarkdown != nil:
				content = *part.ValueMarkdown
			}
		}
		if lang == "en" || strings.HasPrefix(lang, "en-") {
			return content
		}
	}
	return ""
}

// find is the extension at an address.
func find(all []extension, url string) *extension {
	for i := range all {
		if all[i].URL == url {
			return &all[i]
		}
	}
	return nil
}

// own is our own extension for a field, whoever has written it.
func own(all []extension, field string) *extension {
	for i := range all {
		if strings.HasSuffix(all[i].URL, ours+strings.ReplaceAll(field, "_", "-")) {
			return &all[i]
		}
	}
	return nil
}

func (e *extension) text() string {
	if e == nil || e.ValueString == nil {
		return ""
	}
	return *e.ValueString
}

func (e *extension) number() string {
	switch {
	case e == nil:
	case e.ValueInteger != nil:
		return e.ValueInteger.String()
	case e.ValueDecimal != nil:
		return e.ValueDecimal.String()
	}
	return ""
}
