/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration that the kernel was built with, compressed: for /proc/config.gz. */
	.section .rodata, "a"
	.globl config_gz_start, config_gz_end
config_gz_start:
	.incbin GZ_FILE
config_gz_end:
