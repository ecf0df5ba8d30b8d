# SPDX-License-Identifier: GPL-2.0-only
#
# Makes compile_commands.json of the saved command lines (.x.o.cmd); -v folder= is where they ran.

function json(text)
{
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	return "\"" text "\""
}

BEGIN { printf "[" }

/^saved_/ {
	command = $0
	sub(/^saved_[^ ]* := /, "", command)
	gsub(/\$\$/, "$", command)
	printf "%s\n\t{ \"directory\": %s, \"file\": %s, \"command\": %s }", comma,
	       json(folder), json($NF), json(command)
	comma = ","
}

END { print "\n]" }
