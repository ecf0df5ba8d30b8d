/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fixdep - from the compiler's dependency file to ours
 *
 *	fixdep DEPFILE TARGET CONFIG-DIR 'COMMAND'  > .TARGET.cmd
 *
 * Every object is compiled with autoconf.h included, so a plain dependency file would rebuild all
 * of the kernel after each change of the configuration.  kconfig-conf touches one empty file for
 * each symbol whose value changes: CONFIG_FOO_BAR is CONFIG-DIR/foo/bar.h.  We leave autoconf.h
 * out, look for CONFIG_ words in the source and in each header, and name those files instead.
 *
 * A word counts wherever it stands, in comments too: too many dependencies cost a rebuild, one too
 * few costs a day.  Names put together by ## are not seen, so nobody does that.
 *
 * The output also holds the command line, which the Makefile compares to find out whether the
 * target was made with the same flags.  A host program: errors end it, memory is never freed.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX	   "CONFIG_"
#define NR_BUCKETS 1024

struct symbol {
	struct symbol *next;
	size_t len;
	char name[];
};

static struct symbol *symbols[NR_BUCKETS];

static _Noreturn void die(const char *what, const char *name)
{
	fprintf(stderr, "fixdep: %s: ", name);
	perror(what);
	exit(1);
}

static void *must_alloc(size_t size)
{
	void *p = malloc(size);

	if (!p)
		die("malloc", "memory");
	return p;
}

/* The whole file with a 0 behind it. */
static char *read_file(const char *name)
{
	FILE *f = fopen(name, "rb");
	char *text;
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0)
		die("cannot read", name);
	rewind(f);
	text = must_alloc((size_t)size + 1);
	if (fread(text, 1, (size_t)size, f) != (size_t)size)
		die("cannot read", name);
	text[size] = 0;
	fclose(f);
	return text;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* True when @name was not known yet. */
static bool add_symbol(const char *name, size_t len)
{
	unsigned int hash = 5381;
	struct symbol *s;

	for (size_t i = 0; i < len; i++)
		hash = hash * 33 + (unsigned char)name[i];
	for (s = symbols[hash % NR_BUCKETS]; s; s = s->next) {
		if (s->len == len && !memcmp(s->name, name, len))
			return false;
	}
	s = must_alloc(sizeof(*s) + len);
	s->len = len;
	memcpy(s->name, name, len);
	s->next = symbols[hash % NR_BUCKETS];
	symbols[hash % NR_BUCKETS] = s;
	return true;
}

/* kconfig-conf's file of a symbol: small letters, a folder for each '_'. */
static void print_symbol(const char *config_dir, const char *name, size_t len)
{
	printf("\t$(wildcard %s/", config_dir);
	for (size_t i = 0; i < len; i++)
		putchar(name[i] == '_' ? '/' : tolower((unsigned char)name[i]));
	printf(".h) \\\n");
}

static void scan_source(const char *file, const char *config_dir)
{
	char *text = read_file(file);
	const char *p = text;

	while ((p = strstr(p, PREFIX))) {
		const char *name = p + strlen(PREFIX), *end = name;

		while (is_word(*end))
			end++;
		if (end > name && (p == text || !is_word(p[-1])) && add_symbol(name, end - name))
			print_symbol(config_dir, name, end - name);
		p = end;
	}
	free(text);
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), end_len = strlen(end);

	return len >= end_len && !strcmp(s + len - end_len, end);
}

/* The next file name of a dependency file; backslash-newline is space. NULL at the end. */
static char *next_name(char **cursor)
{
	char *p = *cursor, *start;

	while (isspace((unsigned char)*p) || (*p == '\\' && p[1] == '\n'))
		p++;
	if (!*p)
		return NULL;
	start = p;
	while (*p && !isspace((unsigned char)*p))
		p++;
	if (*p)
		*p++ = 0;
	*cursor = p;
	return start;
}

static void print_command(const char *target, const char *command)
{
	printf("saved_%s := ", target);
	for (const char *p = command; *p; p++) {
		if (*p == '$' || *p == '#')
			putchar(*p == '$' ? '$' : '\\');
		putchar(*p);
	}
	printf("\n\n");
}

int main(int argc, char **argv)
{
	char *deps, *name;

	if (argc != 5) {
		fprintf(stderr, "usage: fixdep DEPFILE TARGET CONFIG-DIR COMMAND\n");
		return 1;
	}
	deps = strchr(read_file(argv[1]), ':');
	if (!deps) {
		fprintf(stderr, "fixdep: %s: no target\n", argv[1]);
		return 1;
	}
	deps++;
	print_command(argv[2], argv[4]);
	printf("deps_%s := \\\n", argv[2]);
	while ((name = next_name(&deps))) {
		if (ends_with(name, "include/generated/autoconf.h"))
			continue;
		printf("\t%s \\\n", name);
		scan_source(name, argv[3]);
	}
	printf("\n%s: $(deps_%s)\n\n$(deps_%s):\n", argv[2], argv[2], argv[2]);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
