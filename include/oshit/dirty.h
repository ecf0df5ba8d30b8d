/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many pages of files may be dirty, and who stores them: mm/dirty.c.  Context of all functions:
 * task, may sleep, unless it says otherwise.
 */
#ifndef OSHIT_DIRTY_H
#define OSHIT_DIRTY_H

#include <oshit/types.h>

struct address_space;

/* Settings, /proc/sys/vm; a number of bytes that is not 0 decides before a ratio, which is in
 * percent of what may hold pages of files: free memory, and such pages. */
extern unsigned long dirty_ratio, dirty_bytes; /* who writes more waits */
extern unsigned long dirty_background_ratio, dirty_background_bytes; /* the flusher begins */
extern unsigned long dirty_writeback_centisecs; /* what is dirty is stored after this time */

struct dirty_limits { /* pages */
	unsigned long background, hard;
};
void dirty_limits_get(struct dirty_limits *limits);

/**
 * balance_dirty_pages() - to be called by who has made pages of @mapping dirty He holds no lock of
 * a page. If too much is dirty, and much of it is in @mapping, he stores some of it himself, so
 * that he gets no further than the disk; who has written little goes on. Return: 0, or the error of
 * a page of @mapping that could not be stored.
 */
int balance_dirty_pages(struct address_space *mapping);

/* Begins to store pages, because reclaim wants them clean. Any context but NMI. */
void flusher_wake(void);
/* Waits for some page to be stored, or a time. */
void writeback_wait(u64 timeout_ns);
/* A page has been stored, or given up: for who waits. Any context but NMI. */
void writeback_progress(void);

/* --- for mm/writeback.c, mm/filemap.c and mm/truncate.c --- */

/* The number of pages of @mapping with the tag has changed; mapping->lock is held. */
void dirty_note_mapping(struct address_space *mapping);
/* All pages of @mapping are gone, and it goes: afterwards nobody stores any. */
void dirty_leave_mapping(struct address_space *mapping);

void flusher_init(void); /* boot: the thread */

#endif
