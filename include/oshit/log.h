/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading the log ring.  A reader is a position that its owner advances; readers do not disturb
 * writers or each other.
 */
#ifndef OSHIT_LOG_H
#define OSHIT_LOG_H

#include <oshit/printk.h>
#include <oshit/types.h>

#ifdef CONFIG_LOG_BUF_SHIFT
#define LOG_SIZE (1UL << CONFIG_LOG_BUF_SHIFT) /* bytes of the ring */
#else
#define LOG_SIZE 4096UL
#endif

#define LOG_TEXT_MAX 480 /* bytes of a line, with the terminating 0 */

struct log_record {
	u64 time_ns; /* since the kernel's first instruction */
	enum log_level level;
	unsigned int cpu;
	unsigned int len; /* bytes in text */
	char text[LOG_TEXT_MAX];
};

struct log_reader { /* private to its owner */
	u64 pos; /* slot to read next; counts up for ever */
	u64 nr_lost; /* slots overwritten before they were read */
};

#define LOG_READER_INIT \
	{               \
		0, 0    \
	} /* from the oldest record that is left */

/**
 * log_read() - next complete record
 * Context: any; waits for nobody.
 * Return: false if there is none, or its writer has not finished it.
 */
bool log_read(struct log_reader *reader, struct log_record *record);

/* Places @reader so that at most @nr records are left to read. */
void log_reader_seek_tail(struct log_reader *reader, unsigned int nr);

/* `[seconds.micros] text\n` in @buf, as the consoles show it. Returns its length. */
size_t log_format(const struct log_record *record, char *buf, size_t size);

extern enum log_level console_loglevel; /* messages below this number go to the consoles */

/* Prints what the consoles have not shown yet, unless another CPU is at it and will. */
void console_flush(void);

/* Writes to the consoles past the log; no line of the log, of any CPU, gets in between. Any context
 * but NMI. */
void console_write_whole(const char *s, size_t len);
/* The same in steps, for who writes to a device of a console: he is the console owner, interrupts
 * off, until he gives back what the first has returned. */
unsigned long console_own(void);
void console_release(unsigned long flags);

/* Panic: takes the consoles away from whoever holds them; skips unfinished records. */
void console_panic_takeover(void);

#endif
