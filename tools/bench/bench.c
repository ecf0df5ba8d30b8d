/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame of the benchmark: runs the metrics that are asked for and prints a line of
 * tab-separated values for each: name, median, lowest, highest in ns an operation, operations a
 * sample, samples.
 * A metric that the kernel does not support has "-" in place of numbers and the reason at the end.
 *
 *	bench [GLOB...]		metrics that match; -l lists them
 *
 * As process 1 it takes the globs from BENCH="GLOB GLOB" on the kernel's command line and powers
 * the machine off at the end.  BENCH_MS is the least length of a sample in ms (20), BENCH_SAMPLES
 * their number (9); BENCH_COUNT sets the operations a sample, instead of what fills BENCH_MS.
 *
 * Each metric runs in a child: it may bind itself to a CPU, and one that crashes is one line less.
 * All begin on the first CPU.
 */
#include <errno.h>
#include <fnmatch.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define NS_PER_MS   1000000LL
#define MAX_SAMPLES 99
#define MAX_GLOBS   32
#define MAX_COUNT   (1UL << 40) /* a metric that takes no time would never be calibrated */

const char *self_path;

static const struct metric *current;
static long long paused_since, paused_ns;

long long now_ns(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void pause_clock(void)
{
	paused_since = now_ns();
}

void resume_clock(void)
{
	paused_ns += now_ns() - paused_since;
}

void discount_ns(long long ns)
{
	paused_ns += ns;
}

void unsupported(const char *what)
{
	printf("%s\t-\t-\t-\t-\t-\t%s: %s\n", current->name, what,
	       errno ? strerror(errno) : "there is none");
	fflush(stdout);
	_exit(0);
}

pid_t start_child(void)
{
	pid_t child = fork();

	if (child < 0)
		unsupported("fork");
	if (!child)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return child;
}

void end_child(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

bool bind_to_cpu(int nth)
{
	static cpu_set_t allowed; /* before the first change */
	cpu_set_t one;

	if (!CPU_COUNT(&allowed) && sched_getaffinity(0, sizeof(allowed), &allowed))
		return nth == 0;
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &allowed) && !nth--) {
			CPU_SET(cpu, &one);
			return !sched_setaffinity(0, sizeof(one), &one);
		}
	}
	return false;
}

static long setting(const char *name, long value)
{
	const char *text = getenv(name);

	return text ? atol(text) : value;
}

/* Nanoseconds that @count operations take. */
static long long sample(const struct metric *m, unsigned long count)
{
	long long start;

	paused_ns = 0;
	start = now_ns();
	m->run(count);
	return now_ns() - start - paused_ns;
}

/*
 * Doubles the count until a sample is long enough; this warms up as well.  A sample may be long
 * because something else ran meanwhile, so two must be.
 */
static unsigned long calibrate(const struct metric *m)
{
	long long wanted = setting("BENCH_MS", 20) * NS_PER_MS;
	unsigned long count = 1;

	while (count < MAX_COUNT && (sample(m, count) < wanted || sample(m, count) < wanted))
		count *= 2;
	return count;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const struct metric *m)
{
	double ns[MAX_SAMPLES];
	unsigned long count;
	int nr = (int)setting("BENCH_SAMPLES", 9);

	nr = nr < 1 ? 1 : nr > MAX_SAMPLES ? MAX_SAMPLES : nr;
	current = m;
	bind_to_cpu(0);
	count = (unsigned long)setting("BENCH_COUNT", 0) ?: calibrate(m);
	for (int i = 0; i < nr; i++)
		ns[i] = (double)sample(m, count) / (double)count;
	qsort(ns, (size_t)nr, sizeof(ns[0]), compare);
	printf("%s\t%.1f\t%.1f\t%.1f\t%lu\t%d\n", m->name, ns[nr / 2], ns[0], ns[nr - 1], count,
	       nr);
	fflush(stdout);
}

static bool is_wanted(const struct metric *m, char **globs)
{
	for (char **glob = globs; *glob; glob++) {
		if (!fnmatch(*glob, m->name, 0))
			return true;
	}
	return !*globs;
}

static void run_one(const struct metric *m)
{
	int status = -1;
	pid_t child = fork();

	if (!child) {
		measure(m);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		printf("%s\t-\t-\t-\t-\t-\tended with status %#x\n", m->name, status);
	fflush(stdout);
}

static const struct metric *const tables[] = { call_metrics,  process_metrics, memory_metrics,
					       file_metrics,  signal_metrics,  ipc_metrics,
					       sched_metrics, program_metrics, swap_metrics };

static int for_each_metric(char **globs, void (*fn)(const struct metric *))
{
	int nr = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct metric *m = tables[i]; m->name; m++) {
			if (is_wanted(m, globs)) {
				fn(m);
				nr++;
			}
		}
	}
	return nr;
}

static void list_one(const struct metric *m)
{
	printf("%s\t%s\n", m->name, m->what);
}

static void print_fact(const char *name, double value)
{
	printf("%s\t%.1f\t%.1f\t%.1f\t1\t1\n", name, value, value, value);
}

/*
 * What only process 1 can tell, before it has done anything: the kernel's clock when it began, and
 * how much memory is in use then.
 */
static void print_facts_of_boot(char **globs)
{
	static const struct metric boot = { .name = "boot_clock" };
	static const struct metric memory_used = { .name = "memory_used" };
	static const struct metric memory_free = { .name = "memory_taken" };
	double started_ns = (double)now_ns();
	struct sysinfo info = { 0 };

	sysinfo(&info);
	if (is_wanted(&boot, globs))
		print_fact("boot_clock", started_ns);
	if (is_wanted(&memory_used, globs))
		print_fact("memory_used",
			   (double)(info.totalram - info.freeram) * (double)info.mem_unit);
	if (is_wanted(&memory_free, globs))
		print_fact("memory_free", (double)info.freeram * (double)info.mem_unit);
}

static void run_all(char **globs)
{
	struct utsname name = { 0 };
	int nr;

	uname(&name);
	printf("# %s %s, %ld CPUs\n", name.sysname, name.release, sysconf(_SC_NPROCESSORS_ONLN));
	printf("# metric\tmedian_ns\tlowest_ns\thighest_ns\tcount\tsamples\n");
	fflush(stdout);
	if (getpid() == 1)
		print_facts_of_boot(globs);
	nr = for_each_metric(globs, run_one);
	printf("# %d metrics\n", nr);
	fflush(stdout);
}

static int be_init(void)
{
	char *globs[MAX_GLOBS + 1] = { NULL }, *rest = NULL, *text = getenv("BENCH");
	int nr = 0;

	mount("tmpfs", "/tmp", "tmpfs", 0, NULL); /* without it the files are in the root */
	mount("proc", "/proc", "proc", 0, NULL);
	text = text ? strdup(text) : NULL;
	for (char *word = text ? strtok_r(text, " ", &rest) : NULL; word && nr < MAX_GLOBS;
	     word = strtok_r(NULL, " ", &rest))
		globs[nr++] = word;
	run_all(globs);
	sync();
	return reboot(RB_POWER_OFF);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--exit"))
		return 0;
	self_path = (const char *)getauxval(AT_EXECFN);
	if (getpid() == 1)
		return be_init();
	if (argc > 1 && !strcmp(argv[1], "-l"))
		return !for_each_metric(argv + 2, list_one);
	run_all(argv + 1);
	return 0;
}
