// Package office is what the clinic's staff see: one templ file for a page, with the struct that it shows; what several
// pages show is in parts.templ. The front desk and administrators get contact data and no medical answer; doctors get the
// charts of their own appointments.
package office
