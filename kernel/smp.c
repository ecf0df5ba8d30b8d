/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls to other CPUs.
 *
 * Each CPU has a queue of calls (struct call_single_data), a stack that anybody pushes on with one
 * compare-and-exchange and that only its CPU empties, all at once, oldest first.  Who pushes on an
 * empty queue sends the interrupt; who finds others there need not, for they have sent it and the
 * CPU has not emptied the queue since.
 *
 * A CPU that is off has closed its queue: the head is CALLS_CLOSED, and a push fails.  Closing
 * takes out what was there, which the closing CPU still runs.  So a call is either run or refused,
 * however it races with the CPU's going off; nobody has to be kept from sending meanwhile.
 *
 *	free -> QUEUED (pushed) -> taken out -> fn runs -> free	 (who waits: free after fn)
 *
 * Waiting happens by looking at the state.  A CPU that waits with interrupts off runs its own calls
 * in between, so two CPUs that call each other like that do not wait for ever.  One that has
 * interrupts on looks for as long as an answer takes, and then halts: the CPU that it waits for may
 * be a virtual one, and need the host's CPU to run at all.  It says so in the state, and is sent an
 * interrupt when the call is over; between the look at the state and the halt none is lost, for
 * interrupts go on with the halt.
 */
#include <arch/processor.h>
#include <arch/smp.h>
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/bug.h>
#include <oshit/smp.h>
#include <oshit/watchdog.h>

#define CSD_QUEUED   1u /* from before the push until the csd may be used again */
#define CSD_SYNC     2u /* somebody waits for the end of fn */
#define CSD_HALTED   4u /* and is halted */
#define CSD_SPINS    1000 /* looks at the state before that: some 50 us */
#define CALLS_CLOSED ((struct call_single_data *)1)

struct call_queue {
	struct call_single_data *head; /* a  the latest; NULL, or CALLS_CLOSED */
};

/* Each CPU opens its own. */
static DEFINE_PER_CPU(struct call_queue, call_queue) = { .head = CALLS_CLOSED };

/* For calls without a csd of the caller's: the CPU that calls. */
static DEFINE_PER_CPU(struct call_single_data, no_wait_csd);
static DEFINE_PER_CPU(struct call_single_data[NR_CPUS], many_csds); /* preemption off */

/* False if the CPU takes no calls. */
static bool push(unsigned int cpu, struct call_single_data *csd)
{
	struct call_queue *queue = per_cpu_ptr(&call_queue, cpu);
	struct call_single_data *head = READ_ONCE(queue->head);

	do {
		if (head == CALLS_CLOSED)
			return false;
		csd->next = head;
		/* Full barrier: what the caller has written is seen by fn. */
	} while (!__atomic_compare_exchange_n(&queue->head, &head, csd, true, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	if (!head)
		arch_send_call(cpu);
	return true;
}

static bool csd_claim(struct call_single_data *csd, unsigned int state)
{
	unsigned int free = 0;

	return __atomic_compare_exchange_n(&csd->state, &free, state, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static void csd_release(struct call_single_data *csd)
{
	smp_store_release(&csd->state, 0);
}

/* The end of a call that somebody waits for; then @csd may be gone. */
static void csd_complete(struct call_single_data *csd)
{
	unsigned int waiter = csd->waiter;

	if (unlikely(xchg(&csd->state, 0) & CSD_HALTED))
		arch_send_call(waiter);
}

static noinline void csd_halt(struct call_single_data *csd)
{
	unsigned int state = CSD_QUEUED | CSD_SYNC;

	local_irq_disable();
	if (__atomic_compare_exchange_n(&csd->state, &state, state | CSD_HALTED, false,
					__ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
		while (READ_ONCE(csd->state)) {
			cpu_wait_for_interrupt();
			local_irq_disable();
		}
	}
	local_irq_enable();
}

static void csd_wait(struct call_single_data *csd)
{
	unsigned int spins = 0;

	/* Pairs with csd_release() and csd_complete(): what fn wrote is seen. */
	while (smp_load_acquire(&csd->state)) {
		if (irqs_disabled())
			smp_poll_calls();
		else if (++spins > CSD_SPINS)
			csd_halt(csd);
		cpu_relax();
	}
}

static void run_call(struct call_single_data *csd)
{
	smp_call_fn_t fn = csd->fn;
	void *arg = csd->arg;

	watchdog_answered();
	if (READ_ONCE(csd->state) & CSD_SYNC) {
		fn(arg);
		csd_complete(csd);
	} else {
		csd_release(csd);
		fn(arg);
	}
}

/* The calls of a queue, latest first, in the order they came. */
static void run_calls(struct call_single_data *latest)
{
	struct call_single_data *next, *call = NULL;

	for (; latest; latest = next) {
		next = latest->next;
		latest->next = call;
		call = latest;
	}
	for (; call; call = next) {
		next = call->next;
		run_call(call);
	}
}

/* Takes out all calls and leaves @new in their place, unless the queue is closed. */
static struct call_single_data *take_calls(struct call_single_data *new)
{
	struct call_queue *queue = this_cpu_ptr(&call_queue);
	struct call_single_data *head = READ_ONCE(queue->head);

	do {
		if (head == CALLS_CLOSED || head == new)
			return NULL;
	} while (!__atomic_compare_exchange_n(&queue->head, &head, new, true, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	return head;
}

void smp_call_interrupt(void)
{
	run_calls(take_calls(NULL));
}

void smp_poll_calls(void)
{
	struct call_single_data *calls = take_calls(NULL);

	if (!calls)
		return;
	/* Not irq_enter(): its end may switch tasks, and the caller has interrupts off. */
	hardirq_enter();
	run_calls(calls);
	hardirq_exit();
}

void smp_open_calls(void)
{
	smp_store_release(&this_cpu_ptr(&call_queue)->head, NULL);
	smp_mb();
}

void smp_close_calls(void)
{
	hardirq_enter();
	run_calls(take_calls(CALLS_CLOSED));
	hardirq_exit();
}

static int call_here(smp_call_fn_t fn, void *arg)
{
	unsigned long flags;

	local_irq_save(flags);
	fn(arg);
	local_irq_restore(flags);
	return 0;
}

/* The csd that serves calls nobody waits for: the one before must have begun. Interrupts off. */
static int call_no_wait(unsigned int cpu, smp_call_fn_t fn, void *arg)
{
	struct call_single_data *csd = this_cpu_ptr(&no_wait_csd);

	while (!csd_claim(csd, CSD_QUEUED)) {
		smp_poll_calls();
		cpu_relax();
	}
	csd->fn = fn;
	csd->arg = arg;
	if (push(cpu, csd))
		return 0;
	csd_release(csd);
	return -ENXIO;
}

static int call_and_wait(unsigned int cpu, smp_call_fn_t fn, void *arg)
{
	struct call_single_data csd = {
		.fn = fn,
		.arg = arg,
		.state = CSD_QUEUED | CSD_SYNC,
		.waiter = smp_processor_id(),
	};

	if (!push(cpu, &csd))
		return -ENXIO;
	csd_wait(&csd);
	return 0;
}

int smp_call_function_single(unsigned int cpu, smp_call_fn_t fn, void *arg, enum smp_wait wait)
{
	unsigned long flags;
	int err;

	if (!cpu_possible(cpu) || WARN_ON_ONCE(in_nmi()))
		return -ENXIO;
	if (cpu == get_cpu()) {
		err = call_here(fn, arg);
	} else if (wait == SMP_WAIT) {
		err = call_and_wait(cpu, fn, arg);
	} else {
		local_irq_save(flags);
		err = call_no_wait(cpu, fn, arg);
		local_irq_restore(flags);
	}
	put_cpu();
	return err;
}

int smp_call_function_async(unsigned int cpu, struct call_single_data *csd)
{
	int err = 0;

	if (!cpu_possible(cpu) || WARN_ON_ONCE(in_nmi()))
		return -ENXIO;
	if (cpu == get_cpu()) {
		err = call_here(csd->fn, csd->arg);
	} else if (!csd_claim(csd, CSD_QUEUED)) {
		err = -EBUSY;
	} else if (!push(cpu, csd)) {
		csd_release(csd);
		err = -ENXIO;
	}
	put_cpu();
	return err;
}

/* Preemption off, and no handler, so that nobody else uses this CPU's array. */
static void call_many(const struct cpumask *mask, smp_call_fn_t fn, void *arg)
{
	struct call_single_data *csds = *this_cpu_ptr(&many_csds);
	unsigned int cpu, self = smp_processor_id();

	for_each_cpu(cpu, mask) {
		if (cpu == self || !cpu_possible(cpu))
			continue;
		csds[cpu] = (struct call_single_data){
			.fn = fn,
			.arg = arg,
			.state = CSD_QUEUED | CSD_SYNC,
			.waiter = self,
		};
		if (!push(cpu, &csds[cpu]))
			csd_release(&csds[cpu]);
	}
}

static void wait_for_many(const struct cpumask *mask)
{
	struct call_single_data *csds = *this_cpu_ptr(&many_csds);
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		csd_wait(&csds[cpu]);
}

void smp_call_function_many(const struct cpumask *mask, smp_call_fn_t fn, void *arg)
{
	struct cpumask targets;

	if (WARN_ON_ONCE(in_interrupt()))
		return;
	preempt_disable();
	cpumask_and(&targets, mask, &cpu_online_mask);
	call_many(&targets, fn, arg);
	wait_for_many(&targets);
	preempt_enable();
}

void on_each_cpu(smp_call_fn_t fn, void *arg)
{
	struct cpumask targets;

	if (WARN_ON_ONCE(in_interrupt()))
		return;
	preempt_disable();
	cpumask_copy(&targets, &cpu_online_mask);
	call_many(&targets, fn, arg);
	call_here(fn, arg);
	wait_for_many(&targets);
	preempt_enable();
}

void smp_send_reschedule(unsigned int cpu)
{
	arch_send_reschedule(cpu);
}
