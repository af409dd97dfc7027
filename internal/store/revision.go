package store

import (
	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// mustChange turns an update that met no row into NotFound.
func mustChange(q *gorm.DB) error {
	if q.Error == nil && q.RowsAffected == 0 || isInvalidText(q.Error) {
		return NotFound()
	}
	return q.Error
}

// mustFollow updates a row that still has a revision. One that has another answers clinic.StaleError, and one that is not there
// NotFound.
func mustFollow(row *gorm.DB, revision int, update func(row *gorm.DB) *gorm.DB) error {
	row = row.Session(&gorm.Session{}) // asked twice
	if updated := update(row.Where("revision = ?", revision)); updated.Error != nil || updated.RowsAffected > 0 {
		return mustChange(updated)
	}
	var there int64
	if err := row.Count(&there).Error; err != nil {
		return err
	}
	if there == 0 {
		return NotFound()
	}
	return clinic.StaleError()
}
