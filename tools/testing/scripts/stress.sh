# SPDX-License-Identifier: GPL-2.0-only
# stress-ng, which verifies what it stresses and fails if it is wrong, and hackbench. How fast they
# are is not told.

stress() { stress-ng --temp-path . --timeout 3 --verify "$@" >log 2>&1 && echo "$*: passed" || { echo "$*: failed, $?"; cat log; }; }

stress --cpu 2
stress --fork 2
stress --pipe 2
stress --poll 2
stress --signal 2
stress --mmap 2 --mmap-bytes 16M
stress --vm 2 --vm-bytes 32M
stress --futex 2
stress --context 2
stress --sockpair 2
stress --sockfd 2
stress --epoll 2 --epoll-domain unix
hackbench -p -g 2 -f 5 -l 100 >log 2>&1 && echo "hackbench of processes: passed" || cat log
hackbench -p -T -g 2 -f 5 -l 100 >log 2>&1 && echo "hackbench of threads: passed" || cat log
hackbench -g 2 -f 5 -l 100 >log 2>&1 && echo "hackbench of processes and sockets: passed" || cat log
hackbench -T -g 2 -f 5 -l 100 >log 2>&1 && echo "hackbench of threads and sockets: passed" || cat log
