/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's view of programs' memory: vma, fault, l1tf, checkmm.  The kernel may have stopped
 * in the middle of a change, so no lock is taken, every structure is copied before it is looked at,
 * and a list that has been walked for too long is given up.  Not so checkmm, which shares its code
 * with checks of a running kernel: it follows pointers, and if one is wild the monitor recovers.
 */
#include <linux/errno.h>
#include <oshit/check_l1tf.h>
#include <oshit/check_mm.h>
#include <oshit/fault_count.h>
#include <oshit/kstrtox.h>
#include <oshit/mm.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/smp.h>
#include <oshit/task.h>
#include <oshit/user_task.h>

#ifdef CONFIG_FAULT_COUNTERS
static const char *const kind_names[NR_FAULT_KINDS] = {
	[FAULT_ANON] = "anonymous",
	[FAULT_ZERO] = "zero page",
	[FAULT_FILE] = "file",
	[FAULT_FILE_COPY] = "file, copied",
	[FAULT_COW] = "copy on write",
	[FAULT_REUSE] = "written in place",
	[FAULT_SWAP] = "from swap",
	[FAULT_SPURIOUS] = "spurious",
	[FAULT_RACED] = "raced",
	[FAULT_STACK] = "stack growth",
	[FAULT_BY_AREA] = "by area lock",
	[FAULT_BY_MM] = "by mmap_lock",
	[FAULT_IN_KERNEL] = "in the kernel",
	[FAULT_SEGV] = "not permitted",
	[FAULT_OOM] = "out of memory",
};

static int monitor_fault(int argc, char **argv __maybe_unused)
{
	unsigned int cpu;

	if (argc != 1)
		return -EINVAL;
	monitor_printf("%-18s%10s", "", "all");
	for_each_online_cpu(cpu)
		monitor_printf("   CPU %-3u", cpu);
	monitor_printf("\n");
	for (size_t kind = 0; kind < NR_FAULT_KINDS && !monitor_interrupted(); kind++) {
		unsigned long sum = 0;

		for_each_possible_cpu(cpu)
			sum += per_cpu(fault_counts, cpu)[kind];
		monitor_printf("%-18s%10lu", kind_names[kind], sum);
		for_each_online_cpu(cpu)
			monitor_printf("%10lu", per_cpu(fault_counts, cpu)[kind]);
		monitor_printf("\n");
	}
	return 0;
}
MONITOR_COMMAND(fault, "", "page faults of programs: kinds, on which CPU", monitor_fault);
#endif

#ifdef CONFIG_DEBUG_L1TF
static void print_bad_entry(pte_t pte, unsigned long addr, unsigned int level)
{
	monitor_printf("  entry 0x%lx of level %u for 0x%lx leads to memory\n", pte, level, addr);
}

/* -1: it has none, or that cannot be read. */
static int count_bad_entries(const struct task_struct *task)
{
	static struct mm_struct mm;
	struct user_task user;

	if (!task->user || kernel_read_nofault(&user, task->user, sizeof(user)) || !user.mm ||
	    kernel_read_nofault(&mm, user.mm, sizeof(mm)))
		return -1;
	return (int)l1tf_check_user(mm.context.root, print_bad_entry);
}

static int monitor_l1tf(int argc, char **argv __maybe_unused)
{
	unsigned int nr_bad, nr_programs = 0;
	const struct task_struct *task;

	if (argc != 1)
		return -EINVAL;
	nr_bad = l1tf_check_kernel(kernel_mm_context.root, print_bad_entry);
	for (task = task_peek_from(1); task && !monitor_interrupted();
	     task = task_peek_from(task->pid + 1)) {
		int nr = count_bad_entries(task);

		if (nr < 0)
			continue;
		nr_programs++;
		nr_bad += (unsigned int)nr;
		if (nr)
			monitor_printf("  these are of %d %s\n", task->pid, task->comm);
	}
	monitor_printf("page tables of the kernel and %u tasks: %u bad entries\n", nr_programs,
		       nr_bad);
	return 0;
}
MONITOR_COMMAND(l1tf, "", "page table entries that L1 Terminal Fault could use", monitor_l1tf);
#endif

#ifdef CONFIG_DEBUG_PGTABLE
static void print_mistake(const char *what, unsigned long addr, pte_t entry)
{
	monitor_printf("  %s: address 0x%lx, entry 0x%lx\n", what, addr, entry);
}

/* -1: it has no memory of its own. */
static int count_mistakes(const struct task_struct *task)
{
	struct user_task user;

	if (!task->user || kernel_read_nofault(&user, task->user, sizeof(user)) || !user.mm)
		return -1;
	return (int)mm_check_stopped(user.mm, print_mistake);
}

static int monitor_checkmm(int argc, char **argv __maybe_unused)
{
	unsigned int nr_wrong = 0, nr_programs = 0;
	const struct task_struct *task;

	if (argc != 1)
		return -EINVAL;
	for (task = task_peek_from(1); task && !monitor_interrupted();
	     task = task_peek_from(task->pid + 1)) {
		int nr = count_mistakes(task);

		if (nr < 0)
			continue;
		nr_programs++;
		nr_wrong += (unsigned int)nr;
		if (nr)
			monitor_printf("  these are of %d %s\n", task->pid, task->comm);
	}
	monitor_printf("memory of %u tasks: %u mistakes\n", nr_programs, nr_wrong);
	return 0;
}
MONITOR_COMMAND(checkmm, "", "compare page tables of programs with what they should be",
		monitor_checkmm);
#endif

static void print_area(const struct mm_struct *mm, const struct vm_area *area)
{
	monitor_printf("%016lx-%016lx %8lu KiB %c%c%c%c ", area->start, area->end,
		       (area->end - area->start) / 1024, area->flags & VM_READ ? 'r' : '-',
		       area->flags & VM_WRITE ? 'w' : '-', area->flags & VM_EXEC ? 'x' : '-',
		       area->flags & VM_SHARED ? 's' : 'p');
	if (area->file)
		monitor_printf("file 0x%lx, page %lu", (unsigned long)area->file, area->pgoff);
	else if (area->flags & VM_GROWSDOWN)
		monitor_printf("stack");
	else if (mm->start_brk < area->end && area->start < mm->brk)
		monitor_printf("heap");
	else
		monitor_printf(area->ops ? "special" : "anonymous");
	monitor_printf("\n");
}

static void print_areas(const struct mm_struct *mm, const struct mm_struct *at)
{
	const struct list_head *link = mm->areas.list.next;
	struct vm_area area;
	unsigned int nr = 0;

	for (; link != &at->areas.list && nr <= MAX_MAP_COUNT && !monitor_interrupted(); nr++) {
		if (kernel_read_nofault(&area, list_entry(link, struct vm_area, list),
					sizeof(area))) {
			monitor_printf("the list leads nowhere: 0x%lx\n", (unsigned long)link);
			return;
		}
		print_area(mm, &area);
		link = area.list.next;
	}
	monitor_printf(
		"%u areas, %u known; resident %lu KiB: %lu of files, %lu anonymous\n", nr,
		mm->areas.nr, mm_resident_pages((struct mm_struct *)mm) * (PAGE_SIZE / 1024),
		(unsigned long)atomic64_read(&mm->counters[MM_FILE_PAGES]) * (PAGE_SIZE / 1024),
		(unsigned long)atomic64_read(&mm->counters[MM_ANON_PAGES]) * (PAGE_SIZE / 1024));
}

static int monitor_vma(int argc, char **argv)
{
	static struct mm_struct mm;
	const struct task_struct *task;
	struct user_task user;
	long pid;

	if (argc != 2 || kstrtol(argv[1], 0, &pid) || pid < 1 || pid >= PID_MAX)
		return -EINVAL;
	task = task_peek_from((int)pid);
	if (!task || task->pid != pid)
		monitor_printf("no task %ld\n", pid);
	else if (!task->user || kernel_read_nofault(&user, task->user, sizeof(user)) || !user.mm ||
		 kernel_read_nofault(&mm, user.mm, sizeof(mm)))
		monitor_printf("%s has no address space\n", task->comm);
	else
		print_areas(&mm, user.mm);
	return 0;
}
MONITOR_COMMAND(vma, "PID", "areas of a program's memory", monitor_vma);
