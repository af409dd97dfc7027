// Package ui has the components that pages for patients and pages for staff are both built from, and the frame around
// each.
package ui
