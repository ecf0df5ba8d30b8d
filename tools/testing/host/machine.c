/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated machine of host tests: memory, CPUs, stack traces.  Physical memory is address
 * space that the host fills with pages when touched, so a machine may be larger than the host.  A
 * CPU is a copy of the per-CPU template and whoever runs on it.
 */
#include "oracle.h"

#include <execinfo.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <arch/bug.h>
#include <arch/mm.h>
#include <arch/page.h>
#include <arch/processor.h>
#include <host.h>
#include <oshit/panic.h>
#include <oshit/percpu.h>
#include <oshit/stacktrace.h>

#define MAP_ALIGN   (32UL << 20) /* more than any allocation */
#define PAGE_ENTRY  64 /* bytes of page array for a page */
#define MAX_GARBAGE (64UL << 20) /* larger page arrays are left as the host gives them */

extern char __start_data_percpu[], __stop_data_percpu[];

_Thread_local unsigned long host_cpu_offset;
_Thread_local bool host_irqs_off;
unsigned long percpu_offset[NR_CPUS];
DEFINE_PER_CPU(unsigned long, cpu_number);
DEFINE_PER_CPU(unsigned int, preempt_count); /* 0: no simulated CPU is in an interrupt */

unsigned long direct_map_base;
static void *machine_memory, *page_array_memory;
static unsigned long machine_size;
static char *cpu_copies[NR_CPUS];

static void *reserve(unsigned long size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

void *host_machine_new(unsigned long size)
{
	if (machine_size) {
		munmap(machine_memory, machine_size + MAP_ALIGN);
		munmap(page_array_memory, machine_size / PAGE_SIZE * PAGE_ENTRY);
	}
	machine_size = size;
	machine_memory = reserve(size + MAP_ALIGN);
	direct_map_base = ((unsigned long)machine_memory + MAP_ALIGN - 1) & -MAP_ALIGN;
	page_array_memory = reserve(size / PAGE_SIZE * PAGE_ENTRY);
	return (void *)direct_map_base;
}

unsigned long arch_page_array_base(void)
{
	return (unsigned long)page_array_memory;
}

/* Real memory holds anything after power-on: so does ours. */
int arch_map_kernel(unsigned long virt, phys_addr_t phys __maybe_unused, u64 size)
{
	if (machine_size / PAGE_SIZE * PAGE_ENTRY <= MAX_GARBAGE)
		memset((void *)virt, 0xdb, size);
	return 0;
}

void host_cpus_reset(void)
{
	size_t size = __stop_data_percpu - __start_data_percpu;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (!cpu_copies[cpu])
			cpu_copies[cpu] = aligned_alloc(64, (size + 63) / 64 * 64);
		memcpy(cpu_copies[cpu], __start_data_percpu, size);
		percpu_offset[cpu] = cpu_copies[cpu] - __start_data_percpu;
		*per_cpu_ptr(&cpu_number, cpu) = cpu;
	}
	host_cpu_enter(0);
}

void host_cpu_enter(unsigned int cpu)
{
	host_cpu_offset = percpu_offset[cpu];
}

struct cpu_thread {
	pthread_t thread;
	unsigned int cpu;
	void (*fn)(unsigned int cpu);
};

static void *run_on_cpu(void *arg)
{
	struct cpu_thread *thread = arg;

	host_cpu_enter(thread->cpu);
	thread->fn(thread->cpu);
	return NULL;
}

void host_run_on_cpus(unsigned int nr, void (*fn)(unsigned int cpu))
{
	struct cpu_thread threads[NR_CPUS];

	for (unsigned int cpu = 0; cpu < nr; cpu++) {
		threads[cpu].cpu = cpu;
		threads[cpu].fn = fn;
		pthread_create(&threads[cpu].thread, NULL, run_on_cpu, &threads[cpu]);
	}
	for (unsigned int cpu = 0; cpu < nr; cpu++)
		pthread_join(threads[cpu].thread, NULL);
}

void cpu_relax(void)
{
	sched_yield();
}

u64 host_time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000UL + now.tv_nsec;
}

void host_bug(const char *file, int line)
{
	printf("assertion failed: %s:%d\n", file, line);
	fflush(stdout);
	abort();
}

void panic(const char *fmt, ...)
{
	printf("panic: %s\n", fmt);
	fflush(stdout);
	abort();
}

unsigned int stack_trace_save(unsigned long *entries, unsigned int max, unsigned int skip)
{
	void *frames[64];
	unsigned int nr = backtrace(frames, 64), first = skip + 1, i;

	for (i = 0; i < max && first + i < nr; i++)
		entries[i] = (unsigned long)frames[first + i];
	return i;
}

void stack_trace_print(enum log_level level, const unsigned long *entries, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		printk(level, "  0x%lx", entries[i]);
}

void stack_trace_show(enum log_level level, const struct pt_regs *regs __maybe_unused)
{
	unsigned long frames[16];

	stack_trace_print(level, frames, stack_trace_save(frames, 16, 1));
}
