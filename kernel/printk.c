/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log: a ring of records that any context may add to, and its way to the consoles.
 *
 * The ring is an array of slots.  A record takes one or more slots in a row; a writer reserves
 * them by one atomic addition to the head, fills them, and then stamps them, the first one last.
 * So writers never wait, not for each other and not for readers: NMI and panic may log.
 * A stamp says which turn of the ring the slot belongs to:
 *
 *	stamp == 2 * position + 2	a complete slot at `position`
 *	stamp == 2 * position + 3	the same, and a record begins here
 *	smaller				not written yet in this turn
 *	larger				overwritten by a later turn
 *
 * A reader copies a record and then looks at the stamps again: if they changed, it lost the race
 * against a writer one turn ahead and skips to what is left.  (A writer that stands still while
 * others fill the whole ring spoils records of theirs; readers see the wrong stamp and drop them.)
 *
 * Consoles have one owner at a time.  Who logs tries to become it and prints all that is new; who
 * fails leaves the line to the owner, which looks for more after it has let go.  A panic takes the
 * consoles away (console_panic_takeover()) and no longer waits for unfinished records.
 */
#include <arch/processor.h>
#include <oshit/atomic.h>
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/console.h>
#include <oshit/init.h>
#include <oshit/irqflags.h>
#include <oshit/kstrtox.h>
#include <oshit/log.h>
#include <oshit/math.h>
#include <oshit/percpu.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/string.h>
#include <linux/errno.h>

#define SLOT_SIZE	 64
#define SLOT_DATA	 (SLOT_SIZE - sizeof(u64))
#define NR_SLOTS	 (LOG_SIZE / SLOT_SIZE)
#define STAMP_FIRST	 1
#define DEFAULT_LOGLEVEL LOG_DEBUG /* what is less than this is shown: all but debugging */
#define QUIET_LOGLEVEL	 LOG_WARNING

struct log_slot {
	u64 stamp; /* atomic; see above */
	char data[SLOT_DATA]; /* bytes of the record, written between reserve and stamp */
};
static_assert(sizeof(struct log_slot) == SLOT_SIZE, "slots fill cache lines");

struct record_head { /* first bytes of a record; the text follows */
	u64 time_ns;
	u16 len;
	u8 level;
	u8 nr_slots;
	u32 cpu;
};

static struct log_slot ring[NR_SLOTS] __aligned(SLOT_SIZE);
static u64 ring_head; /* atomic: position of the next slot to reserve */

enum log_level console_loglevel = DEFAULT_LOGLEVEL;

static atomic_t console_owner = ATOMIC_INIT(0); /* CPU number + 1, 0: nobody */
static struct log_reader console_reader; /* console owner only */
static bool skip_unfinished; /* set by a panic, for good */

static struct log_slot *slot_at(u64 pos)
{
	return &ring[pos % NR_SLOTS];
}

static u64 slot_stamp(u64 pos)
{
	return 2 * pos + 2;
}

/* --- writing --- */

/* Copies into the data areas of consecutive slots, from byte @offset of the record on. */
static void record_write(u64 pos, size_t offset, const void *src, size_t len)
{
	while (len) {
		struct log_slot *slot = slot_at(pos + offset / SLOT_DATA);
		size_t at = offset % SLOT_DATA;
		size_t part = min(len, SLOT_DATA - at);

		memcpy(slot->data + at, src, part);
		src = (const char *)src + part;
		offset += part;
		len -= part;
	}
}

static void log_store(enum log_level level, const char *text, size_t len)
{
	size_t nr = DIV_ROUND_UP(sizeof(struct record_head) + len, SLOT_DATA);
	u64 pos = __atomic_fetch_add(&ring_head, nr, __ATOMIC_RELAXED);
	struct record_head head = {
		.time_ns = clock_ns(),
		.len = (u16)len,
		.level = (u8)level,
		.nr_slots = (u8)nr,
		.cpu = smp_processor_id(),
	};
	size_t i;

	for (i = 0; i < nr; i++)
		WRITE_ONCE(slot_at(pos + i)->stamp, 0);
	/* Pairs with the fence in record_read(): no byte of ours is seen under an old stamp. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	record_write(pos, 0, &head, sizeof(head));
	record_write(pos, sizeof(head), text, len);
	/* Pairs with the acquire in record_read(): a stamped slot is complete. */
	for (i = nr; i-- > 1;)
		smp_store_release(&slot_at(pos + i)->stamp, slot_stamp(pos + i));
	smp_store_release(&slot_at(pos)->stamp, slot_stamp(pos) | STAMP_FIRST);
}

__printf(2, 0) static void vprintk(enum log_level level, const char *fmt, va_list args)
{
	char text[LOG_TEXT_MAX];
	char *line = text, *end;
	size_t len = vscnprintf(text, sizeof(text), fmt, args);

	if (len && text[len - 1] == '\n')
		text[--len] = '\0';
	do {
		end = strchr(line, '\n');
		log_store(level, line, end ? (size_t)(end - line) : strlen(line));
		line = end + 1;
	} while (end);
}

void printk(enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(level, fmt, args);
	va_end(args);
	console_flush();
}

/* --- reading --- */

static void record_copy(u64 pos, size_t offset, void *dst, size_t len)
{
	while (len) {
		const struct log_slot *slot = slot_at(pos + offset / SLOT_DATA);
		size_t at = offset % SLOT_DATA;
		size_t part = min(len, SLOT_DATA - at);

		memcpy(dst, slot->data + at, part);
		dst = (char *)dst + part;
		offset += part;
		len -= part;
	}
}

static bool record_is_whole(u64 pos, unsigned int nr)
{
	unsigned int i;

	for (i = 1; i < nr; i++)
		if (READ_ONCE(slot_at(pos + i)->stamp) != slot_stamp(pos + i))
			return false;
	return READ_ONCE(slot_at(pos)->stamp) == (slot_stamp(pos) | STAMP_FIRST);
}

/* Copies the record at @pos. Returns its number of slots, or 0 if there is no whole one. */
static unsigned int record_read(u64 pos, struct log_record *record)
{
	struct record_head head;

	/* Pairs with the release in log_store(). */
	if (smp_load_acquire(&slot_at(pos)->stamp) != (slot_stamp(pos) | STAMP_FIRST))
		return 0;
	record_copy(pos, 0, &head, sizeof(head));
	if (!head.nr_slots || head.len >= LOG_TEXT_MAX || !record_is_whole(pos, head.nr_slots))
		return 0;
	record_copy(pos, sizeof(head), record->text, head.len);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (!record_is_whole(pos, head.nr_slots))
		return 0;
	record->text[head.len] = '\0';
	record->time_ns = head.time_ns;
	record->level = head.level;
	record->cpu = head.cpu;
	record->len = head.len;
	return head.nr_slots;
}

bool log_read(struct log_reader *reader, struct log_record *record)
{
	u64 head = __atomic_load_n(&ring_head, __ATOMIC_ACQUIRE);
	unsigned int nr;

	if (head - reader->pos > NR_SLOTS) {
		reader->nr_lost += head - NR_SLOTS - reader->pos;
		reader->pos = head - NR_SLOTS;
	}
	for (; reader->pos < head; reader->pos++) {
		nr = record_read(reader->pos, record);
		if (nr) {
			reader->pos += nr;
			return true;
		}
		/* The middle of a record whose head is lost, or one that is being written. */
		if (READ_ONCE(slot_at(reader->pos)->stamp) < slot_stamp(reader->pos) &&
		    !READ_ONCE(skip_unfinished))
			return false;
		reader->nr_lost++;
	}
	return false;
}

void log_reader_seek_tail(struct log_reader *reader, unsigned int nr)
{
	static const struct log_reader start = LOG_READER_INIT;
	struct log_reader probe = start;
	struct log_record record;
	unsigned int total = 0;

	while (log_read(&probe, &record))
		total++;
	for (*reader = start; total > nr; total--)
		if (!log_read(reader, &record))
			break;
}

size_t log_format(const struct log_record *record, char *buf, size_t size)
{
	u64 us = record->time_ns / NSEC_PER_USEC;

	return scnprintf(buf, size, "[%5lu.%06lu] %s\n", us / 1000000, us % 1000000, record->text);
}

/* --- consoles --- */

static bool console_try_own(void)
{
	return atomic_cmpxchg(&console_owner, 0, (int)smp_processor_id() + 1) == 0;
}

static void console_disown(void)
{
	atomic_set_release(&console_owner, 0);
}

/* Consoles only; the owner's. The buffers are static because stacks are small. */
static void console_emit_new(void)
{
	static struct log_record record;
	static char line[LOG_TEXT_MAX + 32];

	while (log_read(&console_reader, &record))
		if (record.level < console_loglevel)
			console_write(line, log_format(&record, line, sizeof(line)));
}

static bool console_is_behind(void)
{
	u64 pos = __atomic_load_n(&console_reader.pos, __ATOMIC_RELAXED);

	if (pos >= __atomic_load_n(&ring_head, __ATOMIC_SEQ_CST))
		return false;
	/* An unfinished record is its writer's to print. */
	return READ_ONCE(slot_at(pos)->stamp) >= slot_stamp(pos);
}

void console_flush(void)
{
	unsigned long flags;

	while (console_list && console_is_behind()) {
		local_irq_save(flags);
		if (!console_try_own()) {
			local_irq_restore(flags);
			return;
		}
		console_emit_new();
		console_disown();
		local_irq_restore(flags);
		/* A line that came after our last look and found us owner: the loop takes it. */
		smp_mb();
	}
}

unsigned long console_own(void)
{
	unsigned long flags;

	local_irq_save(flags); /* as every owner does: it is running, and soon done */
	while (!console_try_own())
		cpu_relax();
	return flags;
}

void console_release(unsigned long flags)
{
	console_disown();
	local_irq_restore(flags);
	smp_mb(); /* as in console_flush() */
	console_flush();
}

void console_write_whole(const char *s, size_t len)
{
	unsigned long flags = console_own();

	console_write(s, len);
	console_release(flags);
}

void console_panic_takeover(void)
{
	unsigned int tries;

	/* 100 ms: longer than any owner needs for a screen of text. */
	for (tries = 0; tries < 1000 && atomic_read(&console_owner); tries++) {
		if (atomic_read(&console_owner) == (int)smp_processor_id() + 1)
			break;
		delay_us(100);
	}
	WRITE_ONCE(skip_unfinished, true);
	console_disown();
	console_flush();
}

static __init int set_loglevel(const char *value)
{
	unsigned long level;
	int err = value ? kstrtoul(value, 0, &level) : -EINVAL;

	if (err)
		return err;
	console_loglevel = (enum log_level)clamp(level, 1UL, (unsigned long)LOG_DEBUG + 1);
	return 0;
}
BOOT_PARAM("loglevel", set_loglevel);

static __init int set_quiet(const char *value __maybe_unused)
{
	console_loglevel = QUIET_LOGLEVEL;
	return 0;
}
BOOT_PARAM("quiet", set_quiet);

static __init int set_debug(const char *value __maybe_unused)
{
	console_loglevel = (enum log_level)(LOG_DEBUG + 1);
	return 0;
}
BOOT_PARAM("debug", set_debug);
