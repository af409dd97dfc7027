//go:build withoutaudit

package store

const audited = false
