/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Epoll: a set of files that the kernel watches.
 *
 * An epoll is a file with a tree of items, one for each (file, descriptor) that is watched.  An
 * item has an entry in each wait queue of its file.  When such a queue is woken the item goes on
 * the list of ready ones and whoever waits for the epoll is woken.  "Ready" is a suspicion: who
 * collects asks the file.  So waiting costs what has happened, not what is watched.
 *
 * Collecting.  The list is taken as a whole; each item leaves it before its file is asked, so that
 * a wake-up behind the answer puts it on the new list and nothing is lost:
 *
 *	collector				waker
 *	takes the item off
 *	asks the file: not ready		the file changes
 *						puts the item on, wakes
 *
 * An item that is still on the list that was taken counts as ready: it will be asked yet.  What is
 * told level-triggered goes on the list again; what is told by edges waits for the next wake-up;
 * EPOLLONESHOT clears the events until EPOLL_CTL_MOD.  Who finds the list empty while another
 * collects (->is_scanning) waits for that one, since items may come back.
 *
 * Waiters are exclusive: an event wakes one.  If items are left when he is done he wakes the next.
 *
 * Nesting.  An epoll can be watched by another, up to MAX_LEVELS on a path and without a circle,
 * for wake-ups and questions run along the paths, under a lock for each level.  Paths up from an
 * epoll are at most MAX_PATHS, else one wake-up could take for ever.
 *
 * An item holds no reference to its file: the last fput() makes all epolls forget the file before
 * it is released (epoll_forget()).  Until then the file can be asked.
 *
 * Locks, outermost first:
 *
 *	epoll_mutex		closing an epoll or a file that was ever watched, and all links
 *				between epolls: so items of files that end stay until it is done
 *	  ->mutex		items, collecting; of a watched epoll inside, by level.  It is held
 *				while events are copied to programs, so it is outside of mmap_lock:
 *				a file that can be polled must not see its last fput() under that
 *	    file->lock		the file's list of items
 *	    a wait queue	of a watched file; interrupts off
 *	      ->lock		ready items; released before
 *	      ->wait		who collects
 *	      ->poll_wait	who polls the epoll, or watches it; by level
 *
 * Wake-ups come from any context but NMI, so ->lock is raw.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <oshit/cred.h>
#include <oshit/eventpoll.h>
#include <oshit/overcommit.h>
#include <oshit/poll.h>
#include <oshit/rbtree.h>
#include <oshit/slab.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>
#include <oshit/wait.h>

#include "eventpoll.h"

#define MAX_LEVELS	 5U /* of epolls on a path, as in Linux; below LOCKDEP_SUBCLASSES */
#define MAX_PATHS	 500U /* from an epoll to those that nobody watches */

/* Flags among the events: EPOLLEXCLUSIVE and so on, as plain numbers, which sparse takes. */
#define EXCLUSIVE	 (1U << 28)
#define WAKEUP		 (1U << 29)
#define ONESHOT		 (1U << 30)
#define EDGE		 (1U << 31)

#define PRIVATE_EVENTS	 (WAKEUP | ONESHOT | EDGE | EXCLUSIVE)
#define ALWAYS_EVENTS	 ((u32)(POLLERR | POLLHUP))
/* What can be asked for with EPOLLEXCLUSIVE. */
#define EXCLUSIVE_EVENTS ((u32)(POLLIN | POLLOUT) | ALWAYS_EVENTS | WAKEUP | EDGE | EXCLUSIVE)

#define EARLY_HOOKS	 2 /* queues of a pipe, an eventfd: more are allocated */

struct epoll_item;

struct epoll_hook { /* i: constant while it is queued */
	struct wait_queue_entry wait;
	struct wait_queue_head *queue; /* i */
	unsigned int events; /* i  what a wake-up can mean; 0: anything */
	struct epoll_item *item; /* i */
	struct epoll_hook *next; /* i  of those that were allocated */
};

struct epoll_item { /* m: epoll->mutex   l: epoll->lock   n: epoll_mutex   i: constant */
	struct rb_node node; /* m */
	struct file *file; /* i */
	int fd; /* i  a name, no more: the descriptor may be another file's by now */
	u32 events; /* m and l  to write */
	u64 data; /* m */
	struct epoll *epoll; /* i */
	struct list_head ready; /* l  on epoll->ready, or a collector's list */
	struct list_head watch; /* file->lock  on file->watches; n, too, if that is an epoll's */
	struct list_head nested; /* n  on epoll->nested, if the file is an epoll */
	unsigned int nr_early; /* m */
	struct epoll_hook early[EARLY_HOOKS];
	struct epoll_hook *more; /* m */
};

struct epoll { /* m: ->mutex   l: ->lock   n: epoll_mutex   p: poll_wait.lock   i: constant */
	struct mutex mutex;
	raw_spinlock_t lock; /* interrupts off */
	struct list_head ready; /* l  items that may be ready, in order of arrival */
	bool is_scanning; /* l  a collector has items that may come back */
	struct wait_queue_head wait, poll_wait;
	unsigned int wake_level; /* p  of the wake-up under way: the subclass of poll_wait.lock */
	struct rb_root items; /* m */
	struct list_head nested; /* n  items that are epolls */
	struct file *file; /* i  of this epoll; no reference */
	struct user_struct *user; /* i  who pays for the items */
	u64 checked; /* n  the last check that came by */
	unsigned int height; /* n  what it found: levels from here down */
};

static DEFINE_MUTEX(epoll_mutex);
static u64 nr_checks; /* epoll_mutex */

static unsigned int poll_epoll(struct file *file, struct poll_table *table, unsigned int level);

/* --- waking --- */

static unsigned int level_of_wake_up(const struct epoll_item *item)
{
	const struct epoll *source = item->file->private;

	return is_epoll_file(item->file) ? source->wake_level + 1 : 0;
}

/* Those who poll or watch @epoll: the locks of their queues nest, each level in the one before. */
static void wake_pollers(struct epoll *epoll, unsigned int level)
{
	unsigned long flags;

	raw_spin_lock_irqsave_nested(&epoll->poll_wait.lock, flags, level);
	epoll->wake_level = level;
	__wake_up_locked(&epoll->poll_wait, TASK_NORMAL, 1);
	raw_spin_unlock_irqrestore(&epoll->poll_wait.lock, flags);
}

/* The list of ready items has something new. Return: somebody who collects was woken. */
static bool wake_waiters(struct epoll *epoll, unsigned int level)
{
	bool woken = false;

	smp_mb(); /* the list comes before the looks; pairs with those who queue, then look */
	if (waitqueue_active(&epoll->wait))
		woken = wake_up(&epoll->wait);
	if (waitqueue_active(&epoll->poll_wait))
		wake_pollers(epoll, level);
	return woken;
}

/* Whether the item wants to know of any of @events; then it is on the list. */
static bool note_ready(struct epoll_item *item, u32 events)
{
	struct epoll *epoll = item->epoll;
	unsigned long flags;
	bool is_wanted;

	raw_spin_lock_irqsave(&epoll->lock, flags);
	is_wanted = item->events & events & ~PRIVATE_EVENTS;
	if (is_wanted && list_empty(&item->ready))
		list_add_tail(&item->ready, &epoll->ready);
	raw_spin_unlock_irqrestore(&epoll->lock, flags);
	return is_wanted;
}

/* A queue of the file was woken. An exclusive entry tells whether that has reached somebody. */
static bool wake_item(struct wait_queue_entry *wait, unsigned int mode __maybe_unused)
{
	struct epoll_hook *hook = container_of(wait, struct epoll_hook, wait);
	struct epoll_item *item = hook->item;

	return note_ready(item, hook->events ?: ~0U) &&
	       wake_waiters(item->epoll, level_of_wake_up(item));
}

/* --- asking files --- */

struct hook_table {
	struct poll_table table;
	struct epoll_item *item;
	int err; /* -ENOMEM: a hook is missing */
};

static struct epoll_hook *new_hook(struct epoll_item *item)
{
	struct epoll_hook *hook;

	if (item->nr_early < EARLY_HOOKS)
		return &item->early[item->nr_early++];
	hook = kzalloc(sizeof(*hook), GFP_KERNEL);
	if (hook) {
		hook->next = item->more;
		item->more = hook;
	}
	return hook;
}

static void add_hook(struct poll_table *poll_table, struct file *file __maybe_unused,
		     struct wait_queue_head *queue)
{
	struct hook_table *table = container_of(poll_table, struct hook_table, table);
	struct epoll_hook *hook = new_hook(table->item);

	if (!hook) {
		table->err = -ENOMEM;
		return;
	}
	hook->wait.fn = wake_item;
	hook->item = table->item;
	hook->queue = queue;
	hook->events = poll_table->events;
	if (table->item->events & EXCLUSIVE)
		add_wait_queue_exclusive(queue, &hook->wait);
	else
		add_wait_queue(queue, &hook->wait);
}

/* After this no wake-up comes, and none is under way. */
static void remove_hooks(struct epoll_item *item)
{
	for (unsigned int i = 0; i < item->nr_early; i++)
		remove_wait_queue(item->early[i].queue, &item->early[i].wait);
	while (item->more) {
		struct epoll_hook *hook = item->more;

		remove_wait_queue(hook->queue, &hook->wait);
		item->more = hook->next;
		kfree(hook);
	}
}

/* What is asked for and holds. @level: of epolls whose mutex is held. */
static u32 ask_file(struct epoll_item *item, struct poll_table *table, unsigned int level)
{
	struct file *file = item->file;
	u32 events = is_epoll_file(file) ? poll_epoll(file, table, level) : vfs_poll(file, table);

	return events & item->events & ~PRIVATE_EVENTS;
}

/* --- collecting --- */

static void scan_begin(struct epoll *epoll, struct list_head *left)
{
	INIT_LIST_HEAD(left);
	raw_spin_lock_irq(&epoll->lock);
	epoll->is_scanning = true;
	list_splice_init(&epoll->ready, left);
	raw_spin_unlock_irq(&epoll->lock);
}

/* The next item, which is on no list from now on; NULL: that was all. */
static struct epoll_item *scan_next(struct epoll *epoll, struct list_head *left)
{
	struct epoll_item *item = NULL;

	raw_spin_lock_irq(&epoll->lock);
	if (!list_empty(left)) {
		item = list_first_entry(left, struct epoll_item, ready);
		list_del_init(&item->ready);
	}
	raw_spin_unlock_irq(&epoll->lock);
	return item;
}

/* Those that were not asked come first again. */
static void scan_end(struct epoll *epoll, struct list_head *left)
{
	bool is_empty;

	raw_spin_lock_irq(&epoll->lock);
	list_splice_init(left, &epoll->ready);
	epoll->is_scanning = false;
	is_empty = list_empty(&epoll->ready);
	raw_spin_unlock_irq(&epoll->lock);
	if (!is_empty)
		wake_up(&epoll->wait);
}

static bool may_have_events(struct epoll *epoll)
{
	bool may;

	raw_spin_lock_irq(&epoll->lock);
	may = !list_empty(&epoll->ready) || epoll->is_scanning;
	raw_spin_unlock_irq(&epoll->lock);
	return may;
}

static void change_events(struct epoll_item *item, u32 events)
{
	raw_spin_lock_irq(&item->epoll->lock);
	item->events = events;
	raw_spin_unlock_irq(&item->epoll->lock);
}

/* Tells of @item if it is ready. 1: told; 0: not ready; -EFAULT. */
static int tell(struct epoll_item *item, struct epoll_event __user *to)
{
	u32 events = ask_file(item, NULL, 1);
	struct epoll_event event = { .events = (__force __poll_t)events, .data = item->data };

	if (!events)
		return 0;
	if (copy_to_user(to, &event, sizeof(event))) {
		note_ready(item, ~0U);
		return -EFAULT;
	}
	if (item->events & ONESHOT)
		change_events(item, item->events & PRIVATE_EVENTS);
	else if (!(item->events & EDGE))
		note_ready(item, ~0U);
	return 1;
}

/* Events that are there; -EFAULT if the first cannot be written. */
static int collect(struct epoll *epoll, struct epoll_event __user *to, int nr_wanted)
{
	struct epoll_item *item;
	struct list_head left;
	int nr = 0, ret = 0;

	mutex_lock(&epoll->mutex);
	scan_begin(epoll, &left);
	while (nr < nr_wanted && (item = scan_next(epoll, &left))) {
		ret = tell(item, to + nr);
		if (ret < 0)
			break;
		nr += ret;
	}
	scan_end(epoll, &left);
	mutex_unlock(&epoll->mutex);
	return nr ?: ret;
}

/* Until there may be something, or a signal. Return: time is up. */
static bool sleep_for_events(struct epoll *epoll, u64 deadline_ns)
{
	bool is_late = false;
	DEFINE_WAIT(wait);

	prepare_to_wait_exclusive(&epoll->wait, &wait, TASK_INTERRUPTIBLE);
	if (!may_have_events(epoll) && !signal_pending(current))
		is_late = sleep_until(deadline_ns);
	finish_wait(&epoll->wait, &wait);
	return is_late;
}

long epoll_collect(struct file *file, struct epoll_event __user *to, int nr_wanted, u64 deadline_ns)
{
	struct epoll *epoll = file->private;
	bool is_late = deadline_ns == AT_ONCE_NS;
	int nr;

	/* Who was woken looks before anything else: the wake-up was his alone. */
	for (;;) {
		nr = may_have_events(epoll) ? collect(epoll, to, nr_wanted) : 0;
		if (nr || is_late)
			return nr;
		if (signal_pending(current))
			return -EINTR;
		is_late = sleep_for_events(epoll, deadline_ns);
	}
}

/* Whether one item is ready; those found not to be leave the list. */
static unsigned int poll_epoll(struct file *file, struct poll_table *table, unsigned int level)
{
	struct epoll *epoll = file->private;
	struct epoll_item *item;
	struct list_head left;
	unsigned int events = 0;

	poll_wait(file, &epoll->poll_wait, table);
	mutex_lock_nested(&epoll->mutex, level);
	scan_begin(epoll, &left);
	while (!events && (item = scan_next(epoll, &left))) {
		if (!ask_file(item, NULL, level + 1))
			continue;
		note_ready(item, ~0U);
		events = POLLIN | POLLRDNORM;
	}
	scan_end(epoll, &left);
	mutex_unlock(&epoll->mutex);
	return events;
}

/* --- epolls that watch epolls; all under epoll_mutex --- */

static struct epoll *nested_epoll(const struct epoll_item *item)
{
	return item->file->private;
}

/* Levels from @epoll down; -ELOOP: @avoid is among them. Each epoll is visited once a check. */
static int height_of(struct epoll *epoll, const struct epoll *avoid)
{
	struct epoll_item *item;
	int height = 0, below;

	if (epoll == avoid)
		return -ELOOP;
	if (epoll->checked == nr_checks)
		return (int)epoll->height;
	list_for_each_entry(item, &epoll->nested, nested) {
		below = height_of(nested_epoll(item), avoid);
		if (below < 0)
			return below;
		height = max(height, below);
	}
	epoll->checked = nr_checks;
	epoll->height = (unsigned int)height + 1;
	return height + 1;
}

/* The longest way up from @epoll, in levels; adds the number of ways to *@nr_paths, and gives up
 * above MAX_PATHS. */
static unsigned int levels_up(struct epoll *epoll, unsigned int *nr_paths)
{
	struct list_head *watches = &epoll->file->watches;
	struct epoll_item *item;
	unsigned int levels = 0;

	if (!watches->next || list_empty(watches)) {
		++*nr_paths;
		return 1;
	}
	list_for_each_entry(item, watches, watch) {
		if (*nr_paths > MAX_PATHS)
			break;
		levels = max(levels, levels_up(item->epoll, nr_paths));
	}
	return levels + 1;
}

/* Whether @epoll may watch @nested. */
static int check_levels(struct epoll *epoll, struct epoll *nested)
{
	unsigned int nr_paths = 0;
	int height;

	nr_checks++;
	height = height_of(nested, epoll);
	if (height < 0)
		return height;
	return (unsigned int)height + levels_up(epoll, &nr_paths) > MAX_LEVELS ? -ELOOP : 0;
}

/* Whether the ways up from all below @epoll are few enough. */
static bool paths_are_few(struct epoll *epoll)
{
	unsigned int nr_paths = 0;
	struct epoll_item *item;

	if (epoll->checked == nr_checks)
		return true;
	epoll->checked = nr_checks;
	levels_up(epoll, &nr_paths);
	if (nr_paths > MAX_PATHS)
		return false;
	list_for_each_entry(item, &epoll->nested, nested)
		if (!paths_are_few(nested_epoll(item)))
			return false;
	return true;
}

/* --- items; all under epoll->mutex, and epoll_mutex if the file is an epoll --- */

struct item_key {
	const struct file *file;
	int fd;
};

static int compare(const void *key_data, const struct rb_node *node)
{
	const struct epoll_item *item = rb_entry(node, struct epoll_item, node);
	const struct item_key *key = key_data;

	if (key->file != item->file)
		return key->file < item->file ? -1 : 1;
	return (key->fd > item->fd) - (key->fd < item->fd);
}

static bool is_before(const struct rb_node *a, const struct rb_node *b)
{
	const struct epoll_item *item = rb_entry(a, struct epoll_item, node);
	struct item_key key = { item->file, item->fd };

	return compare(&key, b) < 0;
}

static struct epoll_item *find_item(struct epoll *epoll, const struct file *file, int fd)
{
	struct item_key key = { file, fd };

	return rb_entry_or_null(rb_find(&key, &epoll->items, compare), struct epoll_item, node);
}

/* What is asked for, and what is told unasked. */
static u32 events_of(const struct epoll_event *event)
{
	return ((__force u32)event->events & ~WAKEUP) | ALWAYS_EVENTS;
}

/* As in Linux a user's items take up to a 25th of memory. */
static int max_items(void)
{
	unsigned long max = memory_total_pages() / 25 * (PAGE_SIZE / sizeof(struct epoll_item));

	return (int)min(max, 0x7ffffff0UL);
}

/* In the tree and on the lists, without hooks. ERR_PTR(-ENOMEM, -ENOSPC). */
static struct epoll_item *new_item(struct epoll *epoll, struct file *file, int fd,
				   const struct epoll_event *event)
{
	bool may = atomic_inc_return(&epoll->user->nr_epoll_items) <= max_items();
	struct epoll_item *item = may ? kzalloc(sizeof(*item), GFP_KERNEL) : NULL;

	if (!item) {
		atomic_dec(&epoll->user->nr_epoll_items);
		return ERR_PTR(may ? -ENOMEM : -ENOSPC);
	}
	item->file = file;
	item->fd = fd;
	item->events = events_of(event);
	item->data = event->data;
	item->epoll = epoll;
	INIT_LIST_HEAD(&item->ready);
	rb_add(&item->node, &epoll->items, is_before);
	if (is_epoll_file(file))
		list_add_tail(&item->nested, &epoll->nested);
	spin_lock(&file->lock);
	if (!file->watches.next)
		INIT_LIST_HEAD(&file->watches);
	list_add_tail(&item->watch, &file->watches);
	spin_unlock(&file->lock);
	return item;
}

static void remove_item(struct epoll_item *item)
{
	struct epoll *epoll = item->epoll;

	lockdep_assert_held(&epoll->mutex);
	remove_hooks(item);
	spin_lock(&item->file->lock);
	list_del(&item->watch);
	spin_unlock(&item->file->lock);
	if (is_epoll_file(item->file))
		list_del(&item->nested);
	rb_erase(&item->node, &epoll->items);
	raw_spin_lock_irq(&epoll->lock);
	list_del_init(&item->ready);
	raw_spin_unlock_irq(&epoll->lock);
	atomic_dec(&epoll->user->nr_epoll_items);
	kfree(item);
}

/* Whoever waits hears of what holds already. */
static void ask_first(struct epoll_item *item, struct poll_table *table)
{
	if (ask_file(item, table, 1) && note_ready(item, ~0U))
		wake_waiters(item->epoll, 0);
}

static int add_item(struct epoll *epoll, struct file *file, int fd, const struct epoll_event *event)
{
	struct hook_table table = { .table.queue = add_hook };
	struct epoll_item *item = new_item(epoll, file, fd, event);
	int err = 0;

	if (IS_ERR(item))
		return PTR_ERR(item);
	if (is_epoll_file(file)) {
		nr_checks++;
		err = paths_are_few(file->private) ? 0 : -EINVAL;
	}
	if (!err) {
		table.item = item;
		ask_first(item, &table.table);
		err = table.err;
	}
	if (err)
		remove_item(item);
	return err;
}

static int modify_item(struct epoll_item *item, const struct epoll_event *event)
{
	if (item->events & EXCLUSIVE)
		return -EINVAL;
	item->data = event->data;
	change_events(item, events_of(event));
	/* A wake-up that saw the old events was before the question: the queue's lock and ->lock
	 * lie between. */
	smp_mb();
	ask_first(item, NULL);
	return 0;
}

static int change_item(struct epoll *epoll, int op, struct file *file, int fd,
		       const struct epoll_event *event)
{
	struct epoll_item *item = find_item(epoll, file, fd);

	switch (op) {
	case EPOLL_CTL_ADD:
		return item ? -EEXIST : add_item(epoll, file, fd, event);
	case EPOLL_CTL_DEL:
		if (item)
			remove_item(item);
		return item ? 0 : -ENOENT;
	case EPOLL_CTL_MOD:
		return item ? modify_item(item, event) : -ENOENT;
	default:
		return -EINVAL;
	}
}

static bool may_be_exclusive(int op, const struct file *file, u32 events)
{
	return op == EPOLL_CTL_ADD && !is_epoll_file(file) && !(events & ~EXCLUSIVE_EVENTS);
}

int epoll_control(struct file *epoll_file, int op, struct file *file, int fd,
		  const struct epoll_event *event)
{
	struct epoll *epoll = epoll_file->private;
	u32 events = (__force u32)event->events;
	bool is_nested = is_epoll_file(file);
	int err = 0;

	if (op != EPOLL_CTL_DEL && events & EXCLUSIVE && !may_be_exclusive(op, file, events))
		return -EINVAL;
	if (is_nested)
		mutex_lock(&epoll_mutex);
	if (is_nested && op == EPOLL_CTL_ADD)
		err = check_levels(epoll, file->private);
	if (!err) {
		mutex_lock(&epoll->mutex);
		err = change_item(epoll, op, file, fd, event);
		mutex_unlock(&epoll->mutex);
	}
	if (is_nested)
		mutex_unlock(&epoll_mutex);
	return err;
}

/* Nobody has the file, so no item is added; and all who remove one hold epoll_mutex. */
void epoll_forget(struct file *file)
{
	struct epoll_item *item;
	struct epoll *epoll;

	if (likely(!file->watches.next))
		return;
	mutex_lock(&epoll_mutex);
	while (!list_empty(&file->watches)) {
		item = list_first_entry(&file->watches, struct epoll_item, watch);
		epoll = item->epoll;
		mutex_lock(&epoll->mutex);
		remove_item(item);
		mutex_unlock(&epoll->mutex);
	}
	mutex_unlock(&epoll_mutex);
}

/* --- the file --- */

static unsigned int epoll_poll(struct file *file, struct poll_table *table)
{
	return poll_epoll(file, table, 0);
}

static int epoll_release(struct inode *inode __maybe_unused, struct file *file)
{
	struct epoll *epoll = file->private;
	struct rb_node *node;

	mutex_lock(&epoll_mutex);
	mutex_lock(&epoll->mutex);
	while ((node = rb_first(&epoll->items)))
		remove_item(rb_entry(node, struct epoll_item, node));
	mutex_unlock(&epoll->mutex);
	mutex_unlock(&epoll_mutex);
	put_user_struct(epoll->user);
	kfree(epoll);
	return 0;
}

static const struct file_operations epoll_fops = {
	.llseek = stay_llseek,
	.poll = epoll_poll,
	.release = epoll_release,
};

bool is_epoll_file(const struct file *file)
{
	return file->ops == &epoll_fops;
}

struct file *epoll_file(void)
{
	struct epoll *epoll = kzalloc(sizeof(*epoll), GFP_KERNEL);
	struct file *file;

	if (!epoll)
		return ERR_PTR(-ENOMEM);
	mutex_init(&epoll->mutex);
	raw_spin_lock_init(&epoll->lock);
	INIT_LIST_HEAD(&epoll->ready);
	init_waitqueue_head(&epoll->wait);
	init_waitqueue_head(&epoll->poll_wait);
	INIT_LIST_HEAD(&epoll->nested);
	file = nameless_file("anon_inode:[eventpoll]", O_RDWR, &epoll_fops, epoll);
	if (IS_ERR(file)) {
		kfree(epoll);
		return file;
	}
	epoll->file = file;
	epoll->user = get_user_struct(current_cred()->user);
	return file;
}
