/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 8250/16550 serial port (National Semiconductor PC16550D datasheet): a console, and a terminal.
 *
 * The four ports of a PC are tried at their usual addresses; one that answers becomes "ttySn".
 * The rate is 115200, with 8 data bits and no parity, until a terminal is told otherwise.
 *
 * The console is polled: output waits for the FIFO to run empty and then fills it in one go; a port
 * that never drains is given up after a bounded wait, so that a dead line cannot hang a panic.
 *
 * The terminal is driven by interrupts: bytes to send wait in a ring, from which the handler fills
 * the FIFO whenever that has run empty; the first ones of a write go there at once, as a free
 * device tells nobody.  With CRTSCTS nothing is sent while CTS is off.  Bytes that come go to the
 * terminal's ring (tty_port.c) while somebody has it open, else to the console
 * (console_take_input()).  A port without an interrupt, because it shares one or the machine has no
 * controller for them, is looked at by the terminal now and then.
 *
 * A break on the line asks for attention where a monitor listens, and is the terminal's elsewhere.
 *
 * Locks: port->busy, interrupts off: the device's transmitter, and the ring.  It is a word of its
 * own and no spinlock, because the console writes in any context, a panic included: it waits a
 * bounded time for who has it, and then goes on without.
 */
#define pr_fmt(fmt) "serial: " fmt

#include <linux/errno.h>
#include <linux/major.h>
#include <linux/serial_reg.h>

#include <arch/io.h>
#include <arch/processor.h>
#include <asm/termios.h>
#include <oshit/atomic.h>
#include <oshit/console.h>
#include <oshit/container_of.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/irq.h>
#include <oshit/irqflags.h>
#include <oshit/math.h>
#include <oshit/serial8250.h>
#include <oshit/tty_port.h>

#define BASE_RATE      115200 /* of the clock, with a divisor of 1 */
#define FIFO_BYTES     16
#define DRAIN_TRIES    200000 /* reads of the status; a full FIFO takes 1.4 ms at 115200 */
#define LOCK_TRIES     200000
#define HANDLER_ROUNDS 64 /* of a device that always has something to say */
#define RECEIVE_BYTES  256 /* in a round; one that is gone reads as all ones: bytes without end */
#define SEND_BYTES     1024 /* a power of two */
#define SEND_LOW       (SEND_BYTES / 4) /* below it writers are told */
#define MINOR_TTYS0    64

struct serial_port { /* b: ->busy   i: constant once it exists */
	struct console con;
	struct tty_port tty_port;
	u16 base; /* i */
	unsigned int isa_irq; /* i  ports that share one: the first has it, the other is polled */
	bool exists; /* i */
	bool has_irq; /* i */
	bool dead; /* b  never drained: written off */

	atomic_t busy;
	char bytes[SEND_BYTES]; /* b */
	unsigned int head, tail; /* b  count up for ever; read by anybody */
	bool stopped; /* b */
	bool asks_cts; /* b  CRTSCTS: nothing is sent while CTS is off */
	char urgent; /* b  XON or XOFF, to be sent first; 0: none */
	bool is_hung_up; /* b  by a rate of 0 */
	u8 ier, lcr, mcr; /* b  what the registers hold */
};

/* clang-format off */
static struct serial_port ports[] = {
	{ .con.name = "ttyS0", .base = 0x3f8, .isa_irq = 4 },
	{ .con.name = "ttyS1", .base = 0x2f8, .isa_irq = 3 },
	{ .con.name = "ttyS2", .base = 0x3e8, .isa_irq = 4 },
	{ .con.name = "ttyS3", .base = 0x2e8, .isa_irq = 3 },
};
/* clang-format on */

static u8 read_reg(const struct serial_port *port, unsigned int reg)
{
	return inb((u16)(port->base + reg));
}

static void write_reg(const struct serial_port *port, u8 value, unsigned int reg)
{
	outb(value, (u16)(port->base + reg));
}

/* --- the lock --- */

static bool try_port(struct serial_port *port)
{
	return !atomic_cmpxchg(&port->busy, 0, 1);
}

static unsigned long lock_port(struct serial_port *port)
{
	unsigned long flags;

	local_irq_save(flags);
	while (!try_port(port))
		cpu_relax();
	return flags;
}

static void unlock_port(struct serial_port *port, unsigned long flags)
{
	atomic_set_release(&port->busy, 0);
	local_irq_restore(flags);
}

/* --- the console --- */

static unsigned int nr_to_send(const struct serial_port *port)
{
	return READ_ONCE(port->head) - READ_ONCE(port->tail);
}

static bool wait_for_room(struct serial_port *port)
{
	unsigned int tries;

	for (tries = 0; tries < DRAIN_TRIES; tries++) {
		if (read_reg(port, UART_LSR) & UART_LSR_THRE)
			return true;
		cpu_relax();
	}
	port->dead = true;
	return false;
}

static void send_polled(struct serial_port *port, const char *s, size_t len)
{
	unsigned int room = 0;
	size_t i;

	for (i = 0; i < len && !port->dead; i++) {
		if (room < 2) {
			if (!wait_for_room(port))
				return;
			room = FIFO_BYTES;
		}
		if (s[i] == '\n') {
			write_reg(port, '\r', UART_TX);
			room--;
		}
		write_reg(port, (u8)s[i], UART_TX);
		room--;
	}
}

static bool wait_for_port(struct serial_port *port)
{
	unsigned int tries = 0;

	while (!try_port(port)) {
		if (tries++ == LOCK_TRIES)
			return false;
		cpu_relax();
	}
	return true;
}

static void serial_write(struct console *con, const char *s, size_t len)
{
	struct serial_port *port = container_of(con, struct serial_port, con);
	bool locked = wait_for_port(port);

	send_polled(port, s, len);
	if (locked)
		atomic_set_release(&port->busy, 0);
}

/* Stopped by flow control or not: there is no later. */
static void serial_drain(struct console *con)
{
	struct serial_port *port = container_of(con, struct serial_port, con);
	bool locked = wait_for_port(port);

	while (nr_to_send(port) && !port->dead && wait_for_room(port)) {
		write_reg(port, (u8)port->bytes[port->tail % SEND_BYTES], UART_TX);
		WRITE_ONCE(port->tail, port->tail + 1);
	}
	if (locked)
		atomic_set_release(&port->busy, 0);
}

static int serial_poll(struct console *con)
{
	struct serial_port *port = container_of(con, struct serial_port, con);

	if (!(read_reg(port, UART_LSR) & UART_LSR_DR))
		return -1;
	return read_reg(port, UART_RX);
}

/* --- sending --- */

static struct serial_port *serial_of(struct tty_port *port)
{
	return container_of(port, struct serial_port, tty_port);
}

static void set_ier(struct serial_port *port, u8 set, u8 clear)
{
	u8 ier = (u8)((port->ier & ~clear) | set);

	if (ier != port->ier)
		write_reg(port, ier, UART_IER);
	port->ier = ier;
}

/* When CTS changes there is an interrupt. Under the lock. */
static bool is_held(const struct serial_port *port)
{
	return port->stopped || (port->asks_cts && !(read_reg(port, UART_MSR) & UART_MSR_CTS));
}

/* If the FIFO has run empty, fills it; then the interrupt of that is on as long as more is there
 * that may be sent. Under the lock. */
static void fill_fifo(struct serial_port *port)
{
	unsigned int room = FIFO_BYTES;
	bool may_send = !is_held(port);

	if (read_reg(port, UART_LSR) & UART_LSR_THRE) {
		if (port->urgent) {
			write_reg(port, (u8)port->urgent, UART_TX);
			port->urgent = 0;
			room--;
		}
		while (room-- && may_send && nr_to_send(port)) {
			write_reg(port, (u8)port->bytes[port->tail % SEND_BYTES], UART_TX);
			WRITE_ONCE(port->tail, port->tail + 1);
		}
	}
	if (port->urgent || (may_send && nr_to_send(port)))
		set_ier(port, UART_IER_THRI, 0);
	else
		set_ier(port, 0, UART_IER_THRI);
}

static size_t port_write(struct tty_port *tty_port, const char *s, size_t len)
{
	struct serial_port *port = serial_of(tty_port);
	unsigned long flags = lock_port(port);
	size_t done = 0;

	while (done < len && nr_to_send(port) < SEND_BYTES) {
		port->bytes[port->head % SEND_BYTES] = s[done++];
		WRITE_ONCE(port->head, port->head + 1);
	}
	fill_fifo(port);
	unlock_port(port, flags);
	return done;
}

static size_t port_write_room(struct tty_port *tty_port)
{
	return SEND_BYTES - nr_to_send(serial_of(tty_port));
}

/* One more for what the device itself has. */
static size_t port_nr_unsent(struct tty_port *tty_port)
{
	struct serial_port *port = serial_of(tty_port);

	return nr_to_send(port) + !(read_reg(port, UART_LSR) & UART_LSR_TEMT);
}

static void port_flush(struct tty_port *tty_port)
{
	struct serial_port *port = serial_of(tty_port);
	unsigned long flags = lock_port(port);

	WRITE_ONCE(port->tail, port->head);
	set_ier(port, 0, UART_IER_THRI);
	unlock_port(port, flags);
}

static void port_stop(struct tty_port *tty_port)
{
	struct serial_port *port = serial_of(tty_port);
	unsigned long flags = lock_port(port);

	port->stopped = true;
	unlock_port(port, flags);
}

static void port_start(struct tty_port *tty_port)
{
	struct serial_port *port = serial_of(tty_port);
	unsigned long flags = lock_port(port);

	port->stopped = false;
	fill_fifo(port);
	unlock_port(port, flags);
}

static void port_send_now(struct tty_port *tty_port, char c)
{
	struct serial_port *port = serial_of(tty_port);
	unsigned long flags = lock_port(port);

	port->urgent = c;
	fill_fifo(port);
	unlock_port(port, flags);
}

/* --- the line --- */

static u8 lcr_of(const struct ktermios *termios)
{
	static const u8 lengths[] = { UART_LCR_WLEN5, UART_LCR_WLEN6, UART_LCR_WLEN7,
				      UART_LCR_WLEN8 };
	u8 lcr = lengths[(termios->c_cflag & CSIZE) / CS6];

	if (termios->c_cflag & CSTOPB)
		lcr |= UART_LCR_STOP;
	if (termios->c_cflag & PARENB)
		lcr |= UART_LCR_PARITY;
	if (!(termios->c_cflag & PARODD))
		lcr |= UART_LCR_EPAR;
	if (termios->c_cflag & CMSPAR)
		lcr |= UART_LCR_SPAR;
	return lcr;
}

/* 0 hangs up: DTR and RTS go off, and come back with another rate. Else they stay as they are. */
static void port_configure(struct tty_port *tty_port, struct ktermios *termios)
{
	struct serial_port *port = serial_of(tty_port);
	unsigned int rate = termios->c_ospeed;
	unsigned int divisor = rate ? max(BASE_RATE / rate, 1u) : 0;
	unsigned long flags = lock_port(port);

	divisor = min(divisor, 0xffffu);
	port->lcr = lcr_of(termios);
	if (divisor) {
		write_reg(port, port->lcr | UART_LCR_DLAB, UART_LCR);
		write_reg(port, (u8)divisor, UART_DLL);
		write_reg(port, (u8)(divisor >> 8), UART_DLM);
		if (port->is_hung_up)
			port->mcr |= UART_MCR_DTR | UART_MCR_RTS;
	} else {
		port->mcr &= ~(UART_MCR_DTR | UART_MCR_RTS);
	}
	port->is_hung_up = !divisor;
	write_reg(port, port->lcr, UART_LCR);
	write_reg(port, port->mcr, UART_MCR);
	port->asks_cts = termios->c_cflag & CRTSCTS;
	set_ier(port, port->asks_cts ? UART_IER_MSI : 0, port->asks_cts ? 0 : UART_IER_MSI);
	fill_fifo(port);
	unlock_port(port, flags);
}

static void port_set_break(struct tty_port *tty_port, bool on)
{
	struct serial_port *port = serial_of(tty_port);
	unsigned long flags = lock_port(port);

	port->lcr = on ? port->lcr | UART_LCR_SBC : port->lcr & ~UART_LCR_SBC;
	write_reg(port, port->lcr, UART_LCR);
	unlock_port(port, flags);
}

static const struct {
	unsigned int line;
	u8 mcr, msr; /* bit of one of them */
} modem_lines[] = {
	{ TIOCM_DTR, UART_MCR_DTR, 0 },	  { TIOCM_RTS, UART_MCR_RTS, 0 },
	{ TIOCM_LOOP, UART_MCR_LOOP, 0 }, { TIOCM_OUT1, UART_MCR_OUT1, 0 },
	{ TIOCM_CAR, 0, UART_MSR_DCD },	  { TIOCM_RNG, 0, UART_MSR_RI },
	{ TIOCM_DSR, 0, UART_MSR_DSR },	  { TIOCM_CTS, 0, UART_MSR_CTS },
};

static unsigned int port_get_modem(struct tty_port *tty_port)
{
	struct serial_port *port = serial_of(tty_port);
	u8 msr = read_reg(port, UART_MSR);
	unsigned int lines = 0;

	for (size_t i = 0; i < ARRAY_SIZE(modem_lines); i++)
		if (port->mcr & modem_lines[i].mcr || msr & modem_lines[i].msr)
			lines |= modem_lines[i].line;
	return lines;
}

/* OUT2 stays: it lets the interrupt through. */
static void port_set_modem(struct tty_port *tty_port, unsigned int set, unsigned int clear)
{
	struct serial_port *port = serial_of(tty_port);
	unsigned long flags = lock_port(port);

	for (size_t i = 0; i < ARRAY_SIZE(modem_lines); i++) {
		if (clear & modem_lines[i].line)
			port->mcr &= ~modem_lines[i].mcr;
		if (set & modem_lines[i].line)
			port->mcr |= modem_lines[i].mcr;
	}
	write_reg(port, port->mcr, UART_MCR);
	fill_fifo(port); /* in loopback, CTS may have come on */
	unlock_port(port, flags);
}

static bool service(struct serial_port *port);

static bool port_poll(struct tty_port *tty_port)
{
	struct serial_port *port = serial_of(tty_port);

	if (port->has_irq)
		return false;
	service(port);
	return true;
}

static const struct tty_port_ops port_ops = {
	.poll = port_poll,
	.write = port_write,
	.write_room = port_write_room,
	.nr_unsent = port_nr_unsent,
	.flush = port_flush,
	.stop = port_stop,
	.start = port_start,
	.send_now = port_send_now,
	.configure = port_configure,
	.set_break = port_set_break,
	.get_modem = port_get_modem,
	.set_modem = port_set_modem,
};

/* --- boot --- */

/* An absent port reads as all ones and keeps nothing in its scratch register. */
static __init bool port_exists(const struct serial_port *port)
{
	write_reg(port, 0x5a, UART_SCR);
	if (read_reg(port, UART_SCR) != 0x5a)
		return false;
	write_reg(port, 0xa5, UART_SCR);
	return read_reg(port, UART_SCR) == 0xa5;
}

static __init void port_setup(struct serial_port *port)
{
	port->lcr = UART_LCR_WLEN8;
	port->mcr = UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2;
	write_reg(port, 0, UART_IER);
	write_reg(port, UART_LCR_DLAB, UART_LCR);
	write_reg(port, 1, UART_DLL);
	write_reg(port, 0, UART_DLM);
	write_reg(port, port->lcr, UART_LCR);
	write_reg(port, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT, UART_FCR);
	write_reg(port, port->mcr, UART_MCR);
}

__init void serial8250_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		struct serial_port *port = &ports[i];

		if (!port_exists(port))
			continue;
		port->exists = true;
		port_setup(port);
		port->con.write = serial_write;
		port->con.drain = serial_drain;
		port->con.poll = serial_poll;
		console_register(&port->con);
		port->tty_port.name = port->con.name;
		port->tty_port.dev = MKDEV(TTY_MAJOR, MINOR_TTYS0 + i);
		port->tty_port.ops = &port_ops;
		port->tty_port.con = &port->con;
		tty_port_register(&port->tty_port);
	}
}

/* --- the interrupt --- */

static unsigned int item_of(u8 status, u8 byte)
{
	if (status & UART_LSR_PE)
		return byte | TTY_PARITY;
	if (status & UART_LSR_FE)
		return byte | TTY_FRAME;
	return byte;
}

/* Return: a break was among it, which the monitor wants to know. */
static bool receive(struct serial_port *port)
{
	bool wanted = false;
	u8 status, byte;

	for (unsigned int nr = 0; nr < RECEIVE_BYTES; nr++) {
		status = read_reg(port, UART_LSR);
		if (!(status & (UART_LSR_DR | UART_LSR_BI)))
			break;
		if (!(status & UART_LSR_BI) && !READ_ONCE(port->tty_port.is_open))
			break;
		byte = read_reg(port, UART_RX); /* of a break: 0 */
		if (!(status & UART_LSR_BI))
			tty_port_input(&port->tty_port, item_of(status, byte));
		else if (console_attention_hook)
			wanted = true;
		else
			tty_port_input(&port->tty_port, TTY_BREAK);
	}
	if (READ_ONCE(port->tty_port.is_open))
		tty_port_input_done(&port->tty_port);
	else
		console_take_input(&port->con);
	return wanted;
}

static void transmit(struct serial_port *port)
{
	unsigned long flags = lock_port(port);
	unsigned int before = nr_to_send(port), after;

	fill_fifo(port);
	after = nr_to_send(port);
	unlock_port(port, flags);
	if (after < SEND_LOW && before != after && port->tty_port.output_drained)
		port->tty_port.output_drained(&port->tty_port);
}

/* The line of the interrupt goes low, and rises again if there is still something to say. */
static void interrupt_again(struct serial_port *port)
{
	unsigned long flags = lock_port(port);

	write_reg(port, 0, UART_IER);
	write_reg(port, port->ier, UART_IER);
	unlock_port(port, flags);
}

/* The line of the interrupt is an edge: it must be seen low before it can rise again. Return: a
 * break came, for the monitor. */
static bool service(struct serial_port *port)
{
	bool wanted = false;

	for (unsigned int round = 0; round < HANDLER_ROUNDS; round++) {
		wanted |= receive(port);
		transmit(port);
		if (read_reg(port, UART_IIR) & UART_IIR_NO_INT)
			return wanted;
	}
	interrupt_again(port);
	return wanted;
}

static void serial_interrupt(unsigned int irq __maybe_unused, void *data)
{
	if (service(data))
		console_attention_hook();
}

__init void serial8250_irq_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		struct serial_port *port = &ports[i];
		int irq = port->exists ? irq_from_isa(port->isa_irq) : -ENODEV;
		unsigned long flags;

		if (irq < 0 ||
		    irq_request((unsigned int)irq, serial_interrupt, port->con.name, port))
			continue;
		port->has_irq = true;
		flags = lock_port(port);
		set_ier(port, UART_IER_RDI, 0);
		unlock_port(port, flags);
	}
}
