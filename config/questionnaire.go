package config

import (
	"bytes"
	"encoding/json"
	"fmt"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

// Publication is the built-in questionnaire with its cautions.
func Publication() (intake.Publication, error) {
	var p intake.Publication
	for name, content := range map[string]*[]byte{"questionnaire.json": &p.Questions, "cautions.txt": &p.Cautions, "sources.json": &p.Sources} {
		data, err := files.ReadFile(name)
		if err != nil {
			return p, err
		}
		*content = data
	}
	return p, nil
}

// Questionnaire reads the built-in questionnaire with its cautions.
func Questionnaire() (*intake.Questionnaire, error) {
	p, err := Publication()
	if err != nil {
		return nil, err
	}
	return p.Parse()
}

// Persona is one invented way of answering, for the demo and for measuring. Intake is empty for somebody who has not
// begun. Those with a Name are somebody in particular: the people by whom the length of the way is measured.
type Persona struct {
	Name        string
	Sex         clinic.Sex
	Age         int
	Attribution clinic.Attribution
	Booking     intake.Answers
	Intake      intake.Answers
	Sections    int // after how many sections they stopped; 0 for somebody who went through to the end
}

// Personas reads the invented answers to the built-in questionnaire.
func Personas() ([]Persona, error) {
	data, err := files.ReadFile("personas.json")
	if err != nil {
		return nil, err
	}
	var out []Persona
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("personas: %w", err)
	}
	return out, nil
}

// Typical are the personas by whom the length of a questionnaire is measured: those who are somebody in particular.
func Typical() ([]intake.Typical, error) {
	personas, err := Personas()
	if err != nil {
		return nil, err
	}
	q, err := Questionnaire()
	if err != nil {
		return nil, err
	}
	var out []intake.Typical
	for _, p := range personas {
		if p.Name != "" {
			facts := intake.Facts{Age: p.Age, Sex: string(p.Sex), Areas: p.Booking[q.Uses.Areas], From: p.Attribution}
			out = append(out, intake.Typical{Name: p.Name, Facts: facts, Answers: p.Intake})
		}
	}
	return out, nil
}

// Explanations reads what doctors explain to patients with certain answers, for the built-in questionnaire.
func Explanations() ([]intake.Explanation, error) {
	q, err := Questionnaire()
	if err != nil {
		return nil, err
	}
	lines, err := files.ReadFile("explanations.txt")
	if err != nil {
		return nil, err
	}
	return intake.ParseExplanations(lines, q)
}
