/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that presses on memory, at once and for SOAK_SECONDS, on a machine of its own with three
 * disks: one to swap to, one to swap to that comes and goes, one whose pages are mapped.
 *
 *	worker		what it holds, and looks at
 *	pagers		memory, three quarters of what there is, in random order
 *	families	memory shared over forks, sent out, changed by each for himself
 *	modeller	the program mm/model, again and again, with other seeds
 *	files		a file in memory: written, mapped, punched, cut
 *	disk		pages of the third disk: written by a mapping, read around the cache
 *	toggler		the second disk, as swap with any priority, or not
 *	hogs		who take all there is, each in his way, and must be killed for it
 *	innocent	a little memory, all of it every 10 ms
 *	sleeper		nothing; how late he wakes up
 *
 * Only hogs may be killed.  At the end of a round, a minute, all have gone: no slot of swap is in
 * use, and as much memory is free as after the first round.
 */
#include "pressure.h"

#define RW	     (PROT_READ | PROT_WRITE)
#define FIRST_DISK   (64 * MIB)
#define SECOND_DISK  (24 * MIB)
#define THIRD_DISK   (24 * MIB)
#define ROUND_S	     60 /* the longest round */
#define NR_PAGERS    2
#define NR_CHILDREN  3
#define SMALL	     (MIB)
#define LEFT	     (128 * 1024UL) /* bytes of swap that who is still there may have */
#define SLACK_KIB    2048 /* that may be free in one round and not in another */
#define VERY_LATE_NS (50 * 1000 * 1000LL)

static struct {
	const char *folder, *first, *second, *third;
	long long end_ns; /* of the round */
} soak;

/* Shared by all. */
static struct report {
	volatile unsigned long nr_pages, nr_families, nr_models, nr_toggles, nr_refused, nr_hogs;
	volatile unsigned long nr_sleeps, nr_very_late;
	volatile long long worst_ns;
} * report;

static bool is_over(void)
{
	return now_ns(CLOCK_MONOTONIC) >= soak.end_ns;
}

static unsigned int random_seed(void)
{
	unsigned int seed = (unsigned int)now_ns(CLOCK_MONOTONIC) ^ (unsigned int)getpid() << 16;

	return seed ?: 1;
}

static unsigned long machine_bytes(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : info.totalram * info.mem_unit;
}

static void *map(size_t len, int flags)
{
	void *memory = mmap(NULL, len, RW, flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		_exit(STATUS_FAILED);
	return memory;
}

/* --- words that tell their page, and how often it was written */

static uint64_t word_of(unsigned long page, unsigned int i, unsigned int round)
{
	return (page * 512 + i) * 0x9e3779b97f4a7c15UL + round;
}

static void write_page(uint64_t *words, unsigned long page, unsigned int round)
{
	for (unsigned int i = 0; i < 512; i++)
		words[i] = word_of(page, i, round);
}

static bool is_right(const volatile uint64_t *words, unsigned long page, unsigned int round)
{
	for (unsigned int i = 0; i < 512; i++)
		if (words[i] != word_of(page, i, round))
			return false;
	return true;
}

static void check_pages(struct test *t, const uint64_t *words, const unsigned char *rounds,
			unsigned long nr)
{
	for (unsigned long page = 0; page < nr; page++)
		if (!is_right(words + page * 512, page, rounds[page]))
			test_fail(t, __FILE__, __LINE__, "page %lu is not as it was written", page);
}

/* --- workers: until the round is over */

/* Page @page of @words must be as round @rounds[page] left it; the next round writes it. */
static void write_next_round(struct test *t, uint64_t *words, unsigned long page,
			     unsigned char *rounds)
{
	if (!is_right(words + page * 512, page, rounds[page]))
		test_fail(t, __FILE__, __LINE__, "page %lu is not as it was", page);
	write_page(words + page * 512, page, ++rounds[page]);
}

/* All pagers together have three quarters of the machine; others take the rest. */
static void page_in_and_out(void *t)
{
	unsigned long nr = machine_bytes() / 4 * 3 / NR_PAGERS / PAGE;
	uint64_t *words = map(nr * PAGE, MAP_PRIVATE);
	unsigned char *rounds = calloc(nr, 1);
	unsigned int random = random_seed();

	REQUIRE(t, rounds);
	for (unsigned long page = 0; page < nr; page++)
		write_page(words + page * 512, page, 0);
	while (!is_over()) {
		unsigned long page = next_random(&random) % nr;

		write_next_round(t, words, page, rounds);
		__atomic_add_fetch(&report->nr_pages, 1, __ATOMIC_RELAXED);
	}
	check_pages(t, words, rounds, nr);
}

static void change_what_is_shared(struct test *t, uint64_t *words, unsigned int whose)
{
	unsigned long nr = SMALL / PAGE;

	for (unsigned long page = 0; page < nr; page++) {
		if (!is_right(words + page * 512, page, 0))
			test_fail(t, __FILE__, __LINE__, "page %lu is not the parent's", page);
		if (page % (NR_CHILDREN + 1) == whose)
			write_page(words + page * 512, page, whose + 1);
	}
	madvise(words, SMALL, MADV_PAGEOUT);
	for (unsigned long page = 0; page < nr; page++) {
		bool is_mine = page % (NR_CHILDREN + 1) == whose;

		if (!is_right(words + page * 512, page, is_mine ? whose + 1 : 0))
			test_fail(t, __FILE__, __LINE__, "page %lu of child %u", page, whose);
	}
}

static void have_families(void *arg)
{
	struct test *t = arg;
	unsigned long nr = SMALL / PAGE;

	while (!is_over()) {
		uint64_t *words = map(SMALL, MAP_PRIVATE);
		pid_t children[NR_CHILDREN];

		for (unsigned long page = 0; page < nr; page++)
			write_page(words + page * 512, page, 0);
		madvise(words, SMALL, MADV_PAGEOUT);
		for (unsigned int i = 0; i < NR_CHILDREN; i++) {
			children[i] = fork();
			REQUIRE(t, children[i] >= 0);
			if (children[i])
				continue;
			change_what_is_shared(t, words, i);
			_exit(t->nr_failures ? STATUS_FAILED : STATUS_PASSED);
		}
		change_what_is_shared(t, words, NR_CHILDREN);
		for (unsigned int i = 0; i < NR_CHILDREN; i++)
			EXPECT_EXIT(t, wait_for(t, children[i]), 0);
		munmap(words, SMALL);
		report->nr_families++;
	}
}

static void tell_file(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY);
	ssize_t len = read(fd, text, sizeof(text));

	if (len > 0)
		(void)!write(STDOUT_FILENO, text, (size_t)len);
	close(fd);
}

static _Noreturn void become_model(const char *program, const char *out)
{
	char seed[16];
	int fd = open(out, O_RDWR | O_CREAT | O_TRUNC, 0600);

	dup2(fd, STDOUT_FILENO);
	snprintf(seed, sizeof(seed), "%u", random_seed());
	setenv("MODEL_SEED", seed, 1);
	setenv("TAP_INDENT", "8", 1);
	execl(program, program, "fork_takes_a_picture", (char *)NULL);
	_exit(127);
}

static void follow_model(void *arg)
{
	char program[PATH_MAX], out[PATH_MAX];
	int folder = (int)(strrchr(self_path(), '/') - self_path());
	struct test *t = arg;

	snprintf(program, sizeof(program), "%.*s/../mm/model", folder, self_path());
	snprintf(out, sizeof(out), "%s/model.out", soak.folder);
	while (!is_over() && !access(program, X_OK)) {
		pid_t child = fork();
		int status;

		REQUIRE(t, child >= 0);
		if (!child)
			become_model(program, out);
		status = wait_for(t, child);
		if (status)
			tell_file(out);
		EXPECT_EXIT(t, status, 0);
		report->nr_models++;
	}
	unlink(out);
}

/* A file of 1 MiB: its pages are zeros where it was punched or cut, and else what was written. */
static void use_file(void *t)
{
	unsigned long nr = SMALL / PAGE;
	unsigned char rounds[SMALL / PAGE] = { 0 }; /* 0: zeros */
	unsigned int random = random_seed();
	static const uint64_t zeros[512];
	int fd = open_scratch(t, "file", O_RDWR | O_TRUNC);
	uint64_t *words, page_of_words[512];

	REQUIRE(t, !ftruncate(fd, SMALL));
	words = mmap(NULL, SMALL, RW, MAP_SHARED, fd, 0);
	REQUIRE(t, words != MAP_FAILED);
	while (!is_over()) {
		unsigned long page = next_random(&random) % nr;
		uint64_t *at = words + page * 512;

		if (rounds[page] ? !is_right(at, page, rounds[page]) : memcmp(at, zeros, PAGE))
			test_fail(t, __FILE__, __LINE__, "page %lu of the file", page);
		if (next_random(&random) % 64 == 0) {
			EXPECT_RET(t, kcall(SYS_ftruncate, fd, page * PAGE), 0);
			EXPECT_RET(t, kcall(SYS_ftruncate, fd, SMALL), 0);
			memset(rounds + page, 0, nr - page);
			continue;
		}
		rounds[page] = (unsigned char)(next_random(&random) % 256);
		if (!rounds[page]) {
			EXPECT_RET(t, kcall(SYS_fallocate, fd, 3, page * PAGE, PAGE), 0);
			continue;
		}
		write_page(page_of_words, page, rounds[page]);
		if (rounds[page] % 2)
			EXPECT_RET(t, kcall(SYS_pwrite64, fd, page_of_words, PAGE, page * PAGE),
				   PAGE);
		else
			memcpy(at, page_of_words, PAGE);
	}
}

static void use_disk(void *t)
{
	unsigned long nr = THIRD_DISK / PAGE;
	static uint64_t page_of_words[512] __aligned(PAGE);
	unsigned char *rounds = calloc(nr, 1);
	unsigned int random = random_seed();
	int fd = open(soak.third, O_RDWR), around = open(soak.third, O_RDONLY | O_DIRECT);
	uint64_t *words = mmap(NULL, THIRD_DISK, RW, MAP_SHARED, fd, 0);

	REQUIRE(t, rounds && words != MAP_FAILED && around >= 0);
	for (unsigned long page = 0; page < nr; page++)
		write_page(words + page * 512, page, 0);
	while (!is_over()) {
		unsigned long page = next_random(&random) % nr;

		write_next_round(t, words, page, rounds);
		if (rounds[page] % 4 || page % 16)
			continue;
		EXPECT_RET(t, kcall(SYS_msync, words + page * 512, PAGE, MS_SYNC), 0);
		EXPECT_RET(t, kcall(SYS_pread64, around, page_of_words, PAGE, page * PAGE), PAGE);
		if (!is_right(page_of_words, page, rounds[page]))
			test_fail(t, __FILE__, __LINE__, "page %lu was not stored", page);
	}
	check_pages(t, words, rounds, nr);
}

/* Whether it can go depends on the room that is left for what is there. */
static void toggle_swap(void *arg)
{
	unsigned int random = random_seed();
	struct test *t = arg;

	while (!is_over() && !t->nr_failures) {
		long err = kcall(SYS_swapon, soak.second, SWAP_PREFER | next_random(&random) % 4);

		EXPECT_TRUE(t, err == 0 || err == -EBUSY);
		sleep_ms(next_random(&random) % 128);
		err = kcall(SYS_swapoff, soak.second);
		EXPECT_TRUE(t, err == 0 || err == -ENOMEM);
		report->nr_toggles += err == 0;
		report->nr_refused += err != 0;
	}
}

/* --- hogs */

static void take_all(void *memory)
{
	for (size_t at = 0;; at += PAGE)
		((volatile char *)memory)[at] = 1;
}

static void take_private(void)
{
	take_all(map(1UL << 40, MAP_PRIVATE));
}

static void take_shared(void)
{
	take_all(map(machine_bytes() + total_swap() + 64 * MIB, MAP_SHARED));
}

static void take_locked(void)
{
	for (;;)
		if (mlock(map(MIB, MAP_PRIVATE), MIB))
			_exit(STATUS_FAILED);
}

static void take_by_forks(void)
{
	for (int i = 0; i < 4; i++)
		if (!fork())
			break;
	take_private();
}

static pid_t start_hog(struct test *t, unsigned int kind)
{
	static void (*const kinds[])(void) = { take_private, take_shared, take_locked,
					       take_by_forks };
	pid_t child = fork();
	int fd;

	REQUIRE(t, child >= 0);
	if (child)
		return child;
	setpgid(0, 0);
	fd = open("/proc/self/oom_score_adj", O_WRONLY);
	if (fd < 0 || write(fd, "1000", 4) != 4)
		_exit(STATUS_SKIPPED);
	close(fd);
	kinds[kind % ARRAY_SIZE(kinds)]();
	_exit(STATUS_FAILED);
}

static void be_hogs(void *arg)
{
	unsigned int kind = random_seed();
	struct test *t = arg;
	int status;

	while (!is_over()) {
		pid_t hog = start_hog(t, kind++);

		status = wait_for(t, hog);
		kill(-hog, SIGKILL); /* its children, who may have been spared */
		if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIPPED)
			return;
		EXPECT_KILLED(t, status, SIGKILL);
		report->nr_hogs++;
		sleep_ms(500 + kind % 4 * 500);
	}
}

/* --- who must not notice */

static void be_innocent(void *t)
{
	uint64_t *words = map(SMALL, MAP_PRIVATE);

	for (unsigned long page = 0; page < SMALL / PAGE; page++)
		write_page(words + page * 512, page, 0);
	for (; !is_over(); sleep_ms(10))
		for (unsigned long page = 0; page < SMALL / PAGE; page++)
			if (!is_right(words + page * 512, page, 0))
				test_fail(t, __FILE__, __LINE__, "page %lu", page);
}

static void sleep_and_wake(void *t __maybe_unused)
{
	while (!is_over()) {
		long long before = now_ns(CLOCK_MONOTONIC), late;

		sleep_ms(5);
		late = now_ns(CLOCK_MONOTONIC) - before - 5 * 1000 * 1000;
		report->nr_sleeps++;
		report->nr_very_late += late > VERY_LATE_NS;
		if (late > report->worst_ns)
			report->worst_ns = late;
	}
}

/* --- the play */

static const struct worker {
	const char *name;
	void (*work)(void *test);
	unsigned int nr;
} workers[] = {
	{ "pager", page_in_and_out, NR_PAGERS },
	{ "family", have_families, 1 },
	{ "modeller", follow_model, 1 },
	{ "file", use_file, 1 },
	{ "disk", use_disk, 1 },
	{ "toggler", toggle_swap, 1 },
	{ "hog", be_hogs, 1 },
	{ "innocent", be_innocent, 1 },
	{ "sleeper", sleep_and_wake, 1 },
};

#define MAX_CHILDREN (ARRAY_SIZE(workers) + NR_PAGERS)

static void run_workers(struct test *t)
{
	const struct worker *who[MAX_CHILDREN];
	pid_t children[MAX_CHILDREN];
	unsigned int nr = 0;

	for (size_t i = 0; i < ARRAY_SIZE(workers); i++) {
		for (unsigned int j = 0; j < workers[i].nr; j++, nr++) {
			who[nr] = &workers[i];
			children[nr] = start_child(t, workers[i].work, t);
		}
	}
	for (unsigned int i = 0; i < nr; i++) {
		int status = wait_for(t, children[i]);

		if (status)
			test_fail(t, __FILE__, __LINE__, "%s: wait status %#x", who[i]->name,
				  status);
	}
}

/* What /proc/meminfo calls so, in KiB. */
static unsigned long meminfo(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "r");
	unsigned long value = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			value = strtoul(line + strlen(name), NULL, 10);
	if (file)
		fclose(file);
	return value;
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	sync();
	(void)!write(fd, "3", 1);
	close(fd);
}

/* Free memory, once what went away is back: others free it for those who were killed. */
static unsigned long settled_free(unsigned long wanted)
{
	unsigned long found = 0;

	for (int i = 0; i < 100 && found <= wanted; i++) {
		drop_caches();
		found = meminfo("MemFree:");
		if (found <= wanted)
			sleep_ms(20);
	}
	return found;
}

/* What is left on the disks is of this process and process 1; it comes in. */
static void check_slots(struct test *t)
{
	for (int i = 0; i < 250 && free_swap() + LEFT < total_swap(); i++)
		sleep_ms(20);
	EXPECT_GE(t, free_swap() + LEFT, total_swap());
	kcall(SYS_swapoff, soak.second);
	EXPECT_RET(t, kcall(SYS_swapoff, soak.first), 0);
	EXPECT_EQ(t, total_swap(), 0UL);
}

static void run_round(struct test *t, unsigned int nr, long long seconds, unsigned long *free_kib)
{
	unsigned long found;

	memset(report, 0, sizeof(*report));
	soak.end_ns = now_ns(CLOCK_MONOTONIC) + seconds * NS_PER_S;
	REQUIRE(t, !kcall(SYS_swapon, soak.first, SWAP_PREFER | 2));
	run_workers(t);
	check_slots(t);
	found = settled_free(*free_kib - SLACK_KIB);
	test_note(t,
		  "round %u: %lu pages, %lu families, %lu models, %lu hogs, swapoff %lu, not %lu",
		  nr, report->nr_pages, report->nr_families, report->nr_models, report->nr_hogs,
		  report->nr_toggles, report->nr_refused);
	test_note(t, "late by up to %lld us, %lu of %lu by over 50 ms; free %lu KiB, slab %lu KiB",
		  report->worst_ns / 1000, report->nr_very_late, report->nr_sleeps, found,
		  meminfo("Slab:"));
	EXPECT_GE(t, found + SLACK_KIB, *free_kib);
	if (nr == 1)
		*free_kib = found;
}

static void nothing_is_lost_and_nothing_stays(struct test *t)
{
	const char *text = getenv("SOAK_SECONDS");
	long long seconds = text ? atoll(text) : 0;
	unsigned long free_kib;

	soak.folder = scratch_folder(t);
	soak.first = disk_of_ours(soak.folder, "first", 0, FIRST_DISK);
	soak.second = disk_of_ours(soak.folder, "second", 16, SECOND_DISK);
	soak.third = disk_of_ours(soak.folder, "third", 32, THIRD_DISK);
	SKIP_IF(t, !seconds || !soak.first || !soak.second || !soak.third,
		"no SOAK_SECONDS, or no three disks for it");
	SKIP_IF(t, kcall(SYS_swapoff, soak.folder) == -ENOSYS, "no swapoff() in this kernel");
	REQUIRE(t, make_swap(soak.first, FIRST_DISK) && make_swap(soak.second, SECOND_DISK));
	report = map(sizeof(*report), MAP_SHARED);
	free_kib = settled_free(0);
	for (unsigned int nr = 1; seconds > 0 && !t->nr_failures; nr++, seconds -= ROUND_S)
		run_round(t, nr, seconds < ROUND_S ? seconds : ROUND_S, &free_kib);
}

static const struct test_case soak_cases[] = {
	TEST_CASE(nothing_is_lost_and_nothing_stays),
};
TEST_SUITE(soak, soak_cases);
SELFTEST_NO_HELPER
