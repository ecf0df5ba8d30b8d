# SPDX-License-Identifier: GPL-2.0-only
# Programs of Debian, dynamic ones, linked with glibc: other shells, coreutils, Lua, SQLite and
# lsof. As in busybox.sh, no line of output tells of a machine.

status() { echo "status $?"; }

echo "== dash"
cat > shell.sh <<'END'
i=0; while [ $i -lt 50 ]; do i=$((i + 1)); (exit $((i % 7))); t=$((${t:-0} + $?)); done; echo $i $t
trap 'echo caught' USR1; kill -USR1 $$; echo after
sleep 0.1 & wait $!; echo "waited $?"
echo one two three | while read a b; do echo "$b $a"; done
cat <<X | tr a-z A-Z
a document with $((6 * 7))
X
f() { echo "$# $2"; }; f a "b c"
echo abc | { read x; echo "<$x>"; } ; false || echo or; exit 3
END
dash shell.sh; status
dash -c 'kill -TERM $$'; status

echo "== bash"
bash shell.sh; status
bash -c 'a=(one two three); echo ${#a[@]} ${a[-1]}; declare -A m=([k]=v [x]=y); echo ${m[k]}${m[x]}'
bash -c 'for ((i = 0; i < 3; i++)); do printf "%d " $((i ** 3)); done; echo; [[ abc =~ a(.)c ]] && echo ${BASH_REMATCH[1]}'
bash -c 'set -o pipefail; false | true; echo $?; echo ${PIPESTATUS[@]}; x=hello; echo ${x^^} ${x:1:3} ${x/l/L} {a..e} {1..10..3}'
bash -c 'coproc cat; echo through >&${COPROC[1]}; read -u ${COPROC[0]} line; echo $line'
bash -c 'trap "echo usr1" USR1; trap "echo exit" EXIT; (sleep 0.1; kill -USR1 $$) & wait; wait; read -t 0.1 < <(sleep 1); echo $?'
bash -c 'for i in 1 2 3 4; do (sleep 0.$i; exit $i) & done; wait -n; echo $?; wait; echo ${#}; printf -v v %05d 42; echo $v'
bash -c 'mapfile -t lines < <(seq 5); echo ${lines[@]}; exec 7<<<"here string"; cat <&7; time true' 2>/dev/null
bash -c 'ulimit -n 100; ulimit -n; umask 077; umask; kill -l 9; echo $((RANDOM >= 0)) $BASH_SUBSHELL; (echo $BASH_SUBSHELL)'
bash -c 'set -m; sleep 5 & kill %1; wait %1; echo $?' 2>/dev/null
bash -c 'sleep 5 & kill -STOP $!; sleep 0.1; jobs | wc -l; kill -CONT $!; kill $!; wait $! 2>/dev/null; echo $?'

echo "== coreutils"
mkdir -p d/e; echo text > d/f; ln d/f d/g; ln -s f d/s; mkfifo d/p
ls -1F d; ls -la d | awk '{ print $1, $2 }' | tail -n +4; stat -c '%n %a %h %F' d/f d/s d
cp -a d copy; ls -1F copy; cp --reflink=auto --sparse=always d/f new; cat new; mv new other; cat other
rm -r copy; ls copy; status; du -a --apparent-size d/e >/dev/null; status
touch -d 2020-01-02T03:04:05Z d/f; TZ=UTC stat -c %y d/f; TZ=UTC ls --full-time d/f | awk '{ print $6, $7 }'; date -u -r d/g +%s
chmod -v 600 d/f | cut -c1-10; install -m 755 d/f installed; stat -c %a installed; truncate -s 1M big; stat -c %s big
seq 200000 > n; sort -R n | sort -n | cmp - n; status; sort --parallel=4 -r n | head -n 2; split -n 4 n part; cat part?? | cmp - n; status
sha256sum n; b2sum n; md5sum n; cksum n; sum n; wc n; tac n | head -n 1; shuf n | wc -l; factor 600851475143
dd if=n of=m bs=64K status=none; cmp n m; status; dd if=n bs=1 skip=10 count=5 status=none | od -c; head -c -100 n | wc -c; tail -c 10 n
comm -12 n m | wc -l; join -j 1 n m | tail -n 1; paste -d: n m | sed -n 3p; nl n | tail -n 1; fmt -w 20 <<END
some words that are to be filled into lines of twenty columns
END
env printf '%s %q %05.1f\n' a 'b c' 3.14159; expr 6 \* 7; numfmt --to=iec 1048576; basenc --base32 d/f; base64 d/f; tsort <<END
a b
b c
END
nice -n 3 nice; nohup true 2>/dev/null; status; timeout 0.1 sleep 5; status; timeout -s INT --preserve-status 0.1 sleep 5; status
env -i X=1 env; printenv HOME >/dev/null; status; id -u >/dev/null; status; test -p d/p; status; tee a b < d/f > c; cat a b c
csplit -s n 100 && wc -l xx00; realpath --relative-to=d d/e/../f; readlink d/s; mktemp -u >/dev/null; status; pathchk a; status; unlink c; [ -e c ]; status
sync n; status; tail ---disable-inotify -n 1 -f n & sleep 0.3; kill $!; wait $! 2>/dev/null; nproc >/dev/null; status; mkfifo q; (cat q &); echo fifo > q; sleep 0.1

echo "== lua"
lua5.4 -e 'print(_VERSION, 2^53, 7 // 2, 1 << 40)'
cat > test.lua <<'END'
local t = {}
for i = 1, 200000 do t[i] = (i * 7919) % 200003 end
table.sort(t)
print(#t, t[1], t[#t])
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
print(co(), co(), co())
local s = string.rep("abc", 1000):gsub("b", "xyz")
print(#s, s:sub(1, 10), ("%5.2f|%-5s|%x"):format(3.14159, "a", 255))
local f = assert(io.open("file", "w")); f:write("one\n", "two\n"); f:close()
for line in io.lines("file") do io.write("<", line, ">") end print()
print(pcall(error, "thrown")); print(select(2, pcall(function() local x = nil; return x.y end)))
local p = io.popen("echo from a pipe; exit 3"); print(p:read("a")); print(p:close())
print(os.execute("exit 4")); print(os.rename("file", "moved"), os.remove("moved"), os.remove("none"))
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end print(fib(22))
collectgarbage(); print(collectgarbage("count") < 20000, os.time{year=2000, month=1, day=1, hour=12} > 0)
print(io.open("/nowhere/file")); os.exit(5)
END
lua5.4 test.lua; status

echo "== sqlite"
sqlite3 base.db <<'END'
PRAGMA journal_mode = DELETE;
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, value REAL);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, 'name ' || (i * 7919 % 5000), i / 3.0 FROM n;
COMMIT;
CREATE INDEX by_name ON t (name);
SELECT count(*), sum(id), round(avg(value), 3), min(name), max(name) FROM t;
SELECT id, name FROM t WHERE name LIKE 'name 12%' ORDER BY name, id LIMIT 5;
UPDATE t SET value = -value WHERE id % 2; DELETE FROM t WHERE id > 4000;
SELECT count(*), round(sum(value), 3) FROM t;
BEGIN; DELETE FROM t; ROLLBACK; SELECT count(*) FROM t;
VACUUM; PRAGMA integrity_check;
END
status
sqlite3 base.db 'SELECT name FROM t WHERE id = 77'; sqlite3 base.db 'SELECT * FROM none' 2>&1 | head -n 1
sqlite3 base.db 'PRAGMA journal_mode = WAL' 'INSERT INTO t VALUES (9999, "x", 1)' 'SELECT count(*) FROM t' 'PRAGMA wal_checkpoint(TRUNCATE)'
(sqlite3 base.db 'BEGIN IMMEDIATE' '.shell sleep 0.5' 'INSERT INTO t VALUES (10000, "y", 2)' COMMIT) & sleep 0.2
sqlite3 base.db 'PRAGMA busy_timeout = 5000' 'INSERT INTO t VALUES (10001, "z", 3)' 'SELECT count(*) FROM t'; wait; status
sqlite3 :memory: "SELECT json_extract('{\"a\":[1,2,{\"b\":3}]}', '\$.a[2].b'), hex(randomblob(4)) <> '', strftime('%Y', 0, 'unixepoch')"
echo "== lsof"
echo content >open.txt; mkfifo fifo
cat >lsof.sh <<'END'
exec 5<open.txt 6>>log.txt 7<>fifo 8</dev/null
list() { lsof -w -n -P -a -p $$ "$@" | sed -e "s|$PWD|.|" -e 's/^p[0-9]*/pPID/'; }
list -d 5-8 -F ftaln
list -d cwd -F ftn; list -d txt -F ft; list -d 0 -F ftn </dev/null
lsof -w -t open.txt | grep -c -x $$
END
dash lsof.sh; status
lsof -w open.txt; status

echo "== end"
