/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports of the undefined-behaviour sanitizer.
 *
 * With CONFIG_UBSAN the compiler puts a check before each operation that C does not define for
 * all operands, and a call to a handler for the bad case.  Each place has a record, static data in
 * the layout that GCC and clang agree on, which begins with file, line and column.  A handler
 * prints what happened and goes on, as the code would have without the check.
 *
 * A place reports once: the top bit of its column remembers that.  A report within a report
 * (printk itself is instrumented) or at the same time on another CPU is dropped.
 *
 * Context: any.  Not instrumented is what the hardware finds or allows: null pointers, alignment,
 * and overflow of signed numbers, which the kernel is compiled to wrap.
 */
#define pr_fmt(fmt) "UBSAN: " fmt

#include <oshit/atomic.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/stacktrace.h>
#include <oshit/types.h>

#define COLUMN_REPORTED (1u << 31)

struct ubsan_place {
	const char *file;
	u32 line;
	u32 column; /* COLUMN_REPORTED: set by the first report */
};

static atomic_t reporting;

static void report(struct ubsan_place *place, const char *what, unsigned long value)
{
	u32 column = __atomic_fetch_or(&place->column, COLUMN_REPORTED, __ATOMIC_RELAXED);

	if (column & COLUMN_REPORTED || atomic_xchg(&reporting, 1))
		return;
	pr_err("%s (%ld, 0x%lx) at %s:%u:%u\n", what, (long)value, value, place->file, place->line,
	       column);
	stack_trace_show(LOG_ERR, NULL);
	atomic_set(&reporting, 0);
}

/* The names and arguments are the compilers'. */
void __ubsan_handle_shift_out_of_bounds(struct ubsan_place *place, unsigned long value,
					unsigned long count);
void __ubsan_handle_divrem_overflow(struct ubsan_place *place, unsigned long dividend,
				    unsigned long divisor);
void __ubsan_handle_out_of_bounds(struct ubsan_place *place, unsigned long index);
void __ubsan_handle_load_invalid_value(struct ubsan_place *place, unsigned long value);
__noreturn void __ubsan_handle_builtin_unreachable(struct ubsan_place *place);

void __ubsan_handle_shift_out_of_bounds(struct ubsan_place *place,
					unsigned long value __maybe_unused, unsigned long count)
{
	report(place, "shift count out of range", count);
}

void __ubsan_handle_divrem_overflow(struct ubsan_place *place, unsigned long dividend,
				    unsigned long divisor __maybe_unused)
{
	report(place, "division by zero or overflow", dividend);
}

void __ubsan_handle_out_of_bounds(struct ubsan_place *place, unsigned long index)
{
	report(place, "array index out of bounds", index);
}

void __ubsan_handle_load_invalid_value(struct ubsan_place *place, unsigned long value)
{
	report(place, "invalid value of a bool or enum", value);
}

void __ubsan_handle_builtin_unreachable(struct ubsan_place *place)
{
	panic("UBSAN: unreachable code reached at %s:%u", place->file, place->line);
}
