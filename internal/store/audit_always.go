//go:build !withoutaudit

package store

// audited says that changes leave entries in the audit log. It is a constant, so that no setting and no mistake turns it off: only a program that is built
// with the tag withoutaudit has none, and that is done by internal/bench alone, which measures what the log costs.
const audited = true
