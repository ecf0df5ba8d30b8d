/* SPDX-License-Identifier: GPL-2.0-only */
/* The rare paths of reference counts: <oshit/refcount.h> has the theory. */
#include <oshit/bug.h>
#include <oshit/refcount.h>

atomic_t refcount_expected_misuse = ATOMIC_INIT(-1);

void refcount_saturate(refcount_t *r, enum refcount_misuse misuse)
{
	refcount_set(r, REFCOUNT_SATURATED);
	if (atomic_add_unless(&refcount_expected_misuse, 1, -1))
		return;
	/* One place each, so that each kind is reported once. */
	switch (misuse) {
	case REFCOUNT_ADD_OVERFLOW:
		WARN_ON_ONCE(misuse == REFCOUNT_ADD_OVERFLOW);
		break;
	case REFCOUNT_ADD_ON_FREE:
		WARN_ON_ONCE(misuse == REFCOUNT_ADD_ON_FREE);
		break;
	case REFCOUNT_DROP_BELOW_ZERO:
		WARN_ON_ONCE(misuse == REFCOUNT_DROP_BELOW_ZERO);
		break;
	}
}

bool refcount_dec_not_one(refcount_t *r)
{
	int old = refcount_read(r);

	do {
		if (unlikely(old < 0))
			return true; /* saturated: it leaks */
		if (old == 1)
			return false;
		if (unlikely(old == 0)) {
			refcount_saturate(r, REFCOUNT_DROP_BELOW_ZERO);
			return true;
		}
	} while (!atomic_try_cmpxchg_release(&r->refs, &old, old - 1));
	return true;
}

bool __refcount_dec_and_lock(refcount_t *r, spinlock_t *lock)
{
	if (refcount_dec_not_one(r))
		return false;
	spin_lock(lock);
	if (refcount_dec_and_test(r)) {
		__release(lock); /* for sparse: the macro acquires it for the caller */
		return true;
	}
	spin_unlock(lock);
	return false;
}

bool __refcount_dec_and_lock_irqsave(refcount_t *r, spinlock_t *lock, unsigned long *flags)
{
	if (refcount_dec_not_one(r))
		return false;
	spin_lock_irqsave(lock, *flags);
	if (refcount_dec_and_test(r)) {
		__release(lock); /* for sparse: the macro acquires it for the caller */
		return true;
	}
	spin_unlock_irqrestore(lock, *flags);
	return false;
}
