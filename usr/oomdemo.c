/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * More memory than there is.  Each act takes memory without end; the kernel has to end it, and
 * nobody else: not this program, and not the neighbour, who holds 4 MiB and looks at each line of
 * it all the time.  The neighbour may not be killed (an oom_score_adj of -1000), nor a child of
 * his that shares his memory, as after vfork().
 *
 *	oomdemo [hog] [lock] [threads] [share] [write] [bomb]
 *
 *	hog	touches page after page
 *	lock	locks them, too
 *	threads	four threads do so, each with areas that come and go
 *	share	a family of five that shares what was touched before the fork, then all touch more
 *	write	writes to a file in memory, and is refused: nobody's death would help
 *	bomb	forks, and so do its children
 *
 * All of them without arguments, or the one that the environment's OOMDEMO names.  What is not true
 * at the end is told, and the exit status is 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	  4096UL
#define MIB	  (1UL << 20)
#define NEIGHBOUR (4 * MIB)
#define FILE_NAME "/oomdemo" /* in the root: /tmp has a limit of its own */

/* With the free slots of swap: who is killed gives back those, too. */
static unsigned long free_kib(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : (info.freeram + info.freeswap) / 1024 * info.mem_unit;
}

/* What is kept for the next ones, as far as it can be given back. Without /proc it stays. */
static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	if (fd >= 0 && write(fd, "3", 1) != 1)
		_exit(5);
	close(fd);
}

static char *map(unsigned long size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* --- the acts: none returns --- */

static void take_all(int is_locked)
{
	for (;;) {
		char *memory = map(MIB);

		if (!memory || (is_locked && mlock(memory, MIB)))
			continue;
		for (unsigned long i = 0; i < MIB; i += PAGE)
			memory[i] = 1;
	}
}

static void hog(void)
{
	take_all(0);
}

static void lock(void)
{
	take_all(1);
}

static void *come_and_go(void *unused)
{
	(void)unused;
	for (unsigned long round = 0;; round++) {
		char *memory = map(MIB);

		if (!memory)
			continue;
		memset(memory, 1, MIB);
		if (round % 4 == 3)
			munmap(memory, MIB);
	}
	return NULL;
}

static void threads(void)
{
	pthread_t thread;

	for (int i = 0; i < 3; i++)
		pthread_create(&thread, NULL, come_and_go, NULL);
	come_and_go(NULL);
}

static void share(void)
{
	char *memory = map(8 * MIB);

	if (memory)
		memset(memory, 1, 8 * MIB);
	for (int i = 0; i < 4; i++)
		if (!fork())
			break;
	take_all(0);
}

static void write_file(void)
{
	int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);
	static char block[1 << 16];

	int err;

	while (write(fd, block, sizeof(block)) > 0)
		;
	err = errno;
	ftruncate(fd, 0); /* by name it would need memory */
	_exit(err);
}

static void bomb(void)
{
	for (;;)
		fork();
}

/* --- who must not notice --- */

static volatile sig_atomic_t is_over;

static void end(int sig)
{
	(void)sig;
	is_over = 1;
}

/* Without /proc nobody is protected, and the neighbour is just small. */
static void set_score_adj(const char *adj)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd >= 0 && write(fd, adj, strlen(adj)) < 0)
		_exit(3);
	close(fd);
}

static _Noreturn int be_a_child(void *unused)
{
	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static int ready[2]; /* a pipe: the neighbour is */

static void be_a_neighbour(void)
{
	unsigned char *memory = (unsigned char *)map(NEIGHBOUR);
	static char stack[16384] __attribute__((aligned(16)));

	if (!memory)
		_exit(2);
	set_score_adj("-1000");
	if (clone(be_a_child, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL) < 0)
		_exit(4);
	signal(SIGTERM, end);
	for (unsigned long i = 0; i < NEIGHBOUR; i++)
		memory[i] = (unsigned char)(i * 7);
	if (write(ready[1], "", 1) != 1)
		_exit(6);
	while (!is_over) {
		for (unsigned long i = 0; i < NEIGHBOUR; i += 64)
			if (memory[i] != (unsigned char)(i * 7))
				_exit(1);
		usleep(10000);
	}
	_exit(0);
}

/* --- the play --- */

struct act {
	const char *name;
	void (*run)(void);
	int status; /* of wait(), at the end */
	int other_status; /* that is as good; 0: none */
};

static const struct act acts[] = {
	{ "hog", hog, SIGKILL, 0 },
	{ "lock", lock, SIGKILL, 0 },
	{ "threads", threads, SIGKILL, 0 },
	{ "share", share, SIGKILL, 0 },
	/* With swap a page of his own may be out, and find no place any more. */
	{ "write", write_file, ENOMEM << 8, SIGKILL },
	{ "bomb", bomb, SIGKILL, 0 },
};

static pid_t start(void (*run)(void))
{
	pid_t child = fork();

	if (child < 0) {
		perror("oomdemo: fork");
		exit(1);
	}
	if (!child) {
		setpgid(0, 0); /* so that a bomb is one job, as in a shell */
		run();
		_exit(0);
	}
	return child;
}

/* One who is ended before it is ready would seem to have been killed. */
static pid_t start_neighbour(void)
{
	pid_t neighbour;
	char byte;

	if (pipe(ready)) {
		perror("oomdemo: pipe");
		exit(1);
	}
	neighbour = start(be_a_neighbour);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		fprintf(stderr, "oomdemo: no neighbour\n");
	close(ready[0]);
	return neighbour;
}

static int play(const struct act *act)
{
	unsigned long before = free_kib(), after, kept;
	pid_t neighbour, child;
	int status, wrong = 0;

	neighbour = start_neighbour();
	child = start(act->run);
	waitpid(child, &status, 0);
	printf("oomdemo: %s: %s %d\n", act->name,
	       WIFSIGNALED(status) ? "killed by signal" : "ended with",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	wrong += status != act->status && (!status || status != act->other_status);
	/* The rest of a family, which may have been spared for being small. */
	killpg(child, SIGKILL);
	unlink(FILE_NAME);
	kill(neighbour, SIGTERM);
	waitpid(neighbour, &status, 0);
	if (status) {
		printf("oomdemo: %s: the neighbour noticed: status 0x%x\n", act->name, status);
		wrong++;
	}
	/* Orphans are process 1's to wait for.  Caches keep some for the next ones. */
	kept = before / 8 + 1024 * (unsigned long)sysconf(_SC_NPROCESSORS_CONF);
	for (int i = 0; i < 500 && free_kib() + kept < before; i++) {
		drop_caches();
		usleep(10000);
	}
	after = free_kib();
	printf("oomdemo: %s: %lu KiB were free before, %lu are now\n", act->name, before, after);
	return wrong + (after + kept < before);
}

int main(int argc, char **argv)
{
	const char *only = getenv("OOMDEMO");
	int wrong = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		int is_wanted = argc == 1 && (!only || !strcmp(only, acts[i].name));

		for (int j = 1; j < argc; j++)
			is_wanted |= !strcmp(argv[j], acts[i].name);
		if (is_wanted)
			wrong += play(&acts[i]);
	}
	printf(wrong ? "oomdemo: %d things were wrong\n" : "oomdemo: all others went on\n", wrong);
	return !!wrong;
}
