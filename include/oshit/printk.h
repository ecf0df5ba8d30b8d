/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel log.  A message is one fact in one line, `subsystem: text`; a file sets the subsystem
 * by defining pr_fmt() before its first include.  Levels are those of syslog(2).
 */
#ifndef OSHIT_PRINTK_H
#define OSHIT_PRINTK_H

#include <oshit/types.h>

enum log_level {
	LOG_EMERG, /* the system is unusable */
	LOG_ALERT, /* act at once */
	LOG_CRIT, /* critical condition */
	LOG_ERR, /* an error */
	LOG_WARNING, /* a warning */
	LOG_NOTICE, /* normal but significant */
	LOG_INFO, /* information */
	LOG_DEBUG, /* for debugging only */
};

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif

/**
 * printk() - add a line to the log and to the consoles
 * @level: messages below `loglevel=` go to the consoles, all go to the ring
 * @fmt: as for vsnprintf(), see <oshit/printf.h>; a trailing newline is optional
 *
 * Context: any, NMI and panic included; never sleeps, takes no lock that it could wait for.
 */
__printf(2, 3) void printk(enum log_level level, const char *fmt, ...);

#define pr_emerg(fmt, ...)  printk(LOG_EMERG, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert(fmt, ...)  printk(LOG_ALERT, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...)   printk(LOG_CRIT, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...)    printk(LOG_ERR, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)   printk(LOG_WARNING, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice(fmt, ...) printk(LOG_NOTICE, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...)   printk(LOG_INFO, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_debug(fmt, ...)  printk(LOG_DEBUG, pr_fmt(fmt), ##__VA_ARGS__)

#endif
