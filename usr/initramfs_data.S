/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The embedded initramfs, as it was built.  The section is freed with all others of .init after
 * it was unpacked; its bounds are __start_initramfs and __stop_initramfs.
 */
	.section .init.ramfs, "a"
	.incbin INITRAMFS_FILE
