/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parameters of the command line.  The file that has the option registers it in one line:
 *
 *	static int __init set_loglevel(const char *value)
 *	{
 *		return value ? kstrtouint(value, 0, &loglevel) : -EINVAL;
 *	}
 *	BOOT_PARAM("loglevel", set_loglevel);
 *
 * and needs no function if it is just a number, or just there:
 *
 *	BOOT_PARAM_NUMBER("watchdog_thresh", thresh_s);		unsigned long
 *	BOOT_PARAM_FLAG("softlockup_panic", panic_on_soft);	bool, true if it is given
 *
 * What no file knows goes to init, as Linux does it: `name=value` to its environment, a plain word
 * to its arguments, and all after `--` to its arguments.
 */
#ifndef OSHIT_BOOT_PARAM_H
#define OSHIT_BOOT_PARAM_H

#include <oshit/types.h>

struct boot_param {
	const char *name; /* `-` and `_` in it are the same */
	/* @value is NULL without `=`, and stays valid for ever. 0, or -errno to have a warning
	 * printed.  Called once for each time that the parameter is given, in that order, early:
	 * only this CPU, no interrupts, no memory. */
	int (*parse)(const char *value);
	/* Without a function, one of these. */
	unsigned long *number;
	bool *flag;
};

#define BOOT_PARAM(text, fn)                                                             \
	static const struct boot_param __boot_param_##fn __used __section("boot_params") \
		__aligned(8) = { .name = text, .parse = fn }

#define __BOOT_PARAM_VARIABLE(text, kind, variable)                                            \
	static const struct boot_param __boot_param_##variable __used __section("boot_params") \
		__aligned(8) = { .name = text, .kind = &(variable) }
#define BOOT_PARAM_NUMBER(text, variable) __BOOT_PARAM_VARIABLE(text, number, variable)
#define BOOT_PARAM_FLAG(text, variable)	  __BOOT_PARAM_VARIABLE(text, flag, variable)

#define BOOT_MAX_INIT_STRINGS		  32

struct init_strings { /* written by boot_params_parse(), constant afterwards */
	const char
		*argv[BOOT_MAX_INIT_STRINGS + 1]; /* from argv[1] on; argv[0] is for the caller */
	const char *envp[BOOT_MAX_INIT_STRINGS + 1]; /* "name=value" */
	unsigned int nr_args; /* strings in argv, argv[0] counted */
	unsigned int nr_envs;
};

/* The linker's, around the section. */
extern const struct boot_param __start_boot_params[], __stop_boot_params[];

extern struct init_strings init_strings;

/* Runs the registered functions over a command line, and fills init_strings.  Once, at boot. */
void boot_params_parse(const char *cmdline);

#endif
