/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Atomic integers.  Reads and writes are relaxed.  An operation that returns a value orders all
 * memory accesses around it (it is a full barrier), unless its name ends in _relaxed, _acquire or
 * _release; one that returns nothing orders nothing.  That is Linux's rule.
 */
#ifndef OSHIT_ATOMIC_H
#define OSHIT_ATOMIC_H

#include <oshit/types.h>

#define ATOMIC_INIT(i)										\
	{											\
		(i)										\
	}

#define DEFINE_ATOMIC_ACCESS(name, atype, vtype)						\
	static inline vtype name##_read(const atype *v)						\
	{											\
		return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);				\
	}											\
	static inline vtype name##_read_acquire(const atype *v)					\
	{											\
		return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);				\
	}											\
	static inline void name##_set(atype *v, vtype i)					\
	{											\
		__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);				\
	}											\
	static inline void name##_set_release(atype *v, vtype i)				\
	{											\
		__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);				\
	}

/* name_op() returns nothing, name_fetch_op() what the value was before. */
#define DEFINE_ATOMIC_OP(name, atype, vtype, op, builtin)					\
	static inline void name##_##op(vtype i, atype *v)					\
	{											\
		builtin(&v->counter, i, __ATOMIC_RELAXED);					\
	}											\
	static inline vtype name##_fetch_##op(vtype i, atype *v)				\
	{											\
		return builtin(&v->counter, i, __ATOMIC_SEQ_CST);				\
	}											\
	static inline vtype name##_fetch_##op##_relaxed(vtype i, atype *v)			\
	{											\
		return builtin(&v->counter, i, __ATOMIC_RELAXED);				\
	}											\
	static inline vtype name##_fetch_##op##_acquire(vtype i, atype *v)			\
	{											\
		return builtin(&v->counter, i, __ATOMIC_ACQUIRE);				\
	}											\
	static inline vtype name##_fetch_##op##_release(vtype i, atype *v)			\
	{											\
		return builtin(&v->counter, i, __ATOMIC_RELEASE);				\
	}

#define DEFINE_ATOMIC_XCHG(name, atype, vtype, suffix, order, failure)				\
	static inline vtype name##_xchg##suffix(atype *v, vtype i)				\
	{											\
		return __atomic_exchange_n(&v->counter, i, order);				\
	}											\
	static inline vtype name##_cmpxchg##suffix(atype *v, vtype old, vtype i)		\
	{											\
		__atomic_compare_exchange_n(&v->counter, &old, i, false, order, failure);	\
		return old;									\
	}											\
	/* On failure *old becomes the present value. */					\
	static inline bool name##_try_cmpxchg##suffix(atype *v, vtype *old, vtype i)		\
	{											\
		return __atomic_compare_exchange_n(&v->counter, old, i, false, order, failure);	\
	}											\
	static inline vtype name##_add_return##suffix(vtype i, atype *v)			\
	{											\
		return __atomic_add_fetch(&v->counter, i, order);				\
	}											\
	static inline vtype name##_sub_return##suffix(vtype i, atype *v)			\
	{											\
		return __atomic_sub_fetch(&v->counter, i, order);				\
	}

#define DEFINE_ATOMIC_DERIVED(name, atype, vtype)						\
	static inline void name##_andnot(vtype i, atype *v)					\
	{											\
		name##_and(~i, v);								\
	}											\
	static inline vtype name##_fetch_andnot(vtype i, atype *v)				\
	{											\
		return name##_fetch_and(~i, v);							\
	}											\
	static inline vtype name##_fetch_andnot_release(vtype i, atype *v)			\
	{											\
		return name##_fetch_and_release(~i, v);						\
	}											\
	static inline void name##_inc(atype *v)							\
	{											\
		name##_add(1, v);								\
	}											\
	static inline void name##_dec(atype *v)							\
	{											\
		name##_sub(1, v);								\
	}											\
	static inline vtype name##_inc_return(atype *v)						\
	{											\
		return name##_add_return(1, v);							\
	}											\
	static inline vtype name##_dec_return(atype *v)						\
	{											\
		return name##_sub_return(1, v);							\
	}											\
	static inline bool name##_inc_and_test(atype *v)					\
	{											\
		return name##_add_return(1, v) == 0;						\
	}											\
	static inline bool name##_dec_and_test(atype *v)					\
	{											\
		return name##_sub_return(1, v) == 0;						\
	}											\
	static inline bool name##_sub_and_test(vtype i, atype *v)				\
	{											\
		return name##_sub_return(i, v) == 0;						\
	}											\
	/* Adds @i unless the value is @unless. Returns what the value was. */			\
	static inline vtype name##_fetch_add_unless(atype *v, vtype i, vtype unless)		\
	{											\
		vtype old = name##_read(v);							\
												\
		while (old != unless && !name##_try_cmpxchg(v, &old, old + i))			\
			;									\
		return old;									\
	}											\
	/* True if it added. */									\
	static inline bool name##_add_unless(atype *v, vtype i, vtype unless)			\
	{											\
		return name##_fetch_add_unless(v, i, unless) != unless;				\
	}											\
	static inline bool name##_inc_not_zero(atype *v)					\
	{											\
		return name##_add_unless(v, 1, 0);						\
	}											\
	/* Subtracts 1 if the result is not negative. Returns the result, or what it would be. */\
	static inline vtype name##_dec_if_positive(atype *v)					\
	{											\
		vtype old = name##_read(v);							\
												\
		while (old > 0 && !name##_try_cmpxchg(v, &old, old - 1))			\
			;									\
		return old - 1;									\
	}

#define DEFINE_ATOMIC(name, atype, vtype)							\
	DEFINE_ATOMIC_ACCESS(name, atype, vtype)						\
	DEFINE_ATOMIC_OP(name, atype, vtype, add, __atomic_fetch_add)				\
	DEFINE_ATOMIC_OP(name, atype, vtype, sub, __atomic_fetch_sub)				\
	DEFINE_ATOMIC_OP(name, atype, vtype, and, __atomic_fetch_and)				\
	DEFINE_ATOMIC_OP(name, atype, vtype, or, __atomic_fetch_or)				\
	DEFINE_ATOMIC_OP(name, atype, vtype, xor, __atomic_fetch_xor)				\
	DEFINE_ATOMIC_XCHG(name, atype, vtype, , __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)		\
	DEFINE_ATOMIC_XCHG(name, atype, vtype, _relaxed, __ATOMIC_RELAXED, __ATOMIC_RELAXED)	\
	DEFINE_ATOMIC_XCHG(name, atype, vtype, _acquire, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)	\
	DEFINE_ATOMIC_XCHG(name, atype, vtype, _release, __ATOMIC_RELEASE, __ATOMIC_RELAXED)	\
	DEFINE_ATOMIC_DERIVED(name, atype, vtype)
DEFINE_ATOMIC(atomic, atomic_t, int)
DEFINE_ATOMIC(atomic64, atomic64_t, long)
#undef DEFINE_ATOMIC
#undef DEFINE_ATOMIC_ACCESS
#undef DEFINE_ATOMIC_OP
#undef DEFINE_ATOMIC_XCHG
#undef DEFINE_ATOMIC_DERIVED

/* On plain variables. */
#define xchg(ptr, val)		    __atomic_exchange_n(ptr, val, __ATOMIC_SEQ_CST)
#define smp_load_acquire(ptr)	    __atomic_load_n(ptr, __ATOMIC_ACQUIRE)
#define smp_store_release(ptr, val) __atomic_store_n(ptr, val, __ATOMIC_RELEASE)
#define smp_mb()		    __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		    __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		    __atomic_thread_fence(__ATOMIC_RELEASE)

/* Returns the value found; equal to @old if the exchange took place. */
#define cmpxchg(ptr, old, val)									\
	({											\
		__typeof__(*(ptr)) __cmpxchg_old = (old);					\
		__atomic_compare_exchange_n(ptr, &__cmpxchg_old, val, false, __ATOMIC_SEQ_CST,	\
					    __ATOMIC_RELAXED);					\
		__cmpxchg_old;									\
	})

#endif
