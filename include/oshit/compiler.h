/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the compiler and sparse offer, under the kernel's names.  Included by the build before
 * every file (-include), so no file names it.
 */
#ifndef OSHIT_COMPILER_H
#define OSHIT_COMPILER_H

/* Address spaces and lock contexts, checked by sparse; see Documentation/testing.rst. */
#ifdef __CHECKER__
#define __user	       __attribute__((noderef, address_space(1)))
#define __iomem	       __attribute__((noderef, address_space(2)))
#define __percpu       __attribute__((noderef, address_space(3)))
#define __force	       __attribute__((force))
#define __must_hold(x) __attribute__((context(x, 1, 1)))
#define __acquires(x)  __attribute__((context(x, 0, 1)))
#define __releases(x)  __attribute__((context(x, 1, 0)))
#define __acquire(x)   __context__(x, 1)
#define __release(x)   __context__(x, -1)
#define __cond_lock(x, c)     \
	((c) ? ({             \
		__acquire(x); \
		1;            \
	})                    \
	     : 0)
#else
#define __user
#define __iomem
#define __percpu
#define __force
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __acquire(x)	  (void)0
#define __release(x)	  (void)0
#define __cond_lock(x, c) (c)
#endif

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#undef noinline
#undef __always_inline
#define noinline	__attribute__((noinline))
#define __always_inline inline __attribute__((always_inline))
#define __noreturn	__attribute__((noreturn))
#define __cold		__attribute__((cold))
#define __packed	__attribute__((packed))
#define __aligned(n)	__attribute__((aligned(n)))
#define __used		__attribute__((used))
#define __maybe_unused	__attribute__((unused))
#define __must_check	__attribute__((warn_unused_result))
#define __printf(f, a)	__attribute__((format(printf, f, a)))
#define __section(s)	__attribute__((section(s)))
#define __pure		__attribute__((pure))
/* Accesses in this function are not checked: for tests that spoil memory on purpose. */
#define __no_sanitize_address __attribute__((no_sanitize_address))
#define fallthrough	__attribute__((fallthrough))

#ifndef static_assert
#define static_assert _Static_assert
#endif

/* Keep the compiler from moving memory accesses across this point; no instruction. */
#define barrier()		    __asm__ __volatile__("" ::: "memory")

/* One access, of the object's own width, that the compiler neither repeats nor leaves out. */
#define READ_ONCE(x)		    (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)	    (*(volatile __typeof__(x) *)&(x) = (val))

#define __stringify_1(x...)	    #x
#define __stringify(x...)	    __stringify_1(x)
#define __concat_1(a, b)	    a##b
#define __concat(a, b)		    __concat_1(a, b)
#define __unique_id(prefix)	    __concat(prefix, __COUNTER__)

/* IS_ENABLED(CONFIG_X) is 1 if the option is y, else 0 in C, so both branches compile. */
#define __enabled_probe_1	    0,
#define __enabled_second(_, b, ...) b
#define __enabled_2(probe)	    __enabled_second(probe 1, 0, 0)
#define __enabled_1(value)	    __enabled_2(__enabled_probe_##value)
#define IS_ENABLED(option)	    __enabled_1(option)

#endif
