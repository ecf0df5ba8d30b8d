/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small ELF program as bytes, to be damaged: one segment with the headers and code that exits
 * with status 42.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <elf.h>
#include <sys/stat.h>

#include "selftest.h"

#define IMAGE_BASE 0x10000000UL

struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segments[3]; /* the second and third are PT_NULL */
	unsigned char code[16]; /* exit_group(42) */
	char more[512];
};

static inline void image_init(struct image *image)
{
	static const unsigned char code[] = { 0xbf, 42, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05 };

	memset(image, 0, sizeof(*image));
	image->header = (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = IMAGE_BASE + offsetof(struct image, code),
		.e_phoff = offsetof(struct image, segments),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	};
	image->segments[0] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_vaddr = IMAGE_BASE,
		.p_filesz = sizeof(*image),
		.p_memsz = sizeof(*image),
		.p_align = PAGE,
	};
	memcpy(image->code, code, sizeof(code));
}

/* Writes @size bytes to the new file @path, executable. */
static inline void write_program(struct test *t, const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	REQUIRE(t, fd >= 0);
	REQUIRE(t, write(fd, data, size) == (ssize_t)size);
	close(fd);
}

/* What execve returns, or else the wait status of the program shifted beyond all errnos. */
static inline long try_exec(struct test *t, const char *path)
{
	volatile long *result = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				     -1, 0);
	char *const argv[] = { (char *)path, NULL };
	long got;
	int status;
	pid_t pid = fork();

	REQUIRE(t, pid >= 0);
	if (!pid) {
		*result = kcall(SYS_execve, path, argv, NULL);
		_exit(0);
	}
	status = wait_for(t, pid);
	got = *result;
	munmap((void *)result, PAGE);
	return got ? got : (long)status << 16;
}

#define RAN_WITH(code)	((long)(code) << 24)
#define KILLED_BY(sig)	((long)(sig) << 16)

#endif
