/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Job control: sessions and their terminals, foreground and background, signals from keys, ends.
 * A case forks a child that leads a session on the slave of a pair; the case itself types.
 */
#include "pair.h"

SELFTEST_NO_HELPER

/* The child becomes what a login is. */
static void lead_session(struct test *t, struct pair *pair)
{
	int number = -1;

	REQUIRE(t, setsid() >= 0);
	close(pair->slave);
	pair->slave = open_slave(pair->number, O_RDWR);
	REQUIRE(t, pair->slave >= 0);
	REQUIRE(t, !ioctl(pair->slave, TIOCGSID, &number));
	REQUIRE(t, number == getpid());
}

static int foreground(int fd)
{
	int group = -1;

	return ioctl(fd, TIOCGPGRP, &group) ? -errno : group;
}

static int set_foreground(int fd, int group)
{
	return ioctl(fd, TIOCSPGRP, &group) ? -errno : 0;
}

static void in_session(struct test *t, void (*fn)(struct test *t, struct pair *pair))
{
	struct pair pair = open_pair(t);
	pid_t child = fork();

	REQUIRE(t, child >= 0);
	if (!child) {
		lead_session(t, &pair);
		fn(t, &pair);
		_exit(t->nr_failures ? STATUS_FAILED : STATUS_PASSED);
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
	close_pair(&pair);
}

/* A member of a new group of the session; waits until the parent has it where it should be. */
static pid_t start_job(struct test *t, const struct pair *pair, void (*fn)(const struct pair *))
{
	int gate[2];
	pid_t child;
	char c;

	REQUIRE(t, !pipe(gate));
	child = fork();
	REQUIRE(t, child >= 0);
	if (!child) {
		setpgid(0, 0);
		close(gate[1]);
		(void)!read(gate[0], &c, 1);
		fn(pair);
		_exit(0);
	}
	setpgid(child, child);
	close(gate[0]);
	close(gate[1]);
	return child;
}

static void job_pauses(const struct pair *pair __maybe_unused)
{
	pause();
}

static void job_reads(const struct pair *pair)
{
	char c;
	ssize_t got = read(pair->slave, &c, 1);

	_exit(got < 0 ? errno : (int)got + 100);
}

static void job_reads_ignoring(const struct pair *pair)
{
	signal(SIGTTIN, SIG_IGN);
	job_reads(pair);
}

static void job_writes(const struct pair *pair)
{
	ssize_t done = write(pair->slave, "w", 1);

	_exit(done < 0 ? errno : (int)done + 100);
}

static void job_sets(const struct pair *pair)
{
	struct termios termios;

	ioctl(pair->slave, TCGETS, &termios);
	_exit(ioctl(pair->slave, TCSETS, &termios) ? errno : 100);
}

static int wait_stopped(pid_t child)
{
	int status = 0;

	if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status))
		return -status;
	return WSTOPSIG(status);
}

/* --- who controls what */

static void leader_gets_it_by_opening_body(struct test *t, struct pair *pair)
{
	int tty = open("/dev/tty", O_RDWR), dev = 0;

	EXPECT_GE(t, tty, 0);
	EXPECT_EQ(t, foreground(tty), getpid());
	EXPECT_RET(t, ioctl(tty, TIOCGDEV, &dev), 0);
	EXPECT_EQ(t, major((unsigned int)dev), 136);
	EXPECT_EQ(t, foreground(pair->master), getpid());
	EXPECT_EQ(t, write(tty, "by its name", 11), 11);
	EXPECT_SHOWN(t, pair, "by its name");
}

static void leader_gets_it_by_opening(struct test *t)
{
	in_session(t, leader_gets_it_by_opening_body);
}

static void no_terminal_without_asking(struct test *t)
{
	struct pair pair = open_pair(t);
	pid_t child = fork();
	int id = 0;

	REQUIRE(t, child >= 0);
	if (!child) {
		setsid();
		EXPECT_RET(t, kcall(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
		close(open_slave(pair.number, O_RDWR | O_NOCTTY));
		EXPECT_RET(t, kcall(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
		/* Only to write is no login. */
		close(open_slave(pair.number, O_WRONLY));
		EXPECT_RET(t, kcall(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
		EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TIOCGPGRP, &id), -ENOTTY);
		EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TIOCGSID, &id), -ENOTTY);
		EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TIOCSPGRP, &id), -ENOTTY);
		EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TIOCNOTTY, 0), -ENOTTY);
		EXPECT_RET(t, kcall(SYS_ioctl, pair.master, TIOCGPGRP, &id), 0);
		EXPECT_EQ(t, id, 0);
		EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TIOCSCTTY, 0), 0);
		EXPECT_EQ(t, foreground(pair.slave), getpid());
		EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TIOCSCTTY, 0), 0);
		_exit(t->nr_failures ? STATUS_FAILED : STATUS_PASSED);
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
	close_pair(&pair);
}

static void others_cannot_take_it_body(struct test *t, struct pair *pair)
{
	struct pair other = open_pair(t);
	pid_t child;

	/* Who has one gets no second. */
	EXPECT_RET(t, kcall(SYS_ioctl, other.slave, TIOCSCTTY, 0), -EPERM);
	child = fork();
	REQUIRE(t, child >= 0);
	if (!child) {
		EXPECT_RET(t, kcall(SYS_ioctl, other.slave, TIOCSCTTY, 0), -EPERM); /* no leader */
		setsid();
		EXPECT_RET(t, kcall(SYS_ioctl, pair->slave, TIOCSCTTY, 0), -EPERM); /* is taken */
		EXPECT_RET(t, kcall(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
		if (is_root()) {
			EXPECT_RET(t, kcall(SYS_ioctl, pair->slave, TIOCSCTTY, 1), 0);
			EXPECT_EQ(t, foreground(pair->slave), getpid());
		}
		_exit(t->nr_failures ? STATUS_FAILED : STATUS_PASSED);
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
	if (is_root()) /* it was stolen */
		EXPECT_RET(t, kcall(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
	close_pair(&other);
}

static void others_cannot_take_it(struct test *t)
{
	in_session(t, others_cannot_take_it_body);
}

static void member_leaves_for_itself_body(struct test *t, struct pair *pair)
{
	pid_t child = fork();
	int fd;

	REQUIRE(t, child >= 0);
	if (!child) {
		EXPECT_RET(t, kcall(SYS_ioctl, pair->slave, TIOCNOTTY, 0), 0);
		EXPECT_RET(t, kcall(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
		EXPECT_EQ(t, foreground(pair->slave), -ENOTTY);
		_exit(t->nr_failures ? STATUS_FAILED : STATUS_PASSED);
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
	fd = open("/dev/tty", O_RDWR);
	EXPECT_GE(t, fd, 0);
	/* The leader takes it from all, and its group is told. */
	signal(SIGHUP, SIG_IGN);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, TIOCNOTTY, 0), 0);
	EXPECT_RET(t, kcall(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
}

static void member_leaves_for_itself(struct test *t)
{
	in_session(t, member_leaves_for_itself_body);
}

/* --- foreground and background */

static void foreground_is_set_within_the_session_body(struct test *t, struct pair *pair)
{
	pid_t job = start_job(t, pair, job_pauses);
	int bad = -1, nobody = 4000000, outside = getppid();

	EXPECT_RET(t, set_foreground(pair->slave, job), 0);
	EXPECT_EQ(t, foreground(pair->slave), job);
	EXPECT_RET(t, set_foreground(pair->slave, getpid()), 0);
	EXPECT_EQ(t, foreground(pair->slave), getpid());
	EXPECT_RET(t, kcall(SYS_ioctl, pair->slave, TIOCSPGRP, &bad), -EINVAL);
	EXPECT_RET(t, kcall(SYS_ioctl, pair->slave, TIOCSPGRP, &nobody), -ESRCH);
	outside = getpgid(outside);
	EXPECT_RET(t, kcall(SYS_ioctl, pair->slave, TIOCSPGRP, &outside), outside ? -EPERM : 0);
	kill(job, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, job), SIGKILL);
}

static void foreground_is_set_within_the_session(struct test *t)
{
	signal(SIGTTOU, SIG_IGN);
	in_session(t, foreground_is_set_within_the_session_body);
}

static void background_reader_is_stopped_body(struct test *t, struct pair *pair)
{
	pid_t job = start_job(t, pair, job_reads);

	EXPECT_EQ(t, wait_stopped(job), SIGTTIN);
	EXPECT_RET(t, set_foreground(pair->slave, job), 0);
	kill(job, SIGCONT);
	type(t, pair, "x\n");
	EXPECT_EXIT(t, wait_for(t, job), 101);
	signal(SIGTTOU, SIG_IGN);
	EXPECT_RET(t, set_foreground(pair->slave, getpid()), 0);
	job = start_job(t, pair, job_reads_ignoring);
	EXPECT_EXIT(t, wait_for(t, job), EIO);
}

static void background_reader_is_stopped(struct test *t)
{
	in_session(t, background_reader_is_stopped_body);
}

static void background_writer_is_stopped_if_asked_body(struct test *t, struct pair *pair)
{
	pid_t job = start_job(t, pair, job_writes);

	EXPECT_EXIT(t, wait_for(t, job), 101);
	set_flags(t, pair->slave, ICRNL, OPOST | ONLCR, COOKED_LOCAL | TOSTOP);
	job = start_job(t, pair, job_writes);
	EXPECT_EQ(t, wait_stopped(job), SIGTTOU);
	set_flags(t, pair->slave, ICRNL, OPOST | ONLCR, COOKED_LOCAL);
	kill(job, SIGCONT);
	EXPECT_EXIT(t, wait_for(t, job), 101);
}

static void background_writer_is_stopped_if_asked(struct test *t)
{
	in_session(t, background_writer_is_stopped_if_asked_body);
}

static void background_cannot_change_settings_body(struct test *t, struct pair *pair)
{
	pid_t job = start_job(t, pair, job_sets);

	EXPECT_EQ(t, wait_stopped(job), SIGTTOU);
	EXPECT_RET(t, set_foreground(pair->slave, job), 0);
	kill(job, SIGCONT);
	EXPECT_EXIT(t, wait_for(t, job), 100);
}

static void background_cannot_change_settings(struct test *t)
{
	in_session(t, background_cannot_change_settings_body);
}

/* The leader of a session that nobody outside of it cares for is orphaned. */
static void orphan_is_not_stopped_body(struct test *t, struct pair *pair)
{
	pid_t job = start_job(t, pair, job_pauses);
	char c;

	EXPECT_RET(t, set_foreground(pair->slave, job), 0);
	EXPECT_RET(t, kcall(SYS_read, pair->slave, &c, 1), -EIO);
	EXPECT_RET(t, set_foreground(pair->slave, getpid()), -ENOTTY);
	kill(job, SIGKILL);
	wait_for(t, job);
}

static void orphan_is_not_stopped(struct test *t)
{
	in_session(t, orphan_is_not_stopped_body);
}

/* --- signals from keys */

static void keys_signal_the_foreground_body(struct test *t, struct pair *pair)
{
	static const struct {
		const char *key;
		int sig;
	} keys[] = { { "\003", SIGINT }, { "\034", SIGQUIT } };

	signal(SIGTTOU, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		pid_t job = start_job(t, pair, job_pauses);

		EXPECT_RET(t, set_foreground(pair->slave, job), 0);
		type(t, pair, keys[i].key);
		EXPECT_EQ(t, wait_for(t, job) & 0x7f, keys[i].sig);
	}
}

static void keys_signal_the_foreground(struct test *t)
{
	in_session(t, keys_signal_the_foreground_body);
}

static void suspend_key_stops_body(struct test *t, struct pair *pair)
{
	pid_t job = start_job(t, pair, job_pauses);

	signal(SIGTTOU, SIG_IGN);
	EXPECT_RET(t, set_foreground(pair->slave, job), 0);
	type(t, pair, "\032");
	EXPECT_SHOWN(t, pair, "^Z");
	EXPECT_EQ(t, wait_stopped(job), SIGTSTP);
	set_key(t, pair->slave, VSUSP, 0);
	kill(job, SIGCONT);
	set_key(t, pair->slave, VINTR, 'i');
	type(t, pair, "i");
	EXPECT_KILLED(t, wait_for(t, job), SIGINT);
}

static void suspend_key_stops(struct test *t)
{
	in_session(t, suspend_key_stops_body);
}

static volatile sig_atomic_t seen;

static void note(int sig)
{
	seen = sig;
}

static void wait_seen(void)
{
	for (int i = 0; i < SOON_MS && !seen; i++)
		sleep_ms(1);
}

static void signal_throws_input_away_body(struct test *t, struct pair *pair)
{
	signal(SIGINT, note);
	type(t, pair, "abc\003");
	wait_seen();
	EXPECT_EQ(t, seen, SIGINT);
	type(t, pair, "d\n");
	EXPECT_READ(t, pair->slave, "d\n");
	seen = 0;
	set_flags(t, pair->slave, ICRNL, OPOST | ONLCR, COOKED_LOCAL | NOFLSH);
	type(t, pair, "abc\003d\n");
	EXPECT_TRUE(t, wait_readable(pair->slave, SOON_MS));
	wait_seen();
	EXPECT_READ(t, pair->slave, "abcd\n");
	/* Not without ISIG. */
	seen = 0;
	set_flags(t, pair->slave, ICRNL, 0, ICANON);
	type(t, pair, "\003\n");
	EXPECT_READ(t, pair->slave, "\003\n");
	EXPECT_EQ(t, seen, 0);
}

static void signal_throws_input_away(struct test *t)
{
	in_session(t, signal_throws_input_away_body);
}

static void new_window_size_is_told_body(struct test *t, struct pair *pair)
{
	struct winsize size = { .ws_row = 7, .ws_col = 9 };

	signal(SIGWINCH, note);
	EXPECT_RET(t, ioctl(pair->master, TIOCSWINSZ, &size), 0);
	wait_seen();
	EXPECT_EQ(t, seen, SIGWINCH);
	seen = 0;
	EXPECT_RET(t, ioctl(pair->master, TIOCSWINSZ, &size), 0);
	sleep_ms(NEVER_MS);
	EXPECT_EQ(t, seen, 0);
}

static void new_window_size_is_told(struct test *t)
{
	in_session(t, new_window_size_is_told_body);
}

static void master_signals_body(struct test *t, struct pair *pair)
{
	signal(SIGTSTP, note);
	EXPECT_RET(t, kcall(SYS_ioctl, pair->master, TIOCSIG, SIGTSTP), 0);
	wait_seen();
	EXPECT_EQ(t, seen, SIGTSTP);
	EXPECT_RET(t, kcall(SYS_ioctl, pair->master, TIOCSIG, SIGUSR1), -EINVAL);
}

static void master_signals(struct test *t)
{
	in_session(t, master_signals_body);
}

/* --- the end */

static void closed_master_signals_the_session(struct test *t)
{
	struct pair pair = open_pair(t);
	int ready[2];
	pid_t child;
	char c;

	REQUIRE(t, !pipe(ready));
	child = fork();
	REQUIRE(t, child >= 0);
	if (!child) {
		close(pair.master);
		lead_session(t, &pair);
		(void)!write(ready[1], "r", 1);
		pause();
		_exit(0);
	}
	close(pair.slave);
	EXPECT_EQ(t, read(ready[0], &c, 1), 1);
	close(pair.master);
	EXPECT_KILLED(t, wait_for(t, child), SIGHUP);
}

/* The leader is signalled by the line, and the job in the foreground by the leader's end. */
static void hung_up_leader_leaves_no_job_behind(struct test *t)
{
	struct pair pair = open_pair(t);
	struct pollfd alive;
	pid_t child, job = 0;
	int report[2];

	REQUIRE(t, !pipe(report));
	child = fork();
	REQUIRE(t, child >= 0);
	if (!child) {
		close(pair.master);
		lead_session(t, &pair);
		job = start_job(t, &pair, job_pauses);
		REQUIRE(t, !set_foreground(pair.slave, job));
		(void)!write(report[1], &job, sizeof(job));
		pause();
		_exit(0);
	}
	close(pair.slave);
	close(report[1]);
	REQUIRE(t, read(report[0], &job, sizeof(job)) == sizeof(job));
	close(pair.master);
	EXPECT_KILLED(t, wait_for(t, child), SIGHUP);
	/* The job has the other end of the pipe, too. */
	alive = (struct pollfd){ .fd = report[0] };
	EXPECT_EQ(t, poll(&alive, 1, SOON_MS), 1);
	if (!(alive.revents & POLLHUP))
		kill(job, SIGKILL);
}

static void ended_leader_signals_the_foreground(struct test *t)
{
	struct pair pair = open_pair(t);
	int report[2], got;
	pid_t child;
	char c = 0;

	REQUIRE(t, !pipe(report));
	child = fork();
	REQUIRE(t, child >= 0);
	if (!child) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGHUP);
		sigprocmask(SIG_BLOCK, &set, NULL);
		lead_session(t, &pair);
		child = fork();
		if (child)
			_exit(child < 0);
		c = sigwaitinfo(&set, NULL) == SIGHUP ? 'h' : '?';
		if (open("/dev/tty", O_RDWR) >= 0 || errno != ENXIO)
			c = 't';
		(void)!write(report[1], &c, 1);
		_exit(0);
	}
	close(report[1]);
	EXPECT_EXIT(t, wait_for(t, child), 0);
	got = (int)read(report[0], &c, 1);
	EXPECT_EQ(t, got, 1);
	EXPECT_EQ(t, c, 'h');
	close_pair(&pair);
}

static void vhangup_ends_files_body(struct test *t, struct pair *pair)
{
	int other = dup(pair->slave);
	char c;

	signal(SIGHUP, note);
	EXPECT_RET(t, kcall(SYS_vhangup), 0);
	EXPECT_EQ(t, seen, SIGHUP);
	EXPECT_RET(t, kcall(SYS_read, other, &c, 1), 0);
	EXPECT_RET(t, kcall(SYS_write, other, "x", 1), -EIO);
	EXPECT_RET(t, kcall(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
	/* It can be opened anew. */
	other = open_slave(pair->number, O_RDWR);
	EXPECT_GE(t, other, 0);
	EXPECT_EQ(t, foreground(other), getpid());
}

static void vhangup_ends_files(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	in_session(t, vhangup_ends_files_body);
}

static const struct test_case jobs_cases[] = {
	TEST_CASE(leader_gets_it_by_opening),
	TEST_CASE(no_terminal_without_asking),
	TEST_CASE(others_cannot_take_it),
	TEST_CASE(member_leaves_for_itself),
	TEST_CASE(foreground_is_set_within_the_session),
	TEST_CASE(background_reader_is_stopped),
	TEST_CASE(background_writer_is_stopped_if_asked),
	TEST_CASE(background_cannot_change_settings),
	TEST_CASE(orphan_is_not_stopped),
	TEST_CASE(keys_signal_the_foreground),
	TEST_CASE(suspend_key_stops),
	TEST_CASE(signal_throws_input_away),
	TEST_CASE(new_window_size_is_told),
	TEST_CASE(master_signals),
	TEST_CASE(closed_master_signals_the_session),
	TEST_CASE(hung_up_leader_leaves_no_job_behind),
	TEST_CASE(ended_leader_signals_the_foreground),
	TEST_CASE(vhangup_ends_files),
};
TEST_SUITE(jobs, jobs_cases);
