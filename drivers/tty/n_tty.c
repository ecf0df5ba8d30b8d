/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The line discipline N_TTY, input: between what a device receives and what read() gets.
 *
 * Bytes that came go through these steps, as the termios says (POSIX, chapter 11; Linux where that
 * leaves a choice):
 *
 *	breaks, errors		IGNBRK BRKINT IGNPAR PARMRK INPCK
 *	mapped			ISTRIP IUCLC; IGNCR ICRNL INLCR behind the signals
 *	hold output		IXON: STOP, START; IXANY
 *	raise signals		ISIG: INTR QUIT SUSP; NOFLSH
 *	edit the line		ICANON: ERASE WERASE KILL REPRINT LNEXT, IUTF8
 *	end the line		ICANON: NL EOL EOL2 EOF
 *	put, and echoed		ECHO ECHONL ECHOCTL
 *
 * ->bytes is a ring with three places that only move on:
 *
 *	tail ......... canon_head ......... head
 *	 lines that are	 the line that is
 *	 complete	 being typed
 *
 * Canonical reads end at canon_head, and at each place marked in ->line_ends; erasing stops at
 * canon_head.  An end of file is a mark with a byte 0 that no read gets.  Without ICANON reads end
 * at head, and VMIN and VTIME say when.  One place is kept free for the end of the line: in a line
 * that is too long, the last byte is replaced by the next.
 *
 * Locks: disc->mutex for the ring, held while bytes are copied to programs; disc->output for the
 * echo, inside of it.  Both are held while input is processed, so the termios stands still.
 */
#include <linux/errno.h>
#include <linux/signal.h>
#include <oshit/bitops.h>
#include <oshit/clock.h>
#include <oshit/ctype.h>
#include <oshit/entry.h>
#include <oshit/fs.h>
#include <oshit/math.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/timespec.h>
#include <oshit/tty_port.h>
#include <oshit/uio.h>

#include "tty.h"

#define VTIME_NS (100 * NSEC_PER_MSEC) /* the unit of VTIME */

struct n_tty *n_tty_alloc(void)
{
	struct n_tty *disc = kzalloc(sizeof(*disc), GFP_KERNEL);

	if (!disc)
		return NULL;
	mutex_init(&disc->mutex);
	mutex_init(&disc->output);
	disc->bytes = kmalloc(N_TTY_BYTES, GFP_KERNEL);
	disc->echo = kmalloc(N_TTY_ECHO_BYTES, GFP_KERNEL);
	if (disc->bytes && disc->echo)
		return disc;
	n_tty_free(disc);
	return NULL;
}

void n_tty_free(struct n_tty *disc)
{
	if (!disc)
		return;
	kfree(disc->bytes);
	kfree(disc->echo);
	kfree(disc);
}

/* --- the ring --- */

static u8 byte_at(const struct n_tty *disc, unsigned int pos)
{
	return (u8)disc->bytes[pos % N_TTY_BYTES];
}

static void put_byte(struct n_tty *disc, u8 c)
{
	disc->bytes[disc->head % N_TTY_BYTES] = (char)c;
	__clear_bit(disc->head % N_TTY_BYTES, disc->line_ends);
	disc->head++;
}

static bool is_marked(const struct n_tty *disc, unsigned int pos)
{
	return test_bit(pos % N_TTY_BYTES, disc->line_ends);
}

/* PARMRK: 0377 is doubled, to be told from the mark. */
static void put_marked(struct tty_struct *tty, u8 c)
{
	if (tty->termios.c_iflag & PARMRK && c == 0xff)
		put_byte(tty->disc, c);
	put_byte(tty->disc, c);
}

static void end_line(struct tty_struct *tty, u8 c)
{
	struct n_tty *disc = tty->disc;

	put_byte(disc, c);
	__set_bit((disc->head - 1) % N_TTY_BYTES, disc->line_ends);
	disc->canon_head = disc->head;
	wake_up_all(&tty->read_wait);
}

void n_tty_reset_input(struct tty_struct *tty)
{
	struct n_tty *disc = tty->disc;

	disc->head = disc->canon_head = disc->tail = 0;
	disc->literal_next = disc->erasing = disc->no_room = false;
}

void n_tty_flush_input(struct tty_struct *tty)
{
	if (tty->ops->flush_input)
		tty->ops->flush_input(tty);
	mutex_lock(&tty->disc->mutex);
	n_tty_reset_input(tty);
	mutex_unlock(&tty->disc->mutex);
	tty_packet_status(tty, TIOCPKT_FLUSHREAD, 0);
	if (tty->ops->unthrottle)
		tty->ops->unthrottle(tty);
}

/* --- editing --- */

static bool is_continuation(const struct tty_struct *tty, u8 c)
{
	return tty->termios.c_iflag & IUTF8 && (c & 0xc0) == 0x80;
}

/* Columns that the echo of @c, which is no tab, takes. */
static unsigned int width(const struct tty_struct *tty, u8 c)
{
	if (iscntrl(c))
		return tty_flag(tty, ECHOCTL) ? 2 : 0;
	return is_continuation(tty, c) ? 0 : 1;
}

/* The column behind the line that is typed. */
static unsigned int typed_column(const struct tty_struct *tty)
{
	const struct n_tty *disc = tty->disc;
	unsigned int column = disc->canon_column;

	for (unsigned int pos = disc->canon_head; pos != disc->head; pos++) {
		u8 c = byte_at(disc, pos);

		column = c == '\t' ? (column | 7) + 1 : column + width(tty, c);
	}
	return column;
}

/* ECHOPRT: what is erased is printed once more, between '\' and '/'. */
static void print_erased(struct tty_struct *tty, unsigned int end)
{
	struct n_tty *disc = tty->disc;

	if (!disc->erasing) {
		n_tty_echo_raw(tty, '\\');
		disc->erasing = true;
	}
	n_tty_echo_char(tty, byte_at(disc, disc->head));
	for (unsigned int pos = disc->head + 1; pos != end; pos++) {
		n_tty_echo_raw(tty, byte_at(disc, pos));
		n_tty_column_back(tty);
	}
}

static void finish_erasing(struct tty_struct *tty)
{
	if (tty->disc->erasing)
		n_tty_echo_raw(tty, '/');
	tty->disc->erasing = false;
}

/* Takes the last character off the screen; it is off the ring already. */
static void wipe(struct tty_struct *tty, u8 c)
{
	unsigned int nr;

	if (c == '\t') {
		for (nr = 8 - typed_column(tty) % 8; nr; nr--)
			n_tty_echo_back(tty);
		return;
	}
	for (nr = iscntrl(c) ? width(tty, c) : 1; nr; nr--)
		n_tty_echo_text(tty, "\b \b");
}

/* The last character comes off the ring, with all its bytes. False: it has no first byte. */
static bool take_character(struct tty_struct *tty)
{
	struct n_tty *disc = tty->disc;
	unsigned int pos = disc->head;

	do {
		pos--;
	} while (pos != disc->canon_head && is_continuation(tty, byte_at(disc, pos)));
	if (is_continuation(tty, byte_at(disc, pos)))
		return false;
	disc->head = pos;
	return true;
}

static void show_erased(struct tty_struct *tty, u8 key, unsigned int end)
{
	u8 c = byte_at(tty->disc, tty->disc->head);

	if (!tty_flag(tty, ECHO))
		return;
	if (tty_flag(tty, ECHOPRT))
		print_erased(tty, end);
	else if (key == tty->termios.c_cc[VERASE] && !tty_flag(tty, ECHOE))
		n_tty_echo_char(tty, key);
	else
		wipe(tty, c);
}

/* As Linux by the table of Latin 1; of a character in UTF-8 the first byte counts. */
static bool is_word(u8 c)
{
	return isalnum(c) || c == '_' || (c >= 0xc0 && c != 0xd7 && c != 0xf7);
}

static u8 lower_case(u8 c)
{
	return isupper(c) || (c >= 0xc0 && c <= 0xde && c != 0xd7) ? c + ('a' - 'A') : c;
}

/* The last character; with @is_word_erase, the last word and what is behind it. */
static void erase(struct tty_struct *tty, u8 key, bool is_word_erase)
{
	struct n_tty *disc = tty->disc;
	unsigned int end = disc->head;
	bool seen_word = false;

	while (disc->head != disc->canon_head && take_character(tty)) {
		u8 c = byte_at(disc, disc->head);

		if (is_word_erase && is_word(c))
			seen_word = true;
		else if (is_word_erase && seen_word) {
			disc->head = end;
			break;
		}
		show_erased(tty, key, end);
		if (!is_word_erase)
			break;
		end = disc->head;
	}
	if (disc->head == disc->canon_head && tty_flag(tty, ECHO))
		finish_erasing(tty);
}

static void kill_line(struct tty_struct *tty, u8 key)
{
	const tcflag_t all = ECHOK | ECHOKE | ECHOE;
	struct n_tty *disc = tty->disc;

	if (tty_flag(tty, ECHO) && (tty->termios.c_lflag & all) == all) {
		for (unsigned int end = disc->head; end != disc->canon_head; end = disc->head) {
			if (!take_character(tty))
				return;
			show_erased(tty, key, end);
		}
		finish_erasing(tty);
		return;
	}
	disc->head = disc->canon_head;
	if (!tty_flag(tty, ECHO))
		return;
	finish_erasing(tty);
	n_tty_echo_char(tty, key);
	if (tty_flag(tty, ECHOK)) /* the line is gone, so begin another one */
		n_tty_echo_raw(tty, '\n');
}

static void reprint(struct tty_struct *tty, u8 key)
{
	struct n_tty *disc = tty->disc;

	finish_erasing(tty);
	n_tty_echo_char(tty, key);
	n_tty_echo_raw(tty, '\n');
	for (unsigned int pos = disc->canon_head; pos != disc->head; pos++)
		n_tty_echo_char(tty, byte_at(disc, pos));
}

/* --- one byte --- */

/* Before the first byte of a line is echoed: wipe() needs to know where it began. */
static void note_line_start(struct tty_struct *tty)
{
	if (tty->disc->canon_head == tty->disc->head)
		tty->disc->canon_column = tty->disc->column;
}

/* A signal from the keyboard: what was typed before, and what was to be shown, is gone. */
static void raise_signal(struct tty_struct *tty, int sig)
{
	bool was_short = tty->disc->no_room;

	if (!tty_flag(tty, NOFLSH)) {
		n_tty_forget_echo(tty);
		if (tty->ops->flush)
			tty->ops->flush(tty);
		n_tty_reset_input(tty);
		tty_packet_status(tty, TIOCPKT_FLUSHREAD | TIOCPKT_FLUSHWRITE, 0);
		tty_wake_writers(tty);
		if (was_short && tty->ops->unthrottle)
			tty->ops->unthrottle(tty);
	}
	if (tty_jobs)
		tty_jobs->signal(tty, sig);
}

static bool is_key(const struct tty_struct *tty, unsigned int which, u8 c)
{
	/* A key that is 0 is none: _POSIX_VDISABLE. */
	return tty->termios.c_cc[which] == c && c;
}

static void start_output(struct tty_struct *tty)
{
	tty_start(tty);
	n_tty_flush_echo(tty);
}

static bool flow_key(struct tty_struct *tty, u8 c)
{
	if (is_key(tty, VSTART, c)) {
		start_output(tty);
		return true;
	}
	if (is_key(tty, VSTOP, c)) {
		tty_stop(tty);
		return true;
	}
	return false;
}

static bool signal_key(struct tty_struct *tty, u8 c)
{
	int sig = is_key(tty, VINTR, c)	  ? SIGINT
		  : is_key(tty, VQUIT, c) ? SIGQUIT
		  : is_key(tty, VSUSP, c) ? SIGTSTP
					  : 0;

	if (!sig)
		return false;
	raise_signal(tty, sig);
	if (tty->termios.c_iflag & IXON)
		tty_start(tty);
	if (tty_flag(tty, ECHO))
		n_tty_echo_char(tty, c);
	else
		n_tty_flush_echo(tty);
	return true;
}

/* Keys that edit the line. Return: it was one. */
static bool edit_key(struct tty_struct *tty, u8 c)
{
	bool is_extended = tty_flag(tty, IEXTEN);
	bool is_empty = tty->disc->head == tty->disc->canon_head;

	if (is_key(tty, VERASE, c)) {
		if (!is_empty)
			erase(tty, c, false);
	} else if (is_extended && is_key(tty, VWERASE, c)) {
		if (!is_empty)
			erase(tty, c, true);
	} else if (is_key(tty, VKILL, c)) {
		if (!is_empty)
			kill_line(tty, c);
	} else if (is_extended && is_key(tty, VLNEXT, c)) {
		tty->disc->literal_next = true;
		if (tty_flag(tty, ECHO)) {
			finish_erasing(tty);
			if (tty_flag(tty, ECHOCTL))
				n_tty_echo_text(tty, "^\b");
		}
	} else if (is_extended && tty_flag(tty, ECHO) && is_key(tty, VREPRINT, c)) {
		reprint(tty, c);
	} else {
		return false;
	}
	return true;
}

/* Keys that end the line. Return: it was one. */
static bool end_key(struct tty_struct *tty, u8 c)
{
	if (c == '\n') {
		if (tty->termios.c_lflag & (ECHO | ECHONL))
			n_tty_echo_raw(tty, '\n');
		end_line(tty, c);
	} else if (is_key(tty, VEOF, c)) {
		end_line(tty, 0);
	} else if (is_key(tty, VEOL, c) || (tty_flag(tty, IEXTEN) && is_key(tty, VEOL2, c))) {
		if (tty_flag(tty, ECHO)) {
			note_line_start(tty);
			n_tty_echo_char(tty, c);
		}
		if (tty->termios.c_iflag & PARMRK && c == 0xff)
			put_byte(tty->disc, c);
		end_line(tty, c);
	} else {
		return false;
	}
	return true;
}

/* @typed: what became @c. Without ICANON a new line is shown as the control character it is. */
static void take_plain(struct tty_struct *tty, u8 c, u8 typed)
{
	if (tty_flag(tty, ECHO)) {
		finish_erasing(tty);
		note_line_start(tty);
		if (c == '\n' && typed == '\r')
			n_tty_echo_raw(tty, '\n');
		else
			n_tty_echo_char(tty, c);
	}
	put_marked(tty, c);
}

/* IGNCR, ICRNL, INLCR. Return: below 0: the byte is dropped. */
static int map_byte(const struct tty_struct *tty, u8 c)
{
	const tcflag_t iflag = tty->termios.c_iflag;

	if (c == '\r') {
		if (iflag & IGNCR)
			return -1;
		if (iflag & ICRNL)
			c = '\n';
	} else if (c == '\n' && iflag & INLCR) {
		c = '\r';
	}
	return c;
}

static void take_byte(struct tty_struct *tty, u8 raw)
{
	struct n_tty *disc = tty->disc;
	int c;

	if (tty->termios.c_iflag & ISTRIP)
		raw &= 0x7f;
	if (tty->termios.c_iflag & IUCLC && tty_flag(tty, IEXTEN))
		raw = lower_case(raw);
	if (disc->literal_next) {
		disc->literal_next = false;
		take_plain(tty, raw, raw);
		return;
	}
	/* Any key sets it going again, unless it is the one that has an opinion. */
	if (tty->termios.c_iflag & IXON) {
		if (flow_key(tty, raw))
			return;
		if (READ_ONCE(tty->stopped) && tty->termios.c_iflag & IXANY)
			start_output(tty);
	}
	if (tty_flag(tty, ISIG) && signal_key(tty, raw))
		return;
	c = map_byte(tty, raw);
	if (c < 0)
		return;
	if (tty_flag(tty, ICANON) && (edit_key(tty, (u8)c) || end_key(tty, (u8)c)))
		return;
	take_plain(tty, (u8)c, raw);
}

static void take_break(struct tty_struct *tty)
{
	const tcflag_t iflag = tty->termios.c_iflag;

	if (iflag & IGNBRK)
		return;
	if (iflag & BRKINT) {
		raise_signal(tty, SIGINT);
		return;
	}
	if (iflag & PARMRK) {
		put_byte(tty->disc, 0xff);
		put_byte(tty->disc, 0);
	}
	put_byte(tty->disc, 0);
}

/* A byte with a wrong parity or frame. */
static void take_wrong(struct tty_struct *tty, u8 c)
{
	const tcflag_t iflag = tty->termios.c_iflag;

	if (!(iflag & INPCK)) {
		take_byte(tty, c);
	} else if (!(iflag & IGNPAR)) {
		if (iflag & PARMRK) {
			put_byte(tty->disc, 0xff);
			put_byte(tty->disc, 0);
			put_byte(tty->disc, c);
		} else {
			put_byte(tty->disc, 0);
		}
	}
}

static void take_item(struct tty_struct *tty, unsigned int item)
{
	switch (item & TTY_FLAGS) {
	case TTY_BREAK:
		take_break(tty);
		break;
	case TTY_PARITY:
	case TTY_FRAME:
		take_wrong(tty, (u8)item);
		break;
	case TTY_OVERRUN: /* comes beside a byte that is whole */
		break;
	default:
		take_byte(tty, (u8)item);
		break;
	}
}

/*
 * Whether there is room for one more item, which may become three bytes. In a line that is too
 * long the last byte makes room.
 */
static bool make_room(struct tty_struct *tty)
{
	struct n_tty *disc = tty->disc;
	unsigned int needed = tty->termios.c_iflag & PARMRK ? 3 : 1;
	unsigned int room = N_TTY_BYTES - (disc->head - disc->tail);

	if (room > needed)
		return true;
	if (!tty_flag(tty, ICANON) || disc->canon_head != disc->tail)
		return false;
	while (N_TTY_BYTES - (disc->head - disc->tail) < needed)
		disc->head--;
	return true;
}

size_t n_tty_receive(struct tty_struct *tty, const u16 *items, size_t nr)
{
	struct n_tty *disc = tty->disc;
	size_t done = 0;

	mutex_lock(&disc->mutex);
	mutex_lock(&disc->output);
	while (done < nr && make_room(tty))
		take_item(tty, items[done++]);
	/* That there is room again is said by who makes it, and wakes: another may be waiting. */
	if (done < nr)
		disc->no_room = true;
	n_tty_flush_echo(tty);
	if (!tty_flag(tty, ICANON) && disc->head != disc->tail)
		wake_up_all(&tty->read_wait);
	mutex_unlock(&disc->output);
	mutex_unlock(&disc->mutex);
	return done;
}

/* --- reading --- */

/* Bytes that are there for a read. Under the mutex, or as a hint. */
static unsigned int nr_available(const struct tty_struct *tty)
{
	const struct n_tty *disc = tty->disc;
	unsigned int end =
		tty_flag(tty, ICANON) ? READ_ONCE(disc->canon_head) : READ_ONCE(disc->head);

	return end - READ_ONCE(disc->tail);
}

bool n_tty_readable(struct tty_struct *tty)
{
	unsigned int wanted = 1;

	if (!tty_flag(tty, ICANON) && !tty->termios.c_cc[VTIME] && tty->termios.c_cc[VMIN])
		wanted = tty->termios.c_cc[VMIN];
	return nr_available(tty) >= wanted;
}

/* Marks of an end of file are no bytes. */
unsigned int n_tty_nr_readable(struct tty_struct *tty)
{
	struct n_tty *disc = tty->disc;
	unsigned int nr;

	mutex_lock(&disc->mutex);
	nr = nr_available(tty);
	for (unsigned int pos = disc->tail; tty_flag(tty, ICANON) && pos != disc->canon_head; pos++)
		if (is_marked(disc, pos) && !byte_at(disc, pos))
			nr--;
	mutex_unlock(&disc->mutex);
	return nr;
}

/* Up to @len bytes from the tail on, and moves it. Bytes; -EFAULT. Under the mutex. */
static long copy_out(struct n_tty *disc, unsigned int len, struct iov_iter *to)
{
	unsigned int at = disc->tail % N_TTY_BYTES;
	unsigned int first = min(len, N_TTY_BYTES - at);
	size_t done = copy_to_iter(disc->bytes + at, first, to);

	if (done == first && len > first)
		done += copy_to_iter(disc->bytes, len - first, to);
	WRITE_ONCE(disc->tail, disc->tail + done);
	return done || !len ? (long)done : -EFAULT;
}

/* A line, or what there is room for. An end of file behind the last byte goes with it, or else the
 * next read would end, too. Bytes, 0: end of file; -EFAULT. */
static long copy_line(struct n_tty *disc, struct iov_iter *to)
{
	unsigned int pos = disc->tail, last = disc->canon_head;
	long done;

	while (pos != last && !is_marked(disc, pos) && pos - disc->tail <= to->count)
		pos++;
	if (pos != last && is_marked(disc, pos) && !byte_at(disc, pos)) {
		if (pos - disc->tail > to->count)
			return copy_out(disc, to->count, to);
		done = copy_out(disc, pos - disc->tail, to);
		if (disc->tail == pos)
			WRITE_ONCE(disc->tail, pos + 1);
		return done;
	}
	pos = pos == last ? pos : pos + 1;
	return copy_out(disc, min(pos - disc->tail, (unsigned int)to->count), to);
}

/* When a read without ICANON has enough. */
struct read_rule {
	size_t minimum; /* bytes */
	u64 interval_ns; /* from each byte to the next; 0: for ever */
	u64 deadline_ns; /* for the next byte */
};

static struct read_rule read_rule_of(const struct tty_struct *tty)
{
	struct read_rule rule = { .minimum = 1, .deadline_ns = TIME_MAX_NS };
	u64 time_ns = tty->termios.c_cc[VTIME] * VTIME_NS;

	if (tty_flag(tty, ICANON))
		return rule;
	if (tty->termios.c_cc[VMIN]) {
		rule.minimum = tty->termios.c_cc[VMIN];
		rule.interval_ns = time_ns;
	} else {
		rule.deadline_ns = time_ns ? clock_ns() + time_ns : 0;
	}
	return rule;
}

static bool must_look(const struct tty_file *tty_file)
{
	const struct tty_struct *tty = tty_file->tty;

	return nr_available(tty) || READ_ONCE(tty_file->is_hung_up) || READ_ONCE(tty->is_closed);
}

/* Until there is something to see. 0; -ETIMEDOUT; -ERESTARTSYS. */
static int wait_for_input(const struct tty_file *tty_file, u64 deadline_ns)
{
	struct tty_struct *tty = tty_file->tty;
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		prepare_to_wait(&tty->read_wait, &wait, TASK_INTERRUPTIBLE);
		if (must_look(tty_file))
			break;
		err = signal_pending(current) ? -ERESTARTSYS : 0;
		if (err)
			break;
		if (deadline_ns == TIME_MAX_NS)
			schedule();
		else if (schedule_until_ns(deadline_ns))
			err = must_look(tty_file) ? 0 : -ETIMEDOUT;
		if (err)
			break;
	}
	finish_wait(&tty->read_wait, &wait);
	return err;
}

/* Nothing is there. 0: look again; 1: the read is over; -errno. */
static int nothing_there(const struct tty_file *tty_file, const struct read_rule *rule)
{
	int err;

	if (READ_ONCE(tty_file->tty->is_closed))
		return -EIO;
	if (READ_ONCE(tty_file->is_hung_up))
		return 1;
	if (!rule->deadline_ns)
		return 1;
	if (READ_ONCE(tty_file->file->flags) & O_NONBLOCK)
		return -EAGAIN;
	err = wait_for_input(tty_file, rule->deadline_ns);
	return err == -ETIMEDOUT ? 1 : err;
}

/* What there is. Bytes; -EFAULT. Under the mutex. */
static long copy_available(struct tty_struct *tty, struct iov_iter *to)
{
	if (tty_flag(tty, ICANON))
		return copy_line(tty->disc, to);
	return copy_out(tty->disc, (unsigned int)min((size_t)nr_available(tty), to->count), to);
}

static void made_room(struct tty_struct *tty)
{
	bool was_short;

	mutex_lock(&tty->disc->mutex);
	was_short = tty->disc->no_room;
	tty->disc->no_room = false;
	mutex_unlock(&tty->disc->mutex);
	if (was_short && tty->ops->unthrottle)
		tty->ops->unthrottle(tty);
}

long n_tty_read(struct tty_file *tty_file, struct iov_iter *to)
{
	struct tty_struct *tty = tty_file->tty;
	struct read_rule rule = read_rule_of(tty);
	bool has_taken = false;
	size_t total = 0;
	long done = 0;

	while (to->count) {
		bool is_there, is_line;

		mutex_lock(&tty->disc->mutex);
		/* What came behind a hang-up is for who has opened the terminal since. */
		is_there = !READ_ONCE(tty_file->is_hung_up) && nr_available(tty);
		is_line = tty_flag(tty, ICANON);
		if (is_there)
			done = copy_available(tty, to);
		mutex_unlock(&tty->disc->mutex);
		if (!is_there) {
			done = nothing_there(tty_file, &rule);
			if (!done)
				continue;
			done = min(done, 0L);
			break;
		}
		if (done < 0)
			break;
		has_taken = true; /* an end of file is no byte, but had its place */
		total += (size_t)done;
		if (is_line || total >= rule.minimum)
			break;
		if (rule.interval_ns)
			rule.deadline_ns = clock_ns() + rule.interval_ns;
	}
	if (has_taken)
		made_room(tty);
	return total ? (long)total : done;
}

/* --- termios --- */

void n_tty_termios_changed(struct tty_struct *tty, const struct ktermios *old)
{
	struct n_tty *disc = tty->disc;

	if ((old->c_lflag ^ tty->termios.c_lflag) & ICANON) {
		/* What is there is a line from now on, or no line any more. */
		bitmap_zero(disc->line_ends, N_TTY_BYTES);
		disc->canon_head = tty_flag(tty, ICANON) ? disc->head : disc->tail;
		if (disc->canon_head != disc->tail)
			__set_bit((disc->head - 1) % N_TTY_BYTES, disc->line_ends);
		disc->erasing = disc->literal_next = false;
	}
	if (old->c_iflag & IXON && !(tty->termios.c_iflag & IXON))
		start_output(tty);
	disc->no_room = false;
	if (tty->ops->unthrottle)
		tty->ops->unthrottle(tty);
	wake_up_all(&tty->read_wait);
	tty_wake_writers(tty);
}
