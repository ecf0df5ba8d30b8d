/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random calls about memory on a window of addresses, beside a model of it that knows each byte.
 *
 * A page of the model is mapped or not, with rights, and shows a page of some memory: private (of
 * this process), of an object that is shared (anonymous memory, or a file), or privately of the
 * file: that is the file's page until the first write makes it a private one.
 *
 * The model knows as well where areas end, as far as mremap() must: a move may not cross the edge
 * of an area.  Each call that makes or cuts areas gives the pages a new number, so a run of pages
 * with the same one surely is in one area, however areas merge.
 *
 * Everything happens in the window, which nothing else is mapped into.  After each step a sample of
 * the pages is compared, at the end all are; the seed of a run that failed is printed.  MODEL_SEED
 * in the environment makes other sequences.
 *
 * Pages are told to go to swap now and then, and where there is swap others press meanwhile, so
 * that any page may be on the disk, and a device that comes and goes takes some along.
 */
#include "pressure.h"

#define WINDOW	   256 /* pages, side by side, or 2 MiB apart */
#define MAX_RUN	   24 /* pages an operation covers */
#define NR_OBJECTS 3
#define OBJECT	   32 /* pages of each */
#define FIRST_FILE 1 /* objects before are anonymous */
#define RW	   (PROT_READ | PROT_WRITE)
#ifndef MREMAP_DONTUNMAP /* newer than the C library */
#define MREMAP_DONTUNMAP 4
#endif

enum kind { UNMAPPED, PRIVATE, SHARED, FILE_PRIVATE };

struct page_model {
	enum kind kind;
	int prot;
	int object; /* of SHARED and FILE_PRIVATE */
	unsigned int index; /* in the object */
	unsigned int area; /* the call that mapped it: pages with the same one move together */
	bool written; /* of FILE_PRIVATE: bytes[] counts, not the object's */
	unsigned char bytes[PAGE]; /* of PRIVATE, and of FILE_PRIVATE once it is written */
};

static struct page_model model[WINDOW];
/* What is shared is one for all generations, and so is its model. */
static unsigned char (*objects)[OBJECT][PAGE];
static int files[NR_OBJECTS];
static char *shared_home[NR_OBJECTS]; /* where anonymous objects are mapped whole */
static char *window;
static size_t stride; /* bytes between pages of the window that are used */
static unsigned int random_state, last_area;

static unsigned int below(unsigned int n)
{
	return next_random(&random_state) % n;
}

static int random_prot(void)
{
	static const int prots[] = { RW, RW, RW, PROT_READ, PROT_NONE };

	return prots[below(ARRAY_SIZE(prots))];
}

static char *page_at(unsigned int page)
{
	return window + page * stride;
}

static unsigned char *bytes_of(struct page_model *m)
{
	if (m->kind == PRIVATE || (m->kind == FILE_PRIVATE && m->written))
		return m->bytes;
	return objects[m->object][m->index];
}

/* An edge was drawn around the pages: runs of one area are areas of their own. */
static void renumber(unsigned int first, unsigned int nr)
{
	unsigned int old = 0;

	for (unsigned int i = first; i < first + nr; i++) {
		if (i == first || model[i].area != old)
			last_area++;
		old = model[i].area;
		model[i].area = last_area;
	}
}

static void forget(unsigned int first, unsigned int nr)
{
	for (unsigned int i = first; i < first + nr; i++)
		model[i].kind = UNMAPPED;
}

/* --- operations: on the pages [first, first + nr) of the window --- */

static void do_map_private(struct test *t, unsigned int first, unsigned int nr)
{
	int prot = random_prot();

	EXPECT_RET(t,
		   kcall(SYS_mmap, page_at(first), nr * stride, prot,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0),
		   page_at(first));
	last_area++;
	for (unsigned int i = first; i < first + nr; i++)
		model[i] = (struct page_model){ .kind = PRIVATE, .prot = prot, .area = last_area };
}

/* Of an object; a stride of more than a page has no place in one. */
static void do_map_object(struct test *t, unsigned int first, unsigned int nr)
{
	int object = (int)below(NR_OBJECTS), prot = random_prot();
	/* Pages that come at once are copied at once. */
	bool is_shared = object < FIRST_FILE || maps_at_once() || below(2);
	unsigned int index;
	long got;

	if (stride != PAGE)
		return;
	nr = nr < OBJECT ? nr : OBJECT;
	index = below(OBJECT - nr + 1);
	if (object < FIRST_FILE)
		got = kcall(SYS_mremap, shared_home[object] + index * PAGE, 0, nr * PAGE,
			    MREMAP_MAYMOVE | MREMAP_FIXED, page_at(first));
	else
		got = kcall(SYS_mmap, page_at(first), nr * PAGE, prot,
			    (is_shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | MAP_NORESERVE,
			    files[object], index * PAGE);
	EXPECT_RET(t, got, page_at(first));
	last_area++;
	for (unsigned int i = 0; i < nr; i++)
		model[first + i] = (struct page_model){
			.kind = is_shared ? SHARED : FILE_PRIVATE,
			.prot = object < FIRST_FILE ? RW : prot,
			.object = object,
			.index = index + i,
			.area = last_area,
		};
}

static void do_munmap(struct test *t, unsigned int first, unsigned int nr)
{
	EXPECT_RET(t, kcall(SYS_munmap, page_at(first), nr * stride), 0);
	forget(first, nr);
}

/* Changes up to the first hole, as Linux does. */
static void do_mprotect(struct test *t, unsigned int first, unsigned int nr)
{
	int prot = random_prot();
	long want = 0;

	for (unsigned int i = first; i < first + nr && !want; i++) {
		if (!model[i].kind)
			want = -ENOMEM;
		else
			model[i].prot = prot;
	}
	renumber(first, nr);
	EXPECT_RET(t, kcall(SYS_mprotect, page_at(first), nr * stride, prot), want);
}

/* Drops all pages, those behind holes too. */
static void do_dontneed(struct test *t, unsigned int first, unsigned int nr)
{
	long want = 0;

	for (unsigned int i = first; i < first + nr; i++) {
		if (!model[i].kind)
			want = -ENOMEM;
		if (model[i].kind == PRIVATE)
			memset(model[i].bytes, 0, PAGE);
		model[i].written = false;
	}
	EXPECT_RET(t, kcall(SYS_madvise, page_at(first), nr * stride, MADV_DONTNEED), want);
}

/* Changes nothing that can be seen: pages are cold, locked, wanted in another order. */
static void do_harmless(struct test *t, unsigned int first, unsigned int nr)
{
	static const int advices[] = { MADV_NORMAL,	MADV_RANDOM,   MADV_SEQUENTIAL,
				       MADV_DONTDUMP,	MADV_DODUMP,   20 /* MADV_COLD */,
				       MADV_KEEPONFORK, MADV_WILLNEED, 22 /* POPULATE_READ */ };
	int advice = advices[below(ARRAY_SIZE(advices))];

	kcall(SYS_madvise, page_at(first), nr * stride, advice);
	renumber(first, nr);
	if (below(4) == 0) {
		kcall(SYS_mlock2, page_at(first), nr * stride, 1 /* MLOCK_ONFAULT */);
		kcall(SYS_munlock, page_at(first), nr * stride);
		for (unsigned int i = first; i < first + nr; i++)
			if (model[i].kind)
				EXPECT_RET(t, kcall(SYS_munlock, page_at(i), stride), 0);
	}
}

/* As far as the kernel can and likes. */
static void do_page_out(struct test *t __maybe_unused, unsigned int first, unsigned int nr)
{
	kcall(SYS_madvise, page_at(first), nr * stride, MADV_PAGEOUT);
}

/* How many pages from @first on surely are one area: mapped by one call, with the same rights. */
static unsigned int pages_alike(unsigned int first, unsigned int nr)
{
	unsigned int alike = 0;

	while (alike < nr && model[first].kind && model[first + alike].kind == model[first].kind &&
	       model[first + alike].area == model[first].area &&
	       model[first + alike].prot == model[first].prot)
		alike++;
	return alike;
}

static void move_model(unsigned int from, unsigned int to, unsigned int nr)
{
	last_area++;
	for (unsigned int i = 0; i < nr; i++) {
		model[to + i] = model[from + i];
		model[to + i].area = last_area;
	}
}

/* Moves what is at @first, and may grow or shrink on the way. */
static void do_move(struct test *t, unsigned int first, unsigned int nr)
{
	unsigned int old = pages_alike(first, nr), new = old, to = below(WINDOW - MAX_RUN);
	bool stays = below(4) == 0;
	long flags = MREMAP_MAYMOVE | MREMAP_FIXED | (stays ? MREMAP_DONTUNMAP : 0);

	if (!old)
		return;
	/* What grows beyond an object could not be told from its end. */
	if (!stays && below(3) == 0)
		new = model[first].kind == PRIVATE ? 1 + below(MAX_RUN) : 1 + below(old);
	if (to < first + old && first < to + new)
		return;
	EXPECT_RET(t,
		   kcall(SYS_mremap, page_at(first), old * stride, new *stride, flags, page_at(to)),
		   page_at(to));
	move_model(first, to, old < new ? old : new);
	for (unsigned int i = old; i < new; i++)
		model[to + i] = (struct page_model){ .kind = PRIVATE,
						     .prot = model[to].prot,
						     .area = model[to].area };
	if (!stays)
		forget(first, old);
	else
		renumber(first, old);
	for (unsigned int i = first; stays && i < first + old; i++) {
		memset(model[i].bytes, 0, PAGE);
		model[i].written = false;
	}
}

/* Grows in place over a hole, or not at all. */
static void do_grow(struct test *t, unsigned int first, unsigned int nr)
{
	unsigned int old = pages_alike(first, nr), new = old + 1 + below(4), room = old;

	if (!old || model[first].kind != PRIVATE || first + new > WINDOW)
		return;
	while (room < new && !model[first + room].kind)
		room++;
	EXPECT_RET(t, kcall(SYS_mremap, page_at(first), old * stride, new *stride, 0),
		   room == new ? (long)page_at(first) : -ENOMEM);
	for (unsigned int i = first + old; room == new &&i < first + new; i++)
		model[i] = (struct page_model){ .kind = PRIVATE,
						.prot = model[first].prot,
						.area = model[first].area };
}

static void do_shrink(struct test *t, unsigned int first, unsigned int nr)
{
	unsigned int new = 1 + below(nr);

	if (!model[first].kind)
		return;
	EXPECT_RET(t, kcall(SYS_mremap, page_at(first), nr * stride, new *stride, 0),
		   page_at(first));
	forget(first + new, nr - new);
}

/* A byte, a word, or all of each page, at a random place. */
static void do_write(struct test *t __maybe_unused, unsigned int first, unsigned int nr)
{
	for (unsigned int i = first; i < first + nr; i++) {
		unsigned int len = (unsigned int[]){ 1, 8, PAGE }[below(3)];
		unsigned int at = below(PAGE - len + 1), value = below(256);
		struct page_model *m = &model[i];

		if (!m->kind || m->prot != RW)
			continue;
		if (m->kind == FILE_PRIVATE && !m->written) {
			memcpy(m->bytes, objects[m->object][m->index], PAGE);
			m->written = true;
		}
		memset(page_at(i) + at, (int)value, len);
		memset(bytes_of(m) + at, (int)value, len);
	}
}

/* Through the descriptor; mappings of the file see it, copies do not. */
static void do_write_file(struct test *t, unsigned int first __maybe_unused,
			  unsigned int nr __maybe_unused)
{
	int object = FIRST_FILE + (int)below(NR_OBJECTS - FIRST_FILE);
	unsigned int page = below(OBJECT), at = below(PAGE - 8);
	unsigned char *to;

	if (!objects)
		return;
	to = objects[object][page] + at;
	memset(to, (int)below(256), 8);
	EXPECT_RET(t, kcall(SYS_pwrite64, files[object], to, 8, page * PAGE + at), 8);
}

static void (*const operations[])(struct test *, unsigned int, unsigned int) = {
	do_map_private, do_map_object, do_map_object, do_munmap,   do_mprotect,
	do_dontneed,	do_harmless,   do_move,	      do_move,	   do_grow,
	do_shrink,	do_write,      do_write,      do_write,	   do_write,
	do_write,	do_write_file, do_page_out,   do_page_out,
};

static void do_anything(struct test *t)
{
	unsigned int first = below(WINDOW), nr = 1 + below(MAX_RUN);

	if (nr > WINDOW - first)
		nr = WINDOW - first;
	operations[below(ARRAY_SIZE(operations))](t, first, nr);
}

/* --- comparing --- */

/*
 * Asks the kernel whether the page can be read or written, without a fault: by a call that reads
 * or writes there, but changes nothing.
 */
static void check_page(struct test *t, unsigned int i)
{
	struct page_model *m = &model[i];
	const char *at = page_at(i);
	bool readable = m->kind && m->prot != PROT_NONE;

	EXPECT_RET(t, kcall(SYS_rt_sigprocmask, SIG_BLOCK, at + 128, NULL, 8),
		   readable ? 0 : -EFAULT);
	if (readable && memcmp(at, bytes_of(m), PAGE)) {
		unsigned int byte = 0;

		while (at[byte] == (char)bytes_of(m)[byte])
			byte++;
		test_fail(t, __FILE__, __LINE__, "page %u, kind %d, byte %u: %#x, not %#x", i,
			  m->kind, byte, (unsigned char)at[byte], bytes_of(m)[byte]);
	}
	/* What is written is what is there. */
	if (m->kind && m->prot == RW && m->kind != SHARED && below(8) == 0) {
		struct timespec now;

		EXPECT_RET(t, kcall(SYS_clock_gettime, CLOCK_MONOTONIC, at + 64), 0);
		memcpy(&now, at + 64, sizeof(now));
		if (m->kind == FILE_PRIVATE && !m->written) {
			memcpy(m->bytes, objects[m->object][m->index], PAGE);
			m->written = true;
		}
		memcpy(m->bytes + 64, &now, sizeof(now));
	} else if (m->prot != RW || !m->kind) {
		EXPECT_RET(t, kcall(SYS_clock_gettime, CLOCK_MONOTONIC, at + 64), -EFAULT);
	}
}

static void check_all(struct test *t)
{
	for (unsigned int i = 0; i < WINDOW; i++)
		check_page(t, i);
}

/* --- the world --- */

/* The files are in the folder of the case, where they have no name any more. */
static void make_objects(struct test *t, const char *folder)
{
	char path[PATH_MAX];

	objects = mmap(NULL, sizeof(*objects) * NR_OBJECTS, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(t, objects != MAP_FAILED);
	for (int i = 0; i < FIRST_FILE; i++) {
		shared_home[i] = mmap(NULL, OBJECT * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		REQUIRE(t, shared_home[i] != MAP_FAILED);
	}
	for (int i = FIRST_FILE; i < NR_OBJECTS; i++) {
		/* One without a name, if the kernel knows that. */
		files[i] = i == FIRST_FILE ? (int)kcall(SYS_memfd_create, "model", 0) : -1;
		if (files[i] < 0) {
			snprintf(path, sizeof(path), "%s/%d-%d", folder, i, getpid());
			files[i] = open(path, O_RDWR | O_CREAT, 0600);
			unlink(path);
		}
		REQUIRE(t, files[i] >= 0 && ftruncate(files[i], OBJECT * PAGE) == 0);
	}
}

static void make_window(struct test *t, size_t step)
{
	size_t size = WINDOW * step;
	char *reserved;

	stride = step;
	/* A page of room around, and aligned so that tables can move whole. */
	reserved = mmap(NULL, size + (4UL << 20), PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	REQUIRE(t, reserved != MAP_FAILED);
	window = (char *)(((uintptr_t)reserved + (2UL << 20) + PAGE) & -(2UL << 20));
	REQUIRE(t, munmap(window, size) == 0);
	memset(model, 0, sizeof(model));
}

static void run_steps(struct test *t, unsigned int seed, unsigned int steps)
{
	const char *other = getenv("MODEL_SEED");

	seed += other ? (unsigned int)strtoul(other, NULL, 0) : 0;
	random_state = seed ?: 1;
	for (unsigned int step = 0; step < steps && !t->nr_failures; step++) {
		do_anything(t);
		check_page(t, below(WINDOW));
		check_page(t, below(WINDOW));
	}
	check_all(t);
	if (t->nr_failures)
		test_note(t, "seed %u", seed);
}

static void run_seeds(struct test *t, unsigned int nr_seeds, unsigned int steps)
{
	for (unsigned int seed = 1; seed <= nr_seeds && !t->nr_failures; seed++) {
		make_window(t, PAGE);
		run_steps(t, seed * 2654435761U, steps);
		munmap(window, WINDOW * stride);
	}
}

static void random_operations_agree_with_a_model(struct test *t)
{
	make_objects(t, scratch_folder(t));
	run_seeds(t, rounds(5, 10), rounds(2000, 4000));
}

/* The same with 2 MiB from one page that is used to the next: tables move whole. */
static void random_operations_on_whole_tables(struct test *t)
{
	SKIP_IF(t, maps_at_once(), "all of them would be there");
	for (unsigned int seed = 1; seed <= rounds(2, 4) && !t->nr_failures; seed++) {
		make_window(t, 2UL << 20);
		kcall(SYS_prctl, 41 /* PR_SET_THP_DISABLE */, 1, 0, 0, 0);
		run_steps(t, seed * 2246822519U, rounds(500, 2000));
		munmap(window, WINDOW * stride);
	}
}

/* The child works on while the parent's pages must not change, but where both share them. */
static void fork_takes_a_picture(struct test *t)
{
	make_objects(t, scratch_folder(t));
	make_window(t, PAGE);
	run_steps(t, 12345, 1000);
	for (unsigned int i = 0; i < 5 && !t->nr_failures; i++) {
		pid_t child = fork();
		int status;

		if (!child) {
			run_steps(t, 100 + i, 300);
			_exit(t->nr_failures != 0);
		}
		wait(&status);
		EXPECT_EXIT(t, status, 0);
		check_all(t);
		run_steps(t, 200 + i, 100);
	}
}

/* Generations that work at the same time on private memory, on all CPUs. */
static void run_children(struct test *t, const char *folder, unsigned int steps)
{
	pid_t children[4];
	int status;

	make_window(t, PAGE);
	for (unsigned int i = 0; i < WINDOW; i += 16)
		do_map_private(t, i, 16);
	do_write(t, 0, WINDOW);
	for (unsigned int i = 0; i < ARRAY_SIZE(children); i++) {
		children[i] = fork();
		if (!children[i]) {
			make_objects(t, folder); /* its own */
			run_steps(t, 1000 + i, steps);
			_exit(t->nr_failures != 0);
		}
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(children); i++) {
		waitpid(children[i], &status, 0);
		EXPECT_EXIT(t, status, 0);
	}
	check_all(t);
	munmap(window, WINDOW * stride);
}

static void many_at_once(struct test *t)
{
	run_children(t, scratch_folder(t), rounds(500, 2000));
}

/* --- memory that is short --- */

#define FIRST_DISK  (64 * MIB)
#define SECOND_DISK (24 * MIB)

/* A device that comes and goes; what is on it must come in then, or it cannot go. */
static void toggle(void *disk)
{
	unsigned int random = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int priority = (int)(next_random(&random) % 4);
		long err = kcall(SYS_swapon, disk, SWAP_PREFER | priority);

		if (err && err != -EBUSY)
			_exit(STATUS_FAILED);
		sleep_ms(next_random(&random) % 64);
		err = kcall(SYS_swapoff, disk);
		if (err && err != -ENOMEM)
			_exit(STATUS_FAILED);
	}
}

static void end_child(struct test *t, pid_t child)
{
	kill(child, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, child), SIGKILL);
}

static void random_operations_while_all_goes_to_swap(struct test *t)
{
	const char *folder = scratch_folder(t);
	const char *first = disk_of_ours(folder, "first", 0, FIRST_DISK);
	const char *second = disk_of_ours(folder, "second", 16, SECOND_DISK);
	pid_t presser, toggler;

	SKIP_IF(t, !first || !second, "no disks to swap to");
	REQUIRE(t, make_swap(first, FIRST_DISK) && make_swap(second, SECOND_DISK));
	SKIP_IF(t, kcall(SYS_swapoff, folder) == -ENOSYS, "no swapoff() in this kernel");
	REQUIRE(t, kcall(SYS_swapon, first, 0) == 0);
	toggler = start_child(t, toggle, (void *)second);
	presser = start_child(t, press, (void *)more_than_free());
	for (int i = 0; i < 1000 && free_swap() + MIB > total_swap(); i++)
		sleep_ms(10);
	run_children(t, folder, 500);
	make_objects(t, folder);
	run_seeds(t, 2, 1000);
	end_child(t, presser);
	end_child(t, toggler);
	kcall(SYS_swapoff, second);
	EXPECT_RET(t, kcall(SYS_swapoff, first), 0);
	EXPECT_EQ(t, total_swap(), 0UL);
}

static const struct test_case model_cases[] = {
	TEST_CASE(random_operations_agree_with_a_model),
	TEST_CASE(random_operations_on_whole_tables),
	TEST_CASE(fork_takes_a_picture),
	TEST_CASE(many_at_once),
	TEST_CASE(random_operations_while_all_goes_to_swap),
};
TEST_SUITE(model, model_cases);
SELFTEST_NO_HELPER
