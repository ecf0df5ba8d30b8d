/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mkinitramfs - an archive in cpio's newc format from a list, without being root
 *
 *	mkinitramfs OUTPUT LIST...
 *
 * A line of a list is one entry, with Linux's words for it; "#" begins a comment:
 *
 *	dir   NAME MODE UID GID
 *	file  NAME SOURCE MODE UID GID
 *	slink NAME TARGET MODE UID GID
 *	nod   NAME MODE UID GID c|b MAJOR MINOR
 *
 * The archive depends on nothing but the lists and the contents of the files: entries are sorted
 * by name, so that a folder comes before what is in it, times are 0, and inode numbers count from
 * 1.  A name twice, or a name in a folder that is not listed, is an error.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_ENTRIES 65536
#define MAX_LINE    4096
#define MAX_WORDS   8

struct entry {
	char *name; /* without "/" at the start */
	char *source; /* of a file: where its bytes are; of a link: its target */
	unsigned int mode, uid, gid;
	unsigned int major, minor; /* of a node */
};

static struct entry entries[MAX_ENTRIES];
static size_t nr_entries;

static const char *list_name;
static unsigned int list_line;

static _Noreturn void die(const char *what, const char *name)
{
	fprintf(stderr, "mkinitramfs: ");
	if (list_name)
		fprintf(stderr, "%s:%u: ", list_name, list_line);
	fprintf(stderr, "%s: %s\n", name, what);
	exit(1);
}

/* --- reading the lists */

static unsigned int number(const char *word, int base)
{
	char *end;
	unsigned long value = strtoul(word, &end, base);

	if (end == word || *end || value > 0xffffffff)
		die("not a number", word);
	return (unsigned int)value;
}

static void parse_rights(struct entry *e, char **words)
{
	e->mode |= number(words[0], 8);
	e->uid = number(words[1], 10);
	e->gid = number(words[2], 10);
}

static void parse_node(struct entry *e, char **words)
{
	parse_rights(e, words);
	if (strcmp(words[3], "c") && strcmp(words[3], "b"))
		die("neither c nor b", words[3]);
	e->mode |= words[3][0] == 'c' ? S_IFCHR : S_IFBLK;
	e->major = number(words[4], 10);
	e->minor = number(words[5], 10);
}

static void parse_entry(struct entry *e, char **words, int nr)
{
	const char *kind = words[0];

	e->name = strdup(words[1] + strspn(words[1], "/"));
	if (!strcmp(kind, "dir") && nr == 5) {
		e->mode = S_IFDIR;
		parse_rights(e, words + 2);
	} else if ((!strcmp(kind, "file") || !strcmp(kind, "slink")) && nr == 6) {
		e->mode = *kind == 'f' ? S_IFREG : S_IFLNK;
		e->source = strdup(words[2]);
		parse_rights(e, words + 3);
	} else if (!strcmp(kind, "nod") && nr == 8) {
		parse_node(e, words + 2);
	} else {
		die("no such kind of entry, or not its number of words", kind);
	}
}

static void parse_line(char *line)
{
	char *words[MAX_WORDS + 1], *rest = NULL;
	int nr = 0;

	line[strcspn(line, "#\n")] = 0;
	for (char *word = strtok_r(line, " \t", &rest); word && nr <= MAX_WORDS;
	     word = strtok_r(NULL, " \t", &rest))
		words[nr++] = word;
	if (!nr)
		return;
	if (nr < 2)
		die("an entry without a name", words[0]);
	if (nr_entries == MAX_ENTRIES)
		die("too many entries", words[1]);
	parse_entry(&entries[nr_entries++], words, nr);
}

static void read_list(const char *name)
{
	char line[MAX_LINE];
	FILE *file = fopen(name, "r");

	if (!file)
		die("cannot be read", name);
	list_name = name;
	for (list_line = 1; fgets(line, sizeof(line), file); list_line++)
		parse_line(line);
	list_name = NULL;
	fclose(file);
}

/* --- order */

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* The folder of @name is an entry, or the root. */
static bool has_folder(const char *name)
{
	struct entry folder = { .name = strdup(name) };
	char *slash = strrchr(folder.name, '/');
	const struct entry *found = NULL;

	if (slash) {
		*slash = 0;
		found = bsearch(&folder, entries, nr_entries, sizeof(*entries), compare);
	}
	free(folder.name);
	return !slash || (found && S_ISDIR(found->mode));
}

static void sort_and_check(void)
{
	qsort(entries, nr_entries, sizeof(*entries), compare);
	for (size_t i = 0; i < nr_entries; i++) {
		if (i && !compare(&entries[i - 1], &entries[i]))
			die("is there twice", entries[i].name);
		if (!has_folder(entries[i].name))
			die("its folder is not in the list", entries[i].name);
	}
}

/* --- writing */

static void put(FILE *out, const void *data, size_t size)
{
	static const char zeros[4];
	size_t pad = (4 - size % 4) % 4;

	fwrite(data, 1, size, out);
	fwrite(zeros, 1, pad, out);
}

/* Header and name are padded as one. */
static void put_header(FILE *out, const struct entry *e, size_t index, size_t size)
{
	char header[110 + MAX_LINE + 1];
	int len = snprintf(header, sizeof(header),
			   "070701%08zX%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X%s",
			   index + 1, e->mode, e->uid, e->gid, S_ISDIR(e->mode) ? 2 : 1, 0, size, 0,
			   0, e->major, e->minor, strlen(e->name) + 1, 0, e->name);

	put(out, header, (size_t)len + 1);
}

static void *read_file(const char *name, size_t *size)
{
	struct stat st;
	FILE *file = fopen(name, "rb");
	char *data;

	if (!file || fstat(fileno(file), &st) || !S_ISREG(st.st_mode))
		die("is not a file that can be read", name);
	*size = (size_t)st.st_size;
	data = malloc(*size + 1);
	if (!data || fread(data, 1, *size, file) != *size)
		die("cannot be read", name);
	fclose(file);
	return data;
}

static void put_entry(FILE *out, const struct entry *e, size_t index)
{
	void *data = NULL;
	size_t size = 0;

	if (S_ISREG(e->mode)) {
		data = read_file(e->source, &size);
	} else if (S_ISLNK(e->mode)) {
		data = strdup(e->source);
		size = strlen(e->source);
	}
	put_header(out, e, index, size);
	if (size)
		put(out, data, size);
	free(data);
}

int main(int argc, char **argv)
{
	const struct entry trailer = { .name = "TRAILER!!!" };
	FILE *out;

	if (argc < 3)
		die("OUTPUT LIST...", "usage");
	for (int i = 2; i < argc; i++)
		read_list(argv[i]);
	sort_and_check();
	out = fopen(argv[1], "wb");
	if (!out)
		die("cannot be written", argv[1]);
	for (size_t i = 0; i < nr_entries; i++)
		put_entry(out, &entries[i], i);
	put_header(out, &trailer, (size_t)-1, 0);
	if (ferror(out) || fclose(out))
		die("cannot be written", argv[1]);
	return 0;
}
