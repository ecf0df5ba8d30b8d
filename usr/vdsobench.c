/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the vDSO saves: the same question to the kernel, by a system call and by the vDSO.  The
 * library is found as a C library does it: by AT_SYSINFO_EHDR, its symbols by DT_HASH.
 *
 * Ticks are those of the time-stamp counter.  In QEMU with `-icount shift=0` a tick is one
 * instruction of the guest, so they tell what each way executes, whatever the host does.  All
 * numbers contain the loop and the call of a function, which "nothing" shows alone.
 *
 *	vdsobench [NUMBER]	so many calls a round; 10000
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NR_ROUNDS 10

static int nr_calls = 10000;

typedef int getpid_fn(void);
typedef int gettime_fn(clockid_t clock, struct timespec *to);

static getpid_fn *volatile vdso_getpid;
static gettime_fn *volatile vdso_gettime;

static unsigned int hash_of(const char *name)
{
	unsigned int hash = 0;

	for (; *name; name++) {
		hash = (hash << 4) + (unsigned char)*name;
		hash ^= hash >> 24 & 0xf0;
	}
	return hash & 0x0fffffff;
}

static const Elf64_Dyn *find_dynamic(const char *base)
{
	const Elf64_Ehdr *header = (const void *)base;
	const Elf64_Phdr *segment = (const void *)(base + header->e_phoff);

	for (int i = 0; i < header->e_phnum; i++)
		if (segment[i].p_type == PT_DYNAMIC)
			return (const void *)(base + segment[i].p_offset);
	return NULL;
}

static const void *find_table(const char *base, Elf64_Sxword tag)
{
	const Elf64_Dyn *dynamic = find_dynamic(base);

	while (dynamic && dynamic->d_tag != DT_NULL && dynamic->d_tag != tag)
		dynamic++;
	return dynamic && dynamic->d_tag == tag ? base + dynamic->d_un.d_ptr : NULL;
}

static const void *find_function(const char *name)
{
	const char *base = (const char *)getauxval(AT_SYSINFO_EHDR), *strings;
	const Elf64_Word *hash;
	const Elf64_Sym *symbols;
	unsigned int index;

	if (!base)
		return NULL;
	hash = find_table(base, DT_HASH);
	symbols = find_table(base, DT_SYMTAB);
	strings = find_table(base, DT_STRTAB);
	if (!hash || !symbols || !strings)
		return NULL;
	for (index = hash[2 + hash_of(name) % hash[0]]; index; index = hash[2 + hash[0] + index])
		if (!strcmp(strings + symbols[index].st_name, name))
			return base + symbols[index].st_value;
	return NULL;
}

static void do_nothing(void)
{
}

static void (*volatile nothing)(void) = do_nothing;

static void run_nothing(void)
{
	for (int i = 0; i < nr_calls; i++)
		nothing();
}

static void call_getpid(void)
{
	for (int i = 0; i < nr_calls; i++)
		syscall(SYS_getpid);
}

static void ask_getpid(void)
{
	for (int i = 0; i < nr_calls; i++)
		vdso_getpid();
}

static void call_gettime(void)
{
	struct timespec time;

	for (int i = 0; i < nr_calls; i++)
		syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
}

static void ask_gettime(void)
{
	struct timespec time;

	for (int i = 0; i < nr_calls; i++)
		vdso_gettime(CLOCK_MONOTONIC, &time);
}

static void libc_gettime(void)
{
	struct timespec time;

	for (int i = 0; i < nr_calls; i++)
		clock_gettime(CLOCK_MONOTONIC, &time);
}

struct cost { /* of nr_calls */
	double ns, ticks;
};

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* The best of some rounds: on a machine that others use, too, the rest is theirs. */
static struct cost measure(const char *what, void (*run)(void))
{
	struct cost best = { 0 };

	for (int round = 0; round < NR_ROUNDS; round++) {
		double start_ns = now_ns(), ns;
		uint64_t start = __builtin_ia32_rdtsc(), end;

		run();
		end = __builtin_ia32_rdtsc();
		ns = now_ns() - start_ns;
		if (!round || ns < best.ns)
			best = (struct cost){ ns, (double)(end - start) };
	}
	dprintf(1, "%-26s %8.1f ms %9.1f ns %8.1f ticks\n", what, best.ns / 1e6, best.ns / nr_calls,
		best.ticks / nr_calls);
	return best;
}

static void compare(const char *what, struct cost call, struct cost vdso)
{
	dprintf(1, "%s: the vDSO is %.1f times faster (%.1f by ticks)\n", what, call.ns / vdso.ns,
		call.ticks / vdso.ticks);
}

int main(int argc, char **argv)
{
	struct cost call, vdso;

	if (argc > 1 && atoi(argv[1]) > 0)
		nr_calls = atoi(argv[1]);

	vdso_getpid = (getpid_fn *)(uintptr_t)find_function("__vdso_getpid");
	vdso_gettime = (gettime_fn *)(uintptr_t)find_function("__vdso_clock_gettime");
	dprintf(1, "%d calls each, the best of %d rounds\n", nr_calls, NR_ROUNDS);
	measure("nothing", run_nothing);
	call = measure("getpid, call", call_getpid);
	if (vdso_getpid) {
		vdso = measure("getpid, vDSO", ask_getpid);
		compare("getpid", call, vdso);
	}
	call = measure("clock_gettime, call", call_gettime);
	if (vdso_gettime) {
		vdso = measure("clock_gettime, vDSO", ask_gettime);
		compare("clock_gettime", call, vdso);
	}
	measure("clock_gettime, C library", libc_gettime);
	if (!vdso_getpid || !vdso_gettime)
		dprintf(1, "vdsobench: the kernel offers no vDSO, or not all of it\n");
	return 0;
}
