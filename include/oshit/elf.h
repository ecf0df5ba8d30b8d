/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Executables in the ELF format: what a loader must know, out of bytes that nobody can be trusted
 * to have made.  Nothing is mapped here; addresses are those that the file asks for.
 * Sources: System V ABI, chapters 4 and 5; AMD64 supplement, 4.1; <linux/elf.h>.
 */
#ifndef OSHIT_ELF_H
#define OSHIT_ELF_H

#include <linux/elf.h>
#include <oshit/types.h>

#define ELF_MAX_HEADERS_SIZE 65536u /* bytes of program headers that are accepted, as by Linux */
#define ELF_MAX_INTERP	     4096u /* bytes of the interpreter's path with its 0 */

struct elf_file {
	u16 type; /* ET_EXEC or ET_DYN */
	u16 nr_headers;
	u64 entry; /* address */
	u64 headers_offset; /* bytes in the file */
};

struct elf_program {
	u64 low, high; /* addresses, in pages, that loading takes: [low, high) */
	u64 align; /* largest alignment asked for by a segment; power of two, at least a page */
	u64 headers_addr; /* where the program headers will lie; 0: they are not loaded */
	u64 code_start, code_end; /* of executable segments */
	u64 data_start, data_end; /* of the highest segment, up to the end of what the file has */
	u64 brk; /* the first byte behind all */
	u64 interp_offset; /* bytes in the file */
	u32 interp_size; /* bytes, with the 0; 0: there is no interpreter */
	bool stack_is_executable;
};

/**
 * elf_parse_header() - read the first bytes of a file
 * @bytes: its first @size bytes
 *
 * Context: any.
 * Return: 0; -ENOEXEC: no ELF file for this machine, or one that cannot be run.
 */
int elf_parse_header(struct elf_file *file, const void *bytes, size_t size);

/**
 * elf_parse_program() - read the program headers
 * @headers: file->nr_headers of them
 * @limit: no address may lie at or above it
 *
 * Context: any.
 * Return: 0; -ENOEXEC: nothing to load, or an interpreter's path of impossible length; -EINVAL:
 * segments that overflow, or lie where no program can.
 */
int elf_parse_program(struct elf_program *program, const struct elf_file *file,
		      const Elf64_Phdr *headers, u64 limit);

#endif
