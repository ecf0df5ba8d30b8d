/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * execve and execveat: what cannot be executed and why, and that the caller goes on unharmed.
 */
#include "image.h"

static char path[PATH_MAX + 16];
static char *const no_words[] = { NULL };

static void make_program(struct test *t)
{
	struct image image;

	snprintf(path, sizeof(path), "%s/program", scratch_folder(t));
	image_init(&image);
	write_program(t, path, &image, sizeof(image));
}

static void missing_files_are_enoent(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_execve, "/no/such/file", no_words, no_words), -ENOENT);
	EXPECT_RET(t, kcall(SYS_execve, "", no_words, no_words), -ENOENT);
	make_program(t);
	strcat(path, "/below");
	EXPECT_RET(t, kcall(SYS_execve, path, no_words, no_words), -ENOTDIR);
	*strrchr(path, '/') = 0;
	unlink(path);
}

static void names_have_a_greatest_length(struct test *t)
{
	char *name = map_anon(t, 2 * PAGE, PROT_READ | PROT_WRITE);

	memset(name, '/', 5000);
	EXPECT_RET(t, kcall(SYS_execve, name, no_words, no_words), -ENAMETOOLONG);
	memset(name, 'a', 300);
	name[300] = 0;
	EXPECT_RET(t, kcall(SYS_execve, name, no_words, no_words), -ENAMETOOLONG);
}

static void without_the_right_it_is_eacces(struct test *t)
{
	make_program(t);
	REQUIRE(t, chmod(path, 0644) == 0);
	EXPECT_RET(t, try_exec(t, path), -EACCES); /* root as well */
	REQUIRE(t, chmod(path, 0755) == 0);
	EXPECT_RET(t, try_exec(t, path), RAN_WITH(42));
	unlink(path);
}

static void folders_are_eacces(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_execve, "/", no_words, no_words), -EACCES);
	EXPECT_RET(t, kcall(SYS_execve, scratch_folder(t), no_words, no_words), -EACCES);
}

static void text_is_enoexec(struct test *t)
{
	snprintf(path, sizeof(path), "%s/text", scratch_folder(t));
	write_program(t, path, "echo hello\n", 11);
	EXPECT_RET(t, try_exec(t, path), -ENOEXEC);
	unlink(path);
}

static void file_that_is_written_to_is_busy(struct test *t)
{
	int fd;

	make_program(t);
	fd = open(path, O_WRONLY);
	REQUIRE(t, fd >= 0);
	EXPECT_RET(t, try_exec(t, path), -ETXTBSY);
	close(fd);
	EXPECT_RET(t, try_exec(t, path), RAN_WITH(42));
	unlink(path);
}

static void running_program_cannot_be_written(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_open, self_path(), O_WRONLY), -ETXTBSY);
	EXPECT_RET(t, kcall(SYS_open, self_path(), O_RDWR), -ETXTBSY);
}

static void too_long_arguments_are_e2big(struct test *t)
{
	char *text = map_anon(t, 1 << 20, PROT_READ | PROT_WRITE);
	char *const argv[] = { text, NULL };

	make_program(t);
	memset(text, 'x', (1 << 20) - 1);
	EXPECT_RET(t, kcall(SYS_execve, path, argv, NULL), -E2BIG); /* over 128 KiB in one */
	EXPECT_RET(t, kcall(SYS_execve, path, no_words, argv), -E2BIG);
	unlink(path);
}

static void too_many_arguments_are_e2big(struct test *t)
{
	struct rlimit limit = { 1 << 20, RLIM_INFINITY };
	static char *argv[60001];

	make_program(t);
	getrlimit(RLIMIT_STACK, &limit);
	limit.rlim_cur = 1 << 20;
	REQUIRE(t, setrlimit(RLIMIT_STACK, &limit) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(argv) - 1; i++)
		argv[i] = (char *)"a short one";
	/* A quarter of the stack's limit, pointers included. */
	EXPECT_RET(t, kcall(SYS_execve, path, argv, NULL), -E2BIG);
	unlink(path);
}

static void bad_pointers_are_efault(struct test *t)
{
	const struct bad_pointer *bad = bad_pointers(t, 16);
	char *one_bad[] = { NULL, NULL };

	make_program(t);
	for (int i = 0; i < NR_BAD_POINTERS - 1; i++) {
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_execve, bad[i].addr, no_words, NULL),
			       -EFAULT);
		if (!bad[i].addr)
			continue; /* no words at all */
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_execve, path, bad[i].addr, NULL), -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_execve, path, no_words, bad[i].addr),
			       -EFAULT);
		one_bad[0] = bad[i].addr;
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_execve, path, one_bad, NULL), -EFAULT);
	}
	unlink(path);
}

static void failed_exec_changes_nothing(struct test *t)
{
	struct image image;
	int fd = fcntl(1, F_DUPFD_CLOEXEC, 0);

	snprintf(path, sizeof(path), "%s/program", scratch_folder(t));
	image_init(&image);
	image.header.e_machine = 1;
	write_program(t, path, &image, sizeof(image));
	signal(SIGUSR1, SIG_IGN);
	for (int i = 0; i < 100; i++)
		EXPECT_RET(t, kcall(SYS_execve, path, no_words, no_words), -ENOEXEC);
	EXPECT_EQ(t, fcntl(fd, F_GETFD), FD_CLOEXEC); /* still open */
	raise(SIGUSR1);
	unlink(path);
}

/* --- execveat */

static void execveat_takes_a_descriptor(struct test *t)
{
	int status, fd;

	make_program(t);
	fd = open(path, O_RDONLY);
	REQUIRE(t, fd >= 0);
	if (!fork()) {
		kcall(SYS_execveat, fd, "", no_words, no_words, AT_EMPTY_PATH);
		_exit(1);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 42);
	EXPECT_RET(t, kcall(SYS_execveat, fd, "", no_words, no_words, 0), -ENOENT);
	EXPECT_RET(t, kcall(SYS_execveat, fd, "", no_words, no_words, 0x4000 | AT_EMPTY_PATH),
		   -EINVAL);
	EXPECT_RET(t, kcall(SYS_execveat, 1000, "", no_words, no_words, AT_EMPTY_PATH), -EBADF);
	EXPECT_RET(t, kcall(SYS_execveat, 1000, "program", no_words, no_words, 0), -EBADF);
	EXPECT_RET(t, kcall(SYS_execveat, fd, "program", no_words, no_words, 0), -ENOTDIR);
	unlink(path);
}

static void execveat_takes_a_folder(struct test *t)
{
	int status, fd;

	make_program(t);
	*strrchr(path, '/') = 0;
	fd = open(path, O_RDONLY | O_DIRECTORY);
	REQUIRE(t, fd >= 0);
	if (!fork()) {
		kcall(SYS_execveat, fd, "program", no_words, no_words, 0);
		_exit(1);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 42);
	strcat(path, "/program");
	if (!fork()) {
		kcall(SYS_execveat, -1, path, no_words, no_words, 0); /* absolute: fd is unused */
		_exit(1);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 42);
	unlink(path);
}

static void execveat_can_refuse_links(struct test *t)
{
	char link[PATH_MAX + 24];

	make_program(t);
	snprintf(link, sizeof(link), "%s-link", path);
	REQUIRE(t, symlink("program", link) == 0);
	EXPECT_RET(t, try_exec(t, link), RAN_WITH(42));
	EXPECT_RET(t, kcall(SYS_execveat, -1, link, no_words, no_words, AT_SYMLINK_NOFOLLOW),
		   -ELOOP);
	unlink(link);
	unlink(path);
}

static void running_program_is_not_truncated(struct test *t)
{
	static const unsigned char wait_forever[] = { 0xb8, 34, 0, 0, 0, 0x0f, 0x05 }; /* pause() */
	struct image image;
	struct stat st;
	pid_t pid;

	image_init(&image);
	memcpy(image.code, wait_forever, sizeof(wait_forever));
	REQUIRE(t, chdir(scratch_folder(t)) == 0);
	write_program(t, "program", &image, sizeof(image));
	pid = vfork();
	if (!pid) {
		execl("program", "program", NULL);
		_exit(1);
	}
	EXPECT_RET(t, kcall(SYS_open, "program", O_WRONLY), -ETXTBSY);
	EXPECT_RET(t, kcall(SYS_open, "program", O_RDONLY | O_TRUNC), -ETXTBSY);
	EXPECT_RET(t, kcall(SYS_truncate, "program", 0), -ETXTBSY);
	REQUIRE(t, stat("program", &st) == 0);
	EXPECT_EQ(t, st.st_size, sizeof(image));
	kill(pid, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, pid), SIGKILL);
	unlink("program");
}

static const struct test_case errors_cases[] = {
	TEST_CASE(missing_files_are_enoent),
	TEST_CASE(names_have_a_greatest_length),
	TEST_CASE(without_the_right_it_is_eacces),
	TEST_CASE(folders_are_eacces),
	TEST_CASE(text_is_enoexec),
	TEST_CASE(file_that_is_written_to_is_busy),
	TEST_CASE(running_program_cannot_be_written),
	TEST_CASE(too_long_arguments_are_e2big),
	TEST_CASE(too_many_arguments_are_e2big),
	TEST_CASE(bad_pointers_are_efault),
	TEST_CASE(failed_exec_changes_nothing),
	TEST_CASE(execveat_takes_a_descriptor),
	TEST_CASE(execveat_takes_a_folder),
	TEST_CASE(execveat_can_refuse_links),
	TEST_CASE(running_program_is_not_truncated),
};
TEST_SUITE(errors, errors_cases);
SELFTEST_NO_HELPER
