package api_test

import (
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

// TestBadInput_APISlots: queries for slots that make no sense.
func TestBadInput_APISlots(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v, before := s.Visitor(t), s.Facts(t)
		for query, status := range map[string]int{
			"": 422, "branch=" + clinic.NewID(): 404, "branch=%00": 404, "branch=%FF": 404, "branch=" + s.Branch.ID + "&days=0": 422, "branch=" + s.Branch.ID + "&days=61": 422,
			"branch=" + s.Branch.ID + "&days=x": 422, "branch=" + s.Branch.ID + "&from=2026-02-30": 422, "branch=" + s.Branch.ID + "&from=soon": 422,
			"branch=" + s.Branch.ID + "&from=9999-12-31&days=60": 422, "branch=" + s.Branch.ID + "&from=2027-02-15&days=60": 200,
		} {
			if a := v.Get("/api/v1/slots?" + query).Want(status); status != 200 {
				a.Problem()
			}
		}
		s.WantUnchanged(t, before)
	})
}
