/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vDSO: one segment, read and execute, with headers and all tables, so that the file is the
 * picture of the memory.  Its data lies in the pages before it and is the kernel's; it has none of
 * its own, and nothing that a dynamic linker would have to relocate (scripts/vdso-check.sh).
 */
#include <arch/page.h>
#include <oshit/vdso_data.h>

OUTPUT_FORMAT(elf64-x86-64)
OUTPUT_ARCH(i386:x86-64)

PHDRS
{
	text PT_LOAD FLAGS(5) FILEHDR PHDRS;
	dynamic PT_DYNAMIC FLAGS(4);
	eh_frame_hdr PT_GNU_EH_FRAME;
}

SECTIONS
{
	clock_page = . - VDSO_DATA_PAGES * 0x1000;
	vdso_process = . - (VDSO_DATA_PAGES - VDSO_PROCESS_PAGE) * 0x1000;

	. = SIZEOF_HEADERS;
	.hash		: { *(.hash) } :text
	.gnu.hash	: { *(.gnu.hash) }
	.dynsym		: { *(.dynsym) }
	.dynstr		: { *(.dynstr) }
	.gnu.version	: { *(.gnu.version) }
	.gnu.version_d	: { *(.gnu.version_d) }
	.gnu.version_r	: { *(.gnu.version_r) }
	.dynamic	: { *(.dynamic) } :text :dynamic
	.rodata		: { *(.rodata .rodata.*) } :text
	.eh_frame_hdr	: { *(.eh_frame_hdr) } :text :eh_frame_hdr
	.eh_frame	: { KEEP(*(.eh_frame)) } :text
	.text		: { *(.text .text.*) } :text = 0xcccccccc
	/* What a linker makes though it is not needed; vdso-check.sh looks that it is empty. */
	.rela.dyn	: { *(.rela.dyn .rela.*) } :text
	.got		: { *(.got .got.plt .plt .plt.*) } :text
	.data		: { *(.data .data.* .bss .bss.* COMMON) } :text

	.comment 0	: { *(.comment) }
	.symtab 0	: { *(.symtab) }
	.strtab 0	: { *(.strtab) }
	.shstrtab 0	: { *(.shstrtab) }

	/DISCARD/ : {
		*(.note.* .note.GNU-stack .debug_* .sframe .relr.dyn .iplt .igot*)
	}
}

ASSERT(SIZEOF(.data) == 0, "the vDSO has no data of its own")

VERSION
{
	LINUX_2.6 {
	global:
		clock_gettime;
		__vdso_clock_gettime;
		clock_getres;
		__vdso_clock_getres;
		gettimeofday;
		__vdso_gettimeofday;
		time;
		__vdso_time;
		getcpu;
		__vdso_getcpu;
		__vdso_getpid;
	local:
		*;
	};
}
