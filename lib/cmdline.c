/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line's grammar.  A parameter goes up to white space outside of quotes; the first `=`
 * that is not its first character ends the name.  Quotes vanish where they surround the value
 * or the whole parameter (name="a b", "name=a b") and stay elsewhere, as in Linux.  An
 * unterminated quote reaches to the end of the line.  The text is cut in place.
 *
 * Any context; no state.
 */
#include <oshit/cmdline.h>
#include <oshit/ctype.h>
#include <oshit/string.h>

/* Length of the parameter at the start of @s, and where its `=` is (0: none). */
static size_t param_len(const char *s, bool in_quote, size_t *equals)
{
	size_t i;

	*equals = 0;
	for (i = 0; s[i] && (in_quote || !isspace((u8)s[i])); i++) {
		if (s[i] == '=' && !*equals)
			*equals = i;
		if (s[i] == '"')
			in_quote = !in_quote;
	}
	return i;
}

bool cmdline_next(char **line, struct cmdline_param *param)
{
	char *s = skip_spaces(*line);
	bool quoted = *s == '"';
	size_t len, equals;
	char *end;

	if (!*s)
		return false;
	s += quoted;
	len = param_len(s, quoted, &equals);
	end = s + len;
	*line = *end ? end + 1 : end;
	*end = '\0';

	param->name = s;
	param->value = NULL;
	if (equals) {
		s[equals] = '\0';
		param->value = s + equals + 1;
		if (*param->value == '"') {
			param->value++;
			quoted = true;
		}
	}
	if (quoted && len && end[-1] == '"')
		end[-1] = '\0';
	return true;
}

bool cmdline_is_separator(const struct cmdline_param *param)
{
	return !param->value && !strcmp(param->name, "--");
}

static char fold_dash(char c)
{
	return c == '-' ? '_' : c;
}

bool cmdline_name_equal(const char *a, const char *b)
{
	while (*a && fold_dash(*a) == fold_dash(*b)) {
		a++;
		b++;
	}
	return fold_dash(*a) == fold_dash(*b);
}
