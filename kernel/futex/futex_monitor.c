/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's `futex`: who waits for which word.  All CPUs stand still; no list is trusted. */
#include <linux/errno.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/task.h>

#include "futex.h"

#define MAX_SHOWN 10000 /* of one bucket: a list that leads in circles ends here */

static void show_key(const struct futex_key *key)
{
	if (key->offset & 1)
		monitor_printf("mapping %-10lu offset %#-14lx", key->object, key->offset & ~1UL);
	else
		monitor_printf("private %#lx in %#lx", key->offset, key->object);
}

static void show_waiter(const struct futex_waiter *waiter, unsigned int index)
{
	char comm[TASK_COMM_LEN] = "?";
	int pid = 0;

	kernel_read_nofault(&pid, &waiter->task->pid, sizeof(pid));
	kernel_read_nofault(comm, waiter->task->comm, sizeof(comm) - 1);
	monitor_printf("%5d %-15s %4u %08x  ", pid, comm, index, waiter->bitset);
	show_key(&waiter->key);
	monitor_printf("\n");
}

/* Waiters seen. */
static unsigned int show_bucket(unsigned int index)
{
	const struct list_head *node, *head = &futex_buckets[index].waiters;
	struct futex_waiter waiter;
	unsigned int nr = 0;

	for (node = head->next; node != head && nr < MAX_SHOWN; node = waiter.node.next) {
		if (kernel_read_nofault(&waiter, list_entry(node, struct futex_waiter, node),
					sizeof(waiter)))
			break;
		if (monitor_interrupted())
			break;
		show_waiter(&waiter, index);
		nr++;
	}
	return nr;
}

static int monitor_futex(int argc, char **argv __maybe_unused)
{
	unsigned int nr = 0, nr_buckets = 0;

	if (argc != 1)
		return -EINVAL;
	monitor_printf("  PID NAME            QUEUE   BITSET  WORD\n");
	for (unsigned int i = 0; i < NR_FUTEX_BUCKETS && !monitor_interrupted(); i++) {
		unsigned int nr_here = show_bucket(i);

		nr += nr_here;
		nr_buckets += nr_here != 0;
	}
	monitor_printf("%u wait, in %u of %u queues\n", nr, nr_buckets, NR_FUTEX_BUCKETS);
	return 0;
}
MONITOR_COMMAND(futex, "", "who waits for a word in user memory to change", monitor_futex);
