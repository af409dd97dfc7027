package office

import (
	"net/url"
	"slices"

	"madoguchi/internal/clinic"
)

// DeskFilter is what of a calendar is shown. It travels in the addresses of the calendar's pages, and in the links between them.
type DeskFilter struct {
	Doctors    []string // their ids; none shows all
	Cancelled  bool     // cancelled bookings as well
	Free       bool     // only what is free
	Unanswered bool     // only bookings whose intake is not complete
}

// ReadDeskFilter reads the filter of an address. A filter by doctors who are not among those that can be chosen, or that names them
// all, shows all.
func ReadDeskFilter(query url.Values, doctors []clinic.Doctor) DeskFilter {
	f := DeskFilter{Cancelled: query.Get("cancelled") != "", Free: query.Get("free") != "", Unanswered: query.Get("unanswered") != ""}
	for _, d := range doctors {
		if slices.Contains(query["doctor"], d.ID) {
			f.Doctors = append(f.Doctors, d.ID)
		}
	}
	if len(f.Doctors) == len(doctors) {
		f.Doctors = nil
	}
	return f
}

// Shows reports whether a doctor is shown.
func (f DeskFilter) Shows(doctorID string) bool {
	return len(f.Doctors) == 0 || slices.Contains(f.Doctors, doctorID)
}

// values are the filter in an address.
func (f DeskFilter) values() url.Values {
	out := url.Values{}
	if len(f.Doctors) > 0 {
		out["doctor"] = f.Doctors
	}
	for name, set := range map[string]bool{"cancelled": f.Cancelled, "free": f.Free, "unanswered": f.Unanswered} {
		if set {
			out.Set(name, "1")
		}
	}
	return out
}
