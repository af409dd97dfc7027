package store_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"madoguchi/internal/store/storetest"
)

// What was committed goes into the file although nobody commits anything more: whoever books waits for no checkpoint.
func TestCheckpoint_ComesBesideTheChanges(t *testing.T) {
	t.Parallel()
	address := storetest.SQLiteURL(t)
	clock := storetest.NewClock()
	s := storetest.Open(t, address, t.TempDir()+"/keys", clock.Now)
	k := storetest.NewClinic(t, s)
	watch, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	check(t, err)
	written := os.NewFile(uintptr(watch), "inotify")
	defer func() { check(t, written.Close()) }()
	// While the database is open, only a checkpoint writes its file.
	_, err = syscall.InotifyAddWatch(watch, strings.TrimPrefix(address, "sqlite:"), syscall.IN_MODIFY)
	check(t, err)
	storetest.Book(t, s, storetest.Request(k.Slots[0].ID, 1))
	check(t, written.SetReadDeadline(time.Now().Add(time.Minute)))
	if _, err := written.Read(make([]byte, syscall.SizeofInotifyEvent)); err != nil {
		t.Errorf("a minute later the booking is in the log alone: %v", err)
	}
}
