/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What execve() gives and takes: ids of the file, personality, capabilities.
 */
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>

#include "image.h"

#define OWNER			      1 /* of the file */
#define CALLER			      2

/* What the program exits with: effective user, effective group, personality. */
#define STATUS(uid, gid, personality) ((uid) | (gid) << 4 | (personality))
#define NO_RANDOM		      8 /* ADDR_NO_RANDOMIZE is set */

/* Not a program of the C library, which has demands of its own when AT_SECURE is set. */
static const unsigned char tell_ids[] = {
	0xb8, 107,  0,	  0,	0,    0x0f, 0x05, 0x89, 0xc3, /* ebx = geteuid() */
	0xb8, 108,  0,	  0,	0,    0x0f, 0x05, /* getegid() */
	0xc1, 0xe0, 4,	  0x09, 0xc3, /* ebx |= eax << 4 */
	0x83, 0xcf, 0xff, 0xb8, 135,  0,    0,	  0,	0x0f, 0x05, /* personality(-1) */
	0xc1, 0xe8, 15,	  0x83, 0xe0, 8,    0x09, 0xc3, /* ebx |= eax >> 15 & 8 */
	0x89, 0xdf, 0xb8, 231,	0,    0,    0,	  0x0f, 0x05, /* exit_group(ebx) */
};

/* Makes "program" in a new folder, which the case is in from now on; it belongs to OWNER. */
static void make_program(struct test *t, const char *folder, mode_t mode, const unsigned char *code,
			 size_t size)
{
	struct image image;

	image_init(&image);
	memcpy(image.code, code, size);
	REQUIRE(t, chmod(folder, 0755) == 0 && chdir(folder) == 0);
	write_program(t, "program", &image, sizeof(image));
	REQUIRE(t, !chown("program", OWNER, OWNER) && !chmod("program", mode));
}

/* Executes @path as CALLER. */
static int run_as_caller(struct test *t, const char *path)
{
	pid_t pid = fork();
	int status;

	REQUIRE(t, pid >= 0);
	if (!pid) {
		if (setresgid(CALLER, CALLER, CALLER) || setresuid(CALLER, CALLER, CALLER))
			_exit(100);
		execl(path, path, NULL);
		_exit(101);
	}
	status = wait_for(t, pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void file_gives_its_ids(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	make_program(t, scratch_folder(t), 0755, tell_ids, sizeof(tell_ids));
	EXPECT_EQ(t, run_as_caller(t, "program"), STATUS(CALLER, CALLER, 0));
	chmod("program", 04755);
	EXPECT_EQ(t, run_as_caller(t, "program"), STATUS(OWNER, CALLER, 0));
	chmod("program", 02755);
	EXPECT_EQ(t, run_as_caller(t, "program"), STATUS(CALLER, OWNER, 0));
	chmod("program", 02745); /* not executable for the group: a mark for locks */
	EXPECT_EQ(t, run_as_caller(t, "program"), STATUS(CALLER, CALLER, 0));
	chmod("program", 06755);
	EXPECT_EQ(t, run_as_caller(t, "program"), STATUS(OWNER, OWNER, 0));
	unlink("program");
}

static void script_gives_no_ids(struct test *t)
{
	static const char text[] = "#!program\n";

	SKIP_UNLESS_ROOT(t);
	make_program(t, scratch_folder(t), 0755, tell_ids, sizeof(tell_ids));
	write_program(t, "script", text, sizeof(text) - 1);
	REQUIRE(t, !chown("script", OWNER, OWNER) && !chmod("script", 06755));
	EXPECT_EQ(t, run_as_caller(t, "script"), STATUS(CALLER, CALLER, 0));
	chmod("program", 04755); /* but its interpreter does */
	EXPECT_EQ(t, run_as_caller(t, "script"), STATUS(OWNER, CALLER, 0));
	unlink("script");
	unlink("program");
}

static void no_new_privs_forbids_ids(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	make_program(t, scratch_folder(t), 06755, tell_ids, sizeof(tell_ids));
	REQUIRE(t, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	EXPECT_EQ(t, run_as_caller(t, "program"), STATUS(CALLER, CALLER, 0));
	unlink("program");
}

static void mount_forbids_ids(struct test *t)
{
	const char *folder = scratch_folder(t);

	SKIP_UNLESS_GUEST(t);
	REQUIRE(t, mount("none", folder, "ramfs", MS_NOSUID, NULL) == 0);
	make_program(t, folder, 06755, tell_ids, sizeof(tell_ids));
	EXPECT_EQ(t, run_as_caller(t, "program"), STATUS(CALLER, CALLER, 0));
	unlink("program");
	REQUIRE(t, chdir("/") == 0 && umount(folder) == 0);
}

static void personality_stays_but_for_other_ids(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	make_program(t, scratch_folder(t), 0755, tell_ids, sizeof(tell_ids));
	REQUIRE(t, personality(ADDR_NO_RANDOMIZE) >= 0);
	EXPECT_EQ(t, run_as_caller(t, "program"), STATUS(CALLER, CALLER, NO_RANDOM));
	chmod("program", 04755);
	EXPECT_EQ(t, run_as_caller(t, "program"), STATUS(OWNER, CALLER, 0));
	unlink("program");
}

/* --- what the program asks about itself */

enum { IS_DUMPABLE = 1, KEEPS_CAPS = 2, HAS_CAPS = 4, IS_NOROOT = 8, IS_HERE = 64 };

int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	int got = IS_HERE;

	kcall(SYS_capget, &header, data);
	got |= prctl(PR_GET_DUMPABLE) ? IS_DUMPABLE : 0;
	got |= prctl(PR_GET_KEEPCAPS) ? KEEPS_CAPS : 0;
	got |= data[0].permitted | data[0].effective | data[1].permitted ? HAS_CAPS : 0;
	got |= prctl(PR_GET_SECUREBITS) & SECBIT_NOROOT ? IS_NOROOT : 0;
	return got;
}

static void execute_self(void *path)
{
	execl(path, path, "--helper", "self", NULL);
	_exit(101);
}

static int run_self(struct test *t)
{
	int status = run_in_child(t, execute_self, (void *)(intptr_t)self_path());

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void program_is_dumpable_again(struct test *t)
{
	int all = IS_HERE | (is_root() ? HAS_CAPS : 0);

	EXPECT_EQ(t, run_self(t), all | IS_DUMPABLE);
	REQUIRE(t, prctl(PR_SET_DUMPABLE, 0) == 0);
	EXPECT_EQ(t, run_self(t), all | IS_DUMPABLE);
}

static void program_that_cannot_be_read_is_not_dumpable(struct test *t)
{
	static const unsigned char tell_dumpable[] = {
		0xbf, PR_GET_DUMPABLE,
		0,    0,
		0,    0xb8,
		157,  0,
		0,    0,
		0x0f, 0x05, /* prctl() */
		0x89, 0xc7,
		0xb8, 231,
		0,    0,
		0,    0x0f,
		0x05, /* exit_group(eax) */
	};

	SKIP_UNLESS_ROOT(t);
	make_program(t, scratch_folder(t), 0711, tell_dumpable, sizeof(tell_dumpable));
	EXPECT_EQ(t, run_as_caller(t, "program") & 1, 0); /* 0, or 2 by a setting of Linux */
	chmod("program", 0755);
	EXPECT_EQ(t, run_as_caller(t, "program"), 1);
	unlink("program");
}

static void keep_caps_ends_with_exec(struct test *t)
{
	REQUIRE(t, prctl(PR_SET_KEEPCAPS, 1) == 0);
	EXPECT_EQ(t, run_self(t) & KEEPS_CAPS, 0);
}

static void noroot_makes_root_a_user_as_others(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	SKIP_IF(t, prctl(PR_SET_SECUREBITS, SECBIT_NOROOT), "needs CAP_SETPCAP");
	EXPECT_EQ(t, run_self(t), IS_HERE | IS_DUMPABLE | IS_NOROOT);
}

static const struct test_case privileges_cases[] = {
	TEST_CASE(file_gives_its_ids),
	TEST_CASE(script_gives_no_ids),
	TEST_CASE(no_new_privs_forbids_ids),
	TEST_CASE(mount_forbids_ids),
	TEST_CASE(personality_stays_but_for_other_ids),
	TEST_CASE(program_is_dumpable_again),
	TEST_CASE(program_that_cannot_be_read_is_not_dumpable),
	TEST_CASE(keep_caps_ends_with_exec),
	TEST_CASE(noroot_makes_root_a_user_as_others),
};
TEST_SUITE(privileges, privileges_cases);
