/* SPDX-License-Identifier: GPL-2.0-only */
/* Any sequence of starts, cancels, interrupts and dying CPUs calls what is due, in order, once. */
#include <host.h>
#include <oshit/clock.h>
#include <oshit/hrtimer.h>
#include <oshit/math.h>
#include <oshit/percpu.h>
#include <oshit/string.h>

#include "../../../kernel/time/hrtimer_queue.h"
#include "../time/sim_timer.h"
#include "fuzz.h"

#define NR_TIMERS 8
#define OP_SIZE	  3 /* bytes of input for a call: what and on which CPU, timer, time */

static struct fuzz_timer {
	struct hrtimer timer;
	bool is_queued; /* what must be */
	u8 restart; /* its function starts it again so much later; 0: not */
} timers[NR_TIMERS];
static u64 last_deadline_ns[NR_CPUS]; /* of the functions that this interrupt has called */

static void called(struct hrtimer *timer)
{
	struct fuzz_timer *fuzz = container_of(timer, struct fuzz_timer, timer);
	unsigned int cpu = smp_processor_id();

	FUZZ_ASSERT(fuzz->is_queued && !hrtimer_is_queued(timer));
	FUZZ_ASSERT(hrtimer_deadline(timer) <= sim_now_ns);
	FUZZ_ASSERT(hrtimer_deadline(timer) >= last_deadline_ns[cpu]);
	last_deadline_ns[cpu] = hrtimer_deadline(timer);
	fuzz->is_queued = fuzz->restart != 0;
	if (fuzz->restart)
		hrtimer_start(timer, sim_now_ns + fuzz->restart);
}

static void take_all_interrupts(void)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		last_deadline_ns[cpu] = 0;
		sim_take_interrupts(cpu);
	}
}

static void call(const u8 *op)
{
	struct fuzz_timer *fuzz = &timers[op[1] % NR_TIMERS];

	host_cpu_enter((op[0] >> 4) % NR_CPUS);
	switch (op[0] % 8) {
	case 0:
		FUZZ_ASSERT(hrtimer_cancel(&fuzz->timer) == fuzz->is_queued);
		fuzz->is_queued = false;
		break;
	case 1:
		FUZZ_ASSERT(hrtimer_try_cancel(&fuzz->timer) == fuzz->is_queued);
		fuzz->is_queued = false;
		break;
	case 2:
		fuzz->restart = op[2];
		break;
	case 3:
		sim_now_ns += op[2];
		take_all_interrupts();
		break;
	case 4:
		if (op[2] % NR_CPUS == smp_processor_id())
			break;
		hrtimers_cpu_dead(op[2] % NR_CPUS);
		FUZZ_ASSERT(!per_cpu(hrtimer_queue, op[2] % NR_CPUS).nr_queued);
		break;
	default:
		hrtimer_start(&fuzz->timer, sim_now_ns + op[2]);
		fuzz->is_queued = true;
		break;
	}
	FUZZ_ASSERT(hrtimer_is_queued(&fuzz->timer) == fuzz->is_queued);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int nr_queued = 0;

	sim_reset();
	memset(timers, 0, sizeof(timers));
	for (unsigned int i = 0; i < NR_TIMERS; i++)
		hrtimer_init(&timers[i].timer, called);
	for (; size >= OP_SIZE; data += OP_SIZE, size -= OP_SIZE)
		call(data);
	for (unsigned int i = 0; i < NR_TIMERS; i++)
		timers[i].restart = 0;
	sim_now_ns += 256;
	take_all_interrupts();
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		nr_queued += per_cpu(hrtimer_queue, cpu).nr_queued;
	FUZZ_ASSERT(nr_queued == 0);
	return 0;
}
