# SPDX-License-Identifier: GPL-2.0-only
# What a shell and its tools do on any Linux: `script` in boot.cfg. Every line of output must be the
# same there and here, so none tells of a process id, a date or a machine.

echo "== the shell itself"
n=0
while [ $n -lt 5 ]; do n=$((n + 1)); printf '%d ' $((n * n)); done
echo
fact() { [ "$1" -le 1 ] && echo 1 || echo $(($1 * $(fact $(($1 - 1))))); }
fact 10
case "$(uname -m)" in x86_64) echo 64 bits;; *) echo other;; esac
(exit 7); echo "status $?"
false || echo "false is false"
set -- one "two words" three; for a; do echo "<$a>"; done; shift; echo $#
text="a long sentence"; echo "${text#a }" "${text%% *}" "${#text}" "${none:-default}"
cat <<END
here $((6 * 7)) is a document
END
trap 'echo bye from the subshell' EXIT; (trap 'echo inner' EXIT; true); trap - EXIT

echo "== files"
umask 022
mkdir -p tree/a/b tree/c && cd tree
echo hello > a/file; echo more >> a/file; : > empty
cp a/file c/copy; mv c/copy c/moved; ln c/moved c/link; ln -s ../a/file c/symbolic
readlink c/symbolic; cat c/symbolic c/link
chmod 640 a/file; stat -c '%n %a %s %h %F' a/file c/link empty c/symbolic
ls -1 a c; find . | sort
[ -L c/symbolic ] && [ -d a ] && [ ! -e nothing ] && [ -s a/file ] && [ ! -s empty ] && echo tests agree
cat nothing; rmdir a; cp nothing else; echo "status $?"
dd if=/dev/zero bs=1000 count=3 2>/dev/null | wc -c
truncate -s 100000 big; printf end >> big; tail -c 5 big | od -c; wc -c < big
touch -d '2001-02-03 04:05:06' old; stat -c %Y old
rm -r c; ls; cd ..

echo "== pipes and filters"
seq 1 1000 | awk '{ s += $1 } END { print s }'
seq 1 20 | sed -n '/[37]$/s/^/x/p' | tr '\n' ' '; echo
printf 'b 2\na 10\nc 1\na 9\n' | sort | uniq -c -w 1 2>/dev/null || true
printf 'b 2\na 10\nc 1\na 9\n' | sort -k2n | cut -d' ' -f1 | tr -d '\n'; echo
seq 1 5 | tee copy | paste -s -d+ - | bc 2>/dev/null || echo no bc
cat copy | xargs echo | rev
echo "Hello, World" | tr a-zA-Z n-za-mN-ZA-M | md5sum
seq 1 50000 | sha256sum
seq 1 50000 | gzip -c | gunzip -c | md5sum
yes | head -n 3
diff copy - <<END
1
2
two and a half
3
4
5
END
tar -cf - tree | tar -tf - | sort
echo tree/a/file | cpio -o -H newc 2>/dev/null | cpio -it 2>/dev/null
expr 7 \* 6; expr abc : 'a\(.*\)'; basename /a/b.c .c; dirname /a/b.c
printf '%s|%5d|%-5s|%x\n' text 42 left 255
grep -c . copy; grep -n 3 copy; grep -q 9 copy; echo "status $?"

echo "== processes"
sleep 0.1 & wait $!; echo "status $?"
(kill -TERM $(exec sh -c 'echo $PPID'); echo not reached); echo "status $?"
for i in 1 2 3 4 5 6 7 8; do (echo $i > part$i) & done; wait; cat part?
sh -c 'trap "echo caught; exit 3" USR1; kill -USR1 $$; echo not reached'; echo "status $?"
timeout 0.2 sleep 5; echo "status $?"
i=0; while [ $i -lt 30 ]; do i=$((i + 1)); true | cat; done; echo "$i pipes"
env -i A=b env
ulimit -n 64; ulimit -n
id -u | grep -q '^[0-9]*$' && echo a number
