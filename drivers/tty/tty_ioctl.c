/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ioctl() does to terminals: termios in its three forms, queues, flow, window size.
 *
 * A master of a pseudo-terminal has no termios, lines or line discipline of its own; what is asked
 * of it is asked of its slave (`real' below), but for what is about the file itself.
 *
 * Who is in the background and changes the terminal is stopped first, as by a write with TOSTOP.
 *
 * Locks: a termios changes under the locks of input and output of the line discipline, so who
 * processes bytes needs no other; the window's size under that of the output.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/signal.h>
#include <linux/tty.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/fs.h>
#include <oshit/math.h>
#include <oshit/sched.h>
#include <oshit/string.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>

#include "tty.h"

#define RECHECK_NS   (5 * NSEC_PER_MSEC) /* bytes in the device itself tell nobody when they go */
#define BREAK_NS     (250 * NSEC_PER_MSEC) /* TCSBRK: a quarter of a second */
#define BREAK_TENTHS 100000000UL /* ns: the unit of TCSBRKP */

static const unsigned int speeds[] = { 0,   50,	  75,	110,  134,  150,  200,	 300,
				       600, 1200, 1800, 2400, 4800, 9600, 19200, 38400 };
static const unsigned int fast_speeds[] = { 57600,   115200,  230400,  460800,	500000,
					    576000,  921600,  1000000, 1152000, 1500000,
					    2000000, 2500000, 3000000, 3500000, 4000000 };

/* --- termios --- */

/* What the bits of CBAUD say; BOTHER: @other does. */
static unsigned int speed_of(tcflag_t bits, unsigned int other)
{
	bits &= CBAUD;
	if (bits == BOTHER)
		return other;
	if (bits & CBAUDEX) {
		bits = (bits & ~CBAUDEX) - 1;
		return bits < ARRAY_SIZE(fast_speeds) ? fast_speeds[bits] : 0;
	}
	return speeds[bits];
}

static void set_speeds(struct ktermios *termios)
{
	tcflag_t in = termios->c_cflag >> IBSHIFT & CBAUD;

	termios->c_ospeed = speed_of(termios->c_cflag, termios->c_ospeed);
	termios->c_ispeed = in == B0 ? termios->c_ospeed : speed_of(in, termios->c_ispeed);
}

void tty_set_termios(struct tty_struct *tty, const struct ktermios *termios)
{
	struct ktermios old;
	tcflag_t changed;

	mutex_lock(&tty->disc->mutex);
	mutex_lock(&tty->disc->output);
	old = tty->termios;
	tty->termios = *termios;
	if (tty->ops->set_termios)
		tty->ops->set_termios(tty, &old);
	n_tty_termios_changed(tty, &old);
	changed = (old.c_iflag ^ tty->termios.c_iflag) & IXON;
	changed |= old.c_cc[VSTART] ^ tty->termios.c_cc[VSTART];
	changed |= old.c_cc[VSTOP] ^ tty->termios.c_cc[VSTOP];
	mutex_unlock(&tty->disc->output);
	mutex_unlock(&tty->disc->mutex);
	if (!changed)
		return;
	if (tty->termios.c_iflag & IXON && tty->termios.c_cc[VSTOP] == CTRL('S') &&
	    tty->termios.c_cc[VSTART] == CTRL('Q'))
		tty_packet_status(tty, TIOCPKT_DOSTOP, TIOCPKT_NOSTOP);
	else
		tty_packet_status(tty, TIOCPKT_NOSTOP, TIOCPKT_DOSTOP);
}

static void get_termios(struct tty_struct *tty, struct ktermios *termios)
{
	mutex_lock(&tty->disc->mutex);
	*termios = tty->termios;
	mutex_unlock(&tty->disc->mutex);
}

enum termios_form { FORM_TERMIOS, FORM_TERMIOS2, FORM_TERMIO };

/* The structures of programs are the beginnings of ours, but for termio. */
static_assert(sizeof(struct termios2) == sizeof(struct ktermios), "as asm/termbits.h has it");

static long copy_termios_to(struct tty_struct *tty, enum termios_form form, void __user *to)
{
	struct ktermios termios;
	struct termio old;
	size_t size = form == FORM_TERMIOS ? sizeof(struct termios) : sizeof(struct termios2);

	get_termios(tty, &termios);
	if (form != FORM_TERMIO)
		return copy_to_user(to, &termios, size) ? -EFAULT : 0;
	memset(&old, 0, sizeof(old));
	old.c_iflag = (unsigned short)termios.c_iflag;
	old.c_oflag = (unsigned short)termios.c_oflag;
	old.c_cflag = (unsigned short)termios.c_cflag;
	old.c_lflag = (unsigned short)termios.c_lflag;
	old.c_line = termios.c_line;
	memcpy(old.c_cc, termios.c_cc, NCC);
	return copy_to_user(to, &old, sizeof(old)) ? -EFAULT : 0;
}

static tcflag_t low_half(tcflag_t old, unsigned short new)
{
	return (old & ~0xffffU) | new;
}

static int copy_termios_from(struct ktermios *termios, enum termios_form form,
			     const void __user *from)
{
	size_t size = form == FORM_TERMIOS ? sizeof(struct termios) : sizeof(struct termios2);
	struct termio old;

	if (form != FORM_TERMIO)
		return copy_from_user(termios, from, size) ? -EFAULT : 0;
	if (copy_from_user(&old, from, sizeof(old)))
		return -EFAULT;
	termios->c_iflag = low_half(termios->c_iflag, old.c_iflag);
	termios->c_oflag = low_half(termios->c_oflag, old.c_oflag);
	termios->c_cflag = low_half(termios->c_cflag, old.c_cflag);
	termios->c_lflag = low_half(termios->c_lflag, old.c_lflag);
	termios->c_line = old.c_line;
	memcpy(termios->c_cc, old.c_cc, NCC);
	return 0;
}

enum termios_what { GET, SET_NOW, SET_DRAINED, SET_FLUSHED };

static long set_termios_from(struct tty_struct *tty, enum termios_form form, enum termios_what what,
			     const void __user *from)
{
	struct ktermios termios;
	int err;

	get_termios(tty, &termios);
	err = copy_termios_from(&termios, form, from);
	if (err)
		return err;
	set_speeds(&termios);
	termios.c_line = 0; /* N_TTY, the only one */
	if (what == SET_FLUSHED)
		n_tty_flush_input(tty);
	if (what != SET_NOW)
		err = tty_wait_until_sent(tty, TIME_MAX_NS);
	if (!err)
		tty_set_termios(tty, &termios);
	return err;
}

/* --- queues and flow --- */

int tty_wait_until_sent(struct tty_struct *tty, u64 deadline_ns)
{
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		u64 now_ns = clock_ns();

		prepare_to_wait(&tty->write_wait, &wait, TASK_INTERRUPTIBLE);
		if (!tty->ops->nr_unsent(tty) || READ_ONCE(tty->is_closed) || now_ns >= deadline_ns)
			break;
		err = signal_pending(current) ? -ERESTARTSYS : 0;
		if (err)
			break;
		schedule_until_ns(min(deadline_ns, now_ns + RECHECK_NS));
	}
	finish_wait(&tty->write_wait, &wait);
	return err;
}

/* The echo stays. */
static void flush_output(struct tty_struct *tty)
{
	if (tty->ops->flush)
		tty->ops->flush(tty);
	tty_packet_status(tty, TIOCPKT_FLUSHWRITE, 0);
	tty_wake_writers(tty);
}

static long flush_queues(struct tty_struct *tty, unsigned long which)
{
	switch (which) {
	case TCIFLUSH:
		n_tty_flush_input(tty);
		return 0;
	case TCIOFLUSH:
		n_tty_flush_input(tty);
		flush_output(tty);
		return 0;
	case TCOFLUSH:
		flush_output(tty);
		return 0;
	default:
		return -EINVAL;
	}
}

static long control_flow(struct tty_struct *tty, unsigned long what)
{
	unsigned char key;

	switch (what) {
	case TCOOFF:
		tty_set_tco(tty, true);
		return 0;
	case TCOON:
		tty_set_tco(tty, false);
		return 0;
	case TCIOFF:
	case TCION:
		key = tty->termios.c_cc[what == TCIOFF ? VSTOP : VSTART];
		if (key && tty->ops->send_now)
			tty->ops->send_now(tty, (char)key);
		return 0;
	default:
		return -EINVAL;
	}
}

/* Nobody writes meanwhile. */
static long send_break(struct tty_struct *tty, u64 duration_ns)
{
	u64 deadline_ns;

	if (!tty->ops->set_break)
		return 0;
	if (mutex_lock_interruptible(&tty->write_mutex))
		return -EINTR;
	deadline_ns = clock_ns() + duration_ns;
	tty->ops->set_break(tty, true);
	while (!signal_pending(current)) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (schedule_until_ns(deadline_ns))
			break;
	}
	tty->ops->set_break(tty, false);
	mutex_unlock(&tty->write_mutex);
	return signal_pending(current) ? -EINTR : 0;
}

/* TCSBRK and TCSBRKP, which wait for what was written before. */
static long drain_and_break(struct tty_struct *tty, unsigned int cmd, unsigned long arg)
{
	int err = tty_wait_until_sent(tty, TIME_MAX_NS);

	if (err)
		return err;
	if (cmd == TCSBRK)
		return arg ? 0 : send_break(tty, BREAK_NS);
	return send_break(tty, arg ? min(arg, 100UL) * BREAK_TENTHS : BREAK_NS);
}

/* As if typed; by who has the terminal, or may do anything. */
static long simulate_input(struct tty_struct *tty, const char __user *from)
{
	struct tty_struct *mine = tty_jobs ? tty_jobs->current_tty() : NULL;
	bool is_mine = mine == tty;
	char c;
	u16 item;

	tty_put(mine);
	if (!is_mine && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(c, from))
		return -EFAULT;
	item = (u8)c;
	n_tty_receive(tty, &item, 1);
	return 0;
}

/* --- window, modem, exclusive use --- */

static long get_winsize(struct tty_struct *tty, void __user *to)
{
	struct winsize size;

	mutex_lock(&tty->disc->output);
	size = tty->winsize;
	mutex_unlock(&tty->disc->output);
	return copy_to_user(to, &size, sizeof(size)) ? -EFAULT : 0;
}

static long set_winsize(struct tty_struct *tty, const void __user *from)
{
	struct winsize size;
	bool changed;

	if (copy_from_user(&size, from, sizeof(size)))
		return -EFAULT;
	mutex_lock(&tty->disc->output);
	changed = memcmp(&size, &tty->winsize, sizeof(size));
	tty->winsize = size;
	mutex_unlock(&tty->disc->output);
	if (changed && tty_jobs)
		tty_jobs->signal(tty, SIGWINCH);
	return 0;
}

static long set_modem(struct tty_struct *tty, unsigned int cmd, const unsigned int __user *from)
{
	const unsigned int ours = TIOCM_DTR | TIOCM_RTS | TIOCM_OUT1 | TIOCM_OUT2 | TIOCM_LOOP;
	unsigned int lines;

	if (!tty->ops->set_modem)
		return -ENOTTY;
	if (get_user(lines, from))
		return -EFAULT;
	lines &= ours;
	if (cmd == TIOCMBIS)
		return tty->ops->set_modem(tty, lines, 0);
	if (cmd == TIOCMBIC)
		return tty->ops->set_modem(tty, 0, lines);
	return tty->ops->set_modem(tty, lines, ours & ~lines);
}

static long get_modem(struct tty_struct *tty, int __user *to)
{
	int lines = tty->ops->get_modem ? tty->ops->get_modem(tty) : -ENOTTY;

	return lines < 0 ? lines : put_user(lines, to);
}

static long exclusive_ioctl(struct tty_struct *tty, unsigned int cmd, int __user *arg)
{
	if (cmd == TIOCGEXCL)
		return put_user((int)READ_ONCE(tty->is_exclusive), arg);
	WRITE_ONCE(tty->is_exclusive, cmd == TIOCEXCL);
	return 0;
}

static long set_discipline(const int __user *from)
{
	int nr;

	if (get_user(nr, from))
		return -EFAULT;
	return nr == N_TTY ? 0 : -EINVAL;
}

/* --- by number --- */

static const struct termios_call {
	unsigned int cmd;
	enum termios_form form;
	enum termios_what what;
} termios_calls[] = {
	{ TCGETS, FORM_TERMIOS, GET },
	{ TCSETS, FORM_TERMIOS, SET_NOW },
	{ TCSETSW, FORM_TERMIOS, SET_DRAINED },
	{ TCSETSF, FORM_TERMIOS, SET_FLUSHED },
	{ TCGETS2, FORM_TERMIOS2, GET },
	{ TCSETS2, FORM_TERMIOS2, SET_NOW },
	{ TCSETSW2, FORM_TERMIOS2, SET_DRAINED },
	{ TCSETSF2, FORM_TERMIOS2, SET_FLUSHED },
	{ TCGETA, FORM_TERMIO, GET },
	{ TCSETA, FORM_TERMIO, SET_NOW },
	{ TCSETAW, FORM_TERMIO, SET_DRAINED },
	{ TCSETAF, FORM_TERMIO, SET_FLUSHED },
};

static const struct termios_call *find_termios_call(unsigned int cmd)
{
	for (size_t i = 0; i < ARRAY_SIZE(termios_calls); i++)
		if (termios_calls[i].cmd == cmd)
			return &termios_calls[i];
	return NULL;
}

static bool changes_terminal(unsigned int cmd)
{
	const struct termios_call *call = find_termios_call(cmd);

	switch (cmd) {
	case TCFLSH:
	case TCXONC:
	case TCSBRK:
	case TCSBRKP:
	case TIOCSBRK:
	case TIOCCBRK:
	case TIOCSETD:
		return true;
	default:
		return call && call->what != GET;
	}
}

static long termios_ioctl(struct tty_struct *tty, unsigned int cmd, void __user *arg)
{
	const struct termios_call *call = find_termios_call(cmd);

	if (!call)
		return -ENOIOCTLCMD;
	if (call->what == GET)
		return copy_termios_to(tty, call->form, arg);
	return set_termios_from(tty, call->form, call->what, arg);
}

static long line_ioctl(struct tty_struct *tty, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TCFLSH:
		return flush_queues(tty, arg);
	case TCXONC:
		return control_flow(tty, arg);
	case TCSBRK:
	case TCSBRKP:
		return drain_and_break(tty, cmd, arg);
	case TIOCSBRK:
	case TIOCCBRK:
		if (tty->ops->set_break)
			tty->ops->set_break(tty, cmd == TIOCSBRK);
		return 0;
	case TIOCGWINSZ:
		return get_winsize(tty, (void __user *)arg);
	case TIOCSWINSZ:
		return set_winsize(tty, (const void __user *)arg);
	case TIOCOUTQ:
		return put_user((int)tty->ops->nr_unsent(tty), (int __user *)arg);
	case TIOCMGET:
		return get_modem(tty, (int __user *)arg);
	case TIOCMSET:
	case TIOCMBIS:
	case TIOCMBIC:
		return set_modem(tty, cmd, (const unsigned int __user *)arg);
	default:
		return -ENOIOCTLCMD;
	}
}

static long file_only_ioctl(struct tty_struct *tty, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TIOCEXCL:
	case TIOCNXCL:
	case TIOCGEXCL:
		return exclusive_ioctl(tty, cmd, (int __user *)arg);
	case TIOCGDEV:
		return put_user((unsigned int)dev_to_user(tty->dev), (unsigned int __user *)arg);
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_hangup(tty, TTY_HANGUP_LINE);
		return 0;
	}
	if (tty->is_master)
		return -ENOIOCTLCMD;
	switch (cmd) {
	case FIONREAD:
		return put_user((int)n_tty_nr_readable(tty), (int __user *)arg);
	case TIOCSTI:
		return simulate_input(tty, (const char __user *)arg);
	case TIOCGETD:
		return put_user(N_TTY, (int __user *)arg);
	case TIOCSETD:
		return set_discipline((const int __user *)arg);
	default:
		return -ENOIOCTLCMD;
	}
}

long tty_file_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const struct tty_file *tty_file = file->private;
	struct tty_struct *tty = tty_file->tty, *real = tty->is_master ? tty->link : tty;
	long ret;

	if (READ_ONCE(tty_file->is_hung_up))
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	if (changes_terminal(cmd) && tty_jobs) {
		ret = tty_jobs->check(real, SIGTTOU);
		if (ret)
			return ret;
	}
	ret = tty->ops->ioctl ? tty->ops->ioctl(tty, file, cmd, arg) : -ENOIOCTLCMD;
	if (ret == -ENOIOCTLCMD)
		ret = file_only_ioctl(tty, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = termios_ioctl(real, cmd, (void __user *)arg);
	if (ret == -ENOIOCTLCMD)
		ret = line_ioctl(real, cmd, arg);
	if (ret == -ENOIOCTLCMD && tty_jobs)
		ret = tty_jobs->ioctl(real, tty, file, cmd, arg);
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}
