// Package ui has the components that patients' and staff's pages are both built from, and the frame around each.
package ui
