package main_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"
)

// cell is what decides, from outside, at which write a program dies or fails: testdata/faults.c has it mapped as well.
type cell struct {
	written, death, torn, fails *int64
	file                        string
}

func newCell(t *testing.T) cell {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cell")
	must(t, os.WriteFile(file, make([]byte, 32), 0o600))
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	mapped, err := syscall.Mmap(int(f.Fd()), 0, 32, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	must(t, err)
	t.Cleanup(func() { must(t, syscall.Munmap(mapped)) })
	numbers := unsafe.Slice((*int64)(unsafe.Pointer(&mapped[0])), 4) //nolint:gosec // four numbers, mapped above
	return cell{&numbers[0], &numbers[1], &numbers[2], &numbers[3], file}
}

// begin counts from here, and lets the program die at the n-th write; 0 for never. A torn write is half done before.
func (c cell) begin(n int64, torn bool) {
	atomic.StoreInt64(c.death, 0)
	atomic.StoreInt64(c.written, 0)
	atomic.StoreInt64(c.torn, 0)
	if torn {
		atomic.StoreInt64(c.torn, 1)
	}
	atomic.StoreInt64(c.death, n)
}

// faultsLibrary is testdata/faults.c, built once for all tests.
var faultsLibrary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programDir, "faults.so")
	out, err := exec.CommandContext(context.Background(), "cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", path, "testdata/faults.c", "-ldl").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cc: %w\n%s", err, out)
	}
	return path, nil
})
