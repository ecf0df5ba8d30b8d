/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Atomic integers.  Reads and writes are relaxed.  An operation that returns a value orders all
 * memory accesses around it (it is a full barrier), unless its name ends in _relaxed, _acquire or
 * _release; one that returns nothing orders nothing.  That is Linux's rule.
 */
#ifndef OSHIT_ATOMIC_H
#define OSHIT_ATOMIC_H

#include <oshit/types.h>

#define ATOMIC_INIT(i) \
	{              \
		(i)    \
	}

#define DEFINE_ATOMIC(name, atype, vtype)                                                        \
	static inline vtype name##_read(const atype *v)                                          \
	{                                                                                        \
		return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);                           \
	}                                                                                        \
	static inline vtype name##_read_acquire(const atype *v)                                  \
	{                                                                                        \
		return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);                           \
	}                                                                                        \
	static inline void name##_set(atype *v, vtype i)                                         \
	{                                                                                        \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);                              \
	}                                                                                        \
	static inline void name##_set_release(atype *v, vtype i)                                 \
	{                                                                                        \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);                              \
	}                                                                                        \
	static inline void name##_add(vtype i, atype *v)                                         \
	{                                                                                        \
		__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);                            \
	}                                                                                        \
	static inline void name##_sub(vtype i, atype *v)                                         \
	{                                                                                        \
		__atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);                            \
	}                                                                                        \
	static inline void name##_inc(atype *v)                                                  \
	{                                                                                        \
		name##_add(1, v);                                                                \
	}                                                                                        \
	static inline void name##_dec(atype *v)                                                  \
	{                                                                                        \
		name##_sub(1, v);                                                                \
	}                                                                                        \
	static inline vtype name##_add_return(vtype i, atype *v)                                 \
	{                                                                                        \
		return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);                     \
	}                                                                                        \
	static inline vtype name##_sub_return(vtype i, atype *v)                                 \
	{                                                                                        \
		return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);                     \
	}                                                                                        \
	static inline vtype name##_fetch_add(vtype i, atype *v)                                  \
	{                                                                                        \
		return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);                     \
	}                                                                                        \
	static inline vtype name##_inc_return(atype *v)                                          \
	{                                                                                        \
		return name##_add_return(1, v);                                                  \
	}                                                                                        \
	static inline vtype name##_dec_return(atype *v)                                          \
	{                                                                                        \
		return name##_sub_return(1, v);                                                  \
	}                                                                                        \
	static inline bool name##_dec_and_test(atype *v)                                         \
	{                                                                                        \
		return name##_sub_return(1, v) == 0;                                             \
	}                                                                                        \
	static inline vtype name##_xchg(atype *v, vtype i)                                       \
	{                                                                                        \
		return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);                    \
	}                                                                                        \
	static inline vtype name##_cmpxchg(atype *v, vtype old, vtype i)                         \
	{                                                                                        \
		__atomic_compare_exchange_n(&v->counter, &old, i, false, __ATOMIC_SEQ_CST,       \
					    __ATOMIC_RELAXED);                                   \
		return old;                                                                      \
	}                                                                                        \
	/* On failure *old becomes the present value. */                                         \
	static inline bool name##_try_cmpxchg(atype *v, vtype *old, vtype i)                     \
	{                                                                                        \
		return __atomic_compare_exchange_n(&v->counter, old, i, false, __ATOMIC_SEQ_CST, \
						   __ATOMIC_RELAXED);                            \
	}
DEFINE_ATOMIC(atomic, atomic_t, int)
DEFINE_ATOMIC(atomic64, atomic64_t, long)
#undef DEFINE_ATOMIC

/* On plain variables. */
#define xchg(ptr, val)		    __atomic_exchange_n(ptr, val, __ATOMIC_SEQ_CST)
#define smp_load_acquire(ptr)	    __atomic_load_n(ptr, __ATOMIC_ACQUIRE)
#define smp_store_release(ptr, val) __atomic_store_n(ptr, val, __ATOMIC_RELEASE)
#define smp_mb()		    __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		    __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		    __atomic_thread_fence(__ATOMIC_RELEASE)

/* Returns the value found; equal to @old if the exchange took place. */
#define cmpxchg(ptr, old, val)                                                                 \
	({                                                                                     \
		__typeof__(*(ptr)) __cmpxchg_old = (old);                                      \
		__atomic_compare_exchange_n(ptr, &__cmpxchg_old, val, false, __ATOMIC_SEQ_CST, \
					    __ATOMIC_RELAXED);                                 \
		__cmpxchg_old;                                                                 \
	})

#endif
