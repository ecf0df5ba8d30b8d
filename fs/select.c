/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting for many files: poll(), select() and their relatives.
 *
 * The caller looks at each file; the first look also puts an entry into each wait queue that the
 * file names.  If nothing is ready it sleeps, and looks again at all of them when it was woken.
 *
 *	waiter					waker
 *	queues its entries
 *	looks: not ready			changes the file
 *	state = interruptible	(A)		sees the entry: triggered = true
 *	triggered?  does not sleep		wakes the task if it sleeps		(A)
 *
 * A wake-up may come while the waiter still looks at other files, in state "running", and would be
 * lost: so it leaves a mark.  (A) pairs the state with the look at the mark as for any sleep; the
 * mark is taken back, with a full barrier behind it (B), before the files are looked at again.
 *
 * Entries are on the stack, as far as EARLY_ENTRIES go, then in pages.  An entry holds its file,
 * for another thread may close the descriptor, and the queue goes with the file.  Once something
 * is ready no more entries are made: the call is not going to sleep.
 *
 * Times are a deadline by clock_ns().  Those calls that get a time in a structure write back what
 * is left of it; an interrupted one that is made again therefore ends in time, and poll(), whose
 * time is a number, goes on by restart_syscall().
 *
 * Locks: none while it looks, so ->poll() may sleep; a queue's own for its entries.
 */
#include <linux/errno.h>
#include <linux/personality.h>
#include <linux/poll.h>
#include <oshit/bitops.h>
#include <oshit/clock.h>
#include <oshit/entry.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/poll.h>
#include <oshit/rlimit.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>
#include <oshit/vmalloc.h>
#include <oshit/wait.h>

/* --- the engine --- */

#define EARLY_ENTRIES 8 /* half a KiB of stack: what most calls need */

struct poll_entry {
	struct wait_queue_entry wait;
	struct wait_queue_head *queue;
	struct file *file; /* holds a reference */
	struct poll_waiter *waiter;
};

struct poll_page {
	struct poll_page *next;
	unsigned int nr;
	struct poll_entry entries[];
};

#define PAGE_ENTRIES ((PAGE_SIZE - sizeof(struct poll_page)) / sizeof(struct poll_entry))

struct poll_waiter {
	struct poll_table table;
	bool triggered; /* any CPU writes true, the caller false */
	int err; /* -ENOMEM: an entry is missing, so nobody can sleep */
	unsigned int nr_early;
	struct poll_page *pages;
	struct poll_entry early[EARLY_ENTRIES];
};

static bool wake_waiter(struct wait_queue_entry *wait, unsigned int mode)
{
	struct poll_entry *entry = container_of(wait, struct poll_entry, wait);

	WRITE_ONCE(entry->waiter->triggered, true);
	return default_wake_function(wait, mode);
}

static struct poll_entry *new_entry(struct poll_waiter *waiter)
{
	struct poll_page *page = waiter->pages;

	if (waiter->nr_early < EARLY_ENTRIES)
		return &waiter->early[waiter->nr_early++];
	if (!page || page->nr == PAGE_ENTRIES) {
		page = kmalloc(PAGE_SIZE, GFP_KERNEL);
		if (!page)
			return NULL;
		page->next = waiter->pages;
		page->nr = 0;
		waiter->pages = page;
	}
	return &page->entries[page->nr++];
}

/* What ->poll() calls by poll_wait(). */
static void queue_waiter(struct poll_table *table, struct file *file, struct wait_queue_head *queue)
{
	struct poll_waiter *waiter = container_of(table, struct poll_waiter, table);
	struct poll_entry *entry = new_entry(waiter);

	if (!entry) {
		waiter->err = -ENOMEM;
		return;
	}
	*entry = (struct poll_entry){
		.wait = { .task = current, .fn = wake_waiter },
		.queue = queue,
		.file = get_file(file),
		.waiter = waiter,
	};
	add_wait_queue(queue, &entry->wait);
}

static void waiter_init(struct poll_waiter *waiter)
{
	waiter->table.queue = queue_waiter;
	waiter->triggered = false;
	waiter->err = 0;
	waiter->nr_early = 0;
	waiter->pages = NULL;
}

static void drop_entries(struct poll_entry *entries, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		remove_wait_queue(entries[i].queue, &entries[i].wait);
		fput(entries[i].file);
	}
}

static void waiter_done(struct poll_waiter *waiter)
{
	drop_entries(waiter->early, waiter->nr_early);
	while (waiter->pages) {
		struct poll_page *page = waiter->pages;

		drop_entries(page->entries, page->nr);
		waiter->pages = page->next;
		kfree(page);
	}
}

/* Until it is woken, or has been since it looked. Return: time is up. */
static bool waiter_sleep(struct poll_waiter *waiter, u64 deadline_ns)
{
	bool is_late = false;

	set_current_state(TASK_INTERRUPTIBLE);
	if (!READ_ONCE(waiter->triggered))
		is_late = sleep_until(deadline_ns);
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(waiter->triggered, false);
	smp_mb(); /* (B): what woke is seen by the looks that follow */
	return is_late;
}

/* What is looked at: an array, or bitmaps. */
struct poll_set {
	/* How many are ready. Gives *@table to those that it looks at, NULL once one is. */
	int (*look)(struct poll_set *set, struct poll_table **table);
};

/* How many are ready, 0: time is up; -ERESTARTNOHAND; -ENOMEM. */
static int wait_for_set(struct poll_set *set, u64 deadline_ns)
{
	bool is_late = deadline_ns == AT_ONCE_NS;
	struct poll_waiter waiter;
	struct poll_table *table = is_late ? NULL : &waiter.table;
	int nr;

	waiter_init(&waiter);
	for (;;) {
		nr = set->look(set, &table);
		table = NULL;
		if (!nr)
			nr = waiter.err;
		if (!nr && signal_pending(current))
			nr = -ERESTARTNOHAND;
		if (nr || is_late)
			break;
		is_late = waiter_sleep(&waiter, deadline_ns);
	}
	waiter_done(&waiter);
	return nr;
}

/* Bits that hold for a descriptor; POLLNVAL if there is no such file. */
static __always_inline unsigned int poll_fd(unsigned int nr, struct poll_table *table)
{
	struct fd fd = fdget(nr);
	unsigned int events;

	if (!fd.file)
		return POLLNVAL;
	events = vfs_poll(fd.file, table);
	fdput(fd);
	return events;
}

/* Memory for one call: a page is cheap, more is mapped. */
static void *alloc_set(size_t size)
{
	return size <= PAGE_SIZE ? kmalloc(size, GFP_KERNEL) : vmalloc(size);
}

static void free_set(void *set, size_t size)
{
	if (size <= PAGE_SIZE)
		kfree(set);
	else
		vfree(set);
}

/* --- times --- */

static u64 deadline_after(u64 length_ns)
{
	return length_ns ? time_add_ns(clock_ns(), length_ns) : AT_ONCE_NS;
}

u64 deadline_by_ms(int timeout_ms)
{
	return timeout_ms < 0 ? TIME_MAX_NS : deadline_after((u64)timeout_ms * NSEC_PER_MSEC);
}

int deadline_by_timespec(u64 *deadline_ns, const struct __kernel_timespec __user *from)
{
	u64 length_ns;
	int err;

	*deadline_ns = TIME_MAX_NS;
	if (!from)
		return 0;
	err = get_timespec_ns(&length_ns, from);
	if (!err)
		*deadline_ns = deadline_after(length_ns);
	return err;
}

/* The same for select(): microseconds may be more than a second. */
static int deadline_by_timeval(u64 *deadline_ns, const struct __kernel_old_timeval __user *from)
{
	const long usec_per_sec = NSEC_PER_SEC / NSEC_PER_USEC;
	struct __kernel_old_timeval time;
	u64 length_ns;
	int err;

	*deadline_ns = TIME_MAX_NS;
	if (!from)
		return 0;
	if (copy_from_user(&time, from, sizeof(time)))
		return -EFAULT;
	if (__builtin_add_overflow(time.tv_sec, time.tv_usec / usec_per_sec, &time.tv_sec))
		return -EINVAL;
	time.tv_usec %= usec_per_sec;
	err = timeval_to_ns(&length_ns, &time);
	if (!err)
		*deadline_ns = deadline_after(length_ns);
	return err;
}

/* Whether a time that was given is to be written back; with STICKY_TIMEOUTS it stays. */
static bool tells_time_left(void)
{
	return !(current->user->personality & STICKY_TIMEOUTS);
}

static u64 time_left_ns(u64 deadline_ns)
{
	u64 now_ns = clock_ns();

	return deadline_ns > now_ns ? deadline_ns - now_ns : 0;
}

/*
 * The result of a call whose time is in a structure.  If the time left cannot be told the call
 * cannot be made again: it would wait for the whole of it.
 */
static long result_of_timed(long ret, bool told)
{
	return ret == -ERESTARTNOHAND && !told ? -EINTR : ret;
}

static long finish_timespec(long ret, u64 deadline_ns, struct __kernel_timespec __user *to)
{
	bool told = !to;

	restore_user_blocked(ret == -ERESTARTNOHAND);
	if (deadline_ns == AT_ONCE_NS)
		return ret;
	if (to && tells_time_left())
		told = !put_timespec_ns(time_left_ns(deadline_ns), to);
	return result_of_timed(ret, told);
}

/* --- poll --- */

#define STACK_FDS 30 /* with the entries it stays under a KiB of stack */

struct poll_fds {
	struct poll_set set;
	struct pollfd *fds;
	unsigned int nr;
};

static int look_at_fds(struct poll_set *set, struct poll_table **table)
{
	struct poll_fds *fds = container_of(set, struct poll_fds, set);
	int nr_ready = 0;

	for (unsigned int i = 0; i < fds->nr; i++) {
		struct pollfd *fd = &fds->fds[i];
		unsigned int events = 0, wanted = (u16)fd->events | POLLERR | POLLHUP | POLLNVAL;

		if (fd->fd >= 0)
			events = poll_fd((unsigned int)fd->fd, *table) & wanted;
		fd->revents = (short)events;
		if (!events)
			continue;
		nr_ready++;
		*table = NULL;
	}
	return nr_ready;
}

static int put_revents(struct pollfd __user *to, const struct pollfd *fds, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (put_user(fds[i].revents, &to[i].revents))
			return -EFAULT;
	return 0;
}

/* How many are ready; -EINVAL; -EFAULT; -ENOMEM; -ERESTARTNOHAND. */
static long do_poll(struct pollfd __user *user_fds, unsigned int nr, u64 deadline_ns)
{
	struct pollfd on_stack[STACK_FDS];
	struct poll_fds fds = { .set.look = look_at_fds, .fds = on_stack, .nr = nr };
	size_t size = nr * sizeof(*fds.fds);
	long ret = -EFAULT;

	if (nr > current_limit(RLIMIT_NOFILE))
		return -EINVAL;
	if (nr > STACK_FDS)
		fds.fds = alloc_set(size);
	if (!fds.fds)
		return -ENOMEM;
	if (!copy_from_user(fds.fds, user_fds, size)) {
		ret = wait_for_set(&fds.set, deadline_ns);
		if (put_revents(user_fds, fds.fds, nr))
			ret = -EFAULT;
	}
	if (fds.fds != on_stack)
		free_set(fds.fds, size);
	return ret;
}

static long poll_again(struct restart_block *restart)
{
	long ret = do_poll(restart->poll.fds, restart->poll.nr, restart->deadline_ns);

	return ret == -ERESTARTNOHAND ? -ERESTART_RESTARTBLOCK : ret;
}

long sys_poll(struct pollfd __user *fds, unsigned int nr, int timeout_ms)
{
	struct restart_block *restart = &current->user->restart;
	u64 deadline_ns = deadline_by_ms(timeout_ms);
	long ret = do_poll(fds, nr, deadline_ns);

	if (ret != -ERESTARTNOHAND)
		return ret;
	restart->fn = poll_again;
	restart->deadline_ns = deadline_ns;
	restart->poll.fds = fds;
	restart->poll.nr = nr;
	return -ERESTART_RESTARTBLOCK;
}

long sys_ppoll(struct pollfd __user *fds, unsigned int nr, struct __kernel_timespec __user *timeout,
	       const sigset_t __user *mask, size_t size)
{
	u64 deadline_ns;
	int err = deadline_by_timespec(&deadline_ns, timeout) ?: set_user_blocked(mask, size);

	return err ?: finish_timespec(do_poll(fds, nr, deadline_ns), deadline_ns, timeout);
}

/* --- select --- */

#define POLLIN_SET  (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR | POLLNVAL)
#define POLLOUT_SET (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR | POLLNVAL)
#define POLLEX_SET  (POLLPRI | POLLNVAL)

enum { SELECT_IN, SELECT_OUT, SELECT_EX, NR_SELECT };

#define STACK_WORDS 6 /* of each map: 384 descriptors in 288 bytes */

struct select_set {
	struct poll_set set;
	unsigned int nr_words; /* of each map */
	unsigned long *wanted[NR_SELECT], *ready[NR_SELECT];
};

static const unsigned int select_bits[NR_SELECT] = {
	[SELECT_IN] = POLLIN_SET,
	[SELECT_OUT] = POLLOUT_SET,
	[SELECT_EX] = POLLEX_SET,
};

/* All that are asked for in a word, of whatever map. */
static unsigned long wanted_word(const struct select_set *set, unsigned int word)
{
	return set->wanted[SELECT_IN][word] | set->wanted[SELECT_OUT][word] |
	       set->wanted[SELECT_EX][word];
}

/* How many bits a descriptor sets in the results. */
static int mark_ready(struct select_set *set, unsigned int fd, unsigned int events)
{
	unsigned long bit = BIT(fd % BITS_PER_LONG);
	unsigned int word = fd / BITS_PER_LONG;
	int nr = 0;

	for (int i = 0; i < NR_SELECT; i++) {
		if (!(set->wanted[i][word] & bit) || !(events & select_bits[i]))
			continue;
		set->ready[i][word] |= bit;
		nr++;
	}
	return nr;
}

static int look_at_maps(struct poll_set *poll_set, struct poll_table **table)
{
	struct select_set *set = container_of(poll_set, struct select_set, set);
	int nr_ready = 0, nr;

	for (unsigned int word = 0; word < set->nr_words; word++) {
		for (unsigned long left = wanted_word(set, word); left; left &= left - 1) {
			unsigned int fd = word * BITS_PER_LONG + (unsigned int)__builtin_ctzl(left);

			nr = mark_ready(set, fd, poll_fd(fd, *table));
			nr_ready += nr;
			if (nr)
				*table = NULL;
		}
		cond_resched();
	}
	return nr_ready;
}

/* How many descriptors the table has room for; another thread may make it larger. */
static unsigned int table_size(void)
{
	struct files_struct *files = current->files;
	unsigned int size;

	spin_lock(&files->lock);
	size = files->table->size;
	spin_unlock(&files->lock);
	return size;
}

/* Whether all descriptors that are asked for are open. */
static bool all_are_open(const struct select_set *set)
{
	struct files_struct *files = current->files;
	bool are_open = true;

	spin_lock(&files->lock);
	for (unsigned int word = 0; word < set->nr_words; word++)
		are_open &= !(wanted_word(set, word) & ~files->table->open[word]);
	spin_unlock(&files->lock);
	return are_open;
}

/* A map of @nr descriptors; what lies behind the last in its word is not asked for. */
static int get_map(unsigned long *map, const unsigned long __user *from, unsigned int nr)
{
	size_t size = DIV_ROUND_UP(nr, BITS_PER_LONG) * sizeof(*map);

	if (!from)
		memset(map, 0, size);
	else if (copy_from_user(map, from, size))
		return -EFAULT;
	if (nr % BITS_PER_LONG)
		map[nr / BITS_PER_LONG] &= BIT(nr % BITS_PER_LONG) - 1;
	return 0;
}

static long select_maps(struct select_set *set, unsigned int nr,
			unsigned long __user *const user[NR_SELECT], u64 deadline_ns)
{
	size_t size = set->nr_words * sizeof(long);
	long ret;

	for (int i = 0; i < NR_SELECT; i++) {
		if (get_map(set->wanted[i], user[i], nr))
			return -EFAULT;
		memset(set->ready[i], 0, size);
	}
	if (!all_are_open(set))
		return -EBADF;
	ret = wait_for_set(&set->set, deadline_ns);
	for (int i = 0; ret >= 0 && i < NR_SELECT; i++)
		if (user[i] && copy_to_user(user[i], set->ready[i], size))
			ret = -EFAULT;
	return ret;
}

/* Descriptors above those that the table has room for are not looked at, as in Linux. */
static long do_select(int nr_asked, unsigned long __user *const user[NR_SELECT], u64 deadline_ns)
{
	unsigned long on_stack[2 * NR_SELECT * STACK_WORDS], *maps = on_stack;
	struct select_set set = { .set.look = look_at_maps };
	unsigned int nr;
	size_t size;
	long ret;

	if (nr_asked < 0)
		return -EINVAL;
	nr = min((unsigned int)nr_asked, table_size());
	set.nr_words = DIV_ROUND_UP(nr, BITS_PER_LONG);
	size = 2 * NR_SELECT * set.nr_words * sizeof(long);
	if (set.nr_words > STACK_WORDS)
		maps = alloc_set(size);
	if (!maps)
		return -ENOMEM;
	for (int i = 0; i < NR_SELECT; i++) {
		set.wanted[i] = maps + (size_t)i * set.nr_words;
		set.ready[i] = maps + (size_t)(NR_SELECT + i) * set.nr_words;
	}
	ret = select_maps(&set, nr, user, deadline_ns);
	if (maps != on_stack)
		free_set(maps, size);
	return ret;
}

long sys_select(int nr, unsigned long __user *in, unsigned long __user *out,
		unsigned long __user *ex, struct __kernel_old_timeval __user *timeout)
{
	unsigned long __user *const user[NR_SELECT] = { in, out, ex };
	struct __kernel_old_timeval left;
	bool told = !timeout;
	u64 deadline_ns;
	long ret = deadline_by_timeval(&deadline_ns, timeout);

	if (ret)
		return ret;
	ret = do_select(nr, user, deadline_ns);
	if (deadline_ns == AT_ONCE_NS)
		return ret;
	if (timeout && tells_time_left()) {
		left = ns_to_timeval(time_left_ns(deadline_ns));
		told = !copy_to_user(timeout, &left, sizeof(left));
	}
	return result_of_timed(ret, told);
}

/* What the sixth argument of pselect6() points to. */
struct sigset_argument {
	const sigset_t __user *mask;
	size_t size;
};

long sys_pselect6(int nr, unsigned long __user *in, unsigned long __user *out,
		  unsigned long __user *ex, struct __kernel_timespec __user *timeout,
		  const void __user *mask)
{
	unsigned long __user *const user[NR_SELECT] = { in, out, ex };
	struct sigset_argument set = { .mask = NULL };
	u64 deadline_ns;
	int err;

	if (mask && copy_from_user(&set, mask, sizeof(set)))
		return -EFAULT;
	err = deadline_by_timespec(&deadline_ns, timeout) ?: set_user_blocked(set.mask, set.size);
	return err ?: finish_timespec(do_select(nr, user, deadline_ns), deadline_ns, timeout);
}
