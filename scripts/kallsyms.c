/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kallsyms - the kernel's table of its own symbols
 *
 *	nm vmoshit | kallsyms > kallsyms.S
 *
 * The table is sorted by address: 32-bit offsets from _text, and names with the type letter in
 * front.  Names are compressed by byte pairs: whichever two neighbours are the most frequent in
 * all names become one byte that no name uses, again and again until all byte values are taken.
 * A byte expands by one look-up, since the whole expansions are stored.  What kernel/kallsyms.c
 * reads, all of it constant:
 *
 *	kallsyms_count		u32
 *	kallsyms_offsets	u32 [count]
 *	kallsyms_markers	u32 [count / 256 rounded up]: where symbol 256 * i is in names
 *	kallsyms_names		per symbol: a byte that is its compressed length, and so many bytes
 *	kallsyms_token_index	u16 [256], where in tokens a byte's expansion starts
 *	kallsyms_tokens		expansions, each ended by a 0
 *
 * From symbols at one address a look-up takes the first, so the order there is: fewest leading
 * underscores (the linker script's marks have one or two), code before data, then the alphabet.
 * The size of the output depends only on the names, so that a second link moves nothing.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 127 /* KSYM_NAME_LEN less the 0 */
#define MARKER_STEP  256
#define NR_CODES     256

struct symbol {
	unsigned long long addr;
	unsigned char len;
	unsigned char text[NAME_MAX_LEN + 2]; /* type, name; then compressed */
};

struct code { /* what a byte stands for: itself, or two others; unused if len is 0 */
	size_t len;
	char *text;
};

static struct symbol *symbols;
static size_t nr_symbols;
static struct code codes[NR_CODES];
static unsigned int pair_count[NR_CODES][NR_CODES];

static void *must_realloc(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p) {
		perror("kallsyms: realloc");
		exit(1);
	}
	return p;
}

/* Code and data of the image; no debug, absolute or undefined symbols, no labels. */
static bool is_wanted(char type, const char *name)
{
	return strchr("tTrRdDbBvVwW", type) && name[0] != '.' && name[0] != '$' && name[0] != 'L';
}

static void add_symbol(unsigned long long addr, char type, const char *name)
{
	struct symbol *s;

	if (!(nr_symbols & (nr_symbols - 1)))
		symbols = must_realloc(symbols, (nr_symbols ? 2 * nr_symbols : 1) * sizeof(*s));
	s = &symbols[nr_symbols++];
	memset(s, 0, sizeof(*s));
	s->addr = addr;
	s->text[0] = type;
	s->len = 1 + strnlen(name, NAME_MAX_LEN);
	memcpy(s->text + 1, name, s->len - 1);
}

/* Returns the address of _text, or 0 when there is none. */
static unsigned long long read_symbols(void)
{
	unsigned long long addr, base = 0;
	char line[1024], name[512], type;

	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%llx %c %511s", &addr, &type, name) != 3)
			continue;
		if (!strcmp(name, "_text"))
			base = addr;
		if (is_wanted(type, name))
			add_symbol(addr, type, name);
	}
	return base;
}

static int rank(const struct symbol *s)
{
	int underscores = strspn((const char *)s->text + 1, "_");

	return 2 * underscores + !strchr("tTwW", s->text[0]);
}

static int compare(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (rank(a) != rank(b))
		return rank(a) - rank(b);
	return strcmp((const char *)a->text + 1, (const char *)b->text + 1);
}

/* Symbols below the image have no offset: they are not addresses (offsets of per-CPU data). */
static void sort_and_cut(unsigned long long base)
{
	size_t below = 0;

	if (!nr_symbols)
		return;
	qsort(symbols, nr_symbols, sizeof(*symbols), compare);
	while (below < nr_symbols && symbols[below].addr < base)
		below++;
	nr_symbols -= below;
	memmove(symbols, symbols + below, nr_symbols * sizeof(*symbols));
}

static void take_literals(void)
{
	for (size_t i = 0; i < nr_symbols; i++) {
		for (int j = 0; j < symbols[i].len; j++) {
			struct code *c = &codes[symbols[i].text[j]];

			if (c->len)
				continue;
			c->text = must_realloc(NULL, 2);
			c->text[0] = symbols[i].text[j];
			c->text[1] = 0;
			c->len = 1;
		}
	}
}

/* The most frequent pair; the first of equals, so that the same input gives the same output. */
static unsigned int count_pairs(int *first, int *second)
{
	unsigned int best = 0;

	memset(pair_count, 0, sizeof(pair_count));
	for (size_t i = 0; i < nr_symbols; i++) {
		for (int j = 0; j + 1 < symbols[i].len; j++)
			pair_count[symbols[i].text[j]][symbols[i].text[j + 1]]++;
	}
	for (int a = 0; a < NR_CODES; a++) {
		for (int b = 0; b < NR_CODES; b++) {
			if (pair_count[a][b] <= best)
				continue;
			best = pair_count[a][b];
			*first = a;
			*second = b;
		}
	}
	return best;
}

static void replace_pair(struct symbol *s, int first, int second, int code)
{
	int out = 0;

	for (int in = 0; in < s->len; in++) {
		if (in + 1 < s->len && s->text[in] == first && s->text[in + 1] == second) {
			s->text[out++] = code;
			in++;
		} else {
			s->text[out++] = s->text[in];
		}
	}
	s->len = out;
}

/* Not worth a code below 4 uses: it costs 2 bytes of index and its text. */
static void compress(void)
{
	int first = 0, second = 0;

	for (int code = 0; code < NR_CODES; code++) {
		struct code *c = &codes[code];

		if (c->len)
			continue;
		if (count_pairs(&first, &second) < 4)
			return;
		c->len = codes[first].len + codes[second].len;
		c->text = must_realloc(NULL, c->len + 1);
		memcpy(c->text, codes[first].text, codes[first].len);
		memcpy(c->text + codes[first].len, codes[second].text, codes[second].len + 1);
		for (size_t i = 0; i < nr_symbols; i++)
			replace_pair(&symbols[i], first, second, code);
	}
}

static void print_label(const char *name)
{
	printf("\t.balign 4\n\t.globl %s\n\t.hidden %s\n%s:\n", name, name, name);
}

static void print_offsets(unsigned long long base)
{
	size_t where = 0;

	print_label("kallsyms_count");
	printf("\t.long %zu\n", nr_symbols);
	print_label("kallsyms_offsets");
	for (size_t i = 0; i < nr_symbols; i++)
		printf("\t.long 0x%llx\n", symbols[i].addr - base);
	print_label("kallsyms_markers");
	for (size_t i = 0; i < nr_symbols; i++) {
		if (i % MARKER_STEP == 0)
			printf("\t.long %zu\n", where);
		where += symbols[i].len + 1;
	}
}

static void print_names(void)
{
	print_label("kallsyms_names");
	for (size_t i = 0; i < nr_symbols; i++) {
		printf("\t.byte %d", symbols[i].len);
		for (int j = 0; j < symbols[i].len; j++)
			printf(",%d", symbols[i].text[j]);
		putchar('\n');
	}
}

static void print_tokens(void)
{
	size_t where = 0;

	print_label("kallsyms_token_index");
	for (int code = 0; code < NR_CODES; code++) {
		printf("\t.short %zu\n", where);
		where += codes[code].len + 1;
	}
	print_label("kallsyms_tokens");
	for (int code = 0; code < NR_CODES; code++)
		printf("\t.asciz \"%s\"\n", codes[code].len ? codes[code].text : "");
}

int main(void)
{
	unsigned long long base = read_symbols();

	sort_and_cut(base);
	take_literals();
	compress();
	printf("/* Generated by scripts/kallsyms.c */\n\t.section .kallsyms, \"a\"\n");
	print_offsets(base);
	print_names();
	print_tokens();
	printf("\t.section .note.GNU-stack, \"\", @progbits\n");
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
