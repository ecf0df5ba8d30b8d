# SPDX-License-Identifier: GPL-2.0-only
# What a shell and its tools do on any Linux: `script` in boot.cfg. Every line of output must be the
# same there and here, so none tells of a process id, a date or a machine.

status() { echo "status $?"; }

echo "== the shell itself"
n=0
while [ $n -lt 5 ]; do n=$((n + 1)); printf '%d ' $((n * n)); done
echo
fact() { [ "$1" -le 1 ] && echo 1 || echo $(($1 * $(fact $(($1 - 1))))); }
fact 10
case "$(uname -m)" in x86_64) echo 64 bits;; *) echo other;; esac
(exit 7); status
false || echo "false is false"
set -- one "two words" three; for a; do echo "<$a>"; done; shift; echo $#
text="a long sentence"; echo "${text#a }" "${text%% *}" "${#text}" "${none:-default}"
cat <<END
here $((6 * 7)) is a document
END
cat <<'END'
and here $((6 * 7)) is not
END
trap 'echo bye from the subshell' EXIT; (trap 'echo inner' EXIT; true); trap - EXIT
until [ $n -eq 0 ]; do n=$((n - 1)); [ $n -eq 3 ] && continue; [ $n -eq 1 ] && break; done; echo "n $n"
echo $((0x1f + 010 - 2)) $((7 / 2)) $((-7 % 3)) $((1 << 20)) $((5 > 3 ? 1 : 2))
value=3; value=$((value += 4)); echo "$value"
echo a{b,c}d "$(echo nested "$(echo twice)")" `echo old style`
eval 'indirect=$text'; echo "$indirect"
unset indirect; echo "${indirect-unset}" "${indirect:+set}"
(echo "${indirect:?is not set}") 2>/dev/null; status
readonly fixed=1; (fixed=2) 2>/dev/null; status
IFS=:; for part in a:b:c; do echo "$part"; done; set -- $(echo x:y:z); unset IFS; echo "$#" "$2"
f() { local inside=1; return $((inside + 4)); }; f; status
test 5 -gt 3 -a abc != abd; status
[ -z "" ] && [ -n x ] && echo strings
read first rest <<END
one two three
END
echo "$first, $rest"
printf '%s\n' 'a\b' | { read -r raw; echo "$raw"; }
alias greet='echo hello'; type cd; command -v true >/dev/null; status
set -f; echo *; set +f
set -e; (set +e; false; echo still here); set +e
set -u; (: "$nothing") 2>/dev/null; status; set +u
getopts ab: option -b value; echo "$option $OPTARG"
exec 3>third; echo to three >&3; exec 3>&-; cat third
{ echo out; echo err >&2; } 2>&1 >/dev/null
{ echo 1; echo 2; } > grouped; cat < grouped
echo over > grouped; echo more >> grouped; cat grouped
set -C; (echo no > grouped) 2>/dev/null; status; echo yes >| grouped; set +C; cat grouped
sh -c 'echo $0 $1 $#' zero one two
echo 'echo sourced $1' > lib.sh; . ./lib.sh; sh lib.sh argument
nothing-like-this 2>/dev/null; status
./lib.sh 2>/dev/null; status
/ 2>/dev/null; status
printf '#!/bin/sh\nexit 9\n' > nine; chmod +x nine; [ -x nine ]; status
umask; umask 027; umask -S; umask 022

echo "== files"
mkdir -p tree/a/b tree/c && cd tree
echo hello > a/file; echo more >> a/file; : > empty
cp a/file c/copy; mv c/copy c/moved; ln c/moved c/link; ln -s ../a/file c/symbolic
readlink c/symbolic; cat c/symbolic c/link
chmod 640 a/file; stat -c '%n %a %s %h %F' a/file c/link empty c/symbolic
ls -1 a c; find . | sort
[ -L c/symbolic ] && [ -d a ] && [ ! -e nothing ] && [ -s a/file ] && [ ! -s empty ] && echo tests agree
cat nothing; rmdir a; cp nothing else; status
dd if=/dev/zero bs=1000 count=3 2>/dev/null | wc -c
truncate -s 100000 big; printf end >> big; tail -c 5 big | od -c; wc -c < big
touch -d '2001-02-03 04:05:06' old; TZ=UTC stat -c '%Y %y' old
touch -r old same; [ old -nt same ] || [ same -nt old ] || echo same age
[ big -nt old ]; status
ls -l old | cut -c1-10; ls -ld c | cut -c1-10; ls -F | sort; ls -A a
chmod u+s,g-w,o=x big; stat -c %a big; chmod -R go-rwx c; stat -c %a c c/moved
mkdir sticky; chmod 1777 sticky; ls -ld sticky | cut -c1-10
mkfifo fifo; ls -l fifo | cut -c1-10; (echo through the fifo > fifo &) ; cat fifo
mkdir a/b 2>/dev/null; status; mkdir -p a/b; status
rmdir a/b; status; ln a/file a/file 2>/dev/null; status
ln -s loop loop; cat loop; status
ln -sf ../tree/a there; ls there/; readlink -f there/file | sed 's/.*tree/tree/'
cd there && pwd | sed 's/.*tree/tree/' && pwd -P | sed 's/.*tree/tree/' && cd ..
mv a/file renamed; mv renamed a/file; ls a
cp -r a copied; cp -a c kept; stat -c '%N %h' kept/symbolic kept/link
cmp a/file copied/file; status; cmp a/file empty; status
echo x > 'a name with spaces'; echo y > ./-dash; cat 'a name with spaces' -- -dash; rm -- -dash 'a name with spaces'
touch x1 x2 x3 x10; echo x? x[12] x*; echo [!a-eg-z]*
find . -name 'x*' -type f | sort; find . -type l | sort; find . -size +50k
find . -name 'x?' -exec echo found {} \; | sort; find a -print0 | xargs -0 -n1 echo | sort
find . -newer old -type d | sort; find . -perm 1777; find . -empty | sort; find . -maxdepth 1 -links +1 -type d | sort
rm x1 x2 x3 x10; rm nothing 2>/dev/null; status; rm -f nothing; status
dd if=/dev/zero of=blocks bs=512 count=8 2>/dev/null; dd if=a/file of=blocks bs=1 seek=1000 conv=notrunc 2>/dev/null
dd if=blocks bs=1 skip=1000 count=5 2>/dev/null; echo; wc -c < blocks; md5sum < blocks
dd if=/dev/zero of=sparse bs=1 count=1 seek=1000000 2>/dev/null; stat -c '%s' sparse; du -k sparse | cut -f1
mktemp -d tmp.XXXXXX | wc -c; rm -r tmp.*
head -c 100 /dev/zero | tr '\0' x; echo; head -c 10 /dev/null | wc -c
basename "$(pwd)"; dirname a/b/c; realpath a/../c | sed 's/.*tree/tree/'
sync; fallocate -l 5000 room; stat -c %s room; unlink room; [ -e room ]; status
rm -r c sticky copied kept fifo; ls; cd ..

echo "== pipes and filters"
seq 1 1000 | awk '{ s += $1 } END { print s }'
seq 1 20 | sed -n '/[37]$/s/^/x/p' | tr '\n' ' '; echo
printf 'b 2\na 10\nc 1\na 9\n' | sort | uniq -c -w 1 2>/dev/null || true
printf 'b 2\na 10\nc 1\na 9\n' | sort -k2n | cut -d' ' -f1 | tr -d '\n'; echo
seq 1 5 | tee copy | paste -s -d+ - | bc
cat copy | xargs echo | rev
echo "Hello, World" | tr a-zA-Z n-za-mN-ZA-M | md5sum
seq 1 50000 | sha256sum; seq 1 1000 | sha1sum; seq 1 1000 | sha512sum; seq 1 1000 | sha3sum
seq 1 50000 | gzip -c | gunzip -c | md5sum
seq 1 50000 | bzip2 -c | bunzip2 -c | md5sum
seq 1 5000 | lzop -c 2>/dev/null | lzop -dc 2>/dev/null | md5sum
yes | head -n 3
diff copy - <<END
1
2
two and a half
3
4
5
END
diff -q copy tree/a/file; status
tar -cf - tree | tar -tf - | sort
tar -czf tree.tgz tree; mkdir out; tar -xzf tree.tgz -C out; diff -r tree out/tree; status
find tree | sort | cpio -o -H newc 2>/dev/null > tree.cpio; (cd out && rm -r tree && cpio -id 2>/dev/null < ../tree.cpio && find tree | sort)
echo tree/a/file | cpio -o -H newc 2>/dev/null | cpio -it 2>/dev/null
expr 7 \* 6; expr abc : 'a\(.*\)'; basename /a/b.c .c; dirname /a/b.c
printf '%s|%5d|%-5s|%x\n' text 42 left 255
grep -c . copy; grep -n 3 copy; grep -q 9 copy; status
awk 'BEGIN { x = 12345; while (i++ < 100000) { x = (x * 16807) % 2147483647; print x } }' > numbers
wc numbers; sort numbers | md5sum; sort -n numbers | head -n 3; sort -rn -u numbers | sed -n '1p;$p'
sort -n numbers > sorted; sort -nc sorted; status; sort -nm sorted sorted | wc -l
head -n 30000 numbers > part.a; tail -n +30001 numbers > part.b; cat part.? | cmp - numbers; status; rm part.*
head -n 2 numbers; tail -n 2 numbers; tail -n +99999 numbers; sed -n '5p;50000q' numbers; tac numbers | head -n 1
awk '{ n[$1 % 10]++ } END { for (i = 0; i < 10; i++) printf "%d ", n[i]; print "" }' numbers
awk -F: -v OFS=- '{ $1 = $1; print NF, $0 }' <<END
a:b:c
d:e
END
awk 'BEGIN { printf "%.3f %s %d\n", 22 / 7, toupper("abc") substr("hello", 2, 3), length("four") }'
awk 'BEGIN { "echo from a command" | getline line; print line; print "sorted" | "sort"; close("sort"); print 2 * 10 }'
sed -e 's/\([a-z]*\) \([a-z]*\)/\2 \1/' -e '2d' -e '$a last' <<END
hello world
gone
three four
END
sed -i 's/1/one/' copy; cat copy; sed '/^2$/,/^4$/!d' copy; sed y/abc/xyz/ grouped
echo one two three | cut -d' ' -f2-; echo abcdef | cut -c2-4; printf 'a\tb\n' | expand -t4; echo '    x' | unexpand -a | od -c
printf 'a\nb\n' > l; printf '1\n2\n' > r; paste l r; paste -d, l r; nl l; fold -w 3 <<END
abcdefgh
END
printf 'x\nx\ny\n' | uniq -d; printf 'x\nx\ny\n' | uniq -u; printf 'x\nx\ny\n' | uniq -c
echo text | od -An -tx1; echo text | hexdump -C; echo text | xxd; echo 'text' | base64; echo dGV4dAo= | base64 -d
echo text | uuencode name | uudecode -o -; strings -n 3 /bin/sh | head -n 0; cal 2 2024; factor 1234567890
echo '3 4 + p' | dc; echo 'scale=5; 22/7' | bc; echo '2^100' | bc
printf 'one\r\ntwo\r\n' | dos2unix | od -c; printf 'b\na\n' | sort | tr a-z A-Z
seq 3 -1 1; seq -w 8 11; seq -s, 1 5; echo $(seq 1 3)
printf '%s\n' alpha beta gamma | grep -v beta; printf 'abc\n' | grep -o 'b.*'; echo 'a.b' | grep -F .; echo abc | grep -E 'x|b'
grep -rl hello tree 2>/dev/null | sort; grep -A1 -n 3 sorted | head -n 2; grep -w one copy
ed -s l <<END 2>/dev/null
1s/a/changed/
w
q
END
cat l; patch r <<END
--- r
+++ r
@@ -1,2 +1,2 @@
-1
+first
 2
END
cat r; shuf -i 1-10 | sort -n | tr '\n' ' '; echo; tr -dc 'a-z' < /dev/null | wc -c
dd if=numbers bs=4096 2>/dev/null | dd bs=100 2>/dev/null | md5sum; cat numbers numbers | wc -c
i=0; while [ $i -lt 30 ]; do i=$((i + 1)); true | cat; done; echo "$i pipes"
seq 1 100000 | head -n 1; status
cat numbers | cat | cat | cat | tail -n 1 | rev; cat < numbers | (read -r a; echo "$a")
wc -l numbers sorted | tail -n 1; echo "$(cat numbers | wc -c)"; md5sum numbers > sums; md5sum -c sums; crc32 sums 2>/dev/null

echo "== processes"
sleep 0.1 & wait $!; status
(kill -TERM $(exec sh -c 'echo $PPID'); echo not reached); status
for i in 1 2 3 4 5 6 7 8; do (echo $i > part$i) & done; wait; cat part?
sh -c 'trap "echo caught; exit 3" USR1; kill -USR1 $$; echo not reached'; status
timeout 0.2 sleep 5; status; timeout 5 true; status; timeout -s KILL 0.1 sleep 5; status
env -i A=b env; env -u HOME sh -c 'echo "${HOME-no home}"'
ulimit -n 64; ulimit -n; ulimit -c 0; ulimit -c; (ulimit -f 1; dd if=/dev/zero of=limited bs=1000 count=3 2>/dev/null); status; wc -c < limited
id -u | grep -q '^[0-9]*$' && echo a number
(sleep 5 & kill $!; wait $!) 2>/dev/null; status
(sleep 5 & kill -STOP $!; kill -CONT $!; kill -KILL $!; wait $!) 2>/dev/null; status
for s in HUP TERM USR1 USR2 ALRM PIPE KILL; do sh -c "kill -$s \$\$" 2>/dev/null; status; done
sh -c 'trap "" TERM; kill -TERM $$; echo ignored; sh -c "kill -TERM \$\$; echo inherited"'
sh -c 'trap "echo hup" HUP; trap "echo exit" EXIT; kill -HUP $$; kill -HUP $$; exit 4'; status
sh -c 'trap "echo term; kill \$child; exit" TERM; sleep 10 & child=$!; (sleep 0.1; kill $$) & wait'; status
sh -c 'sleep 0.3 & sleep 0.1 & wait -n 2>/dev/null; jobs | wc -l; wait; echo all'
(true & false & wait); status; sh -c 'exit 300'; status; sh -c 'kill -9 $$'; status
seq 1 20 | xargs -n 5 echo; seq 1 40 | xargs -P 4 -n 1 sh -c 'echo "job $1"' x | sort -k2n | tail -n 2; seq 1 3 | xargs -I{} echo '<{}>'
seq 1 40 | xargs -P 8 -n 1 sh -c 'seq 1 200 | md5sum' | sort | uniq -c | sed 's/^ *//'
nohup sh -c 'echo immune' 2>/dev/null; setsid sh -c 'echo own session'; usleep 1000; time -p true 2>&1 | cut -d' ' -f1
echo $$ > me; sh -c '[ $PPID = $(cat me) ]'; status; [ "$(sh -c 'echo $$')" != $$ ]; status
taskset -p $$ >/dev/null; status; nproc | grep -q '^[0-9]*$'; status
printf 'a\nb\nc\n' | while read -r line; do echo "line $line" | cat; done
a=$(sleep 0.1; echo late); echo "$a"; x=$(exit 5); status
mkfifo two; (cat two | sed 's/^/got /' > got &) ; echo message > two; sleep 0.3; cat got
(exec 5<>two; echo both ways >&5; read -r b <&5; echo "$b")
start=$(date +%s); sleep 1; end=$(date +%s); [ $((end - start)) -ge 1 ] && [ $((end - start)) -le 3 ] && echo a second
sh -c 'ulimit -v 20000; true' ; status; sh -c 'cd /nowhere' 2>/dev/null; status
chroot / /bin/busybox true; status
TZ=UTC date -u -d @86400 '+%Y-%m-%d %H:%M:%S'; TZ=UTC date -u -d '2020-02-29 12:00' +%s
hostname >/dev/null; status; uname -s >/dev/null; status; pwd | sed 's:.*/::'; echo "$PATH" | wc -w; which true >/dev/null; status
run-parts --test tree 2>/dev/null; tty; status; stty 2>/dev/null; status; logname 2>/dev/null; true
start=0; while [ $start -lt 100 ]; do start=$((start + 1)); (exit 0); done; echo "$start subshells"
start=0; while [ $start -lt 100 ]; do start=$((start + 1)); busybox true; done; echo "$start programs"
echo "== end"
