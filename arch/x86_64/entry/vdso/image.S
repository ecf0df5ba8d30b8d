/* SPDX-License-Identifier: GPL-2.0-only */
/* The vDSO as it was linked, in whole pages: programs see them as they are. */
	.section .rodata, "a"
	.balign 4096
	.globl vdso_image_start, vdso_image_end
vdso_image_start:
	.incbin VDSO_FILE
	.balign 4096, 0
vdso_image_end:
