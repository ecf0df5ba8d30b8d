/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stops everything and opens the kernel's monitor on the consoles; its command `continue` goes on
 * here.  Only the superuser may.
 */
#include <oshit.h>
#include <stdio.h>

int main(void)
{
	if (!enter_monitor())
		return 0;
	perror("oshit-monitor");
	return 1;
}
