/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parameters of the command line.  The linker gathers the registered ones in the section
 * boot_params; their order means nothing.  The line is copied once and cut into strings in the
 * copy, so that parameters and init's strings may keep pointers into it.
 *
 * A bad value is a warning, never a reason not to boot.  A name with a dot is a module's
 * parameter in Linux: not known here, and not for init either.
 * Runs once, on the boot CPU, before interrupts and memory.
 */
#define pr_fmt(fmt) "params: " fmt

#include <linux/errno.h>

#include <oshit/boot_info.h>
#include <oshit/boot_param.h>
#include <oshit/cmdline.h>
#include <oshit/err.h>
#include <oshit/init.h>
#include <oshit/kstrtox.h>
#include <oshit/printk.h>
#include <oshit/string.h>

struct init_strings init_strings;

static char line_copy[BOOT_CMDLINE_SIZE];

static const struct boot_param *__init find_param(const char *name)
{
	const struct boot_param *param;

	for (param = __start_boot_params; param < __stop_boot_params; param++) {
		if (cmdline_name_equal(param->name, name))
			return param;
	}
	return NULL;
}

static void __init add_init_arg(const char *word)
{
	if (init_strings.nr_args < BOOT_MAX_INIT_STRINGS)
		init_strings.argv[init_strings.nr_args++] = word;
	else
		pr_warn("too many arguments for init, \"%s\" is lost\n", word);
}

/* The parameter as one string again.  If a quote stood before the value, it moves down. */
static const char *__init joined(const struct cmdline_param *given)
{
	char *equals = given->name + strlen(given->name);

	if (given->value) {
		memmove(equals + 1, given->value, strlen(given->value) + 1);
		*equals = '=';
	}
	return given->name;
}

static void __init add_init_env(const struct cmdline_param *given)
{
	if (init_strings.nr_envs >= BOOT_MAX_INIT_STRINGS) {
		pr_warn("too many variables for init, \"%s\" is lost\n", given->name);
		return;
	}
	init_strings.envp[init_strings.nr_envs++] = joined(given);
}

static void __init pass_to_init(const struct cmdline_param *given)
{
	if (strchr(given->name, '.'))
		pr_notice("unknown parameter %s\n", given->name);
	else if (given->value)
		add_init_env(given);
	else
		add_init_arg(given->name);
}

static int __init set_param(const struct boot_param *param, const char *value)
{
	if (param->parse)
		return param->parse(value);
	if (param->number)
		return value ? kstrtoul(value, 0, param->number) : -EINVAL;
	*param->flag = true;
	return 0;
}

static void __init parse_param(const struct cmdline_param *given)
{
	const struct boot_param *param = find_param(given->name);
	int err;

	if (!param) {
		pass_to_init(given);
		return;
	}
	err = set_param(param, given->value);
	if (err)
		pr_warn("bad value for %s: \"%s\" (%pe)\n", given->name,
			given->value ? given->value : "", ERR_PTR(err));
}

void __init boot_params_parse(const char *cmdline)
{
	struct cmdline_param given;
	bool for_init = false;
	char *pos = line_copy;

	if (strscpy(line_copy, cmdline, sizeof(line_copy)) == -E2BIG)
		pr_warn("command line longer than %zu bytes, cut\n", sizeof(line_copy) - 1);
	init_strings.nr_args = 1;
	while (cmdline_next(&pos, &given)) {
		if (for_init)
			add_init_arg(joined(&given));
		else if (cmdline_is_separator(&given))
			for_init = true;
		else
			parse_param(&given);
	}
}
