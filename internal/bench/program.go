package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// target is what attackers know of the program.
type target struct {
	Base  string
	Slots []string
}

// program is Madoguchi as it is built, with the demo clinic.
type program struct {
	target  target
	command *exec.Cmd
}

var printedKey = regexp.MustCompile(`(?m)^demo api key: (\S+)$`)

func startProgram(ctx context.Context, dir string) (p *program, err error) {
	binary, err := filepath.Abs(filepath.Join("bin", "madoguchi"))
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := listener.Addr().String() // free a moment later
	if err := listener.Close(); err != nil {
		return nil, err
	}
	p = &program{target: target{Base: "http://" + addr}}
	// The addresses of visitors come from the one trusted proxy; whoever connects from elsewhere on loopback is a visitor.
	settings := append(os.Environ(), "MADOGUCHI_DATABASE=sqlite:"+filepath.Join(dir, "abuse.db"), "MADOGUCHI_KEYS="+filepath.Join(dir, "abuse.keys"),
		"MADOGUCHI_MAIL=dir:"+filepath.Join(dir, "letters"), "MADOGUCHI_ADDR="+addr, "MADOGUCHI_BASE_URL="+p.target.Base, "MADOGUCHI_TRUSTED_PROXIES=127.0.0.1")
	demo := exec.CommandContext(ctx, binary, "demo")
	demo.Env = settings
	said, err := demo.CombinedOutput()
	key := printedKey.FindSubmatch(said)
	if err != nil || key == nil {
		return nil, fmt.Errorf("the demo clinic (make build makes the program): %w\n%s", err, said)
	}
	p.command = exec.CommandContext(ctx, binary, "serve")
	p.command.Env, p.command.Dir = settings, dir
	log, err := os.Create(filepath.Join(dir, "abuse.log"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	p.command.Stdout, p.command.Stderr = log, log
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	if err := errors.Join(p.waitUntilReady(ctx), p.learnSlots(ctx, string(key[1]))); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

func (p *program) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.command.Wait()
}

func (p *program) waitUntilReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startsUpFor)
	defer cancel()
	ask := time.NewTicker(50 * time.Millisecond)
	defer ask.Stop()
	for {
		if _, err := get(ctx, p.target.Base+"/readyz"); err == nil {
			return nil
		}
		select {
		case <-ask.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// learnSlots asks for the free times of the first branch, the latest first, so that nobody comes too late for one.
func (p *program) learnSlots(ctx context.Context, key string) error {
	ask := func(path string, to any) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.target.Base+path, http.NoBody)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		return errors.Join(json.NewDecoder(answer.Body).Decode(to), answer.Body.Close())
	}
	var branches []struct{ ID string }
	if err := ask("/api/v1/branches", &branches); err != nil || len(branches) == 0 {
		return errors.Join(errors.New("there is no branch"), err)
	}
	var free struct{ Slots []struct{ ID string } }
	if err := ask("/api/v1/slots?days=28&branch="+branches[0].ID, &free); err != nil {
		return err
	}
	for _, s := range slices.Backward(free.Slots) {
		p.target.Slots = append(p.target.Slots, s.ID)
	}
	return nil
}

// peak is the most memory that the program has had since it was asked last, in millions of bytes.
func (p *program) peak() (float64, error) {
	process := fmt.Sprintf("/proc/%d/", p.command.Process.Pid)
	status, err := os.ReadFile(process + "status")
	if err != nil {
		return 0, err
	}
	const reset = "5" // of clear_refs: proc_pid_clear_refs(5)
	if err := os.WriteFile(process+"clear_refs", []byte(reset), 0); err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.Atoi(strings.Fields(value)[0])
			return float64(kilobytes) * 1024 / 1e6, err
		}
	}
	return 0, errors.New("the system does not say how much memory a process has had")
}
