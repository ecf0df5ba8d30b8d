/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals.
 *
 * A signal is pending for a process, to be taken by any thread that does not block it, or for one
 * thread.  Pending means a bit in a set and, as a rule, an entry that says who sent it.  A standard
 * signal (below SIGRTMIN) that is pending already is not sent again; real-time signals queue, as
 * many as RLIMIT_SIGPENDING lets the receiver's user have.
 *
 *	send: is it ignored? -> entry and bit -> pick a thread -> TIF_SIGPENDING, wake it
 *	deliver, on the way to user mode: lowest first -> ignore, stop, end, or call a handler
 *
 * What a signal does besides being delivered happens when it is sent: SIGCONT sets a stopped
 * process going and removes pending stop signals, a stop signal removes a pending SIGCONT, and
 * SIGKILL ends all threads at once.
 *
 * Stopping takes all threads: the first that takes the stop signal marks and counts those that have
 * to stop, and the last that does tells the parent.  A thread that ends counts as one that stops.
 *
 * A thread that was woken for a signal of the process may block it, or end, before it comes to take
 * it; then it wakes another one (retarget_signals()).
 *
 * Locks: siglock of the process, interrupts off, for everything here; tasklist_lock outside of it
 * where parents are told.  A signal may come from an interrupt handler, so siglock is never held
 * with interrupts on.
 *
 * Who sends has a reference to the task and nothing else, least of all to its actions: execve()
 * gives a task other ones, and the old may be freed.  So siglock lies in the signal_struct, which
 * a task keeps as long as it is there, and ->sighand is followed under that lock, or under
 * tasklist_lock, or by the task itself; it changes under both.  Processes that share actions
 * (CLONE_SIGHAND without CLONE_THREAD) have different siglocks: an action is written, and read as
 * a whole, under the lock of the sighand inside of siglock.  Its handler or its flags alone are a
 * word and need no lock.
 */
#include <asm/ptrace.h>
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/fork.h>
#include <oshit/math.h>
#include <oshit/pgroup.h>
#include <oshit/posix_timer.h>
#include <oshit/signalfd.h>
#include <oshit/slab.h>
#include <oshit/smp.h>
#include <oshit/string.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#define STOP_SIGNALS  (sigmask(SIGSTOP) | sigmask(SIGTSTP) | sigmask(SIGTTIN) | sigmask(SIGTTOU))
/* Whose default action is to do nothing. */
#define QUIET_SIGNALS (sigmask(SIGCONT) | sigmask(SIGCHLD) | sigmask(SIGWINCH) | sigmask(SIGURG))
#define CORE_SIGNALS                                                                \
	(sigmask(SIGQUIT) | sigmask(SIGILL) | sigmask(SIGTRAP) | sigmask(SIGABRT) | \
	 sigmask(SIGBUS) | sigmask(SIGFPE) | sigmask(SIGSEGV) | sigmask(SIGXCPU) |  \
	 sigmask(SIGXFSZ) | sigmask(SIGSYS))
/* Delivered before others: they are about the instruction that runs. */
#define SYNCHRONOUS                                                                \
	(sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | sigmask(SIGTRAP) | \
	 sigmask(SIGFPE) | sigmask(SIGSYS))

DEFINE_SPINLOCK(tasklist_lock);

static raw_spinlock_t *siglock_of(const struct task_struct *task)
{
	return &task->user->signal->siglock;
}

static bool is_in(int sig, sigset_t set)
{
	return set & sigmask(sig);
}

/* --- what is pending --- */

/* One of a timer stays: it is queued again when that runs out the next time. */
static void free_entry(struct sigqueue *entry)
{
	if (entry->timer) {
		posix_timer_taken(entry->timer, 0);
		return;
	}
	atomic_dec(&entry->user->nr_sigpending);
	put_user_struct(entry->user);
	kfree(entry);
}

static void remove_from(struct sigpending *pending, sigset_t set)
{
	struct sigqueue *entry, *next;

	if (!(pending->set & set))
		return;
	pending->set &= ~set;
	list_for_each_entry_safe(entry, next, &pending->queue, list) {
		if (is_in(entry->info.si_signo, set)) {
			list_del_init(&entry->list);
			free_entry(entry);
		}
	}
}

void flush_sigpending(struct sigpending *pending)
{
	remove_from(pending, ~0UL);
}

void forget_signals(struct task_struct *task, sigset_t set)
{
	struct signal_struct *signal = task->user->signal;
	struct user_task *thread;

	remove_from(&signal->pending, set);
	list_for_each_entry(thread, &signal->threads, thread_node)
		remove_from(&thread->pending, set);
}

static bool has_pending(const struct task_struct *task)
{
	const struct user_task *user = task->user;

	return (user->pending.set | user->signal->pending.set) & ~(user->blocked & ~user->awaited);
}

void recalc_sigpending(void)
{
	struct user_task *user = current->user;

	/* A stop that is under way concerns every thread, as a signal does. */
	if (has_pending(current) || user->has_to_stop || user->signal->flags & SIGNAL_GROUP_EXIT)
		task_set_notify(current, TIF_SIGPENDING);
	else
		task_clear_notify(current, TIF_SIGPENDING);
}

/* --- sending --- */

bool signal_does_nothing(const struct task_struct *task, int sig)
{
	__sighandler_t handler = READ_ONCE(task->user->sighand->action[sig - 1].sa_handler);

	if (task->user->signal->is_unkillable && handler == SIG_DFL)
		return true;
	return handler == SIG_IGN || (handler == SIG_DFL && is_in(sig, QUIET_SIGNALS));
}

/* What is blocked may get another action before it is delivered, or be waited for. */
static bool is_ignored(const struct task_struct *task, int sig)
{
	return !is_in(sig, task->user->blocked) && signal_does_nothing(task, sig);
}

/* A task that runs in user mode notices nothing by itself: an interrupt brings it here. */
static void kick_task(const struct task_struct *task)
{
	unsigned int cpu = READ_ONCE(task->cpu);

	if (READ_ONCE(task->on_cpu) && task != current)
		smp_send_reschedule(cpu);
}

static void wake_for_signal(struct task_struct *task, unsigned int states)
{
	task_set_notify(task, TIF_SIGPENDING);
	if (!wake_up_state(task, states | TASK_INTERRUPTIBLE))
		kick_task(task);
}

static void forget_stop(struct signal_struct *signal)
{
	struct user_task *thread;

	signal->nr_to_stop = 0;
	list_for_each_entry(thread, &signal->threads, thread_node)
		thread->has_to_stop = false;
}

static void kill_one_thread(struct user_task *thread)
{
	thread->pending.set |= sigmask(SIGKILL);
	task_set_notify(thread->task, TIF_KILLED);
	wake_for_signal(thread->task, TASK_WAKEKILL | TASK_STOPPED | TASK_TRACED);
}

void zap_other_threads(struct task_struct *task)
{
	struct user_task *thread;

	forget_stop(task->user->signal);
	list_for_each_entry(thread, &task->user->signal->threads, thread_node)
		if (thread != task->user && thread->exit_state == EXIT_NONE)
			kill_one_thread(thread);
}

static void kill_process(struct task_struct *task, int code)
{
	task->user->signal->flags = SIGNAL_GROUP_EXIT;
	task->user->signal->group_exit_code = code;
	zap_other_threads(task);
	kill_one_thread(task->user);
}

/* Sets a stopped process going. The parent learns of it from the thread that runs first. */
static void continue_process(struct task_struct *task)
{
	struct signal_struct *signal = task->user->signal;
	struct user_task *thread;

	forget_signals(task, STOP_SIGNALS);
	if (signal->flags & SIGNAL_STOPPED) {
		signal->flags = SIGNAL_CONTINUED | SIGNAL_TELL_CONTINUED;
		signal->group_exit_code = 0;
	}
	forget_stop(signal);
	signal->flags &= ~SIGNAL_STOP_DEQUEUED;
	list_for_each_entry(thread, &signal->threads, thread_node)
		wake_for_signal(thread->task, TASK_STOPPED);
}

/* What sending does by itself. Return: whether there is something to be delivered, too. */
static bool send_effects(struct task_struct *task, int sig)
{
	if (task->user->signal->flags & SIGNAL_GROUP_EXIT)
		return sig == SIGKILL;
	if (is_in(sig, STOP_SIGNALS))
		forget_signals(task, sigmask(SIGCONT));
	else if (sig == SIGCONT)
		continue_process(task);
	return !is_ignored(task, sig);
}

static bool wants(const struct task_struct *task, int sig)
{
	if (task->user->is_exiting || is_in(sig, task->user->blocked & ~task->user->awaited))
		return false;
	return sig == SIGKILL || !(READ_ONCE(task->state) & (TASK_STOPPED | TASK_TRACED));
}

/* The thread that takes a signal of the process: the one it was sent to, or any that wants it. */
static struct task_struct *pick_thread(struct task_struct *task, int sig)
{
	struct user_task *thread;

	if (wants(task, sig))
		return task;
	list_for_each_entry(thread, &task->user->signal->threads, thread_node)
		if (wants(thread->task, sig))
			return thread->task;
	return NULL;
}

void retarget_signals(struct user_task *user, sigset_t set)
{
	struct user_task *thread;

	set &= user->signal->pending.set;
	if (!set)
		return;
	list_for_each_entry(thread, &user->signal->threads, thread_node) {
		sigset_t wanted = set & ~(thread->blocked & ~thread->awaited);

		if (thread == user || thread->is_exiting || !wanted)
			continue;
		wake_for_signal(thread->task, 0);
		set &= ~wanted;
		if (!set)
			break;
	}
}

/* Whether the signal ends the process whatever thread takes it. */
static bool is_fatal(const struct task_struct *task, int sig)
{
	return READ_ONCE(task->user->sighand->action[sig - 1].sa_handler) == SIG_DFL &&
	       !is_in(sig, QUIET_SIGNALS | STOP_SIGNALS) && !task->user->signal->is_unkillable;
}

static void tell_thread(struct task_struct *task, int sig)
{
	/* At once, so that no thread goes on meanwhile; dumping a core comes first, if it must. */
	if (is_fatal(task, sig) && !is_in(sig, CORE_SIGNALS | task->user->awaited) &&
	    !(task->user->signal->flags & SIGNAL_GROUP_EXIT))
		kill_process(task, sig);
	wake_for_signal(task, sig == SIGKILL ? TASK_WAKEKILL | TASK_STOPPED : 0);
}

/* A standard signal that kill() or the kernel sends gets its entry whatever the limit says: there
 * is at most one of each. */
static bool is_unlimited(int sig, const siginfo_t *info)
{
	return sig < SIGRTMIN && (!info || info->si_code >= 0);
}

/* An entry that counts for the user of @task; NULL: no memory, or over RLIMIT_SIGPENDING. */
static struct sigqueue *new_entry(struct task_struct *task, bool unlimited)
{
	const struct rlimit *limit = &task->user->signal->rlimits[RLIMIT_SIGPENDING];
	struct user_struct *user = get_task_user(task);
	unsigned int nr = (unsigned int)atomic_inc_return(&user->nr_sigpending);
	struct sigqueue *entry = NULL;

	if (unlimited || nr <= READ_ONCE(limit->rlim_cur))
		entry = kmalloc(sizeof(*entry), GFP_ATOMIC | __GFP_NOWARN);
	if (entry) {
		entry->user = user;
		entry->timer = NULL;
		return entry;
	}
	atomic_dec(&user->nr_sigpending);
	put_user_struct(user);
	return NULL;
}

/* What is pending is in @pending now: somebody takes it, or is told. */
static void tell_of_signal(struct task_struct *task, struct sigpending *pending, int sig)
{
	struct task_struct *taker = task;

	signalfd_notify(task->user->sighand);
	if (pending == &task->user->signal->pending)
		taker = pick_thread(task, sig);
	else if (!wants(task, sig))
		taker = NULL;
	if (taker)
		tell_thread(taker, sig);
}

static int queue_signal(struct task_struct *task, struct sigpending *pending, int sig,
			const siginfo_t *info)
{
	struct sigqueue *entry = new_entry(task, is_unlimited(sig, info));

	/* What kill() and the kernel send comes without an entry rather than not at all. */
	if (!entry && sig >= SIGRTMIN && info && info->si_code != SI_USER)
		return -EAGAIN;
	pending->set |= sigmask(sig);
	if (!entry)
		return 0;
	if (info)
		entry->info = *info;
	else
		siginfo_init(&entry->info, SI_KERNEL);
	entry->info.si_signo = sig;
	list_add_tail(&entry->list, &pending->queue);
	return 0;
}

/* Under siglock. @pending is that of the thread or of its process. */
static int send_locked(struct task_struct *task, int sig, const siginfo_t *info,
		       struct sigpending *pending)
{
	int err;

	if (!send_effects(task, sig) || (sig < SIGRTMIN && is_in(sig, pending->set)))
		return 0;
	err = queue_signal(task, pending, sig, info);
	if (!err)
		tell_of_signal(task, pending, sig);
	return err;
}

static bool is_known(const struct task_struct *task)
{
	return task->user && READ_ONCE(task->user->exit_state) != EXIT_DEAD;
}

/* --- entries that their owner keeps --- */

struct sigqueue *sigqueue_alloc(void)
{
	struct sigqueue *entry = new_entry(current, false);

	if (entry)
		INIT_LIST_HEAD(&entry->list);
	return entry;
}

int send_sigqueue(struct task_struct *task, struct sigqueue *entry, struct sigpending *pending)
{
	int sig = entry->info.si_signo;

	if (!is_known(task) || (pending == &task->user->pending && task->user->is_exiting))
		return -ESRCH;
	if (!send_effects(task, sig))
		return -EAGAIN;
	if (!list_empty(&entry->list)) {
		entry->info.si_overrun++;
		return 0;
	}
	entry->info.si_overrun = 0;
	list_add_tail(&entry->list, &pending->queue);
	pending->set |= sigmask(sig);
	tell_of_signal(task, pending, sig);
	return 0;
}

/* The signal of @entry is pending no more, unless there is another one. */
static void unqueue_entry(struct sigpending *pending, struct sigqueue *entry)
{
	struct sigqueue *other;

	list_del_init(&entry->list);
	list_for_each_entry(other, &pending->queue, list)
		if (other->info.si_signo == entry->info.si_signo)
			return;
	pending->set &= ~sigmask(entry->info.si_signo);
}

void sigqueue_disown(struct sigqueue *entry, struct sigpending *pending)
{
	entry->timer = NULL;
	if (pending && !list_empty(&entry->list))
		unqueue_entry(pending, entry);
	if (list_empty(&entry->list))
		free_entry(entry);
}

static int lock_and_send(struct task_struct *task, int sig, const siginfo_t *info,
			 struct sigpending *pending)
{
	raw_spinlock_t *siglock = siglock_of(task);
	unsigned long flags;
	int err = 0;

	raw_spin_lock_irqsave(siglock, flags);
	if (sig)
		err = send_locked(task, sig, info, pending);
	raw_spin_unlock_irqrestore(siglock, flags);
	return err;
}

int send_signal(struct task_struct *task, int sig, const siginfo_t *info)
{
	if (!is_known(task))
		return -ESRCH;
	return lock_and_send(task, sig, info, &task->user->signal->pending);
}

int send_signal_thread(struct task_struct *task, int sig, const siginfo_t *info)
{
	if (!is_known(task))
		return -ESRCH;
	return lock_and_send(task, sig, info, &task->user->pending);
}

static void reset_action(struct sighand_struct *sighand, int sig)
{
	raw_spin_lock(&sighand->lock);
	WRITE_ONCE(sighand->action[sig - 1].sa_handler, SIG_DFL);
	raw_spin_unlock(&sighand->lock);
}

/* A signal that cannot be held off: blocked or ignored, it is as if it had its default action. */
static void force_info(int sig, const siginfo_t *info)
{
	struct user_task *user = current->user;
	struct sighand_struct *sighand = user->sighand;
	unsigned long flags;

	if (WARN_ON_ONCE(sig < 1 || sig > NR_SIGNALS))
		return;
	raw_spin_lock_irqsave(&user->signal->siglock, flags);
	if (is_in(sig, user->blocked) ||
	    READ_ONCE(sighand->action[sig - 1].sa_handler) == SIG_IGN) {
		reset_action(sighand, sig);
		user->blocked &= ~sigmask(sig);
	}
	/* An error is the end of process 1, too: going on would only repeat it. */
	if (READ_ONCE(sighand->action[sig - 1].sa_handler) == SIG_DFL)
		user->signal->is_unkillable = false;
	queue_signal(current, &user->pending, sig, info);
	signalfd_notify(sighand);
	task_set_notify(current, TIF_SIGPENDING);
	raw_spin_unlock_irqrestore(&user->signal->siglock, flags);
}

void force_sig_fault(int sig, int code, unsigned long addr)
{
	siginfo_t info;

	siginfo_init(&info, code);
	info.si_addr = (void *)addr;
	force_info(sig, &info);
}

void force_sig(int sig)
{
	siginfo_t info;

	siginfo_init(&info, SI_KERNEL);
	force_info(sig, &info);
}

void force_sigsegv(int sig)
{
	struct user_task *user = current->user;

	if (sig == SIGSEGV) {
		raw_spin_lock_irq(&user->signal->siglock);
		reset_action(user->sighand, SIGSEGV);
		raw_spin_unlock_irq(&user->signal->siglock);
	}
	force_sig(SIGSEGV);
}

/* --- delivery --- */

/* Takes the signal out of @pending; what is known of it goes to *@info. */
static void take(struct sigpending *pending, int sig, siginfo_t *info)
{
	struct sigqueue *entry, *found = NULL;
	bool more = false;

	list_for_each_entry(entry, &pending->queue, list) {
		if (entry->info.si_signo != sig)
			continue;
		more = found;
		if (more)
			break;
		found = entry;
	}
	if (!more)
		pending->set &= ~sigmask(sig);
	siginfo_init(info, SI_USER);
	info->si_signo = sig;
	if (!found)
		return;
	*info = found->info;
	list_del_init(&found->list);
	if (found->timer)
		info->si_overrun = posix_timer_taken(found->timer, info->si_overrun);
	else
		free_entry(found);
}

static int lowest(sigset_t set)
{
	if (set & SYNCHRONOUS)
		set &= SYNCHRONOUS;
	return set ? (int)__ffs(set) + 1 : 0;
}

/* SIGKILL comes before all. */
int dequeue_signal(struct user_task *user, sigset_t set, siginfo_t *info)
{
	int sig;

	if ((user->pending.set | user->signal->pending.set) & set & sigmask(SIGKILL))
		sig = SIGKILL;
	else
		sig = lowest(user->pending.set & set) ?: lowest(user->signal->pending.set & set);
	if (!sig)
		return 0;
	take(is_in(sig, user->pending.set) ? &user->pending : &user->signal->pending, sig, info);
	return sig;
}

/* The threads that have to stop with the caller, who begins a stop of the process. If another has
 * begun one while may_stop() did not hold siglock, the caller is in that. */
static void begin_stop(struct user_task *user, int sig)
{
	struct signal_struct *signal = user->signal;
	struct user_task *thread;

	if (signal->nr_to_stop)
		return;
	signal->group_exit_code = sig;
	list_for_each_entry(thread, &signal->threads, thread_node) {
		if (thread->is_exiting)
			continue;
		thread->has_to_stop = true;
		signal->nr_to_stop++;
		if (thread != user)
			wake_for_signal(thread->task, 0);
	}
}

/* The caller has done its part of the stop. Return: it was the last, the process has stopped. */
static bool end_part_of_stop(struct user_task *user)
{
	if (!user->has_to_stop)
		return false;
	user->has_to_stop = false;
	if (--user->signal->nr_to_stop)
		return false;
	user->signal->flags = SIGNAL_STOPPED;
	return true;
}

static void tell_parent(struct task_struct *task, int code, int status)
{
	struct task_struct *leader = task->user->signal->leader;
	struct task_struct *parent;
	siginfo_t info;

	siginfo_init(&info, code);
	spin_lock(&tasklist_lock);
	parent = leader->user->parent;
	info.si_pid = leader->pid;
	info.si_uid = task_uid(leader);
	info.si_status = status;
	if (!(READ_ONCE(parent->user->sighand->action[SIGCHLD - 1].sa_flags) & SA_NOCLDSTOP))
		send_signal(parent, SIGCHLD, &info);
	wake_up_all(&parent->user->signal->wait_children);
	spin_unlock(&tasklist_lock);
}

/* The caller stops with its process until SIGCONT or SIGKILL. Called with siglock, returns
 * without. */
static void stop_here(struct user_task *user) __releases(&user->signal->siglock)
{
	struct signal_struct *signal = user->signal;
	int sig = signal->group_exit_code;
	bool last = end_part_of_stop(user);

	set_current_state(TASK_STOPPED);
	raw_spin_unlock_irq(&user->signal->siglock);
	if (last)
		tell_parent(current, CLD_STOPPED, sig);
	schedule();
}

static bool has_others(const struct user_task *user)
{
	const struct user_task *thread;

	list_for_each_entry(thread, &user->signal->threads, thread_node)
		if (thread != user && !thread->is_exiting)
			return true;
	return false;
}

bool signals_begin_exit(void)
{
	struct user_task *user = current->user;
	struct signal_struct *signal = user->signal;
	bool is_last, has_stopped = false;
	int sig;

	raw_spin_lock_irq(&signal->siglock);
	user->is_exiting = true;
	is_last = !has_others(user);
	sig = signal->group_exit_code;
	if (!is_last && !(signal->flags & SIGNAL_GROUP_EXIT)) {
		retarget_signals(user, ~user->blocked);
		has_stopped = end_part_of_stop(user);
	}
	raw_spin_unlock_irq(&signal->siglock);
	if (has_stopped)
		tell_parent(current, CLD_STOPPED, sig);
	return is_last;
}

static __noreturn void end_by_signal(struct user_task *user, int sig)
	__releases(&user->signal->siglock)
{
	if (user->signal->flags & SIGNAL_GROUP_EXIT)
		sig = user->signal->group_exit_code;
	else
		kill_process(current, sig);
	raw_spin_unlock_irq(&user->signal->siglock);
	do_exit(sig);
}

/*
 * Whether the process should stop now that @sig was taken: not by a terminal's signal if its group
 * has nobody left who could set it going.  That is known under tasklist_lock, so siglock is
 * dropped and taken again; a SIGCONT that comes between wins.
 */
static bool may_stop(struct user_task *user, int sig) __must_hold(&user->signal->siglock)
{
	raw_spinlock_t *siglock = &user->signal->siglock;
	bool is_orphaned;

	if (sig == SIGSTOP)
		return true;
	user->signal->flags |= SIGNAL_STOP_DEQUEUED;
	raw_spin_unlock_irq(siglock);
	spin_lock(&tasklist_lock);
	is_orphaned = pgroup_is_orphaned(user->signal->pgroup);
	spin_unlock(&tasklist_lock);
	raw_spin_lock_irq(siglock);
	return !is_orphaned && user->signal->flags & SIGNAL_STOP_DEQUEUED &&
	       !user->signal->exec_task;
}

/* The action for a signal that was taken: a handler that wants to be called once is forgotten. */
static void take_action(struct sighand_struct *sighand, int sig, struct sigaction *action)
{
	struct sigaction *place = &sighand->action[sig - 1];

	raw_spin_lock(&sighand->lock);
	*action = *place;
	if (place->sa_flags & SA_RESETHAND && place->sa_handler != SIG_IGN)
		WRITE_ONCE(place->sa_handler, SIG_DFL);
	raw_spin_unlock(&sighand->lock);
}

/* Acts upon one signal; false: none is left. */
static bool handle_one(struct user_task *user, struct pt_regs *regs)
{
	struct sigaction action;
	siginfo_t info;
	int sig;

	raw_spin_lock_irq(&user->signal->siglock);
	if (user->signal->flags & SIGNAL_GROUP_EXIT)
		end_by_signal(user, SIGKILL);
	if (user->signal->exec_task && user->signal->exec_task != current) {
		raw_spin_unlock_irq(&user->signal->siglock);
		do_exit(0);
	}
	if (user->signal->flags & SIGNAL_TELL_CONTINUED) {
		user->signal->flags &= ~SIGNAL_TELL_CONTINUED;
		raw_spin_unlock_irq(&user->signal->siglock);
		tell_parent(current, CLD_CONTINUED, SIGCONT);
		return true;
	}
	if (user->has_to_stop) {
		stop_here(user);
		return true;
	}
	sig = dequeue_signal(user, ~user->blocked, &info);
	recalc_sigpending();
	if (!sig) {
		raw_spin_unlock_irq(&user->signal->siglock);
		return false;
	}
	take_action(user->sighand, sig, &action);
	if (action.sa_handler == SIG_DFL && !is_in(sig, QUIET_SIGNALS) &&
	    !user->signal->is_unkillable) {
		if (!is_in(sig, STOP_SIGNALS))
			end_by_signal(user, sig);
		if (may_stop(user, sig)) {
			begin_stop(user, sig);
			stop_here(user);
			return true;
		}
	}
	raw_spin_unlock_irq(&user->signal->siglock);
	if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN)
		arch_deliver_signal(regs, &action, &info);
	return true;
}

void do_signal(struct pt_regs *regs)
{
	struct user_task *user = current->user;

	while (handle_one(user, regs) && READ_ONCE(current->notify))
		;
	arch_restart_call(regs);
	restore_saved_blocked();
}
