/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Divides by zero.  The processor raises exception 0 in ring 3; the kernel turns it into SIGFPE,
 * whose default action ends this process, and goes on.  Nobody else notices, but who waits for it.
 */
#include <unistd.h>

/* Volatile, so that the compiler neither sees the zero nor drops the division. */
static volatile int one = 1, zero;

int main(void)
{
	static const char before[] = "divzero: about to divide by zero\n";
	static const char after[] = "divzero: still here: that is a bug of the kernel\n";

	if (write(1, before, sizeof(before) - 1) < 0)
		return 2;
	one = one / zero;
	return write(1, after, sizeof(after) - 1) < 0 ? 2 : 1;
}
