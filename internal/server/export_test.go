package server

import (
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/office"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/patient"
)

// What the tests in package server_test must know of the inside: they open sites with package servertest, which imports
// this one.
const (
	MaxBody           = maxBody
	RequestsPerMinute = requestsPerMinute
	ChangesPerMinute  = changesPerMinute
)

// Uploads are the routes whose forms bring a file.
var Uploads = uploads

// Route is a line of the list of routes.
type Route struct {
	Method, Path string
	Staff        bool           // who signs in
	Ability      clinic.Ability // which of the staff; empty when all of them
	Everywhere   bool           // only those who may at every branch
	Half         bool           // also those who lack the second factor that the clinic wants
	Fresh        bool           // only those who have just shown who they are
}

// Routes is the list of routes.
func Routes() (all []Route) {
	site := &page.Site{}
	s := &Server{Site: site, patient: &patient.Pages{Site: site}, office: &office.Pages{Site: site}}
	for _, r := range s.routes() {
		all = append(all, Route{Method: r.method, Path: r.path, Staff: r.who.staff, Ability: r.who.ability, Everywhere: r.who.everywhere, Half: r.who.half, Fresh: r.who.fresh})
	}
	return all
}
