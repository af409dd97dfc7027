// Package patient has the pages that patients see, one templ file for each, with the struct that it shows. The struct holds
// exactly what its page says; handlers fill it, nothing here asks a database. What several pages show is in parts.templ.
package patient
