/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers with a number: settings, signals to a process and to a thread, overruns, clocks, errors.
 * The C library keeps some of this to itself, so the calls are the kernel's.
 */
#include <pthread.h>
#include <sys/prctl.h>

#include "selftest.h"

#define BAD_PTR	      8L
#define MS	      1000000LL
#define NO_CLOCK      77
#define CLOCK_OF(pid) ((long)(~(unsigned int)(pid) << 3 | 2))
#define THREAD_ID     4 /* SIGEV_THREAD_ID */

static int new_timer(struct test *t, int clock, int sig, int value)
{
	struct sigevent event = { .sigev_notify = sig ? SIGEV_SIGNAL : SIGEV_NONE };
	int id = -1;

	event.sigev_signo = sig;
	event.sigev_value.sival_int = value;
	REQUIRE(t, kcall(SYS_timer_create, clock, &event, &id) == 0);
	return id;
}

static long set_timer(int id, int flags, long long value_ns, long long interval_ns)
{
	struct itimerspec setting = { from_ns(interval_ns), from_ns(value_ns) };

	return kcall(SYS_timer_settime, id, flags, &setting, NULL);
}

/* Value and interval of a timer. */
static long long left_ns(struct test *t, int id, long long *interval_ns)
{
	struct itimerspec setting;

	EXPECT_RET(t, kcall(SYS_timer_gettime, id, &setting), 0);
	if (interval_ns)
		*interval_ns = to_ns(&setting.it_interval);
	return to_ns(&setting.it_value);
}

static sigset_t block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

static int wait_signal(const sigset_t *set, siginfo_t *info, long ms)
{
	struct timespec limit = from_ns(ms * MS);

	return (int)kcall(SYS_rt_sigtimedwait, set, info, &limit, 8);
}

static void one_shot_tells_its_value(struct test *t)
{
	sigset_t set = block(SIGUSR1);
	int id = new_timer(t, CLOCK_MONOTONIC, SIGUSR1, 1234);
	long long begin = now_ns(CLOCK_MONOTONIC);
	siginfo_t info;

	EXPECT_RET(t, set_timer(id, 0, 30 * MS, 0), 0);
	EXPECT_RET(t, wait_signal(&set, &info, 5000), SIGUSR1);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - begin, 30 * MS);
	EXPECT_EQ(t, info.si_code, SI_TIMER);
	EXPECT_EQ(t, info.si_value.sival_int, 1234);
	EXPECT_EQ(t, info.si_timerid, id);
	EXPECT_EQ(t, info.si_overrun, 0);
	EXPECT_EQ(t, left_ns(t, id, NULL), 0);
	EXPECT_RET(t, kcall(SYS_timer_getoverrun, id), 0);
	EXPECT_RET(t, wait_signal(&set, &info, 50), -EAGAIN);
}

static void without_an_event_it_is_sigalrm(struct test *t)
{
	sigset_t set = block(SIGALRM);
	siginfo_t info;
	int id;

	EXPECT_RET(t, kcall(SYS_timer_create, CLOCK_REALTIME, NULL, &id), 0);
	EXPECT_RET(t, set_timer(id, 0, MS, 0), 0);
	EXPECT_RET(t, wait_signal(&set, &info, 5000), SIGALRM);
	EXPECT_EQ(t, info.si_code, SI_TIMER);
	EXPECT_EQ(t, info.si_value.sival_int, id);
}

static void intervals_go_on(struct test *t)
{
	sigset_t set = block(SIGUSR1);
	int id = new_timer(t, CLOCK_MONOTONIC, SIGUSR1, 0);
	long long begin = now_ns(CLOCK_MONOTONIC), interval, nr = 0;
	siginfo_t info;

	EXPECT_RET(t, set_timer(id, 0, 5 * MS, 10 * MS), 0);
	for (int i = 0; i < 5; i++) {
		EXPECT_RET(t, wait_signal(&set, &info, 5000), SIGUSR1);
		nr += 1 + info.si_overrun;
		EXPECT_RET(t, kcall(SYS_timer_getoverrun, id), info.si_overrun);
		EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - begin, 5 * MS + (nr - 1) * 10 * MS);
	}
	EXPECT_GT(t, left_ns(t, id, &interval), 0);
	EXPECT_LE(t, left_ns(t, id, NULL), 10 * MS);
	EXPECT_EQ(t, interval, 10 * MS);
	EXPECT_RET(t, set_timer(id, 0, 0, 10 * MS), 0);
	EXPECT_EQ(t, left_ns(t, id, &interval), 0);
	EXPECT_EQ(t, interval, 0);
}

/* What nobody takes in time is counted, and nothing is lost or counted twice. */
static void overruns_are_counted(struct test *t)
{
	sigset_t set = block(SIGRTMIN);
	int id = new_timer(t, CLOCK_MONOTONIC, SIGRTMIN, 0);
	long long begin, end, nr = 0;
	siginfo_t info;

	begin = now_ns(CLOCK_MONOTONIC);
	EXPECT_RET(t, set_timer(id, TIMER_ABSTIME, begin + MS, MS), 0);
	for (int i = 0; i < 3; i++) {
		sleep_ms(40);
		EXPECT_RET(t, wait_signal(&set, &info, 5000), SIGRTMIN);
		EXPECT_GT(t, info.si_overrun, 20);
		EXPECT_RET(t, kcall(SYS_timer_getoverrun, id), info.si_overrun);
		nr += 1 + info.si_overrun;
	}
	end = now_ns(CLOCK_MONOTONIC);
	EXPECT_LE(t, nr, (end - begin) / MS);
	EXPECT_GE(t, nr, 3 * 40);
}

static volatile int handled;

static void count(int sig __maybe_unused)
{
	handled++;
}

/* Until somebody takes the signal nothing happens, however short the interval. */
static void short_intervals_leave_time(struct test *t)
{
	sigset_t set = block(SIGUSR1);
	int id = new_timer(t, CLOCK_MONOTONIC, SIGUSR1, 0);
	siginfo_t info;

	EXPECT_RET(t, set_timer(id, 0, 1, 1), 0);
	sleep_ms(20);
	EXPECT_RET(t, wait_signal(&set, &info, 5000), SIGUSR1);
	EXPECT_GE(t, info.si_overrun, 20 * MS - 1);
}

static void ignored_ones_go_on(struct test *t)
{
	int id = new_timer(t, CLOCK_MONOTONIC, SIGUSR1, 0);
	struct sigaction action = { .sa_handler = count };

	signal(SIGUSR1, SIG_IGN);
	EXPECT_RET(t, set_timer(id, 0, MS, 10 * MS), 0);
	sleep_ms(50);
	EXPECT_GT(t, left_ns(t, id, NULL), 0);
	handled = 0;
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 500 && !handled; i++)
		sleep_ms(10);
	EXPECT_GT(t, handled, 0);
}

static void dates_and_times(struct test *t)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI };
	sigset_t set = block(SIGUSR1);
	siginfo_t info;

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		int id = new_timer(t, clocks[i], SIGUSR1, clocks[i]);
		long long at = now_ns(clocks[i]) + 10 * MS;

		EXPECT_RET(t, set_timer(id, TIMER_ABSTIME, at, 0), 0);
		EXPECT_LE(t, left_ns(t, id, NULL), 10 * MS);
		EXPECT_RET(t, wait_signal(&set, &info, 5000), SIGUSR1);
		EXPECT_EQ(t, info.si_value.sival_int, clocks[i]);
		EXPECT_GE(t, now_ns(clocks[i]), at);
		/* What has passed is due at once. */
		EXPECT_RET(t, set_timer(id, TIMER_ABSTIME, 1, 0), 0);
		EXPECT_RET(t, wait_signal(&set, &info, 5000), SIGUSR1);
		EXPECT_RET(t, kcall(SYS_timer_delete, id), 0);
	}
}

static void none_is_asked(struct test *t)
{
	int id = new_timer(t, CLOCK_MONOTONIC, 0, 0);
	long long interval;

	EXPECT_EQ(t, left_ns(t, id, NULL), 0);
	EXPECT_RET(t, set_timer(id, 0, 1000 * NS_PER_S, 0), 0);
	EXPECT_GT(t, left_ns(t, id, NULL), 0);
	EXPECT_RET(t, set_timer(id, 0, 10 * MS, 0), 0);
	sleep_ms(20);
	EXPECT_EQ(t, left_ns(t, id, NULL), 0);
	EXPECT_RET(t, set_timer(id, 0, 10 * MS, 30 * MS), 0);
	sleep_ms(20);
	EXPECT_GT(t, left_ns(t, id, &interval), 0);
	EXPECT_EQ(t, interval, 30 * MS);
	EXPECT_RET(t, kcall(SYS_timer_getoverrun, id), 0);
}

/* --- CPU time */

static void burn(long long ns)
{
	long long end = now_ns(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (now_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

static void expect_cpu_timer(struct test *t, int clock)
{
	sigset_t set = block(SIGUSR2);
	int id = new_timer(t, clock, SIGUSR2, 0), got;
	long long begin = now_ns(clock), left;
	siginfo_t info;

	EXPECT_RET(t, set_timer(id, 0, 30 * MS, 0), 0);
	got = wait_signal(&set, &info, 100);
	left = left_ns(t, id, NULL);
	/* Sleeping is free, but a virtual processor that is kept waiting is not. */
	EXPECT_GE(t, left, 30 * MS - (now_ns(clock) - begin));
	EXPECT_TRUE(t, got == -EAGAIN || (got == SIGUSR2 && !left));
	if (got == -EAGAIN) {
		burn(70 * MS);
		EXPECT_RET(t, wait_signal(&set, &info, 5000), SIGUSR2);
	}
	EXPECT_EQ(t, left_ns(t, id, NULL), 0);
	EXPECT_RET(t, set_timer(id, 0, 10 * MS, 10 * MS), 0);
	for (int i = 0; i < 3; i++) {
		burn(40 * MS);
		EXPECT_RET(t, wait_signal(&set, &info, 5000), SIGUSR2);
	}
	EXPECT_RET(t, kcall(SYS_timer_delete, id), 0);
	wait_signal(&set, &info, 0); /* one that was sent may be there still */
}

static void cpu_time_counts(struct test *t)
{
	expect_cpu_timer(t, CLOCK_PROCESS_CPUTIME_ID);
	expect_cpu_timer(t, CLOCK_THREAD_CPUTIME_ID);
	expect_cpu_timer(t, CLOCK_OF(getpid()));
	expect_cpu_timer(t, CLOCK_OF(gettid()) | 4);
}

static void burn_for_ever(void *arg __maybe_unused)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		;
}

static void cpu_time_of_others(struct test *t)
{
	sigset_t set = block(SIGUSR2);
	pid_t pid = start_child(t, burn_for_ever, NULL);
	int id = new_timer(t, CLOCK_OF(pid), SIGUSR2, 0);
	siginfo_t info;

	EXPECT_RET(t, set_timer(id, 0, 20 * MS, 0), 0);
	EXPECT_RET(t, wait_signal(&set, &info, 20000), SIGUSR2);
	EXPECT_RET(t, set_timer(id, 0, 3600 * 1000 * MS, 0), 0);
	kill(pid, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, pid), SIGKILL);
	EXPECT_RET(t, wait_signal(&set, &info, 50), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_timer_delete, id), 0);
}

static void sleeping_by_cpu_time(struct test *t)
{
	pid_t pid = start_child(t, burn_for_ever, NULL);
	struct timespec length = from_ns(20 * MS), begin, end;

	EXPECT_RET(t, kcall(SYS_clock_gettime, CLOCK_OF(pid), &begin), 0);
	EXPECT_RET(t, kcall(SYS_clock_nanosleep, CLOCK_OF(pid), 0, &length, NULL), 0);
	EXPECT_RET(t, kcall(SYS_clock_gettime, CLOCK_OF(pid), &end), 0);
	EXPECT_GE(t, to_ns(&end) - to_ns(&begin), 20 * MS);
	kill(pid, SIGKILL);
	wait_for(t, pid);
	EXPECT_RET(t, kcall(SYS_clock_nanosleep, CLOCK_OF(pid), 0, &length, NULL), -EINVAL);
}

/* --- threads */

struct receiver {
	pthread_barrier_t ready;
	pid_t tid;
	int got, value;
};

static void *receive(void *arg)
{
	struct receiver *receiver = arg;
	struct timespec limit = { 5, 0 };
	siginfo_t info = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	receiver->tid = gettid();
	pthread_barrier_wait(&receiver->ready);
	receiver->got = (int)kcall(SYS_rt_sigtimedwait, &set, &info, &limit, 8);
	receiver->value = info.si_value.sival_int;
	return NULL;
}

static void a_thread_is_told(struct test *t)
{
	struct sigevent event = { .sigev_notify = THREAD_ID, .sigev_signo = SIGUSR1 };
	sigset_t set = block(SIGUSR1);
	struct receiver receiver;
	pthread_t thread;
	siginfo_t info;
	int id;

	pthread_barrier_init(&receiver.ready, NULL, 2);
	pthread_create(&thread, NULL, receive, &receiver);
	pthread_barrier_wait(&receiver.ready);
	event.sigev_value.sival_int = 77;
	memcpy((char *)&event + 16, &receiver.tid, sizeof(receiver.tid)); /* its name varies */
	EXPECT_RET(t, kcall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id), 0);
	EXPECT_RET(t, set_timer(id, 0, 10 * MS, 10 * MS), 0);
	pthread_join(thread, NULL);
	EXPECT_EQ(t, receiver.got, SIGUSR1);
	EXPECT_EQ(t, receiver.value, 77);
	EXPECT_RET(t, wait_signal(&set, &info, 50), -EAGAIN); /* nobody else is */
	EXPECT_RET(t, kcall(SYS_timer_delete, id), 0);
}

/* --- life */

static void children_have_none(void *arg)
{
	struct itimerspec setting;

	if (kcall(SYS_timer_gettime, *(int *)arg, &setting) != -EINVAL)
		_exit(1);
}

static void they_are_of_one_process(struct test *t)
{
	int id = new_timer(t, CLOCK_MONOTONIC, SIGUSR1, 0);

	block(SIGUSR1);
	EXPECT_RET(t, set_timer(id, 0, MS, MS), 0);
	EXPECT_EXIT(t, run_in_child(t, children_have_none, &id), 0);
}

/* Those of the program that ends are gone: their signals, too. */
int selftest_helper(int argc __maybe_unused, char **argv)
{
	struct itimerspec setting;
	sigset_t pending;

	sleep_ms(20);
	sigpending(&pending);
	if (kcall(SYS_timer_gettime, atoi(argv[1]), &setting) != -EINVAL)
		return 1;
	return sigismember(&pending, SIGUSR1) ? 2 : 0;
}

static void execute(void *arg)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", *(int *)arg);
	execl(self_path(), self_path(), "--helper", "gone", number, (char *)NULL);
}

static void arm_and_execute(void *arg)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int id;

	block(SIGUSR1);
	if (kcall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id) || set_timer(id, 0, MS, MS))
		_exit(3);
	sleep_ms(10);
	*(int *)arg = id;
	execute(arg);
	_exit(4);
}

static void execve_deletes_them(struct test *t)
{
	int id;

	EXPECT_EXIT(t, run_in_child(t, arm_and_execute, &id), 0);
}

static void leave_armed(void *arg __maybe_unused)
{
	int id;

	signal(SIGALRM, SIG_IGN);
	for (int i = 0; i < 50; i++) {
		if (kcall(SYS_timer_create, i % 2 ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID,
			  NULL, &id))
			_exit(1);
		set_timer(id, 0, MS, MS);
	}
	sleep_ms(5);
}

static void the_end_takes_all(struct test *t)
{
	for (int i = 0; i < 10; i++)
		EXPECT_EXIT(t, run_in_child(t, leave_armed, NULL), 0);
}

static void set_and_delete_at_random(struct test *t)
{
	struct sigaction action = { .sa_handler = count };
	unsigned int state = 12345;
	int ids[16];

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGRTMIN, &action, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		ids[i] = new_timer(t, CLOCK_MONOTONIC, i % 2 ? SIGUSR1 : SIGRTMIN, (int)i);
	for (unsigned int i = 0; i < rounds(2000, 5000); i++) {
		int *id = &ids[next_random(&state) % ARRAY_SIZE(ids)];

		if (next_random(&state) % 4) {
			/* On a busy machine they must not come faster than the handler returns. */
			REQUIRE(t, !set_timer(*id, 0, next_random(&state) % 100000,
					      2 * MS + next_random(&state) % (2 * MS)));
		} else {
			REQUIRE(t, !kcall(SYS_timer_delete, *id));
			*id = new_timer(t, CLOCK_MONOTONIC, i % 2 ? SIGUSR1 : SIGRTMIN, 0);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		EXPECT_RET(t, kcall(SYS_timer_delete, ids[i]), 0);
	EXPECT_GT(t, handled, 0);
}

static void as_many_as_signals(struct test *t)
{
	struct rlimit limit = { 5, 5 };
	int id, nr = 0;

	SKIP_UNLESS_ROOT(t);
	become_nobody(t);
	setrlimit(RLIMIT_SIGPENDING, &limit);
	while (nr < 100 && !kcall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id))
		nr++;
	EXPECT_LE(t, nr, 5);
	EXPECT_RET(t, kcall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id), -EAGAIN);
}

static void errors_of_creation(struct test *t)
{
	static struct sigevent good = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	static struct sigevent zero = { .sigev_notify = SIGEV_SIGNAL };
	static struct sigevent high = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65 };
	static struct sigevent how = { .sigev_notify = 3, .sigev_signo = SIGUSR1 };
	static struct sigevent thread = { .sigev_notify = THREAD_ID, .sigev_signo = SIGUSR1 };
	static struct sigevent none = { .sigev_notify = SIGEV_NONE, .sigev_signo = 99 };
	static int id, one = 1;
	const struct call_row rows[] = {
		CALL(-EFAULT, timer_create, CLOCK_MONOTONIC, BAD_PTR, PTR(&id)),
		CALL(-EFAULT, timer_create, NO_CLOCK, BAD_PTR, PTR(&id)),
		CALL(-EINVAL, timer_create, NO_CLOCK, PTR(&good), PTR(&id)),
		CALL(-EINVAL, timer_create, 16, PTR(&good), PTR(&id)),
		CALL(-EINVAL, timer_create, CLOCK_OF(0x1ffffff), PTR(&good), PTR(&id)),
		CALL(-EOPNOTSUPP, timer_create, CLOCK_MONOTONIC_RAW, PTR(&good), PTR(&id)),
		CALL(-EOPNOTSUPP, timer_create, CLOCK_REALTIME_COARSE, PTR(&good), PTR(&id)),
		CALL(-EOPNOTSUPP, timer_create, CLOCK_MONOTONIC_COARSE, PTR(&zero), BAD_PTR),
		CALL(-EINVAL, timer_create, CLOCK_MONOTONIC, PTR(&zero), PTR(&id)),
		CALL(-EINVAL, timer_create, CLOCK_MONOTONIC, PTR(&high), PTR(&id)),
		CALL(-EINVAL, timer_create, CLOCK_MONOTONIC, PTR(&how), PTR(&id)),
		CALL(-EINVAL, timer_create, CLOCK_MONOTONIC, PTR(&thread), PTR(&id)),
		CALL(-EFAULT, timer_create, CLOCK_MONOTONIC, PTR(&good), BAD_PTR),
		CALL(0, timer_create, CLOCK_MONOTONIC, PTR(&none), PTR(&id)),
	};

	memcpy((char *)&thread + 16, &one, sizeof(one)); /* process 1: not ours */
	EXPECT_CALLS(t, rows);
}

static void errors_of_use(struct test *t)
{
	static struct itimerspec off, bad = { .it_value = { 0, NS_PER_S } };
	static struct itimerspec bad_interval = { .it_interval = { -1, 0 } };
	long id = new_timer(t, CLOCK_MONOTONIC, 0, 0), unknown = id + 1000;
	const struct call_row rows[] = {
		CALL(-EINVAL, timer_settime, id, 0, 0, 0),
		CALL(-EFAULT, timer_settime, unknown, 0, BAD_PTR, 0),
		CALL(-EINVAL, timer_settime, unknown, 0, PTR(&off), 0),
		CALL(-EINVAL, timer_settime, -1, 0, PTR(&off), 0),
		CALL(-EINVAL, timer_settime, id, 0, PTR(&bad), 0),
		CALL(-EINVAL, timer_settime, id, 0, PTR(&bad_interval), 0),
		CALL(-EFAULT, timer_settime, id, 0, PTR(&off), BAD_PTR),
		CALL(0, timer_settime, id, 0, PTR(&off), PTR(&off)),
		CALL(-EINVAL, timer_gettime, unknown, BAD_PTR),
		CALL(-EFAULT, timer_gettime, id, BAD_PTR),
		CALL(-EFAULT, timer_gettime, id, 0),
		CALL(-EINVAL, timer_getoverrun, unknown),
		CALL(0, timer_getoverrun, id),
		CALL(-EINVAL, timer_delete, unknown),
		CALL(0, timer_delete, id),
		CALL(-EINVAL, timer_delete, id),
		CALL(-EINVAL, timer_gettime, id, PTR(&off)),
	};

	EXPECT_CALLS(t, rows);
}

/* --- the date */

static void set_date_later(void *arg)
{
	struct timespec date;

	sleep_ms(30);
	date = from_ns(now_ns(CLOCK_REALTIME) + *(long long *)arg);
	if (kcall(SYS_clock_settime, CLOCK_REALTIME, &date))
		_exit(1);
}

static void a_date_that_is_set_is_seen(struct test *t)
{
	long long hour = 3600 * 1000 * MS, back = -hour;
	sigset_t set = block(SIGUSR1);
	struct timespec date;
	siginfo_t info;
	pid_t pid;
	int id, relative;

	SKIP_UNLESS_GUEST(t);
	id = new_timer(t, CLOCK_REALTIME, SIGUSR1, 1);
	relative = new_timer(t, CLOCK_REALTIME, SIGUSR1, 2);
	EXPECT_RET(t, set_timer(id, TIMER_ABSTIME, now_ns(CLOCK_REALTIME) + hour / 2, 0), 0);
	EXPECT_RET(t, set_timer(relative, 0, hour / 2, 0), 0);
	pid = start_child(t, set_date_later, &hour);
	EXPECT_RET(t, wait_signal(&set, &info, 5000), SIGUSR1);
	EXPECT_EQ(t, info.si_value.sival_int, 1);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	EXPECT_RET(t, wait_signal(&set, &info, 50), -EAGAIN);
	/* Who sleeps until a date sees it, too. */
	date = from_ns(now_ns(CLOCK_REALTIME) + hour / 2);
	pid = start_child(t, set_date_later, &hour);
	EXPECT_RET(t, kcall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &date, NULL), 0);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	set_date_later(&back);
	set_date_later(&back);
}

static const struct test_case cases[] = {
	TEST_CASE(one_shot_tells_its_value),
	TEST_CASE(without_an_event_it_is_sigalrm),
	TEST_CASE(intervals_go_on),
	TEST_CASE(overruns_are_counted),
	TEST_CASE(short_intervals_leave_time),
	TEST_CASE(ignored_ones_go_on),
	TEST_CASE(dates_and_times),
	TEST_CASE(none_is_asked),
	TEST_CASE(cpu_time_counts),
	TEST_CASE(cpu_time_of_others),
	TEST_CASE(sleeping_by_cpu_time),
	TEST_CASE(a_thread_is_told),
	TEST_CASE(they_are_of_one_process),
	TEST_CASE(execve_deletes_them),
	TEST_CASE(the_end_takes_all),
	TEST_CASE(set_and_delete_at_random),
	TEST_CASE(as_many_as_signals),
	TEST_CASE(errors_of_creation),
	TEST_CASE(errors_of_use),
	TEST_CASE(a_date_that_is_set_is_seen),
};
TEST_SUITE(timers, cases);
