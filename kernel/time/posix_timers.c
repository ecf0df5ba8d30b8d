/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers with a number: timer_create() and its relatives.
 *
 * A timer sends one signal, to the process or to one of its threads, by an entry of the queue that
 * it owns: so sending never fails for want of memory, and a signal is pending once, however often
 * the timer runs out.  What is not told by a signal is told by its count of overruns.
 *
 * One with an interval is started again when its signal is taken, not when it is sent: until then
 * nothing would come of it but interrupts.  What has passed meanwhile is counted then:
 *
 *	runs out -> entry queued, wants_requeue -> taken: deadline moved behind now by n
 *		intervals, overrun = n - 1, started -> ...
 *
 * A signal that is ignored is never taken, so such a timer goes on by itself, at most once in
 * IGNORED_NS.  SIGEV_NONE sends nothing and is never started: who asks is told what time it is.
 *
 * The entry outlives the timer if the signal is pending then: it loses its ->timer and is freed
 * when it is taken.
 *
 * CPU time of a process is known under its siglock, which is held where signals are taken: overruns
 * of such timers are counted up to the last look.  What is missing is in the next count.
 *
 * Locks: process_timers.lock for the tree, setting and deleting; siglock inside for what the
 * handler and the takers of signals look at.  A timer is cancelled under the former alone, when
 * ->is_set and ->wants_requeue are false already, so that nobody starts it meanwhile.
 */
#include <linux/errno.h>
#include <linux/time.h>
#include <oshit/clock.h>
#include <oshit/clock_timer.h>
#include <oshit/err.h>
#include <oshit/math.h>
#include <oshit/posix_timer.h>
#include <oshit/slab.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#define IGNORED_NS	(4 * NSEC_PER_MSEC)
#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2
#define SIGEV_THREAD_ID 4

struct posix_timer { /* i: constant   m: process_timers.lock   s: siglock */
	struct rb_node node; /* m */
	int id; /* i */
	int notify; /* i  SIGEV_ */
	struct signal_struct *signal; /* i  of the process that made it */
	struct task_struct *thread; /* i  to whom, with a reference; NULL: to the process */
	struct sigqueue *entry; /* i */
	struct clock_timer clock; /* m, s */
	bool is_set; /* s  the signal is to be sent */
	bool wants_requeue; /* s  the signal was sent; when it is taken the timer goes on */
	s64 overrun; /* s  how often it has run out since the signal was sent, less 1 */
	s64 overrun_last; /* s  the same of the signal that was taken last */
};

/* --- running out; siglock is held --- */

static bool is_periodic(const struct posix_timer *timer)
{
	return timer->clock.interval_ns;
}

static int clamp_overrun(s64 overrun)
{
	if (overrun < 0)
		return 0;
	return overrun < __INT_MAX__ ? (int)overrun : __INT_MAX__;
}

static int send(struct posix_timer *timer)
{
	if (timer->thread)
		return send_sigqueue(timer->thread, timer->entry, &timer->thread->user->pending);
	return send_sigqueue(timer->signal->timers.target, timer->entry, &timer->signal->pending);
}

static u64 now_locked(struct posix_timer *timer)
{
	return timer->clock.task ? READ_ONCE(timer->clock.seen_ns) : clock_timer_now(&timer->clock);
}

static void go_on(struct posix_timer *timer, u64 now_ns)
{
	timer->overrun += (s64)clock_timer_forward(&timer->clock, now_ns);
	timer->is_set = true;
	clock_timer_start_again(&timer->clock);
}

static void run_out(struct posix_timer *timer)
{
	int err;

	timer->is_set = false;
	timer->wants_requeue = is_periodic(timer);
	err = send(timer);
	if (!err || !is_periodic(timer))
		return;
	timer->wants_requeue = false;
	if (err == -EAGAIN)
		go_on(timer, time_add_ns(now_locked(timer), IGNORED_NS));
}

static void posix_timer_fires(struct clock_timer *clock)
{
	struct posix_timer *timer = container_of(clock, struct posix_timer, clock);
	unsigned long flags;

	raw_spin_lock_irqsave(&timer->signal->siglock, flags);
	if (timer->is_set)
		run_out(timer);
	raw_spin_unlock_irqrestore(&timer->signal->siglock, flags);
}

int posix_timer_taken(struct posix_timer *timer, int sent)
{
	if (!timer->wants_requeue)
		return sent;
	timer->wants_requeue = false;
	go_on(timer, now_locked(timer));
	timer->overrun_last = timer->overrun;
	timer->overrun = -1;
	return clamp_overrun(timer->overrun_last);
}

/* --- the tree; process_timers.lock is held --- */

static bool has_lower_id(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct posix_timer, node)->id <
	       rb_entry(b, struct posix_timer, node)->id;
}

static int compare_id(const void *key, const struct rb_node *node)
{
	int id = *(const int *)key, other = rb_entry(node, struct posix_timer, node)->id;

	return (id > other) - (id < other);
}

static struct posix_timer *find_timer(struct process_timers *timers, int id)
{
	return rb_entry_or_null(rb_find(&id, &timers->posix.tree, compare_id), struct posix_timer,
				node);
}

/* Each number is used once before the first comes again. There is memory for fewer timers. */
static void add_timer(struct process_timers *timers, struct posix_timer *timer)
{
	do {
		timer->id = timers->posix.next_id;
		timers->posix.next_id = timer->id == __INT_MAX__ ? 0 : timer->id + 1;
	} while (find_timer(timers, timer->id));
	rb_add(&timer->node, &timers->posix.tree, has_lower_id);
}

/* --- making and deleting --- */

/* To whom: a thread of the caller's process, NULL for the process. ERR_PTR(-EINVAL). */
static struct task_struct *get_thread(const sigevent_t *event)
{
	struct task_struct *task;

	if (event->sigev_notify != SIGEV_THREAD_ID)
		return NULL;
	task = task_find(event->_sigev_un._tid);
	if (!task)
		return ERR_PTR(-EINVAL);
	if (task->user && task->user->signal == current->user->signal)
		return task;
	put_task_struct(task);
	return ERR_PTR(-EINVAL);
}

static bool event_is_valid(const sigevent_t *event)
{
	switch (event->sigev_notify) {
	case SIGEV_NONE:
		return true;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
	case SIGEV_THREAD_ID:
		return event->sigev_signo > 0 && event->sigev_signo <= NR_SIGNALS;
	default:
		return false;
	}
}

static struct posix_timer *timer_alloc(void)
{
	struct posix_timer *timer = kzalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return NULL;
	timer->entry = sigqueue_alloc();
	if (!timer->entry) {
		kfree(timer);
		return NULL;
	}
	timer->entry->timer = timer;
	timer->signal = current->user->signal;
	timer->overrun = -1;
	return timer;
}

static void timer_free(struct posix_timer *timer)
{
	if (timer->thread)
		put_task_struct(timer->thread);
	kfree(timer);
}

static void disarm(struct posix_timer *timer)
{
	raw_spin_lock_irq(&timer->signal->siglock);
	timer->is_set = false;
	timer->wants_requeue = false;
	timer->overrun = -1;
	timer->overrun_last = 0;
	raw_spin_unlock_irq(&timer->signal->siglock);
	clock_timer_cancel(&timer->clock);
}

static void timer_delete(struct posix_timer *timer, bool and_signal)
{
	struct sigpending *pending =
		timer->thread ? &timer->thread->user->pending : &timer->signal->pending;

	disarm(timer);
	clock_timer_destroy(&timer->clock);
	raw_spin_lock_irq(&timer->signal->siglock);
	sigqueue_disown(timer->entry, and_signal ? pending : NULL);
	raw_spin_unlock_irq(&timer->signal->siglock);
	timer_free(timer);
}

void posix_timers_delete(struct signal_struct *signal, bool and_signals)
{
	struct posix_timer *timer, *next;
	struct rb_root tree;

	mutex_lock(&signal->timers.lock);
	tree = signal->timers.posix.tree;
	signal->timers.posix.tree = (struct rb_root)RB_ROOT;
	rb_for_each_entry_postorder(timer, next, &tree, node) timer_delete(timer, and_signals);
	mutex_unlock(&signal->timers.lock);
}

/* 0; -EINVAL: nobody like that is to be told. Without an @event it is the process, by SIGALRM. */
static int choose_notice(struct posix_timer *timer, const sigevent_t *event)
{
	struct task_struct *thread;

	timer->notify = event ? event->sigev_notify : SIGEV_SIGNAL;
	if (!event)
		return 0;
	if (!event_is_valid(event))
		return -EINVAL;
	thread = get_thread(event);
	if (IS_ERR(thread))
		return (int)PTR_ERR(thread);
	timer->thread = thread;
	return 0;
}

/* ERR_PTR(-EAGAIN, -EINVAL, -EOPNOTSUPP, -EPERM) */
static struct posix_timer *timer_new(int clock, const sigevent_t *event)
{
	struct posix_timer *timer = timer_alloc();
	int err;

	if (!timer)
		return ERR_PTR(-EAGAIN);
	err = clock_timer_init(&timer->clock, clock, posix_timer_fires);
	if (err)
		goto free;
	err = choose_notice(timer, event);
	if (!err)
		return timer;
	clock_timer_destroy(&timer->clock);
free:
	sigqueue_disown(timer->entry, NULL);
	timer_free(timer);
	return ERR_PTR(err);
}

static void prepare_entry(struct posix_timer *timer, const sigevent_t *event)
{
	siginfo_t *info = &timer->entry->info;

	siginfo_init(info, SI_TIMER);
	info->si_tid = timer->id;
	if (event) {
		info->si_signo = event->sigev_signo;
		info->si_value = event->sigev_value;
	} else {
		info->si_signo = SIGALRM;
		info->si_int = timer->id;
	}
}

/* Others may find it, and delete it, from now on. Return: its number. */
static int publish(struct posix_timer *timer, const sigevent_t *event)
{
	struct process_timers *timers = &timer->signal->timers;
	int id;

	mutex_lock(&timers->lock);
	process_timers_have_target(timer->signal);
	add_timer(timers, timer);
	prepare_entry(timer, event);
	id = timer->id;
	mutex_unlock(&timers->lock);
	return id;
}

/* --- the calls --- */

long sys_timer_create(int clock, const sigevent_t __user *user_event, int __user *to)
{
	struct posix_timer *timer;
	sigevent_t event;
	int id;

	if (user_event && copy_from_user(&event, user_event, sizeof(event)))
		return -EFAULT;
	timer = timer_new(clock, user_event ? &event : NULL);
	if (IS_ERR(timer))
		return PTR_ERR(timer);
	id = publish(timer, user_event ? &event : NULL);
	if (put_user(id, to)) {
		sys_timer_delete(id);
		return -EFAULT;
	}
	return 0;
}

long sys_timer_delete(int id)
{
	struct process_timers *timers = &current->user->signal->timers;
	struct posix_timer *timer;

	mutex_lock(&timers->lock);
	timer = find_timer(timers, id);
	if (timer) {
		rb_erase(&timer->node, &timers->posix.tree);
		timer_delete(timer, false);
	}
	mutex_unlock(&timers->lock);
	return timer ? 0 : -EINVAL;
}

/*
 * What is left. A timer whose signal is on its way goes on when that is taken, so its deadline is
 * moved as that would; and one that is set never has nothing left.
 */
static void get_setting(struct posix_timer *timer, struct itimer_ns *to)
{
	struct clock_timer *clock = &timer->clock;
	u64 now_ns = clock_timer_now(clock);

	raw_spin_lock_irq(&timer->signal->siglock);
	*to = (struct itimer_ns){ .interval_ns = clock->interval_ns };
	if (is_periodic(timer) && (timer->wants_requeue || timer->notify == SIGEV_NONE))
		timer->overrun += (s64)clock_timer_forward(clock, now_ns);
	if (is_periodic(timer) || timer->is_set || timer->notify == SIGEV_NONE)
		to->value_ns = clock_timer_left(clock, now_ns);
	if (!to->value_ns && timer->notify != SIGEV_NONE && (is_periodic(timer) || timer->is_set))
		to->value_ns = 1;
	raw_spin_unlock_irq(&timer->signal->siglock);
}

static void change_setting(struct posix_timer *timer, int flags, const struct itimer_ns *setting)
{
	struct clock_timer *clock = &timer->clock;

	disarm(timer);
	clock->interval_ns = setting->value_ns ? setting->interval_ns : 0;
	clock->deadline_ns = 0;
	if (!setting->value_ns)
		return;
	clock_timer_set(clock, setting->value_ns, flags & TIMER_ABSTIME);
	if (timer->notify == SIGEV_NONE)
		return;
	raw_spin_lock_irq(&timer->signal->siglock);
	timer->is_set = true;
	raw_spin_unlock_irq(&timer->signal->siglock);
	clock_timer_start(clock);
}

/* Either may be NULL. 0 or -EINVAL. */
static int exchange_setting(int id, int flags, const struct itimer_ns *setting,
			    struct itimer_ns *old)
{
	struct process_timers *timers = &current->user->signal->timers;
	struct posix_timer *timer;

	mutex_lock(&timers->lock);
	timer = find_timer(timers, id);
	if (timer && old)
		get_setting(timer, old);
	if (timer && setting)
		change_setting(timer, flags, setting);
	mutex_unlock(&timers->lock);
	return timer ? 0 : -EINVAL;
}

long sys_timer_settime(int id, int flags, const struct __kernel_itimerspec __user *from,
		       struct __kernel_itimerspec __user *to)
{
	struct itimer_ns setting, old;
	int err;

	if (!from)
		return -EINVAL;
	err = get_itimerspec_ns(&setting, from) ?: exchange_setting(id, flags, &setting, &old);
	if (err || !to)
		return err;
	return put_itimerspec_ns(&old, to);
}

long sys_timer_gettime(int id, struct __kernel_itimerspec __user *to)
{
	struct itimer_ns setting;
	int err = exchange_setting(id, 0, NULL, &setting);

	return err ?: put_itimerspec_ns(&setting, to);
}

long sys_timer_getoverrun(int id)
{
	struct process_timers *timers = &current->user->signal->timers;
	struct posix_timer *timer;
	int overrun = -EINVAL;

	mutex_lock(&timers->lock);
	timer = find_timer(timers, id);
	if (timer) {
		raw_spin_lock_irq(&timer->signal->siglock);
		overrun = clamp_overrun(timer->overrun_last);
		raw_spin_unlock_irq(&timer->signal->siglock);
	}
	mutex_unlock(&timers->lock);
	return overrun;
}
