/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Terminals.  A struct tty_struct is one: a serial line, screen and keyboard, or an end of a
 * pseudo-terminal.  Documentation/tty.rst tells how files, line discipline and devices hang
 * together.
 */
#ifndef OSHIT_TTY_H
#define OSHIT_TTY_H

#include <asm/termbits.h>
#include <asm/termios.h>
#include <oshit/list.h>
#include <oshit/mutex.h>
#include <oshit/refcount.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>
#include <oshit/wait.h>

struct file;
struct iov_iter;
struct n_tty;
struct poll_table;
struct session;
struct tty_struct;

/* Context: task; may sleep, unless said otherwise.  NULL: nothing to do. */
struct tty_operations {
	/* Each file, whether it may; then the first one. Under ->mutex. 0 or -errno. */
	int (*may_open)(struct tty_struct *tty);
	int (*open)(struct tty_struct *tty);
	/* The last file has gone; under ->mutex. */
	void (*close)(struct tty_struct *tty);
	/* Takes what there is room for, does not wait. Under the lock of the output. Bytes. */
	size_t (*write)(struct tty_struct *tty, const char *s, size_t len);
	size_t (*write_room)(struct tty_struct *tty);
	size_t (*nr_unsent)(struct tty_struct *tty);
	/* Forgets what is unsent. */
	void (*flush)(struct tty_struct *tty);
	/* ->stopped has changed. Under ->flow_lock; does not sleep. */
	void (*stop)(struct tty_struct *tty);
	void (*start)(struct tty_struct *tty);
	void (*send_now)(struct tty_struct *tty, char c);
	/* ->termios has changed from *@old. Under the locks of input and output. */
	void (*set_termios)(struct tty_struct *tty, const struct ktermios *old);
	void (*set_break)(struct tty_struct *tty, bool on);
	int (*get_modem)(struct tty_struct *tty); /* TIOCM_, or -errno */
	int (*set_modem)(struct tty_struct *tty, unsigned int set, unsigned int clear);
	/* The reader has made room: what was held back may come. */
	void (*unthrottle)(struct tty_struct *tty);
	/* What was received, and not yet taken by the line discipline, is thrown away. */
	void (*flush_input)(struct tty_struct *tty);
	/* Those of this kind alone. -ENOIOCTLCMD: none of these. */
	long (*ioctl)(struct tty_struct *tty, struct file *file, unsigned int cmd,
		      unsigned long arg);
	/* The last reference has gone. */
	void (*destroy)(struct tty_struct *tty);
};

#define ENOIOCTLCMD 515 /* never leaves the terminal code */

/* i: constant   m: ->mutex   t: tasklist_lock   f: ->flow_lock   a: atomic   d: the locks of input
 * and output of the line discipline to write, either to read */
struct tty_struct {
	refcount_t refs; /* files, sessions, who made it */
	char name[12]; /* i */
	u32 dev; /* i  MKDEV() */
	const struct tty_operations *ops; /* i */
	void *driver_data; /* i */
	struct tty_struct *link; /* i  the other end of a pseudo-terminal */
	bool is_master; /* i */

	struct mutex mutex; /* opening, closing, hanging up */
	struct list_head files; /* m  struct tty_file, that are not hung up */
	unsigned int nr_hangups; /* m */
	bool is_exclusive; /* m  TIOCEXCL */
	bool is_closed; /* a  the other end of the pseudo-terminal has gone */

	struct ktermios termios; /* d */
	struct ktermios init_termios; /* i  what it begins with */
	struct winsize winsize; /* disc->output */
	struct n_tty *disc; /* i  the line discipline; NULL: a master */

	struct wait_queue_head read_wait; /* input, or the end of it */
	struct wait_queue_head write_wait; /* room for output, or the end of it */
	struct mutex write_mutex; /* a write() at a time: they do not mix */

	spinlock_t flow_lock;
	bool stopped; /* f  no output: STOP was typed, or TCOOFF */
	bool tco_stopped; /* f  by TCOOFF: typing START is not enough */
	bool is_packet; /* f  TIOCPKT, of a master */
	u8 packet_status; /* f  TIOCPKT_, what the master has yet to be told */

	struct session *session; /* t  whose controlling terminal it is */
	int pgrp; /* t  its group in the foreground; 0: none */
};

struct tty_file { /* file->private */
	struct tty_struct *tty; /* i  with a reference */
	struct file *file; /* i */
	struct list_head link; /* tty->mutex */
	bool is_hung_up; /* a  reads as ended, writes fail */
	bool is_console; /* i  by /dev/console: not hung up, no control of jobs */
};

static inline struct tty_struct *tty_get(struct tty_struct *tty)
{
	refcount_inc(&tty->refs);
	return tty;
}

/* NULL is ignored. Context: task, may sleep. */
void tty_put(struct tty_struct *tty);

/* A terminal without a device yet, with a reference. 0; -ENOMEM. */
int tty_init_struct(struct tty_struct *tty, const struct tty_operations *ops);
/* And the end of what that allocated. */
void tty_free_struct(struct tty_struct *tty);

/* Opens @tty, whose reference it takes over, as @file. 0; -EIO; -EBUSY; -ENOMEM. */
int tty_open_file(struct tty_struct *tty, struct file *file);

/* All files of the terminal end; its session loses it, and is told by SIGHUP. Task, may sleep. */
enum tty_hangup { TTY_HANGUP_LINE, TTY_HANGUP_SESSION_ENDS };
void tty_hangup(struct tty_struct *tty, enum tty_hangup why);

/* Whoever waits for room for output, or for its end, looks again. Any context but NMI. */
static inline void tty_wake_writers(struct tty_struct *tty)
{
	wake_up_all(&tty->write_wait);
}

/* --- job control: above, in the tier of processes --- */

struct tty_job_ops {
	/* What a group in the background does to the terminal stops it by @sig. 0: go on;
	 * -ERESTARTSYS; -EIO. */
	int (*check)(struct tty_struct *tty, int sig);
	/* Signals the group in the foreground. */
	void (*signal)(struct tty_struct *tty, int sig);
	/* May become the controlling terminal of who has opened it. */
	void (*opened)(struct tty_struct *tty, const struct file *file);
	/* Of the caller, with a reference, or NULL. */
	struct tty_struct *(*current_tty)(void);
	/* SIGHUP to whom it controls; it controls nobody then. */
	void (*hangup)(struct tty_struct *tty, enum tty_hangup why);
	/* TIOCSCTTY and the like; of @tty, which a master has for @file's. -ENOIOCTLCMD. */
	long (*ioctl)(struct tty_struct *tty, struct tty_struct *of_file, const struct file *file,
		      unsigned int cmd, unsigned long arg);
};

extern const struct tty_job_ops *tty_jobs;

#ifdef CONFIG_TTY
/* Process 1 has none of this before. Boot. */
void tty_jobs_init(void);
/* The caller's process ends: if it leads a session, that loses its terminal. Task, may sleep. */
void tty_process_exits(void);

/* Boot: the terminals of all ports; /dev/tty, /dev/console. */
void tty_init(void);
#else
static inline void tty_jobs_init(void) {}
static inline void tty_process_exits(void) {}
static inline void tty_init(void) {}
#endif

#endif
