/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A real program, which is this one, damaged in its headers and elsewhere, the same way each time,
 * and executed by the hundred: no matter what becomes of it, the kernel goes on, the undamaged
 * program runs afterwards, and memory and processes are what they were.
 *
 * A damaged program may do anything that a program can do, so it runs as nobody, without files, may
 * not fork, and has little time; and only on a machine of its own with this kernel.  Linux 6.1 in
 * QEMU reports an oops where one of them comes upon a far return: the emulator reads the descriptor
 * that this names as the kernel would, and the fault seems to be the kernel's.
 */
#include <elf.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/time.h>

#include "selftest.h"

#define RAN	 61
#define NOBODY	 65534
#define MS_EACH	 200 /* how long a damaged program may take */
#define NO_END	 0
#define LOST_KIB 512 /* allowed for all of a pass: other parts of the kernel keep some pages */

struct program {
	unsigned char *bytes; /* as they are in the file now */
	const unsigned char *original;
	size_t size;
	int fd;
	unsigned int random;
};

int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	return RAN;
}

/* --- damage --- */

static unsigned int below(struct program *program, size_t bound)
{
	return next_random(&program->random) % bound;
}

static Elf64_Phdr *segment(struct program *program)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)program->original;

	return (Elf64_Phdr *)(program->bytes + header->e_phoff) + below(program, header->e_phnum);
}

/* Values at which checks may be off by one, or overflow. */
static unsigned long odd_value(struct program *program, unsigned long value)
{
	static const unsigned long values[] = {
		0,
		1,
		PAGE - 1,
		PAGE,
		PAGE + 1,
		1UL << 16,
		1UL << 31,
		1UL << 32,
		1UL << 46,
		1UL << 47,
		1UL << 63,
		0x7fffffffe000,
		0x7fffffffefff,
		0x7ffffffff000,
		0xffff800000000000,
		0xffffffff80000000,
		-1UL,
		-PAGE,
	};
	unsigned int which = below(program, ARRAY_SIZE(values) + 4);

	if (which < ARRAY_SIZE(values))
		return values[which];
	return which & 1 ? value + values[which % 4 + 1] : value - values[which % 4 + 1];
}

static void change_segment(struct program *program)
{
	Elf64_Phdr *phdr = segment(program);
	unsigned long *fields[] = { &phdr->p_offset, &phdr->p_vaddr, &phdr->p_paddr,
				    &phdr->p_filesz, &phdr->p_memsz, &phdr->p_align };
	unsigned long *field = fields[below(program, ARRAY_SIZE(fields))];

	*field = odd_value(program, *field);
}

static void change_kind(struct program *program)
{
	static const unsigned int kinds[] = { PT_NULL, PT_LOAD,	     PT_DYNAMIC,   PT_INTERP,
					      PT_PHDR, PT_GNU_STACK, PT_GNU_RELRO, PT_TLS };
	Elf64_Phdr *phdr = segment(program);

	if (below(program, 2))
		phdr->p_type = kinds[below(program, ARRAY_SIZE(kinds))];
	else
		phdr->p_flags = next_random(&program->random);
}

static void exchange_segments(struct program *program)
{
	Elf64_Phdr *a = segment(program), *b = segment(program), copy = *a;

	*a = *b;
	if (below(program, 2))
		*b = copy;
}

static void change_header(struct program *program)
{
	Elf64_Ehdr *header = (Elf64_Ehdr *)program->bytes;

	switch (below(program, 4)) {
	case 0:
		header->e_entry = odd_value(program, header->e_entry);
		break;
	case 1:
		header->e_phoff = odd_value(program, header->e_phoff);
		break;
	case 2:
		header->e_phnum = (Elf64_Half)odd_value(program, header->e_phnum);
		break;
	default:
		program->bytes[below(program, sizeof(*header))] =
			(unsigned char)next_random(&program->random);
		break;
	}
}

static void change_bytes(struct program *program)
{
	for (int i = 0; i < 8; i++)
		program->bytes[below(program, program->size)] ^= 1u << below(program, 8);
}

static void damage(struct program *program)
{
	static void (*const ways[])(struct program * program) = {
		change_segment, change_segment,	   change_kind,
		change_header,	exchange_segments, change_bytes,
	};

	for (unsigned int n = 1 + below(program, 3); n; n--)
		ways[below(program, ARRAY_SIZE(ways))](program);
}

/* --- running --- */

static void confine(unsigned int ms)
{
	struct itimerval timer = { .it_value.tv_usec = ms * 1000 };
	struct rlimit none = { 0, 0 }, second = { 1, 1 };

	setrlimit(RLIMIT_CPU, &second);
	setrlimit(RLIMIT_NPROC, &none);
	setrlimit(RLIMIT_FSIZE, &none);
	setitimer(ITIMER_REAL, &timer, NULL);
	setgroups(0, NULL);
	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	for (int fd = 0; fd < 3; fd++)
		close(fd);
}

/* The wait status of what became of it. */
static int run_confined(struct test *t, const char *path, unsigned int ms)
{
	char *const argv[] = { "damaged", "--helper", "nothing", NULL };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	pid_t pid = fork();

	REQUIRE(t, fd >= 0 && pid >= 0);
	if (!pid) {
		confine(ms);
		kcall(SYS_execveat, fd, "", argv, NULL, AT_EMPTY_PATH);
		_exit(2);
	}
	close(fd);
	return wait_for(t, pid);
}

static void write_program(struct test *t, const struct program *program, const char *path,
			  size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	REQUIRE(t, fd >= 0 && write(fd, program->bytes, size) == (ssize_t)size);
	close(fd);
}

static void run_damaged(struct test *t, struct program *program, const char *path)
{
	size_t size = program->size;

	memcpy(program->bytes, program->original, program->size);
	damage(program);
	if (!below(program, 8))
		size = below(program, 2) ? below(program, 1024) : below(program, size);
	write_program(t, program, path, size);
	run_confined(t, path, MS_EACH);
}

static void run_undamaged(struct test *t, struct program *program, const char *path)
{
	memcpy(program->bytes, program->original, program->size);
	write_program(t, program, path, program->size);
	EXPECT_EXIT(t, run_confined(t, path, NO_END), RAN);
}

static void load_self(struct test *t, struct program *program)
{
	int fd = open(self_path(), O_RDONLY);
	struct stat stat;
	unsigned char *bytes;

	REQUIRE(t, fd >= 0 && !fstat(fd, &stat));
	program->size = (size_t)stat.st_size;
	bytes = malloc(program->size);
	program->bytes = malloc(program->size);
	REQUIRE(t, bytes && program->bytes);
	REQUIRE(t, read(fd, bytes, program->size) == stat.st_size);
	program->original = bytes;
	close(fd);
}

static void one_pass(struct test *t, struct program *program, const char *path)
{
	program->random = 20071;
	for (unsigned int i = 0; i < 400; i++) {
		run_damaged(t, program, path);
		if (i % 50 == 0)
			run_undamaged(t, program, path);
	}
}

static unsigned long free_kib(const struct sysinfo *info)
{
	return info->freeram * info->mem_unit / 1024;
}

#define MAX_PASSES 8

/* A pass does what the one before has done, which has made all that is kept for the next time; with
 * KASAN what was freed is kept, too, up to a limit. */
static void damaged_programs_do_no_harm(struct test *t)
{
	struct sysinfo before, after;
	long lost_kib = 0;
	struct program program;
	char path[PATH_MAX + 16];

	SKIP_UNLESS_GUEST(t);
	SKIP_IF(t, !is_oshit(), "Linux 6.1 takes far returns in this emulator for its own faults");
	snprintf(path, sizeof(path), "%s/program", scratch_folder(t));
	load_self(t, &program);
	REQUIRE(t, !sysinfo(&after));
	for (int i = 0; i < MAX_PASSES && (i < 2 || lost_kib >= LOST_KIB); i++) {
		before = after;
		one_pass(t, &program, path);
		REQUIRE(t, !sysinfo(&after));
		lost_kib = (long)(free_kib(&before) - free_kib(&after));
	}
	/* Of 450 that were started; workers of the kernel come and go. */
	EXPECT_LT(t, (int)after.procs - (int)before.procs, 8);
	EXPECT_LT(t, lost_kib, LOST_KIB);
	run_undamaged(t, &program, path);
	unlink(path);
}

static const struct test_case mutate_cases[] = {
	TEST_CASE(damaged_programs_do_no_harm),
};
TEST_SUITE(mutate, mutate_cases);
