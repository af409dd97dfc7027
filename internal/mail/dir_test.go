package mail

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"madoguchi/internal/clinic"
	"madoguchi/web/letter"
)

func TestDir_OneFileALetterInOrder(t *testing.T) {
	dir := Dir{Path: filepath.Join(t.TempDir(), "letters", "out")}
	if err := dir.Check(); err != nil {
		t.Fatal(err)
	}
	first, second := newLetter(clinic.Confirmation, "ja"), newLetter(clinic.Cancellation, "ja")
	second.ID, second.Content.WrittenAt = "another0000000000000000000", first.Content.WrittenAt.Add(time.Minute)
	for _, l := range []clinic.Letter{second, first, first, second} {
		if err := dir.Send(t.Context(), render1(t, l)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir.Path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, file.Name())
		info, err := file.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v (%v)", file.Name(), info.Mode(), err)
		}
	}
	want := []string{"20261121T140203Z-message0000000000000000000.eml", "20261121T140303Z-another0000000000000000000.eml"}
	if !slices.Equal(names, want) {
		t.Fatalf("files %q, want %q", names, want)
	}
	raw, err := os.ReadFile(filepath.Join(dir.Path, want[0]))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stable(raw), stable(write(t, render1(t, first)))) {
		t.Error("the file is not the message")
	}
	if info, err := os.Stat(dir.Path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v (%v)", info.Mode(), err)
	}
}

func TestDir_FailureIsTemporaryAndLeavesNothing(t *testing.T) {
	gone := Dir{Path: filepath.Join(t.TempDir(), "gone")}
	if code, permanent := Failure(gone.Send(t.Context(), render1(t, newLetter(clinic.Confirmation, "ja")))); code != "write" || permanent {
		t.Errorf("%q, permanent %v", code, permanent)
	}
	blocked := Dir{Path: t.TempDir()}
	// A folder where the file should be: the rename fails, and the unfinished file goes away.
	if err := os.MkdirAll(filepath.Join(blocked.Path, "20261121T140203Z-message0000000000000000000.eml", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if code, _ := Failure(blocked.Send(t.Context(), render1(t, newLetter(clinic.Confirmation, "ja")))); code != "write" {
		t.Errorf("%q", code)
	}
	if files, err := os.ReadDir(blocked.Path); err != nil || len(files) != 1 {
		t.Errorf("%d entries are left (%v)", len(files), err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (Dir{Path: file}).Check(); err == nil {
		t.Error("a file passed for a folder")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code, _ := Failure((Dir{Path: t.TempDir()}).Send(ctx, render1(t, newLetter(clinic.Confirmation, "ja")))); code != "stopped" {
		t.Errorf("%q", code)
	}
}

// What the folder holds can be shown again as it was written.
func TestDir_LettersCanBeReadBack(t *testing.T) {
	for _, kind := range []clinic.LetterKind{clinic.Confirmation, clinic.Cancellation} {
		l := newLetter(kind, "ja")
		rendered, err := letter.Write(l, options().BaseURL)
		if err != nil {
			t.Fatal(err)
		}
		entry, err := letter.NewEntry(l, options().From)
		if err != nil {
			t.Fatal(err)
		}
		want := letter.Received{
			Date: l.Content.WrittenAt, From: "見本クリニック 中央院 <yoyaku@clinic.example.jp>", To: "試験 花子 <hanako@example.jp>",
			Rendered: rendered, Entry: entry,
		}
		got, err := letter.Read(bytes.NewReader(write(t, render1(t, l))))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	for _, broken := range []string{"", "Subject: x\r\n\r\nx", "Date: Sat, 21 Nov 2026 14:02:03 +0000\r\nContent-Type: text/plain\r\n\r\n***"} {
		if _, err := letter.Read(strings.NewReader(broken)); err == nil {
			t.Errorf("%q was read", broken)
		}
	}
}
