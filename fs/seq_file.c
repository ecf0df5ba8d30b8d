/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files whose text is made when somebody reads it.
 *
 * The text is a sequence of records.  A read fills a buffer with whole records, as many as are
 * wanted and fit, and copies from it; what is left of the last one waits there for the next read.
 * So the state of an open file is
 *
 *	index		the record that comes after the buffer
 *	from, count	what of the buffer has been read, and what is in it
 *	read_pos	the position in the text that belongs to `from`
 *
 * and a read at read_pos just goes on.  One elsewhere (pread(), lseek()) begins at record 0 and
 * drops bytes until it is there.  A record is shown whole or not at all: one that does not fit into
 * an empty buffer gets a larger one, and the operations begin anew.  Between two reads records may
 * come and go: each that is there all the time is shown once if the operations keep their order.
 *
 * Locks: m->lock around a read.  The operations hold their own from start() to stop(), and bytes
 * are copied to programs outside of them, so these locks may be ones that a page fault takes.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <oshit/cpumask.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/math.h>
#include <oshit/mount.h>
#include <oshit/printf.h>
#include <oshit/seq_file.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uio.h>
#include <oshit/vmalloc.h>

/* --- opening --- */

int seq_open(struct file *file, const struct seq_operations *ops, void *private)
{
	struct seq_file *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	mutex_init(&m->lock);
	m->size = PAGE_SIZE;
	m->ops = ops;
	m->file = file;
	m->private = private;
	file->private = m;
	return 0;
}

static void free_buffer(struct seq_file *m)
{
	if (is_vmalloc_addr(m->buf))
		vfree(m->buf);
	else
		kfree(m->buf);
	m->buf = NULL;
}

int seq_release(struct inode *inode __maybe_unused, struct file *file)
{
	struct seq_file *m = file->private;

	free_buffer(m);
	kfree(m);
	return 0;
}

static void *single_start(struct seq_file *m __maybe_unused, loff_t *pos)
{
	return *pos ? NULL : SEQ_START_TOKEN;
}

static void *single_next(struct seq_file *m __maybe_unused, void *record __maybe_unused,
			 loff_t *pos)
{
	++*pos;
	return NULL;
}

static void single_stop(struct seq_file *m __maybe_unused, void *record __maybe_unused)
{
}

int single_open(struct file *file, int (*show)(struct seq_file *m, void *unused), void *private)
{
	struct seq_operations *ops = kmalloc(sizeof(*ops), GFP_KERNEL);
	int err;

	if (!ops)
		return -ENOMEM;
	*ops = (struct seq_operations){ single_start, single_next, single_stop, show };
	err = seq_open(file, ops, private);
	if (err)
		kfree(ops);
	return err;
}

int single_release(struct inode *inode, struct file *file)
{
	const struct seq_operations *ops = ((struct seq_file *)file->private)->ops;

	seq_release(inode, file);
	kfree(ops);
	return 0;
}

/* --- the buffer --- */

static int need_buffer(struct seq_file *m)
{
	if (!m->buf)
		m->buf = m->size <= KMALLOC_MAX_CACHE_SIZE ? kmalloc(m->size, GFP_KERNEL)
							   : vmalloc(m->size);
	return m->buf ? 0 : -ENOMEM;
}

/* A record did not fit into an empty buffer. */
static int grow(struct seq_file *m)
{
	free_buffer(m);
	m->count = 0;
	m->size *= 2;
	return need_buffer(m);
}

/* Shows a record behind what is there. False: it does not fit, and what was there still is.
 * *@err: of show(). */
static bool show_record(struct seq_file *m, void *record, int *err)
{
	size_t before = m->count;

	*err = m->ops->show(m, record);
	if (*err < 0 || seq_has_overflowed(m)) {
		m->count = before;
		return *err < 0;
	}
	if (*err)
		m->count = before; /* SEQ_SKIP */
	*err = 0;
	return true;
}

/*
 * Fills the empty buffer with records from m->index on, until there are @wanted bytes of text or no
 * record more, and stops each iteration before bytes are copied.  0 or -errno; m->count says what
 * is there.
 */
static int fill(struct seq_file *m, size_t wanted)
{
	loff_t pos = m->index;
	bool fits = true;
	void *record;
	int err = 0;

	m->from = m->count = 0;
	record = m->ops->start(m, &pos);
	while (!IS_ERR_OR_NULL(record)) {
		fits = show_record(m, record, &err);
		if (!fits || err)
			break;
		record = m->ops->next(m, record, &pos);
		m->index = pos;
		if (m->count >= wanted)
			break;
	}
	m->ops->stop(m, record);
	if (IS_ERR(record))
		err = PTR_ERR(record);
	if (m->count)
		return 0; /* an error is told when it is met again, by the next read */
	return fits ? err : -EOVERFLOW;
}

/* The same with a buffer that is large enough for one record. */
static int fill_some(struct seq_file *m, size_t wanted)
{
	int err = need_buffer(m);

	while (!err) {
		err = fill(m, wanted);
		if (err != -EOVERFLOW)
			break;
		err = grow(m);
	}
	return err;
}

/* Begins anew and drops @pos bytes. 0 or -errno; at the end of the text all of it is dropped. */
static int go_to(struct seq_file *m, loff_t pos)
{
	int err = 0;

	m->index = m->read_pos = 0;
	m->from = m->count = 0;
	while (m->read_pos < pos && !err) {
		err = fill_some(m, (size_t)(pos - m->read_pos));
		if (err || !m->count)
			break;
		m->from = min((size_t)(pos - m->read_pos), m->count);
		m->read_pos += m->from;
	}
	return err;
}

/* Copies what is in the buffer. Bytes. */
static size_t copy_some(struct seq_file *m, struct iov_iter *to)
{
	size_t part = min(m->count - m->from, to->count);
	size_t done = copy_to_iter(m->buf + m->from, part, to);

	m->from += done;
	m->read_pos += done;
	return done;
}

static long read_at(struct seq_file *m, struct iov_iter *to)
{
	long total = 0;
	int err = 0;

	while (to->count) {
		size_t done;

		if (m->from == m->count) {
			err = fill_some(m, to->count);
			if (err || !m->count)
				break;
		}
		done = copy_some(m, to);
		total += done;
		if (to->count && m->from < m->count) {
			err = -EFAULT;
			break;
		}
	}
	return total ?: err;
}

long seq_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct seq_file *m = file->private;
	long ret = 0;

	if (!to->count)
		return 0;
	mutex_lock(&m->lock);
	if (*pos != m->read_pos)
		ret = go_to(m, *pos);
	if (!ret && *pos == m->read_pos) {
		ret = read_at(m, to);
		*pos = m->read_pos;
	}
	mutex_unlock(&m->lock);
	return ret;
}

loff_t seq_lseek(struct file *file, loff_t offset, int whence)
{
	struct seq_file *m = file->private;
	loff_t ret = -EINVAL;

	mutex_lock(&m->lock);
	if (whence == SEEK_CUR && !__builtin_add_overflow(offset, file->pos, &offset))
		whence = SEEK_SET;
	if (whence == SEEK_SET && offset >= 0) {
		ret = offset == m->read_pos ? 0 : go_to(m, offset);
		/* Behind the end is no error: nothing is read there. */
		ret = ret ?: offset;
		if (ret >= 0)
			file->pos = offset;
	}
	mutex_unlock(&m->lock);
	return ret;
}

/* --- text --- */

/* It does not fit; what is in the buffer beyond the last record is of no use. */
static void overflow(struct seq_file *m)
{
	m->count = m->size;
}

void seq_write(struct seq_file *m, const void *bytes, size_t len)
{
	if (len >= m->size - m->count) {
		overflow(m);
		return;
	}
	memcpy(m->buf + m->count, bytes, len);
	m->count += len;
}

void seq_putc(struct seq_file *m, char c)
{
	seq_write(m, &c, 1);
}

void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	size_t room = m->size - m->count, len;
	va_list args;

	va_start(args, fmt);
	len = (size_t)vsnprintf(m->buf + m->count, room, fmt, args);
	va_end(args);
	if (len >= room)
		overflow(m);
	else
		m->count += len;
}

void seq_escape(struct seq_file *m, const char *s, const char *escape)
{
	for (; *s; s++) {
		if (*s == '\\' || strchr(escape, *s))
			seq_printf(m, "\\%03o", (unsigned char)*s);
		else
			seq_putc(m, *s);
	}
}

void seq_path(struct seq_file *m, const struct path *path, const char *escape)
{
	size_t room = m->size - m->count;
	struct path root;
	char *name;

	if (!room)
		return;
	get_fs_root(&root);
	/* At the end of the buffer; each byte becomes up to four in front of it. */
	name = d_path(path, &root, m->buf + m->count, room);
	path_put(&root);
	if (IS_ERR(name)) {
		overflow(m);
		return;
	}
	for (; *name; name++) {
		bool is_escaped = strchr(escape, *name) != NULL;

		if (m->buf + m->count + (is_escaped ? 4 : 1) > name + 1) {
			overflow(m);
			return;
		}
		if (is_escaped)
			seq_printf(m, "\\%03o", (unsigned char)*name);
		else
			m->buf[m->count++] = *name;
	}
}

void seq_set_width(struct seq_file *m, size_t width)
{
	m->pad_until = m->count + width;
}

void seq_pad(struct seq_file *m, char c)
{
	while (m->count < m->pad_until && !seq_has_overflowed(m))
		seq_putc(m, ' ');
	if (c)
		seq_putc(m, c);
}

void seq_cpumask(struct seq_file *m, const struct cpumask *mask)
{
	unsigned int first = ALIGN_DOWN(nr_cpu_ids - 1, 32);
	int digits = (int)DIV_ROUND_UP(nr_cpu_ids - first, 4);

	for (;; first -= 32, digits = 8) {
		unsigned long word = mask->bits[first / BITS_PER_LONG] >> first % BITS_PER_LONG;
		unsigned int nr = min(nr_cpu_ids - first, 32U);

		word &= nr < 32 ? (1UL << nr) - 1 : 0xffffffffUL;
		seq_printf(m, "%0*lx", digits, word);
		if (!first)
			break;
		seq_putc(m, ',');
	}
}

void seq_cpulist(struct seq_file *m, const struct cpumask *mask)
{
	unsigned int cpu, last;
	const char *between = "";

	for (cpu = cpumask_first(mask); cpu < nr_cpu_ids; cpu = cpumask_next(last, mask)) {
		for (last = cpu; last + 1 < nr_cpu_ids && cpumask_test_cpu(last + 1, mask);)
			last++;
		seq_printf(m, last > cpu ? "%s%u-%u" : "%s%u", between, cpu, last);
		between = ",";
	}
}
