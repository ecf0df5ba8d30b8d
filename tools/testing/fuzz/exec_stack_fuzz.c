/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any strings, as many as the input says: a program that reads its stack as libc does finds what
 * was there, nothing is written but the words that belong there, and a string without an end is
 * noticed.
 */
#include <linux/auxvec.h>
#include <linux/errno.h>
#include <oshit/exec_stack.h>
#include <oshit/math.h>
#include <oshit/string.h>

#include "fuzz.h"

#define TOP	    0x7fff00000000UL
#define SIZE	    8192UL
#define HEAD	    4 /* bytes of the input: argc, envc, pairs, free bytes below the strings */
#define MAX_COUNT   60
#define MAX_STRINGS (SIZE / 4) /* bytes */

static u8 memory[SIZE]; /* the last bytes below TOP */
static unsigned long lowest; /* address that was written */

static u8 *at(unsigned long addr)
{
	FUZZ_ASSERT(addr < TOP && addr >= TOP - SIZE);
	return &memory[addr - (TOP - SIZE)];
}

static unsigned long word_at(unsigned long addr)
{
	unsigned long word;

	memcpy(&word, at(addr), sizeof(word));
	return word;
}

static size_t string_size(const struct exec_stack *stack __maybe_unused, unsigned long addr)
{
	const u8 *end = addr < TOP ? memchr(at(addr), 0, TOP - addr) : NULL;

	return end ? (size_t)(end - at(addr)) + 1 : 0;
}

static int put_word(const struct exec_stack *stack, unsigned long addr, unsigned long word)
{
	FUZZ_ASSERT(addr % sizeof(word) == 0 && addr >= stack->sp);
	FUZZ_ASSERT(addr + sizeof(word) <= stack->arg_start);
	memcpy(at(addr), &word, sizeof(word));
	lowest = min(lowest, addr);
	return 0;
}

/* Strings that begin in @text; those after the last 0 have no end. */
static unsigned long count_ended(const u8 *text, size_t len)
{
	unsigned long nr = 0;

	for (size_t i = 0; i < len; i++)
		nr += !text[i];
	return nr;
}

/* The pointers of one list, from @to on: each string begins where the one before has ended. */
static unsigned long check_list(unsigned long to, unsigned long string, unsigned long nr)
{
	for (; nr; nr--, to += sizeof(long)) {
		FUZZ_ASSERT(word_at(to) == string);
		string += string_size(NULL, string);
	}
	FUZZ_ASSERT(word_at(to) == 0);
	return to + sizeof(long);
}

static void check_program(const struct exec_stack *stack, unsigned long free_below)
{
	unsigned long to = stack->sp;

	FUZZ_ASSERT(to % 16 == 0 && lowest == to && word_at(to) == stack->argc);
	to = check_list(to + sizeof(long), stack->arg_start, stack->argc);
	to = check_list(to, stack->env_start, stack->envc);
	for (unsigned long i = 0; i < stack->nr_aux; i++, to += 2 * sizeof(long))
		FUZZ_ASSERT(word_at(to) == stack->aux[i][0] &&
			    word_at(to + sizeof(long)) == stack->aux[i][1]);
	FUZZ_ASSERT(word_at(to - 2 * sizeof(long)) == AT_NULL);
	/* No more is left free than the alignment needs. */
	FUZZ_ASSERT(to <= free_below && free_below - to < 16);
}

static void check_room(u8 count, unsigned long limit)
{
	unsigned long nr = (unsigned long)count << (limit % 56);
	unsigned long room = exec_stack_room(nr, limit);

	FUZZ_ASSERT(room <= max(limit / 4, 128 * 1024UL) && room <= 6 * 1024 * 1024UL);
	FUZZ_ASSERT(!room || room + nr * sizeof(long) >= 128 * 1024UL);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static unsigned long aux[MAX_COUNT + 1][2];
	struct exec_stack stack = { .aux = aux, .string_size = string_size, .put_word = put_word };
	unsigned long free_below, nr_strings;
	size_t len;
	int err;

	if (size < HEAD)
		return 0;
	len = min(size - HEAD, MAX_STRINGS);
	memset(memory, 0xa5, sizeof(memory));
	memcpy(memory + SIZE - len, data + HEAD, len);
	stack.argc = data[0] % MAX_COUNT;
	stack.envc = data[1] % MAX_COUNT;
	stack.nr_aux = 1 + data[2] % MAX_COUNT;
	for (unsigned long i = 0; i < stack.nr_aux; i++) {
		aux[i][0] = i + 1 < stack.nr_aux ? i + 1 : AT_NULL;
		aux[i][1] = i * data[2];
	}
	stack.arg_start = stack.env_start = TOP - len;
	nr_strings = count_ended(data + HEAD, len);
	for (unsigned long i = 0; i < stack.argc && i < nr_strings; i++)
		stack.env_start += string_size(NULL, stack.env_start);
	stack.sp = free_below = stack.arg_start - data[3];
	lowest = TOP;
	err = exec_stack_write(&stack);
	FUZZ_ASSERT(err == (stack.argc + stack.envc <= nr_strings ? 0 : -EFAULT));
	if (!err)
		check_program(&stack, free_below);
	check_room(data[0], word_at(TOP - SIZE + 8) ^ (unsigned long)data[1] << data[2] % 57);
	return 0;
}
