/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * membarrier(): a barrier on the other side.  One thread that seldom runs pays for a full barrier
 * on all CPUs, so that those which often do need only keep their compiler in order.
 *
 *	caller				another CPU
 *	write a				write b
 *	membarrier()			compiler barrier
 *	read b				read a
 *
 * At least one sees the other's write.
 *
 * A CPU that runs in user mode is interrupted, and the interrupt is the barrier; it returns by
 * IRET, which also makes it fetch code anew (SYNC_CORE).  Only CPUs that have the address space
 * loaded are asked.  The mask of those is read behind a full barrier: a CPU that is not in it
 * enters it later, by an atomic operation and a write to CR3, both of which order what the program
 * does there after what the caller did before.  One that has left it has done both after what the
 * program did there.
 *
 *	GLOBAL, GLOBAL_EXPEDITED	all CPUs, whoever runs there
 *	PRIVATE_EXPEDITED		those of the caller's address space, which has registered
 *	..._SYNC_CORE			the same here
 *	..._RSEQ			restartable sequences begin anew, too
 *
 * Registration costs nothing here and is asked for because Linux asks.
 *
 * Context: task, no lock held.
 */
#include <linux/errno.h>
#include <linux/membarrier.h>
#include <oshit/rseq.h>
#include <oshit/smp.h>
#include <oshit/syscalls.h>
#include <oshit/user_task.h>

#define RSEQ_PAIR \
	(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)
#define CMDS_RSEQ (IS_ENABLED(CONFIG_RSEQ) ? RSEQ_PAIR : 0)
#define CMDS                                                                                      \
	(MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |                                \
	 MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |            \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE | \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE | CMDS_RSEQ)

static void full_barrier(void *arg __maybe_unused)
{
	smp_mb();
}

static void restart_sequence(void *arg __maybe_unused)
{
	smp_mb();
	rseq_interrupt();
}

static long on_all_cpus(void)
{
	smp_mb();
	on_each_cpu(full_barrier, NULL);
	return 0;
}

/* @cpu: the only one that is asked, if it is one of the mask; -1: all. */
static long on_own_cpus(int registration, smp_call_fn_t fn, int cpu)
{
	struct mm_struct *mm = current->user->mm;
	struct cpumask mask;

	if (!(atomic_read(&mm->membarrier) & registration))
		return -EPERM;
	smp_mb();
	preempt_disable();
	cpumask_copy(&mask, &mm->context.cpus);
	if (cpu >= 0) {
		bool is_asked = (unsigned int)cpu < nr_cpu_ids && cpumask_test_cpu(cpu, &mask);

		cpumask_clear(&mask);
		if (is_asked)
			cpumask_set_cpu(cpu, &mask);
	}
	smp_call_function_many(&mask, fn, NULL);
	if (fn == restart_sequence && (cpu < 0 || cpu == (int)smp_processor_id()))
		rseq_interrupt();
	preempt_enable();
	smp_mb();
	return 0;
}

/* Remembers the command by its own bit. */
static long register_for(int registration)
{
	atomic_fetch_or(registration, &current->user->mm->membarrier);
	return 0;
}

long sys_membarrier(int cmd, unsigned int flags, int cpu)
{
	if (flags &&
	    (cmd != MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ || flags != MEMBARRIER_CMD_FLAG_CPU))
		return -EINVAL;
	if (!(flags & MEMBARRIER_CMD_FLAG_CPU))
		cpu = -1;
	if (cmd & ~CMDS)
		return -EINVAL;
	switch (cmd) {
	case MEMBARRIER_CMD_QUERY:
		return CMDS;
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		return on_all_cpus();
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		return on_own_cpus(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, full_barrier, -1);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
		return on_own_cpus(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE,
				   full_barrier, -1);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		return on_own_cpus(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, restart_sequence,
				   cpu);
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		return register_for(cmd);
	default:
		return -EINVAL; /* several at once */
	}
}
