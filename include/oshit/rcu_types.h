/* SPDX-License-Identifier: GPL-2.0-only */
/* What is embedded in objects that are freed after a grace period: <oshit/rcu.h>. */
#ifndef OSHIT_RCU_TYPES_H
#define OSHIT_RCU_TYPES_H

#include <oshit/llist.h>

struct rcu_head; /* anybody's until call_rcu() */
typedef void (*rcu_callback_t)(struct rcu_head *head);

struct rcu_head {
	struct llist_node link;
	rcu_callback_t fn;
};

#endif
