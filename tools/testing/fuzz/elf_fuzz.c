/* SPDX-License-Identifier: GPL-2.0-only */
/* Whatever the parser accepts lies below the limit, holds together, and can be added up. */
#include <oshit/elf.h>
#include <oshit/math.h>
#include <oshit/string.h>

#include "fuzz.h"

#define LIMIT	    0x7ffffffff000ul
#define MAX_HEADERS 64

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static Elf64_Phdr headers[MAX_HEADERS];
	struct elf_program program;
	struct elf_file file;
	size_t len;

	if (elf_parse_header(&file, data, size))
		return 0;
	FUZZ_ASSERT(file.nr_headers * sizeof(Elf64_Phdr) <= ELF_MAX_HEADERS_SIZE);
	/* The headers are what follows the ELF header, wherever that says they are. */
	len = min(size - sizeof(Elf64_Ehdr), sizeof(headers));
	memset(headers, 0, sizeof(headers));
	memcpy(headers, data + sizeof(Elf64_Ehdr), len);
	file.nr_headers = min_t(unsigned int, file.nr_headers, MAX_HEADERS);
	if (elf_parse_program(&program, &file, headers, LIMIT))
		return 0;
	FUZZ_ASSERT(program.low < program.high && program.high <= LIMIT);
	FUZZ_ASSERT(program.low <= program.data_start && program.data_start <= program.data_end);
	FUZZ_ASSERT(program.data_end <= program.high && program.brk <= program.high);
	FUZZ_ASSERT(program.code_start <= program.code_end && program.code_end <= program.high);
	FUZZ_ASSERT(IS_POWER_OF_2(program.align) && program.align >= 4096);
	FUZZ_ASSERT(program.interp_size <= ELF_MAX_INTERP);
	return 0;
}
