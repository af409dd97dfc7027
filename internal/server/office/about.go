package office

import "madoguchi/internal/clinic"

// aboutRecord is a patient, for the audit log.
func aboutRecord(r clinic.PatientRecord) clinic.Subject { return clinic.Subject{Patient: r.Patient.ID} }

// aboutWaiting is somebody who waits, who is a patient where they wait with a booking.
func aboutWaiting(w clinic.Waiting) clinic.Subject {
	return clinic.Subject{Branch: w.BranchID, Booking: w.BookingID}
}
