package config

import "madoguchi/internal/intake"

// Questionnaire reads the built-in questionnaire.
func Questionnaire() (*intake.Questionnaire, error) {
	data, err := files.ReadFile("questionnaire.json")
	if err != nil {
		return nil, err
	}
	return intake.Parse(data)
}

// Cautions reads the built-in cautions for the questionnaire.
func Cautions(q *intake.Questionnaire) ([]intake.Rule, error) {
	rules, err := files.ReadFile("cautions.txt")
	if err != nil {
		return nil, err
	}
	sources, err := files.ReadFile("sources.json")
	if err != nil {
		return nil, err
	}
	return intake.ParseCautions(rules, sources, q)
}
