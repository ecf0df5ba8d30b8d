/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of the terminals: the theory is in tty_io.c and n_tty.c. */
#ifndef DRIVERS_TTY_TTY_H
#define DRIVERS_TTY_TTY_H

#include <oshit/bitmap.h>
#include <oshit/tty.h>
#include <oshit/workqueue.h>

#define N_TTY_BYTES	  4096 /* of input; a power of two; as Linux */
#define N_TTY_ECHO_BYTES  4096
#define N_TTY_WAKE_ROOM	  256 /* unsent bytes below which poll() finds room; as Linux */

#define CTRL(c)		  ((c)&0x1f)

struct n_tty { /* n: ->mutex   o: ->output, inside of it */
	struct mutex mutex; /* what was typed */
	char *bytes; /* n  [N_TTY_BYTES] */
	DECLARE_BITMAP(line_ends, N_TTY_BYTES); /* n  places in ->bytes: '\n', EOL, end of file */
	unsigned int head; /* n  next to come; these count up for ever */
	unsigned int canon_head; /* n  behind the last line that is complete */
	unsigned int tail; /* n  next to be read */
	bool literal_next; /* n  LNEXT was typed */
	bool erasing; /* n  between the '\' and the '/' of ECHOPRT */
	bool no_room; /* n  something was refused: ->unthrottle() is due */

	struct mutex output;
	char *echo; /* o  [N_TTY_ECHO_BYTES], as it goes to the device */
	unsigned int echo_head, echo_tail; /* o  count up for ever */
	unsigned int column; /* o  of the cursor, when the echo has been shown */
	unsigned int echo_column; /* o  and before, if there is any */
	unsigned int canon_column; /* o  where the line begins that is typed */
};

/* --- tty_io.c --- */

/* ->release() of their files. */
int tty_release(struct inode *inode, struct file *file);

static inline bool tty_flag(const struct tty_struct *tty, unsigned int flag)
{
	return tty->termios.c_lflag & flag;
}

/* Whoever polls a hung-up file is told of everything at once. */
#define TTY_HUNG_UP_EVENTS (POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM)

/* A write() of @file that does not mix with another. 0: @mutex is held; -EAGAIN; -ERESTARTSYS. */
int tty_begin_write(struct mutex *mutex, const struct file *file);

void tty_stop(struct tty_struct *tty);
/* Unless TCOOFF holds it. */
void tty_start(struct tty_struct *tty);
void tty_set_tco(struct tty_struct *tty, bool stopped);
/* The master that asked for packets is told @set, no longer @clear. Of the slave. */
void tty_packet_status(struct tty_struct *tty, unsigned int set, unsigned int clear);

/* --- n_tty.c: input --- */

struct n_tty *n_tty_alloc(void);
void n_tty_free(struct n_tty *disc);

/**
 * n_tty_receive() - what has come
 * @items: bytes, or-ed with TTY_ flags of <oshit/tty_port.h>
 *
 * Context: task; takes the locks of input and output, and tasklist_lock to signal.
 * Return: how many were taken; the rest when ->unthrottle() is called.
 */
size_t n_tty_receive(struct tty_struct *tty, const u16 *items, size_t nr);
long n_tty_read(struct tty_file *tty_file, struct iov_iter *to);
/* Whether a read() would not wait: for poll(). */
bool n_tty_readable(struct tty_struct *tty);
/* Bytes that a read() could get. */
unsigned int n_tty_nr_readable(struct tty_struct *tty);
/* Forgets what was typed. Under ->mutex. */
void n_tty_reset_input(struct tty_struct *tty);
void n_tty_flush_input(struct tty_struct *tty);
/* ->termios has changed: what was typed is seen in a new way. Under both locks. */
void n_tty_termios_changed(struct tty_struct *tty, const struct ktermios *old);

/* --- n_tty_output.c --- */

long n_tty_write(struct tty_file *tty_file, struct iov_iter *from);
/* The device gets what waits of the echo. */
void n_tty_flush_echo(struct tty_struct *tty);
bool n_tty_has_echo(const struct tty_struct *tty);

/* Under the lock of the output: as it is written; as ECHOCTL wants it; as it is. */
void n_tty_echo_raw(struct tty_struct *tty, u8 c);
void n_tty_echo_char(struct tty_struct *tty, u8 c);
void n_tty_echo_text(struct tty_struct *tty, const char *text);
/* One to the left; in what is known of the cursor alone. */
void n_tty_echo_back(struct tty_struct *tty);
void n_tty_column_back(struct tty_struct *tty);
void n_tty_forget_echo(struct tty_struct *tty);

/* --- tty_ioctl.c --- */

long tty_file_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
/* Sets it, whoever asks. Task, may sleep. */
void tty_set_termios(struct tty_struct *tty, const struct ktermios *termios);
/* Until all that was written is on the line, or a signal comes; an echo that is held or has no room
 * is waited for by nobody. 0; -ERESTARTSYS. */
int tty_wait_until_sent(struct tty_struct *tty, u64 deadline_ns);

/* --- tty_device.c --- */

/* A terminal for each port. Boot. */
void tty_devices_init(void);
/* That of the console: the last console= that has one, or the first port. NULL: none. */
struct tty_struct *tty_of_console(void);
/* With a reference; NULL: no port has that number. */
struct tty_struct *tty_find_device(u32 dev);

extern const struct ktermios tty_std_termios;
extern const struct file_operations tty_fops;

/* --- pty.c --- */

#ifdef CONFIG_UNIX98_PTYS
void pty_init(void);
#else
static inline void pty_init(void) {}
#endif


#endif
