package store

// MigrateWith is Migrate with other migrations.
var MigrateWith = migrate
