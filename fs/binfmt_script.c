/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scripts: files that begin with "#!" and the path of their interpreter, perhaps followed by one
 * argument, which is the rest of the line.  The interpreter is run with that argument, the path of
 * the script, and the script's own arguments without the first.
 *
 * A line that does not end within the head of the file is cut there; a path that is cut is refused.
 */
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/exec.h>
#include <oshit/fs.h>
#include <oshit/mm.h>
#include <oshit/string.h>

struct script_line {
	char text[EXEC_HEAD_SIZE]; /* words of the line, each with a 0 behind it */
	char *path, *arg; /* into @text; no argument: NULL */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* False: no line that could be used. */
static bool parse_line(struct script_line *line, const u8 *head)
{
	char *pos = line->text, *end;

	memcpy(line->text, head + 2, EXEC_HEAD_SIZE - 2);
	line->text[EXEC_HEAD_SIZE - 2] = 0;
	end = strchr(pos, '\n');
	while (is_blank(*pos))
		pos++;
	line->path = pos;
	while (*pos && *pos != '\n' && !is_blank(*pos))
		pos++;
	/* Cut by the end of the head, not by the end of the file: the rest is not known. */
	if (pos == line->text + EXEC_HEAD_SIZE - 2 || pos == line->path)
		return false;
	if (!end)
		end = line->text + strlen(line->text);
	while (end > pos && is_blank(end[-1]))
		end--;
	*end = 0;
	line->arg = NULL;
	if (pos == end)
		return true;
	*pos++ = 0;
	while (is_blank(*pos))
		pos++;
	line->arg = *pos ? pos : NULL;
	return true;
}

int load_script(struct exec *exec)
{
	struct script_line line;
	struct file *file;
	int err;

	if (exec->head[0] != '#' || exec->head[1] != '!')
		return -ENOEXEC;
	if (!parse_line(&line, exec->head))
		return -ENOEXEC;
	err = exec_drop_first_arg(exec) ?: exec_push_string(exec, exec->interp_path);
	if (!err && line.arg)
		err = exec_push_string(exec, line.arg);
	err = err ?: exec_push_string(exec, line.path);
	if (err)
		return err;
	exec->argc += line.arg ? 3 : 2;
	exec->mm->arg_start = exec->pos;
	file = open_exec(line.path);
	if (IS_ERR(file))
		return PTR_ERR(file);
	return exec_set_interp(exec, file, line.path) ?: -EAGAIN;
}
