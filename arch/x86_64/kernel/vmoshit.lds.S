/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image: text, read-only data, what only booting needs, data, bss.  Each begins on a page of
 * its own, because each is mapped with other rights.  It is a position-independent executable:
 * the relocations travel in .rela.dyn and .relr.dyn and are applied by early_start().
 * Tables gathered from all files get start and stop symbols here.
 */
#include <arch/layout.h>

#define PAGE 0x1000
#define TABLE(section, name)						\
	. = ALIGN(8);							\
	__start_##name = .;						\
	KEEP(*(section))						\
	__stop_##name = .;

OUTPUT_FORMAT(elf64-x86-64)
OUTPUT_ARCH(i386:x86-64)
ENTRY(multiboot2_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	init_text PT_LOAD FLAGS(5);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

SECTIONS
{
	. = IMAGE_LINK_BASE;
	_text = .;
	.text : AT(ADDR(.text) - IMAGE_WINDOW_BASE) {
		*(.head.text)
		*(.plt .plt.got .plt.sec)
		*(.text .text.hot .text.hot.* .text.unlikely .text.unlikely.* .text.*)
		_etext = .;
	} :text = 0xcccccccc

	. = ALIGN(PAGE);
	_rodata = .;
	.rodata : AT(ADDR(.rodata) - IMAGE_WINDOW_BASE) {
		*(.rodata .rodata.*)
		*(.data.rel.ro .data.rel.ro.*)
		TABLE(__ex_table, ex_table)
		TABLE(.smap_sites, smap_sites)
		TABLE(.monitor_commands, monitor_commands)
		TABLE(test_suites, test_suites)
	} :rodata
	.note.Xen : AT(ADDR(.note.Xen) - IMAGE_WINDOW_BASE) {
		KEEP(*(.note.Xen))
	} :rodata :note
	.eh_frame : AT(ADDR(.eh_frame) - IMAGE_WINDOW_BASE) {
		*(.eh_frame)
	} :rodata
	/* Last, so that filling it moves nothing else in text and read-only data. */
	.kallsyms : AT(ADDR(.kallsyms) - IMAGE_WINDOW_BASE) {
		KEEP(*(.kallsyms))
	} :rodata
	_erodata = .;

	. = ALIGN(PAGE);
	_init_begin = .;
	_init_text = .;
	.init.text : AT(ADDR(.init.text) - IMAGE_WINDOW_BASE) {
		*(.init.text)
		_einit_text = .;
	} :init_text = 0xcccccccc

	. = ALIGN(PAGE);
	.init.data : AT(ADDR(.init.data) - IMAGE_WINDOW_BASE) {
		*(.init.rodata)
		*(.init.data)
		TABLE(boot_params, boot_params)
		. = ALIGN(8);
		__start_constructors = .;
		KEEP(*(.init_array .init_array.*))
		__stop_constructors = .;
	} :data
	.init.ramfs : AT(ADDR(.init.ramfs) - IMAGE_WINDOW_BASE) {
		TABLE(.init.ramfs, initramfs)
	} :data
	/* What the linker insists on and nobody reads. */
	.dynamic : AT(ADDR(.dynamic) - IMAGE_WINDOW_BASE) { *(.dynamic) } :data
	.dynsym : AT(ADDR(.dynsym) - IMAGE_WINDOW_BASE) { *(.dynsym) } :data
	.dynstr : AT(ADDR(.dynstr) - IMAGE_WINDOW_BASE) { *(.dynstr) } :data
	.hash : AT(ADDR(.hash) - IMAGE_WINDOW_BASE) { *(.hash) } :data
	.gnu.hash : AT(ADDR(.gnu.hash) - IMAGE_WINDOW_BASE) { *(.gnu.hash) } :data
	.gnu.version : AT(ADDR(.gnu.version) - IMAGE_WINDOW_BASE) { *(.gnu.version) } :data
	.gnu.version_d : AT(ADDR(.gnu.version_d) - IMAGE_WINDOW_BASE) { *(.gnu.version_d) } :data
	.gnu.version_r : AT(ADDR(.gnu.version_r) - IMAGE_WINDOW_BASE) { *(.gnu.version_r) } :data
	.rela.dyn : AT(ADDR(.rela.dyn) - IMAGE_WINDOW_BASE) {
		__start_rela = .;
		*(.rela.dyn .rela .rela*)
		__stop_rela = .;
	} :data
	.relr.dyn : AT(ADDR(.relr.dyn) - IMAGE_WINDOW_BASE) {
		__start_relr = .;
		*(.relr.dyn)
		__stop_relr = .;
	} :data
	. = ALIGN(PAGE);
	_init_end = .;

	/* Writable until arch_seal_data(). */
	_ro_after_init = .;
	.data.ro_after_init : AT(ADDR(.data.ro_after_init) - IMAGE_WINDOW_BASE) {
		*(.data.ro_after_init)
		. = ALIGN(PAGE);
		__start_percpu = .;
		*(.data..percpu)
		. = ALIGN(64);
		__stop_percpu = .;
	} :data
	. = ALIGN(PAGE);
	_data = .;
	.data : AT(ADDR(.data) - IMAGE_WINDOW_BASE) {
		*(.data..page_aligned)
		*(.data .data.[a-zA-Z_]*)
		TABLE(__bug_table, bug_table)
		*(.got .got.plt .igot .igot.plt)
		_edata = .;
	} :data

	. = ALIGN(PAGE);
	_bss = .;
	.bss : AT(ADDR(.bss) - IMAGE_WINDOW_BASE) {
		*(.bss..page_aligned)
		. = ALIGN(PAGE);
		__boot_percpu = .;
		. += __stop_percpu - __start_percpu;
		*(.bss .bss.* COMMON .dynbss)
	} :data
	_ebss = .;
	. = ALIGN(PAGE);
	_end = .;

	.stab 0 : { *(.stab) }
	.comment 0 : { *(.comment) }
	.symtab 0 : { *(.symtab) }
	.strtab 0 : { *(.strtab) }
	.shstrtab 0 : { *(.shstrtab) }
	.debug_info 0 : { *(.debug_info) }
	.debug_abbrev 0 : { *(.debug_abbrev) }
	.debug_aranges 0 : { *(.debug_aranges) }
	.debug_line 0 : { *(.debug_line) }
	.debug_line_str 0 : { *(.debug_line_str) }
	.debug_str 0 : { *(.debug_str) }
	.debug_str_offsets 0 : { *(.debug_str_offsets) }
	.debug_addr 0 : { *(.debug_addr) }
	.debug_frame 0 : { *(.debug_frame) }
	.debug_loc 0 : { *(.debug_loc) }
	.debug_loclists 0 : { *(.debug_loclists) }
	.debug_ranges 0 : { *(.debug_ranges) }
	.debug_rnglists 0 : { *(.debug_rnglists) }

	/DISCARD/ : {
		*(.interp .note.gnu.* .note.GNU-stack .sframe .iplt .fini_array .fini_array.*)
	}
}

ASSERT(_end - _text < 0x10000000, "the image is larger than 256 MiB")
ASSERT(__stop_percpu - __start_percpu < 0x10000, "per-CPU template over 64 KiB")
