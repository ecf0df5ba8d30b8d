# SPDX-License-Identifier: GPL-2.0-only
# What ps, top, free, uptime, mount and df tell of a machine, held against what is known of it: it
# mounts, and nothing else may run. The answers are in tools.txt. BusyBox has lsof in other builds
# than Debian's: what it does is here in the shell.

cpus=$(nproc)

# NAME LOW HIGH VALUE: the value is in the range, or it is told.
between() {
	awk -v name="$1" -v low="$2" -v high="$3" -v value="$4" 'BEGIN {
		value += 0 # 5%
		if (value >= low && value <= high) print name ": as it should be"
		else print name ": " value ", not " low " to " high }'
}

echo "== ps"
/bin/sleep 1000 & sleeper=$!
/bin/yes >/dev/null & burner=$!
sleep 1
ps -o pid,ppid,stat,user,args >/tmp/ps
awk -v p=$sleeper -v s=$$ '$1 == p {print $2 == s, $3, $4, $5, $6}' /tmp/ps
awk -v p=$burner -v s=$$ '$1 == p {print $2 == s, $3, $4, $5, $6}' /tmp/ps
awk '$1 == 1 {print $2, $4, $5, $6, $7}' /tmp/ps
between "threads of each CPU" "$cpus" "$cpus" "$(grep -c '{kbuddyd/\|\[kbuddyd/' /tmp/ps)"
between "processes" "$(($(ls /proc | grep -c '^[0-9]') - 3))" 1000 "$(($(wc -l </tmp/ps) - 1))"
kill -STOP $sleeper
while ! ps -o pid,stat | grep -q "^ *$sleeper T"; do :; done
echo stopped
kill -CONT $sleeper

echo "== top"
top -b -n 2 -d 2 >/tmp/top
awk '/^CPU:/ {n++} n == 2' /tmp/top >/tmp/second
between "share of what computes" $((70 / cpus)) $((100 / cpus + 2)) \
	"$(awk -v p=$burner '$1 == p {print $7}' /tmp/second)"
between "share of what sleeps" 0 0 "$(awk -v p=$sleeper '$1 == p {print $7}' /tmp/second)"
between "idle" $((100 - 100 / cpus - 3)) $((100 - 70 / cpus)) \
	"$(awk '/^CPU:/ {for (i = 1; i < NF; i++) if ($(i + 1) == "idle") print $i + 0}' /tmp/second)"
awk -v p=$burner '$1 == p {print $4}' /tmp/second
kill $burner $sleeper

echo "== free"
free -k >/tmp/free
awk '/^Mem:/ {print "sum", $2 - $3 - $4 - $6, ($7 <= $2), ($7 >= $4 * 9 / 10)}' /tmp/free
between "memory" 480000 524288 "$(awk '/^Mem:/ {print $2}' /tmp/free)"
awk '/^Swap:/ {print "swap", $2, $3, $4}' /tmp/free
mkdir /tmp/big
mount -t tmpfs -o size=64m big /tmp/big
before=$(free -k | awk '/^Mem:/ {print $6}')
free_before=$(free -k | awk '/^Mem:/ {print $4}')
dd if=/dev/zero of=/tmp/big/file bs=1024k count=40 2>/dev/null
between "40 MiB of files" 40960 41500 $(($(free -k | awk '/^Mem:/ {print $6}') - before))
# What other programs had, and have, varies.
between "gone from what is free" 40000 43000 $((free_before - $(free -k | awk '/^Mem:/ {print $4}')))
rm /tmp/big/file
between "and given back" -500 500 $(($(free -k | awk '/^Mem:/ {print $6}') - before))

echo "== uptime"
before=$(cut -d. -f1 /proc/uptime)
minutes=$(uptime | sed 's/.* up \([0-9]*\) min.*/\1/')
between "minutes" $((before / 60)) $(($(cut -d. -f1 /proc/uptime) / 60)) "$minutes"
between "load" 0 2 "$(uptime | sed 's/.*average: //; s/,.*//')"
uptime | sed 's/[0-9]/9/g; s/up *9* min/up 9 min/'
date +%H:%M >/tmp/before
uptime | cut -c 2-6 >/tmp/between
date +%H:%M >/tmp/after
[ "$(cat /tmp/before)" = "$(cat /tmp/between)" -o "$(cat /tmp/after)" = "$(cat /tmp/between)" ] && echo "the time"

echo "== mount"
mkdir /tmp/small /tmp/second_place
mount -t tmpfs -o size=1m,mode=700,nosuid,noexec mine /tmp/small
mount --bind /tmp/small /tmp/second_place
mount -o remount,ro,bind /tmp/second_place
mount | grep '/tmp/s'
between "lines" "$(wc -l </proc/mounts)" "$(wc -l </proc/mounts)" "$(mount | wc -l)"
echo echo runs >/tmp/small/copy; chmod 755 /tmp/small/copy; /tmp/small/copy; sh /tmp/small/copy
touch /tmp/second_place/x
umount /tmp/second_place
mount | grep -c '/tmp/s'

echo "== df"
rm -f /tmp/small/copy
dd if=/dev/zero of=/tmp/small/f bs=1k count=500 2>/dev/null
df -k /tmp/small
df -h /tmp/small | tail -n 1
dd if=/dev/zero of=/tmp/small/g bs=1k count=600 2>&1 | head -n 1
df -k | awk '$1 == "mine" {print $3, $4, $5}'
rm /tmp/small/g
df -k | awk '$1 == "mine" {print $3, $4, $5}'
df -i /tmp/small | awk 'NR == 2 {print $3}'

# PID, program and file of all that is open.
lsof() {
	for fd in /proc/[0-9]*/fd/*; do
		pid=${fd#/proc/}; pid=${pid%%/*}
		file=$(readlink "$fd") && echo "$pid $(readlink "/proc/$pid/exe") $file"
	done
}

echo "== lsof"
exec 7>/tmp/small/open
lsof | awk -v p=$$ '$1 == p && $3 == "/tmp/small/open" {print $2}'
umount /tmp/small
rm /tmp/small/open
lsof | awk -v p=$$ '$1 == p && $3 ~ "/tmp/small/open" {print $3, $4}'
exec 7>&-
lsof | grep -c /tmp/small
umount /tmp/small && mount | grep -c /tmp/small
/bin/sleep 1000 <>/dev/full | /bin/cat >/dev/zero &
sleep 1
lsof | awk '$2 ~ "busybox" && $3 ~ "^pipe:" {n[$3]++} END {for (i in n) if (n[i] == 2) k++; print "shared pipes", (k >= 1)}'
lsof | grep -c '/dev/full$'
lsof | grep -c '/dev/zero$'
kill $! $(ps -o pid,args | awk '$2 == "/bin/sleep" {print $1}')
