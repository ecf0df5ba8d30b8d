/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the undefined-behaviour sanitizer's checks call.
 *
 * With CONFIG_UBSAN the compiler puts a check before each operation that C does not define for
 * all operands, and a call to a handler for the bad case.  Each place has a record, static data in
 * the layout that GCC and Clang agree on, which begins with file, line and column.  A handler says
 * in words what happened, and returns; the code goes on as it would have without the check.
 *
 *	shift		count negative or as large as the type
 *	division	by zero, and of the least number by -1 (the trap comes next)
 *	bounds		index outside of an array whose size is known
 *	bool		value other than 0 and 1 (of enums C++ alone is checked)
 *	alignment	access to a type at an address that it does not allow, packed types aside
 *	object-size	access beyond the object that a pointer is known to point to (GCC alone)
 *	builtin		__builtin_clz() and _ctz() of 0
 *	unreachable	__builtin_unreachable() is reached: the only one that does not go on
 *
 * Left out, for a reason each:
 *	overflow	of signed numbers and pointers is defined: -fno-strict-overflow
 *	null		faults, and the panic says so; -fno-delete-null-pointer-checks keeps it so
 *	vla-bound	there are no arrays of variable length: -Wvla
 *	return		is of C++; nonnull, returns-nonnull: nothing has these attributes
 *	float		there is none in the kernel
 *
 * A place reports once: the top bit of its column remembers that.  Not instrumented.
 * Context: any.
 */
#include <oshit/math.h>
#include <oshit/printf.h>
#include <oshit/types.h>
#include <oshit/ubsan.h>

#define COLUMN_REPORTED (1u << 31)
#define TEXT_SIZE	160

struct ubsan_place {
	const char *file;
	u32 line;
	u32 column; /* COLUMN_REPORTED: set by the first report */
};

struct ubsan_type {
	u16 kind; /* 0: integer */
	u16 info; /* of an integer: bit 0 is set if signed, above it log2 of its bits */
	char name[]; /* quoted */
};

struct ubsan_shift {
	struct ubsan_place place;
	const struct ubsan_type *left, *right;
};

struct ubsan_typed { /* division, bool */
	struct ubsan_place place;
	const struct ubsan_type *type;
};

struct ubsan_bounds {
	struct ubsan_place place;
	const struct ubsan_type *array, *index;
};

struct ubsan_mismatch {
	struct ubsan_place place;
	const struct ubsan_type *type;
	u8 log_alignment;
	u8 access; /* index of access_names */
};

struct ubsan_builtin {
	struct ubsan_place place;
	u8 kind; /* 0: ctz, 1: clz */
};

void (*ubsan_report_hook)(const struct ubsan_report *report);

static struct { /* written by tests, which run one at a time */
	enum ubsan_kind kind;
	unsigned int count;
} expected;

void ubsan_expect(enum ubsan_kind kind)
{
	expected.count = 0;
	WRITE_ONCE(expected.kind, kind);
}

unsigned int ubsan_count(void)
{
	return expected.count;
}

static const char *const access_names[] = {
	"load of",	    "store to",	      "reference to",
	"member access in", "member call of", "constructor call of",
	"downcast of",	    "downcast of",    "upcast of",
	"cast of",
};

static unsigned int bits_of(const struct ubsan_type *type)
{
	return 1u << (type->info >> 1);
}

/* A value as wide as a register or less travels in the register, sign-extended or not. */
static long value_of(const struct ubsan_type *type, unsigned long value)
{
	unsigned int unused = bits_of(type) < 64 ? 64 - bits_of(type) : 0;

	if (type->info & 1)
		return (long)(value << unused) >> unused;
	return (long)(value << unused >> unused);
}

static bool is_signed(const struct ubsan_type *type)
{
	return type->info & 1;
}

__printf(3, 4) static void report(struct ubsan_place *place, enum ubsan_kind kind, const char *fmt,
				  ...)
{
	char text[TEXT_SIZE];
	struct ubsan_report r = { .kind = kind, .file = place->file, .line = place->line };
	va_list args;

	if (kind == READ_ONCE(expected.kind)) {
		expected.count++;
		return;
	}
	r.column = __atomic_fetch_or(&place->column, COLUMN_REPORTED, __ATOMIC_RELAXED);
	if (r.column & COLUMN_REPORTED || !ubsan_report_hook)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	r.text = text;
	ubsan_report_hook(&r);
}

/* The names and arguments are the compilers'. */
void __ubsan_handle_shift_out_of_bounds(struct ubsan_shift *shift, unsigned long left,
					unsigned long right);
void __ubsan_handle_divrem_overflow(struct ubsan_typed *typed, unsigned long left,
				    unsigned long right);
void __ubsan_handle_out_of_bounds(struct ubsan_bounds *bounds, unsigned long index);
void __ubsan_handle_load_invalid_value(struct ubsan_typed *typed, unsigned long value);
void __ubsan_handle_type_mismatch_v1(struct ubsan_mismatch *mismatch, unsigned long addr);
void __ubsan_handle_invalid_builtin(struct ubsan_builtin *builtin);
__noreturn void __ubsan_handle_builtin_unreachable(struct ubsan_place *place);

void __ubsan_handle_shift_out_of_bounds(struct ubsan_shift *shift, unsigned long left,
					unsigned long right)
{
	report(&shift->place, UBSAN_SHIFT, "shift by %ld of %ld, which is %s with %u bits",
	       value_of(shift->right, right), value_of(shift->left, left), shift->left->name,
	       bits_of(shift->left));
}

void __ubsan_handle_divrem_overflow(struct ubsan_typed *typed, unsigned long left,
				    unsigned long right)
{
	long divisor = value_of(typed->type, right);

	if (is_signed(typed->type) && divisor == -1)
		report(&typed->place, UBSAN_DIVISION, "division of %ld by -1 does not fit %s",
		       value_of(typed->type, left), typed->type->name);
	else
		report(&typed->place, UBSAN_DIVISION, "division by zero in %s", typed->type->name);
}

void __ubsan_handle_out_of_bounds(struct ubsan_bounds *bounds, unsigned long index)
{
	report(&bounds->place, UBSAN_BOUNDS, "index %ld is out of range for %s",
	       value_of(bounds->index, index), bounds->array->name);
}

void __ubsan_handle_load_invalid_value(struct ubsan_typed *typed, unsigned long value)
{
	report(&typed->place, UBSAN_VALUE, "load of %ld, which is no value of %s",
	       value_of(typed->type, value), typed->type->name);
}

void __ubsan_handle_type_mismatch_v1(struct ubsan_mismatch *mismatch, unsigned long addr)
{
	unsigned long alignment = 1UL << mismatch->log_alignment;
	const char *access = mismatch->access < ARRAY_SIZE(access_names)
				     ? access_names[mismatch->access]
				     : "access to";

	if (!addr)
		report(&mismatch->place, UBSAN_NULL, "%s %s at a null pointer", access,
		       mismatch->type->name);
	else if (addr & (alignment - 1))
		report(&mismatch->place, UBSAN_ALIGNMENT,
		       "%s %s at 0x%lx, which is no multiple of %lu", access, mismatch->type->name,
		       addr, alignment);
	else
		report(&mismatch->place, UBSAN_OBJECT_SIZE,
		       "%s %s at 0x%lx, where the object has no room for it", access,
		       mismatch->type->name, addr);
}

void __ubsan_handle_invalid_builtin(struct ubsan_builtin *builtin)
{
	report(&builtin->place, UBSAN_BUILTIN, "%s of 0 is undefined",
	       builtin->kind ? "__builtin_clz()" : "__builtin_ctz()");
}

void __ubsan_handle_builtin_unreachable(struct ubsan_place *place)
{
	report(place, UBSAN_UNREACHABLE, "what cannot be reached was reached");
	__builtin_trap();
}
