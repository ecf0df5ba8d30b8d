/* SPDX-License-Identifier: GPL-2.0-only */
/* Record locks of processes and of open files, and flock(). */
#include <pthread.h>
#include <sys/file.h>

#include "selftest.h"

#define R  F_RDLCK
#define W  F_WRLCK
#define U  F_UNLCK
#define MS 1000000LL

static void remove_files(void)
{
	static const char *const names[] = { "f", "records", "whole" };

	remove_scratch(names, ARRAY_SIZE(names));
}

static struct flock range(int type, off_t start, off_t len)
{
	return (struct flock){
		.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = len
	};
}

static long set(int fd, int type, off_t start, off_t len)
{
	struct flock flock = range(type, start, len);

	return kcall(SYS_fcntl, fd, F_SETLK, &flock);
}

static long set_wait(int fd, int type, off_t start, off_t len)
{
	struct flock flock = range(type, start, len);

	return kcall(SYS_fcntl, fd, F_SETLKW, &flock);
}

static long ofd_set(int fd, int type, off_t start, off_t len)
{
	struct flock flock = range(type, start, len);

	return kcall(SYS_fcntl, fd, F_OFD_SETLK, &flock);
}

/* What another process is told about a lock of @type on the range. */
struct probe {
	int fd;
	struct flock flock;
};

static void probe_in_child(void *arg)
{
	struct probe *probe = arg;

	if (kcall(SYS_fcntl, probe->fd, F_GETLK, &probe->flock))
		probe->flock.l_type = 99;
}

static struct flock probe(struct test *t, int fd, int type, off_t start, off_t len)
{
	struct probe *shared =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct flock result;

	REQUIRE(t, shared != MAP_FAILED);
	*shared = (struct probe){ fd, range(type, start, len) };
	run_in_child(t, probe_in_child, shared);
	result = shared->flock;
	munmap(shared, PAGE);
	return result;
}

/* The lock that another process finds in the way of a write: its type, and its range. */
static void expect_lock(struct test *t, int fd, off_t from, int type, off_t start, off_t len)
{
	struct flock found = probe(t, fd, W, from, 0);

	EXPECT_EQ(t, found.l_type, type);
	if (type == U)
		return;
	EXPECT_EQ(t, found.l_whence, SEEK_SET);
	EXPECT_EQ(t, found.l_start, start);
	EXPECT_EQ(t, found.l_len, len);
	EXPECT_EQ(t, found.l_pid, getpid());
}

static void arguments_are_checked(struct test *t)
{
	int fd = open_scratch(t, "f", O_RDWR), reader = open_scratch(t, "f", O_RDONLY);
	int writer = open_scratch(t, "f", O_WRONLY), place = open("/", O_PATH);
	struct flock flock = range(R, 0, 0);
	struct {
		struct flock flock;
		long want;
	} rows[] = {
		{ { .l_type = 7 }, -EINVAL },
		{ { .l_type = R, .l_whence = 3 }, -EINVAL },
		{ { .l_type = R, .l_start = -1 }, -EINVAL },
		{ { .l_type = R, .l_start = 10, .l_len = -11 }, -EINVAL },
		{ { .l_type = R, .l_start = 10, .l_len = -10 }, 0 },
		{ { .l_type = R, .l_whence = SEEK_CUR, .l_start = LONG_MAX, .l_len = 1 },
		  -EOVERFLOW },
		{ { .l_type = R, .l_start = LONG_MAX, .l_len = 1 }, 0 },
		{ { .l_type = R, .l_start = LONG_MAX, .l_len = 2 }, -EOVERFLOW },
		{ { .l_type = R, .l_whence = SEEK_CUR, .l_start = -6 }, -EINVAL },
		{ { .l_type = R, .l_whence = SEEK_CUR, .l_start = -5 }, 0 },
		{ { .l_type = R, .l_whence = SEEK_END, .l_start = -4 }, -EINVAL },
		{ { .l_type = R, .l_whence = SEEK_END, .l_start = -3 }, 0 },
	};
	size_t i;

	REQUIRE(t, !ftruncate(fd, 3) && lseek(fd, 5, SEEK_SET) == 5);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (kcall(SYS_fcntl, fd, F_SETLK, &rows[i].flock) != rows[i].want)
			test_fail(t, __FILE__, __LINE__, "row %zu", i);
	}
	EXPECT_RET(t, set(reader, W, 0, 0), -EBADF);
	EXPECT_RET(t, set(writer, R, 0, 0), -EBADF);
	EXPECT_RET(t, set(reader, U, 0, 0), 0);
	EXPECT_RET(t, kcall(SYS_fcntl, 999, F_SETLK, &flock), -EBADF);
	EXPECT_RET(t, kcall(SYS_fcntl, place, F_SETLK, &flock), -EBADF);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_SETLK, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETLK, 8), -EFAULT);
	flock.l_type = U;
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETLK, &flock), -EINVAL);
	flock = range(R, 0, 0);
	flock.l_pid = 1;
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_OFD_SETLK, &flock), -EINVAL);
	EXPECT_RET(t, kcall(SYS_flock, fd, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_flock, fd, LOCK_SH | LOCK_EX), -EINVAL);
	EXPECT_RET(t, kcall(SYS_flock, 999, LOCK_SH), -EBADF);
	EXPECT_RET(t, kcall(SYS_flock, place, LOCK_SH), -EBADF);
	remove_files();
}

static void ranges_merge_and_split(struct test *t)
{
	int fd = open_scratch(t, "f", O_RDWR);

	EXPECT_RET(t, set(fd, R, 10, 10), 0);
	EXPECT_RET(t, set(fd, R, 30, 10), 0);
	expect_lock(t, fd, 0, R, 10, 10);
	expect_lock(t, fd, 20, R, 30, 10);
	EXPECT_RET(t, set(fd, R, 20, 10), 0);
	expect_lock(t, fd, 0, R, 10, 30);
	/* A piece of another type in the middle. */
	EXPECT_RET(t, set(fd, W, 18, 4), 0);
	expect_lock(t, fd, 0, R, 10, 8);
	expect_lock(t, fd, 18, W, 18, 4);
	expect_lock(t, fd, 22, R, 22, 18);
	/* Unlocked over an edge; and inside. */
	EXPECT_RET(t, set(fd, U, 20, 4), 0);
	expect_lock(t, fd, 18, W, 18, 2);
	expect_lock(t, fd, 20, R, 24, 16);
	EXPECT_RET(t, set(fd, U, 30, 1), 0);
	expect_lock(t, fd, 24, R, 24, 6);
	expect_lock(t, fd, 30, R, 31, 9);
	/* Everything, to the end of all files. */
	EXPECT_RET(t, set(fd, W, 0, 0), 0);
	expect_lock(t, fd, 1000, W, 0, 0);
	EXPECT_RET(t, set(fd, U, 100, 0), 0);
	expect_lock(t, fd, 0, W, 0, 100);
	expect_lock(t, fd, 100, U, 0, 0);
	EXPECT_RET(t, set(fd, U, 0, 0), 0);
	expect_lock(t, fd, 0, U, 0, 0);
	remove_files();
}

/* Bytes of the model: who may what, by one process, against the kernel's answer. */
static void ranges_agree_with_a_model(struct test *t)
{
	enum { SIZE = 24 };
	int fd = open_scratch(t, "f", O_RDWR), other = open_scratch(t, "f", O_RDWR);
	unsigned int random = 4711, i, nr = rounds(1000, 3000);
	char model[SIZE] = { 0 };

	for (i = 0; i < nr && !t->nr_failures; i++) {
		static const char types[] = { R, W, U };
		unsigned int start = next_random(&random) % SIZE;
		unsigned int len = 1 + next_random(&random) % (SIZE - start), at;
		int type = types[next_random(&random) % 3];
		struct flock found;

		EXPECT_RET(t, ofd_set(fd, type, start, len), 0);
		memset(model + start, type == U ? 0 : type == R ? 1 : 2, len);
		/* The first byte that is locked, and all that follow with the same type. */
		found = range(W, 0, SIZE);
		EXPECT_RET(t, kcall(SYS_fcntl, other, F_OFD_GETLK, &found), 0);
		for (at = 0; at < SIZE && !model[at]; at++)
			;
		if (at == SIZE) {
			EXPECT_EQ(t, found.l_type, U);
			continue;
		}
		EXPECT_EQ(t, found.l_type, model[at] == 1 ? R : W);
		EXPECT_EQ(t, found.l_start, at);
		for (len = 1; at + len < SIZE && model[at + len] == model[at]; len++)
			;
		EXPECT_EQ(t, found.l_len, len);
		EXPECT_EQ(t, found.l_pid, -1);
	}
	remove_files();
}

static void conflict_in_child(void *arg)
{
	int fd = *(int *)arg;

	if (set(fd, R, 0, 10) || set(fd, R, 0, 1) || set(fd, W, 10, 10) != -EAGAIN ||
	    set(fd, R, 10, 10) != -EAGAIN || set(fd, W, 5, 1) != -EAGAIN || set(fd, W, 20, 5))
		_exit(1);
}

static void locks_are_the_process_s(struct test *t)
{
	int fd = open_scratch(t, "f", O_RDWR), twin, status;

	EXPECT_RET(t, set(fd, R, 0, 10), 0);
	EXPECT_RET(t, set(fd, W, 10, 10), 0);
	status = run_in_child(t, conflict_in_child, &fd);
	EXPECT_EXIT(t, status, 0);
	/* The child's have gone with it. */
	EXPECT_RET(t, set(fd, W, 0, 30), 0);
	/* Any descriptor of the file that is closed takes all away. */
	twin = open_scratch(t, "f", O_RDONLY);
	expect_lock(t, fd, 0, W, 0, 30);
	close(twin);
	expect_lock(t, fd, 0, U, 0, 0);
	EXPECT_RET(t, set(fd, W, 0, 30), 0);
	twin = dup(fd);
	expect_lock(t, fd, 0, W, 0, 30);
	EXPECT_EQ(t, dup2(0, twin), twin);
	expect_lock(t, fd, 0, U, 0, 0);
	EXPECT_RET(t, set(fd, W, 0, 30), 0);
	twin = dup(fd);
	EXPECT_RET(t, kcall(SYS_close_range, twin, twin, 0), 0);
	expect_lock(t, fd, 0, U, 0, 0);
	remove_files();
}

static void open_files_own_locks(struct test *t)
{
	int a = open_scratch(t, "f", O_RDWR), b = open_scratch(t, "f", O_RDWR), twin = dup(a);
	struct flock found = range(R, 0, 0);

	EXPECT_RET(t, ofd_set(a, W, 0, 10), 0);
	EXPECT_RET(t, ofd_set(b, R, 9, 2), -EAGAIN);
	EXPECT_RET(t, ofd_set(b, W, 10, 2), 0);
	EXPECT_RET(t, ofd_set(twin, W, 0, 5), 0);
	/* Those of the process are another owner's, even by the same file. */
	EXPECT_RET(t, set(a, R, 0, 1), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_fcntl, a, F_GETLK, &found), 0);
	EXPECT_EQ(t, found.l_type, W);
	EXPECT_EQ(t, found.l_pid, -1);
	EXPECT_RET(t, set(a, R, 100, 1), 0);
	EXPECT_RET(t, ofd_set(a, W, 100, 1), -EAGAIN);
	close(twin);
	EXPECT_RET(t, ofd_set(b, R, 9, 1), -EAGAIN);
	close(a);
	EXPECT_RET(t, ofd_set(b, W, 0, 200), 0);
	remove_files();
}

struct waiting {
	int fd, type;
	off_t start, len;
	long result;
	bool done;
};

static void wait_in_child(void *arg)
{
	struct waiting *waiting = arg;

	waiting->result = set_wait(waiting->fd, waiting->type, waiting->start, waiting->len);
	__atomic_store_n(&waiting->done, true, __ATOMIC_RELEASE);
}

static struct waiting *new_waiting(struct test *t, int fd, int type, off_t start, off_t len)
{
	struct waiting *waiting =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(t, waiting != MAP_FAILED);
	*waiting = (struct waiting){ .fd = fd, .type = type, .start = start, .len = len };
	return waiting;
}

static void waiter_gets_the_lock(struct test *t)
{
	int fd = open_scratch(t, "f", O_RDWR), status;
	struct waiting *a, *b;
	pid_t first, second;

	EXPECT_RET(t, set(fd, W, 0, 20), 0);
	a = new_waiting(t, fd, W, 0, 10);
	b = new_waiting(t, fd, R, 15, 2);
	first = start_child(t, wait_in_child, a);
	second = start_child(t, wait_in_child, b);
	sleep_ms(50);
	EXPECT_TRUE(t, !a->done && !b->done);
	/* Only a part is given up; then it is made weaker. */
	EXPECT_RET(t, set(fd, U, 0, 10), 0);
	status = wait_for(t, first);
	EXPECT_EXIT(t, status, 0);
	EXPECT_RET(t, a->result, 0);
	EXPECT_TRUE(t, !b->done);
	EXPECT_RET(t, set(fd, R, 10, 10), 0);
	status = wait_for(t, second);
	EXPECT_EXIT(t, status, 0);
	EXPECT_RET(t, b->result, 0);
	remove_files();
}

static void on_alarm(int sig __maybe_unused)
{
}

static void signal_ends_the_wait(void *arg)
{
	struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	alarm_on(50);
	wait_in_child(arg);
	alarm_off();
}

static void waiter_is_interrupted(struct test *t)
{
	int fd = open_scratch(t, "f", O_RDWR);
	struct waiting *waiting = new_waiting(t, fd, R, 0, 0);

	EXPECT_RET(t, set(fd, W, 0, 1), 0);
	EXPECT_EXIT(t, run_in_child(t, signal_ends_the_wait, waiting), 0);
	EXPECT_RET(t, waiting->result, -EINTR);
	remove_files();
}

/* Each of a ring of processes has one byte, and wants that of the next. */
struct ring {
	int fd, nr, at;
	int nr_ready, nr_deadlocks, nr_got;
};

static void ring_member(void *arg)
{
	struct ring *ring = arg;
	int at = __atomic_fetch_add(&ring->at, 1, __ATOMIC_SEQ_CST);
	long result;

	if (set(ring->fd, W, at, 1))
		_exit(1);
	__atomic_fetch_add(&ring->nr_ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&ring->nr_ready, __ATOMIC_SEQ_CST) < ring->nr)
		sched_yield();
	result = set_wait(ring->fd, W, (at + 1) % ring->nr, 1);
	if (result == -EDEADLK)
		__atomic_fetch_add(&ring->nr_deadlocks, 1, __ATOMIC_SEQ_CST);
	else if (!result)
		__atomic_fetch_add(&ring->nr_got, 1, __ATOMIC_SEQ_CST);
	else
		_exit(1);
}

static void check_ring(struct test *t, int fd, int nr)
{
	struct ring *ring =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i, status;
	pid_t pids[8];

	REQUIRE(t, ring != MAP_FAILED);
	*ring = (struct ring){ .fd = fd, .nr = nr };
	for (i = 0; i < nr; i++)
		pids[i] = start_child(t, ring_member, ring);
	for (i = 0; i < nr; i++) {
		status = wait_for(t, pids[i]);
		EXPECT_EXIT(t, status, 0);
	}
	/* One sees the ring close, and by ending lets the others go on. */
	EXPECT_EQ(t, ring->nr_deadlocks, 1);
	EXPECT_EQ(t, ring->nr_got, nr - 1);
	munmap(ring, PAGE);
}

static void rings_are_found(struct test *t)
{
	int fd = open_scratch(t, "f", O_RDWR), i;

	for (i = 0; i < (int)rounds(5, 20); i++) {
		check_ring(t, fd, 2);
		check_ring(t, fd, 3);
		check_ring(t, fd, 7);
	}
	remove_files();
}

static void *wait_in_thread(void *arg)
{
	wait_in_child(arg);
	return NULL;
}

/* Another thread closes the descriptor by which one waits: no lock is left behind. */
static void lock_of_closed_file_goes(struct test *t)
{
	int fd = open_scratch(t, "f", O_RDWR), other = open_scratch(t, "f", O_RDWR), twin;
	struct waiting *waiting;
	pthread_t thread;

	EXPECT_RET(t, ofd_set(other, W, 0, 10), 0);
	twin = dup(fd);
	waiting = new_waiting(t, twin, W, 0, 10);
	REQUIRE(t, !pthread_create(&thread, NULL, wait_in_thread, waiting));
	sleep_ms(50);
	close(twin);
	EXPECT_RET(t, ofd_set(other, U, 0, 10), 0);
	pthread_join(thread, NULL);
	EXPECT_RET(t, waiting->result, -EBADF);
	EXPECT_RET(t, ofd_set(other, W, 0, 10), 0);
	remove_files();
}

static void flocks_exclude(struct test *t)
{
	int a = open_scratch(t, "f", O_RDWR), b = open_scratch(t, "f", O_RDONLY), twin = dup(a);

	EXPECT_RET(t, kcall(SYS_flock, a, LOCK_SH), 0);
	EXPECT_RET(t, kcall(SYS_flock, b, LOCK_SH | LOCK_NB), 0);
	EXPECT_RET(t, kcall(SYS_flock, b, LOCK_EX | LOCK_NB), -EAGAIN);
	/* The attempt to change it has cost b what it had. */
	EXPECT_RET(t, kcall(SYS_flock, a, LOCK_EX | LOCK_NB), 0);
	EXPECT_RET(t, kcall(SYS_flock, twin, LOCK_EX | LOCK_NB), 0);
	EXPECT_RET(t, kcall(SYS_flock, b, LOCK_SH | LOCK_NB), -EAGAIN);
	/* They know nothing of record locks. */
	EXPECT_RET(t, set(a, W, 0, 0), 0);
	close(a);
	EXPECT_RET(t, kcall(SYS_flock, b, LOCK_SH | LOCK_NB), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_flock, twin, LOCK_UN), 0);
	EXPECT_RET(t, kcall(SYS_flock, b, LOCK_EX | LOCK_NB), 0);
	EXPECT_RET(t, kcall(SYS_flock, twin, LOCK_SH | LOCK_NB), -EAGAIN);
	close(b);
	EXPECT_RET(t, kcall(SYS_flock, twin, LOCK_EX | LOCK_NB), 0);
	remove_files();
}

static void take_flock(void *arg)
{
	if (kcall(SYS_flock, *(int *)arg, LOCK_EX))
		_exit(1);
}

static void flock_waits(struct test *t)
{
	int a = open_scratch(t, "f", O_RDWR), b = open_scratch(t, "f", O_RDWR), status;
	pid_t pid;

	EXPECT_RET(t, kcall(SYS_flock, a, LOCK_EX), 0);
	pid = start_child(t, take_flock, &b);
	sleep_ms(50);
	EXPECT_EQ(t, waitpid(pid, &status, WNOHANG), 0);
	EXPECT_RET(t, kcall(SYS_flock, a, LOCK_UN), 0);
	status = wait_for(t, pid);
	EXPECT_EXIT(t, status, 0);
	/* The open file has it, which the child shared with us. */
	EXPECT_RET(t, kcall(SYS_flock, a, LOCK_SH | LOCK_NB), -EAGAIN);
	remove_files();
}

/* Each adds to a number in the file under a lock. */
struct counting {
	int fd;
	unsigned int nr;
	long (*lock)(int fd, int type);
};

static long lock_record(int fd, int type)
{
	return set_wait(fd, type, 0, 8);
}

static long lock_whole(int fd, int type)
{
	return kcall(SYS_flock, fd, type == U ? LOCK_UN : LOCK_EX);
}

static void count_up(void *arg)
{
	const struct counting *counting = arg;
	uint64_t value;
	unsigned int i;

	for (i = 0; i < counting->nr; i++) {
		if (counting->lock(counting->fd, W) || pread(counting->fd, &value, 8, 0) != 8)
			_exit(1);
		value++;
		if (pwrite(counting->fd, &value, 8, 0) != 8 || counting->lock(counting->fd, U))
			_exit(1);
	}
}

static void check_counting(struct test *t, const char *name, long (*lock)(int, int))
{
	struct counting counting[4];
	uint64_t value = 0;
	pid_t pids[4];
	int i, status;

	for (i = 0; i < 4; i++) {
		int fd = open_scratch(t, name, O_RDWR);

		counting[i] = (struct counting){ fd, rounds(200, 1000), lock };
	}
	REQUIRE(t, write(counting[0].fd, &value, 8) == 8);
	for (i = 0; i < 4; i++)
		pids[i] = start_child(t, count_up, &counting[i]);
	for (i = 0; i < 4; i++) {
		status = wait_for(t, pids[i]);
		EXPECT_EXIT(t, status, 0);
	}
	REQUIRE(t, pread(counting[0].fd, &value, 8, 0) == 8);
	EXPECT_EQ(t, value, 4UL * counting[0].nr);
}

static void processes_take_turns(struct test *t)
{
	check_counting(t, "records", lock_record);
	check_counting(t, "whole", lock_whole);
	remove_files();
}

static const struct test_case locks_cases[] = {
	TEST_CASE(arguments_are_checked),
	TEST_CASE(ranges_merge_and_split),
	TEST_CASE(ranges_agree_with_a_model),
	TEST_CASE(locks_are_the_process_s),
	TEST_CASE(open_files_own_locks),
	TEST_CASE(waiter_gets_the_lock),
	TEST_CASE(waiter_is_interrupted),
	TEST_CASE(rings_are_found),
	TEST_CASE(lock_of_closed_file_goes),
	TEST_CASE(flocks_exclude),
	TEST_CASE(flock_waits),
	TEST_CASE(processes_take_turns),
};
TEST_SUITE(locks, locks_cases);
SELFTEST_NO_HELPER
