/* Loaded before the program (LD_PRELOAD), it counts what is written to the files under one path, and at a chosen write kills the program, or
 * lets writes fail as on a full disk. What it does is decided from outside, in a file of four numbers that both have mapped. */
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

static volatile int64_t *cell; /* writes so far, the write at which to die (0: none), whether it is torn, how many writes fail */
static const char *path;

__attribute__((constructor)) static void begin(void) {
	const char *file = getenv("FAULTS_CELL");
	path = getenv("FAULTS_PATH");
	if (!file || !path) return;
	int fd = open(file, O_RDWR);
	if (fd < 0) return;
	void *p = mmap(NULL, 4 * sizeof *cell, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
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

enum { GO_ON, DIE, FAIL };

static int next(void) {
	int64_t n = __atomic_add_fetch(&cell[0], 1, __ATOMIC_SEQ_CST);
	if (n == __atomic_load_n(&cell[1], __ATOMIC_SEQ_CST)) return DIE;
	if (__atomic_load_n(&cell[3], __ATOMIC_SEQ_CST) > 0) {
		__atomic_sub_fetch(&cell[3], 1, __ATOMIC_SEQ_CST);
		return FAIL;
	}
	return GO_ON;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t pwrite64(int fd, const void *buffer, size_t size, off64_t at) {
	REAL(pwrite64);
	if (mine(fd)) switch (next()) {
	case DIE:
		if (cell[2]) real(fd, buffer, size / 2, at);
		die();
	case FAIL:
		errno = ENOSPC;
		return -1;
	}
	return real(fd, buffer, size, at);
}

int fdatasync(int fd) {
	REAL(fdatasync);
	if (mine(fd) && next() == DIE) die();
	return real(fd);
}

int fsync(int fd) {
	REAL(fsync);
	if (mine(fd) && next() == DIE) die();
	return real(fd);
}

int ftruncate64(int fd, off64_t size) {
	REAL(ftruncate64);
	if (mine(fd) && next() == DIE) die();
	return real(fd, size);
}
