/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files whose text is made when somebody reads it: fs/seq_file.c.  The text is a sequence of
 * records, which the operations go through.  Context of all functions: task, may sleep.
 */
#ifndef OSHIT_SEQ_FILE_H
#define OSHIT_SEQ_FILE_H

#include <oshit/fs.h>
#include <oshit/mutex.h>
#include <oshit/types.h>

struct cpumask;
struct path;

struct seq_file { /* l: ->lock   i: constant after open */
	struct mutex lock; /* who reads at the file's position, and who at one of his own */
	char *buf; /* l  NULL: none yet */
	size_t size; /* l  of buf; set at open: what to begin with */
	size_t count; /* l  bytes in buf; ->size: the text did not fit */
	size_t from; /* l  of these, bytes that were read */
	size_t pad_until; /* l  seq_pad() fills up to here */
	loff_t index; /* l  of the record behind those in buf */
	loff_t read_pos; /* l  of the text, where the next byte belongs */
	const struct seq_operations *ops; /* i */
	const struct file *file; /* i  not held: it holds us */
	void *private; /* of ops */
};

/*
 * start() goes to record *@pos, or says with NULL that there is none, next() to the one behind and
 * moves *@pos in any case; both may return ERR_PTR(-errno).  stop() is called after each start(),
 * also if that failed; locks may be held in between, under which no user memory is touched.  show()
 * writes the text: 0, SEQ_SKIP (what it has written is dropped), -errno.  If the text does not fit
 * all is done again with a larger buffer.
 */
struct seq_operations {
	void *(*start)(struct seq_file *m, loff_t *pos);
	void *(*next)(struct seq_file *m, void *record, loff_t *pos);
	void (*stop)(struct seq_file *m, void *record);
	int (*show)(struct seq_file *m, void *record);
};

#define SEQ_SKIP	1
#define SEQ_START_TOKEN ((void *)1) /* a record that is a heading */

/* For file_operations.open: file->private becomes the struct seq_file. 0 or -ENOMEM. */
int seq_open(struct file *file, const struct seq_operations *ops, void *private);
/* The same for a text of one record, which show() writes. */
int single_open(struct file *file, int (*show)(struct seq_file *m, void *unused), void *private);
/* The others of file_operations. single_release() is for single_open(). */
long seq_read(struct file *file, struct iov_iter *to, loff_t *pos);
loff_t seq_lseek(struct file *file, loff_t offset, int whence);
int seq_release(struct inode *inode, struct file *file);
int single_release(struct inode *inode, struct file *file);

/* --- for show() --- */

void seq_printf(struct seq_file *m, const char *fmt, ...) __printf(2, 3);
void seq_putc(struct seq_file *m, char c);
void seq_puts(struct seq_file *m, const char *s);
void seq_write(struct seq_file *m, const void *bytes, size_t len);
/* The same, characters of @escape and backslashes as \ooo. */
void seq_escape(struct seq_file *m, const char *s, const char *escape);
/* d_path() as seen from the caller's root; characters of @escape as \ooo. */
void seq_path(struct seq_file *m, const struct path *path, const char *escape);
/* Blanks up to @width bytes behind where seq_set_width() was called; then @c unless it is 0. */
void seq_set_width(struct seq_file *m, size_t width);
void seq_pad(struct seq_file *m, char c);

/* A set of CPUs: hexadecimal, words of 32 bits with commas between them, as many digits as CPUs are
 * possible; and as ranges: 0-3,7. */
void seq_cpumask(struct seq_file *m, const struct cpumask *mask);
void seq_cpulist(struct seq_file *m, const struct cpumask *mask);

static inline bool seq_has_overflowed(const struct seq_file *m)
{
	return m->count == m->size;
}

#endif
