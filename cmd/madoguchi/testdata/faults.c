/* Loaded before the program (LD_PRELOAD), it counts what is written to the files under one path, and at a chosen write strikes: it kills the program,
 * stops it, or lets writes fail as on a full disk. What it does is decided from outside, in a file of five numbers that both have mapped. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* How many points there have been, the one at which to strike (0: none), with what, how many fail, and whether only waits for the disk are points. */
enum { REACHED, AT, WHAT, TIMES, COMMITS };
static volatile int64_t *cell;
static const char *path;

__attribute__((constructor)) static void begin(void) {
	const char *file = getenv("FAULTS_CELL");
	path = getenv("FAULTS_PATH");
	if (!file || !path) return;
	int fd = open(file, O_RDWR);
	if (fd < 0) return;
	void *p = mmap(NULL, 5 * sizeof *cell, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED) cell = p;
}

static int mine(int fd) {
	char link[64], name[4096];
	if (!cell) return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, name, sizeof name - 1);
	if (n < 0) return 0;
	name[n] = 0;
	return strncmp(name, path, strlen(path)) == 0;
}

static void die(void) {
	kill(getpid(), SIGKILL);
	for (;;) pause();
}

/* The strikes, numbered as in faults_linux_test.go. Halfway means that half of the bytes are written before. */
enum { NONE, DIE, DIE_HALFWAY, FAIL, FAIL_HALFWAY, FREEZE };

static int next(int commit) {
	if (!commit && __atomic_load_n(&cell[COMMITS], __ATOMIC_SEQ_CST)) return NONE;
	int64_t n = __atomic_add_fetch(&cell[REACHED], 1, __ATOMIC_SEQ_CST);
	int64_t at = __atomic_load_n(&cell[AT], __ATOMIC_SEQ_CST);
	if (at == 0 || n < at) return NONE;
	int what = cell[WHAT];
	if (what == FREEZE && n == at) kill(getpid(), SIGSTOP); /* and go on when it is told to */
	if (what == DIE || what == DIE_HALFWAY) return n == at ? what : NONE;
	return (what == FAIL || what == FAIL_HALFWAY) && n < at + cell[TIMES] ? what : NONE;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t pwrite64(int fd, const void *buffer, size_t size, off64_t at) {
	REAL(pwrite64);
	int what = mine(fd) ? next(0) : NONE;
	if (what == DIE_HALFWAY || what == FAIL_HALFWAY) (void)!real(fd, buffer, size / 2, at);
	if (what == DIE || what == DIE_HALFWAY) die();
	if (what == NONE) return real(fd, buffer, size, at);
	errno = ENOSPC;
	return -1;
}

/* What needs no room on the disk dies as well, and fails as a disk does that is broken. */
static int strikes(int fd, int commit) {
	int what = mine(fd) ? next(commit) : NONE;
	if (what == DIE || what == DIE_HALFWAY) die();
	if (what == NONE) return 0;
	errno = EIO;
	return 1;
}

int fdatasync(int fd) {
	REAL(fdatasync);
	return strikes(fd, 1) ? -1 : real(fd);
}

int fsync(int fd) {
	REAL(fsync);
	return strikes(fd, 1) ? -1 : real(fd);
}

int ftruncate64(int fd, off64_t size) {
	REAL(ftruncate64);
	return strikes(fd, 0) ? -1 : real(fd, size);
}
