/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first program: which kernel is this, who am I, and what was I given?  It needs write(2), the
 * stack with its arguments, and little else, so it is the one to try when nothing works.
 */
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct utsname name;

	if (uname(&name)) {
		perror("hello: uname");
		return 1;
	}
	dprintf(1, "Hello from %s %s on %s\n", name.sysname, name.release, name.machine);
	dprintf(1, "process %d, child of %d, user %u\n", getpid(), getppid(), getuid());
	for (int i = 0; i < argc; i++)
		dprintf(1, "argv[%d] at %p: %s\n", i, (void *)argv[i], argv[i]);
	dprintf(1, "pages of %lu bytes, entry at %#lx, main at %p\n", getauxval(AT_PAGESZ),
		getauxval(AT_ENTRY), (void *)main);
	return 0;
}
