package intake

import (
	"slices"
)

// Zone is a part of the figure on a doctor's chart that an area of the questionnaire marks. The drawing is in web/office.
type Zone string

// Whole is the zone of the whole body.
const Whole Zone = "whole"

// Zones are the parts of the figure.
var Zones = []Zone{"face", "chin", "arm", "back", "bra", "belly", "flank", "hip", "thigh_f", "thigh_in", "thigh_b", "calf", Whole}

// checkZones refuses a zone that cannot be drawn, and one on an option that is no area.
func (q *Questionnaire) checkZones() error {
	for _, s := range q.sections() {
		for _, question := range s.Questions {
			for _, o := range question.Options {
				if o.Zone == "" {
					continue
				}
				if !slices.Contains(Zones, o.Zone) {
					return atQuestion(question.ID).in(" option ", o.Code).because(": the figure has no zone %q", o.Zone)
				}
				if question.ID != q.Uses.Areas && question.OptionsOf != q.Uses.Areas {
					return atQuestion(question.ID).in(" option ", o.Code).because(": only areas have a zone")
				}
			}
		}
	}
	return nil
}
