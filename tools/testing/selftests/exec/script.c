/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that begin with "#!": the interpreter, its one argument, how deep they may be nested.
 */
#include "image.h"

static char folder[PATH_MAX];
static char script[PATH_MAX + 32];
static bool quiet; /* scripts have no standard output */

static void make_script(struct test *t, const char *name, const char *text)
{
	if (!folder[0])
		strcpy(folder, scratch_folder(t));
	snprintf(script, sizeof(script), "%s/%s", folder, name);
	write_program(t, script, text, strlen(text));
}

/* Executes the script with arguments "zero" "one"; its exit status, or what execve has returned. */
static long run_script(struct test *t)
{
	char *const argv[] = { (char *)"zero", (char *)"one", NULL };
	int status;
	pid_t pid = fork();

	REQUIRE(t, pid >= 0);
	if (!pid) {
		if (quiet)
			close(STDOUT_FILENO);
		_exit((int)-kcall(SYS_execve, script, argv, environ));
	}
	status = wait_for(t, pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/*
 * This program as the interpreter: "--helper" must be its only argument from the script. It is
 * told what to expect by the environment: WANT is the arguments behind "--helper", joined by "|".
 */
int selftest_helper(int argc, char **argv)
{
	char got[2 * PATH_MAX] = "";

	for (int i = 0; i < argc; i++) {
		strcat(got, i ? "|" : "");
		strcat(got, argv[i]);
	}
	if (!strcmp(got, getenv("WANT")))
		return 200;
	dprintf(1, "# got %s, not %s\n", got, getenv("WANT"));
	return 201;
}

static void expect_words(struct test *t, const char *text, const char *want)
{
	make_script(t, "script", text);
	setenv("WANT", want, 1);
	EXPECT_EQ(t, run_script(t), 200);
	unlink(script);
}

static void interpreter_gets_script_and_arguments(struct test *t)
{
	char text[PATH_MAX + 32], want[PATH_MAX + 64];

	strcpy(folder, scratch_folder(t));
	snprintf(text, sizeof(text), "#!%s --helper\nno code\n", self_path());
	snprintf(want, sizeof(want), "%s/script|one", folder); /* argv[0] is gone */
	expect_words(t, text, want);
}

static void blanks_around_words_do_not_count(struct test *t)
{
	char text[PATH_MAX + 32], want[PATH_MAX + 64];

	strcpy(folder, scratch_folder(t));
	snprintf(want, sizeof(want), "%s/script|one", folder);
	snprintf(text, sizeof(text), "#! \t %s \t --helper  \t\n", self_path());
	expect_words(t, text, want);
	snprintf(text, sizeof(text), "#!%s --helper", self_path()); /* no newline at the end */
	expect_words(t, text, want);
}

static void all_behind_the_first_blank_is_one_argument(struct test *t)
{
	char text[PATH_MAX + 32];

	snprintf(text, sizeof(text), "#!%s --helper and more\n", self_path());
	make_script(t, "script", text);
	quiet = true;
	/* "--helper and more" is no option: run as a selftest, which finds no such case. */
	EXPECT_NE(t, run_script(t), 200);
	unlink(script);
}

static void missing_interpreter_is_enoent(struct test *t)
{
	make_script(t, "script", "#!/no/such/interpreter\n");
	EXPECT_EQ(t, run_script(t), ENOENT);
	unlink(script);
}

static void no_interpreter_is_enoexec(struct test *t)
{
	static const char *const texts[] = { "#!\n", "#!   \t \n", "#", "# !/bin/sh\n" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		make_script(t, "script", texts[i]);
		EXPECT_EQ(t, run_script(t), ENOEXEC);
		unlink(script);
	}
}

static void too_long_line_is_enoexec(struct test *t)
{
	char text[400];

	memset(text, 'x', sizeof(text));
	memcpy(text, "#!/",
	       3); /* the name of the interpreter does not end in the first 256 bytes */
	text[399] = 0;
	make_script(t, "script", text);
	EXPECT_EQ(t, run_script(t), ENOEXEC);
	unlink(script);
}

static void interpreter_without_rights_is_eacces(struct test *t)
{
	char text[PATH_MAX + 64];

	make_script(t, "interpreter", "#!/no/such\n");
	REQUIRE(t, chmod(script, 0644) == 0);
	snprintf(text, sizeof(text), "#!%s\n", script);
	make_script(t, "script", text);
	EXPECT_EQ(t, run_script(t), EACCES);
	unlink(script);
	snprintf(script, sizeof(script), "%s/interpreter", folder);
	unlink(script);
}

/* A chain of @depth scripts, each interpreted by the next, the last by this program. */
static long run_chain(struct test *t, int depth)
{
	char text[PATH_MAX + 64], name[16];
	long got;

	if (!folder[0])
		strcpy(folder, scratch_folder(t));
	for (int i = depth; i >= 1; i--) {
		snprintf(name, sizeof(name), "s%d", i);
		if (i == depth)
			snprintf(text, sizeof(text), "#!%s -l\n", self_path());
		else
			snprintf(text, sizeof(text), "#!%s/s%d\n", folder, i + 1);
		make_script(t, name, text);
	}
	got = run_script(t);
	for (int i = 1; i <= depth; i++) {
		snprintf(script, sizeof(script), "%s/s%d", folder, i);
		unlink(script);
	}
	return got;
}

static void scripts_nest_to_a_limit(struct test *t)
{
	quiet = true; /* the list of cases would disturb the report */
	EXPECT_EQ(t, run_chain(t, 1), 0);
	EXPECT_EQ(t, run_chain(t, 2), 0);
	EXPECT_EQ(t, run_chain(t, 5), 0);
	EXPECT_EQ(t, run_chain(t, 6), ELOOP);
	EXPECT_EQ(t, run_chain(t, 9), ELOOP);
}

static void script_that_interprets_itself_ends(struct test *t)
{
	char text[PATH_MAX + 64];

	strcpy(folder, scratch_folder(t));
	snprintf(text, sizeof(text), "#!%s/script\n", folder);
	make_script(t, "script", text);
	EXPECT_EQ(t, run_script(t), ELOOP);
	unlink(script);
}

static const struct test_case script_cases[] = {
	TEST_CASE(interpreter_gets_script_and_arguments),
	TEST_CASE(blanks_around_words_do_not_count),
	TEST_CASE(all_behind_the_first_blank_is_one_argument),
	TEST_CASE(missing_interpreter_is_enoent),
	TEST_CASE(no_interpreter_is_enoexec),
	TEST_CASE(too_long_line_is_enoexec),
	TEST_CASE(interpreter_without_rights_is_eacces),
	TEST_CASE(scripts_nest_to_a_limit),
	TEST_CASE(script_that_interprets_itself_ends),
};
TEST_SUITE(script, script_cases);
