package clinic

import "time"

// Affected is somebody whose data was seen or changed in a span, as far as the audit log knows.
type Affected struct {
	PatientID string
	Patient   Patient // as they are stored now; zero where they were erased
	Erased    bool
	Named     int // entries about them by name
	Among     int // lists in which they stood
	First     time.Time
	Last      time.Time
}
