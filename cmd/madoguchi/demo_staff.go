package main

import (
	"fmt"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/office"
)

// addStaffOfDemo makes one account for each role, and one for a second doctor of the first branch, so that a chart can be handed over; it prints how
// to sign in.
func (d *demoClinic) addStaffOfDemo() error {
	for _, staff := range []clinic.Staff{
		{Role: clinic.Admin, EveryBranch: true, Email: "admin@example.jp", Name: "管理 見本"},
		{Role: clinic.FrontDesk, EveryBranch: true, Email: "reception@example.jp", Name: "受付 見本"},
		{Role: clinic.DoctorRole, EveryBranch: true, Email: "doctor@example.jp", Name: d.doctors[0].Name("ja"), DoctorID: d.doctors[0].ID},
		{Role: clinic.DoctorRole, EveryBranch: true, Email: "doctor2@example.jp", Name: d.doctors[1].Name("ja"), DoctorID: d.doctors[1].ID},
	} {
		password := clinic.NewToken()
		hash, err := office.HashPassword(password)
		if err != nil {
			return err
		}
		staff.PasswordHash = hash
		if _, err := d.store.AddStaff(d.ctx, demoJob, staff); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(d.stdout, "demo login: %s %s %s\n", staff.Role, staff.Email, password); err != nil {
			return err
		}
	}
	return nil
}

// addAPIKey makes a key for programs and prints it.
func (d *demoClinic) addAPIKey() error {
	_, token, err := d.store.AddAPIKey(d.ctx, demoJob, "見本サイト")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.stdout, "demo api key: %s\n", token)
	return err
}
