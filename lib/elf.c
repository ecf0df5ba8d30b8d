/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parser of ELF executables.
 *
 * The header says where the program headers are; those of type PT_LOAD are the segments: a range of
 * the file, an address, and a size in memory that may be larger, the rest being zeros.  Everything
 * is compared with its limit before it is added to anything, so no sum can wrap.  What is asked of
 * a segment:
 *
 *	size in the file <= size in memory
 *	[address, address + size) below the limit, offset + size no overflow
 *	address and offset agree within a page, for pages are what gets mapped
 *
 * Segments may come in any order and may share pages, as the linker's do; one that overlaps another
 * covers it.  An empty segment loads nothing.
 *
 * Any context, no state.
 */
#include <linux/errno.h>

#include <oshit/bitops.h>
#include <oshit/elf.h>
#include <oshit/math.h>
#include <oshit/string.h>

#define ELF_PAGE	4096ul
#define MAX_FILE_OFFSET 0x7ffffffffffffffful

int elf_parse_header(struct elf_file *file, const void *bytes, size_t size)
{
	Elf64_Ehdr header;

	if (size < sizeof(header))
		return -ENOEXEC;
	memcpy(&header, bytes, sizeof(header));
	/* The class says nothing that the machine does not; Linux does not look at it. */
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) || header.e_ident[EI_DATA] != ELFDATA2LSB)
		return -ENOEXEC;
	if (header.e_machine != EM_X86_64 || (header.e_type != ET_EXEC && header.e_type != ET_DYN))
		return -ENOEXEC;
	if (header.e_phentsize != sizeof(Elf64_Phdr) || !header.e_phnum ||
	    header.e_phnum > ELF_MAX_HEADERS_SIZE / sizeof(Elf64_Phdr))
		return -ENOEXEC;
	if (header.e_phoff > MAX_FILE_OFFSET)
		return -ENOEXEC;
	*file = (struct elf_file){
		.type = header.e_type,
		.nr_headers = header.e_phnum,
		.entry = header.e_entry,
		.headers_offset = header.e_phoff,
	};
	return 0;
}

static bool segment_is_sane(const Elf64_Phdr *segment, u64 limit)
{
	if (segment->p_filesz > segment->p_memsz || segment->p_memsz > limit ||
	    segment->p_vaddr > limit - segment->p_memsz)
		return false;
	if (segment->p_offset + segment->p_filesz < segment->p_offset ||
	    segment->p_offset + segment->p_filesz > MAX_FILE_OFFSET)
		return false;
	return (segment->p_vaddr - segment->p_offset) % ELF_PAGE == 0;
}

static void add_segment(struct elf_program *program, const Elf64_Phdr *segment)
{
	u64 start = segment->p_vaddr, file_end = start + segment->p_filesz;
	u64 end = start + segment->p_memsz;

	program->low = min(program->low, ALIGN_DOWN(start, ELF_PAGE));
	program->high = max(program->high, ALIGN_UP(end, ELF_PAGE));
	program->brk = max(program->brk, end);
	if (IS_POWER_OF_2(segment->p_align))
		program->align = max_t(u64, program->align, segment->p_align);
	if (segment->p_flags & PF_X) {
		program->code_start = min(program->code_start, start);
		program->code_end = max(program->code_end, file_end);
	}
	if (start >= program->data_start) {
		program->data_start = start;
		program->data_end = file_end;
	}
}

/* Whether the segment brings the program headers into memory, and where. */
static void find_headers(struct elf_program *program, const struct elf_file *file,
			 const Elf64_Phdr *segment)
{
	if (segment->p_offset <= file->headers_offset &&
	    file->headers_offset < segment->p_offset + segment->p_filesz)
		program->headers_addr =
			segment->p_vaddr + (file->headers_offset - segment->p_offset);
}

static int add_interp(struct elf_program *program, const Elf64_Phdr *header)
{
	if (header->p_filesz < 2 || header->p_filesz > ELF_MAX_INTERP)
		return -ENOEXEC;
	if (!program->interp_size) {
		program->interp_offset = header->p_offset;
		program->interp_size = header->p_filesz;
	}
	return 0;
}

static int add_header(struct elf_program *program, const struct elf_file *file,
		      const Elf64_Phdr *header, u64 limit)
{
	switch (header->p_type) {
	case PT_INTERP:
		return add_interp(program, header);
	case PT_GNU_STACK:
		program->stack_is_executable = header->p_flags & PF_X;
		return 0;
	case PT_LOAD:
		if (!segment_is_sane(header, limit))
			return -EINVAL;
		if (!header->p_memsz)
			return 0;
		add_segment(program, header);
		find_headers(program, file, header);
		return 0;
	default:
		return 0;
	}
}

int elf_parse_program(struct elf_program *program, const struct elf_file *file,
		      const Elf64_Phdr *headers, u64 limit)
{
	*program = (struct elf_program){ .low = ~0ul, .align = ELF_PAGE, .code_start = ~0ul };
	for (unsigned int i = 0; i < file->nr_headers; i++) {
		int err = add_header(program, file, &headers[i], limit);

		if (err)
			return err;
	}
	if (!program->high)
		return -ENOEXEC;
	if (program->code_start == ~0ul)
		program->code_start = program->code_end;
	return 0;
}
