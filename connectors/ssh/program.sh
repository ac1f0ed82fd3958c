#!/bin/sh
# The program that runs on a host: durable commands in POSIX sh (dash, bash, busybox ash). `script.ts` cuts it into the parts
# named by `#@` lines, takes out comments and sends what a verb needs, with the parameters in front:
#   wN nonce of this channel · wK key · L the login's LC_ALL (`-`: unset; given by the bootstrap)
# and per verb wT text, wR its bytes, wB script body, wP payload, wV begin|attach, wU since, wO wE offsets, wX wY send stdout,
# stderr (1|0), wI seconds of the lease, wG grace, wS shell, wC client's epoch. Values are checked against their alphabet or single-quoted by the client.
# One file, for the parts share their functions and are read together. Names begin with w, so that no exported variable of the login is touched. Why it is so: specs/durable-commands.md.
# shellcheck shell=dash disable=SC2034,SC2154,SC2086,SC2039,SC3043

#@ common
# 6 is the channel's stderr from here on: nothing that a shell itself says ("Terminated") may get into it.
exec 6>&2 2>/dev/null
set -f
cd "${HOME:-/}" || cd /
w_home=${HOME:-/nonexistent}/.cache/windlass
IFS= read -r w_boot </proc/sys/kernel/random/boot_id || w_boot=-
IFS= read -r w_host </proc/sys/kernel/hostname || w_host=$(uname -n) || w_host=-
# Only a shell whose printf is its own keeps texts out of `ps`; mksh has none.
w_umask=$(type printf; umask)
case $w_umask in *builtin*) ;; *) printf '\n%s fail no_builtin\n' "$wN" >&6; exit ;; esac
w_umask=0${w_umask##*[!0-7]}

say() { printf '\n%s %s\n' "$wN" "$*" >&6; }
# On both streams: what came before is noise of the login shell, what comes after the last word is none of ours.
say_both() { printf '\n%s %s\n' "$wN" "$*"; say "$@"; }

# State, group, session and start time of process $1. Its name may hold anything, even newlines: the last `) ` counts.
stat_of() {
  w_line=
  while IFS= read -r w_l; do w_line=$w_l; done <"/proc/$1/stat" || return 1
  [ -n "$w_line" ] || return 1
  set -- ${w_line##*) }
  w_ps=$1 w_pg=$3 w_pn=$4 w_pt=${20}
}

# Is the process of the claim there? A reused pid has another start time; zombies are dead.
alive() {
  [ "$w_start" = - ] && { kill -0 "$w_pid"; return; }
  stat_of "$w_pid" || return 1
  case $w_ps in Z | X | x) return 1 ;; esac
  [ "$w_pt" = "$w_start" ]
}

# 0: valid; 1: none; 2: empty or torn; 3: cancelled before it could start.
read_claim() {
  [ -e "$w_d/claim" ] || return 1
  w_line=
  IFS= read -r w_line <"$w_d/claim"
  set -- $w_line
  [ "$1" = canceled ] && return 3
  [ "$1" = v1 ] && [ $# -eq 6 ] || return 2
  case $2 in '' | *[!0-9]*) return 2 ;; esac
  w_pid=$2 w_start=$3 w_cboot=$4 w_chost=$5
}

# The padding begins with a newline, so a look costs one byte; the last `.` shows that the line is whole.
read_end() {
  w_end=
  IFS= read -r w_end <"$w_d/end"
  case $w_end in 'x '*' .') return 0 ;; esac
  return 1
}

ours() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]; }

# Looks in every base: a home that was read-only yesterday may be writable today.
find_marker() {
  set +f
  set -- "$w_home" /var/tmp/windlass-*
  set -f
  for w_b; do
    w_d=$w_b/$wK
    ours "$w_b" && ours "$w_d" && return 0
  done
  return 1
}

#@ make
# Makes base, folder and the padded `end`, reserved so that a full disk cannot lose an exit code. Else: w_why.
make_marker() {
  w_why=no_state_folder
  for w_b in "$w_home" var; do
    if [ "$w_b" = var ]; then
      w_b=/var/tmp/windlass-$(id -u)
      mkdir -m 700 "$w_b"
      ours "$w_b" && chmod 700 "$w_b" || continue
    elif [ ! -d "$w_b" ] && [ ! -L "$w_b" ]; then
      mkdir -p "$w_b"
    fi
    ours "$w_b" && [ -w "$w_b" ] || { no_space "$w_b" && return 1; continue; }
    w_d=$w_b/$wK
    mkdir "$w_d" || [ -d "$w_d" ] || { no_space "$w_d" && return 1; continue; }
    ours "$w_d" && return 0
  done
  return 1
}
no_space() {
  [ -e "$1" ] && return 1
  case $(mkdir -p "$1" 2>&1) in *o\ space*|*uota*) w_why=disk_full ;; *) return 1 ;; esac
}
# Appended, never written over: between our look and our write another starter's command may have begun and ended. Its line
# stands at the beginning whoever comes first, and two paddings do no harm.
reserve_end() { [ -s "$w_d/end" ] || printf '\n%127s' '' >>"$w_d/end"; }

#@ supervise
# Copies its input into segments of stream $1 (o or e) and reports the total. dd writes each read at once, and fewer records than
# asked for mean the end of the input. Where the disk is full the rest is drunk, so that the command goes on unharmed.
relay() {
  trap '' HUP
  w_n=0 w_at=0 w_size=0 w_ok=ok
  while :; do
    w_c=$(((8388608 - w_size) / 65536 + 1)) # so many records to a full segment; not too few, a dd each is dear
    [ $w_c -lt 16 ] && w_c=16
    w_r=$(exec dd bs=65536 count=$w_c 2>&1 >>"$w_d/$1$w_n")
    w_rc=$?
    # GNU dd may print a warning with a number before the counts: take the one before ` records in`.
    w_x=${w_r%% records in*}
    w_x=${w_x##*[!0-9+]}
    case $w_x in *[0-9]+[0-9]*) w_k=$((${w_x%+*} + ${w_x#*+})) ;; *) w_k=0 w_rc=1 ;; esac
    w_x=${w_r% byte*}
    w_x=${w_x##*[!0-9]}
    if [ -n "$w_x" ] && [ $w_rc -eq 0 ]; then w_size=$((w_size + w_x)); else w_size=$(size_of "$w_d/$1$w_n"); fi
    if [ $w_rc -ne 0 ]; then
      w_ok=lost
      cat >/dev/null
      break
    fi
    [ "$w_k" -lt $w_c ] && break
    [ "$w_size" -lt 8388608 ] && continue
    w_at=$((w_at + w_size)) w_size=0 w_n=$((w_n + 1))
    echo $w_at >"$w_d/$1$w_n.at"
    w_x=$((w_n - 6)) # the first and the newest six stay
    [ $w_x -gt 0 ] && rm -f "$w_d/$1$w_x" "$w_d/$1$w_x.at"
  done
  echo "$1 $((w_at + w_size)) $w_ok" >&3
}
size_of() {
  set -- $(ls -ln "$1")
  echo "${5:-0}"
}
# What stream $1 holds so far, where a child that the command left behind still writes to it.
total_of() {
  w_k=0 w_at=0 w_t=$1
  while [ -e "$w_d/$w_t$((w_k + 1))" ]; do w_k=$((w_k + 1)); done
  set +f
  for w_f in "$w_d/$w_t"*.at; do
    [ -e "$w_f" ] || continue
    w_x=${w_f%.at}
    w_x=${w_x##*/?}
    [ "$w_x" -gt "$w_k" ] && w_k=$w_x
  done
  set -f
  [ "$w_k" -gt 0 ] && IFS= read -r w_at <"$w_d/$w_t$w_k.at"
  w_total=$((w_at + $(size_of "$w_d/$w_t$w_k")))
}

# The command's own shell, fresh, so that $$, exit, exec, trap and set -e mean what the author thinks. $1 folder, $2 bytes of
# the text, $3 LC_ALL, $4 umask, $5 boot, $6 host, $7 epoch, $8 key, $9 how it reads and whether a payload follows, then the script.
# The process that claims is the process that runs: nothing can break between the two. It holds no single quote.
w_inner='
LC_ALL=C
t=
case $9 in
l*) while [ ${#t} -lt $2 ] && IFS= read -r l; do t=$t$l"
"; done ;;
*) while [ ${#t} -lt $2 ]; do
  l=$(dd bs=$(($2 - ${#t})) count=1 2>/dev/null; echo .)
  [ "$l" = . ] && exit 96
  t=$t${l%.}
done ;;
esac
[ ${#t} -eq $2 ] || exit 96
s=-
while IFS= read -r l; do s=$l; done </proc/$$/stat
if [ "$s" != - ]; then
  s=${s##*") "}
  i=1
  while [ $i -lt 20 ]; do s=${s#* } i=$((i + 1)); done
  s=${s%% *}
fi
exec 2>/dev/null
set -C
command exec 7>"$1/claim" || { [ -e "$1/claim" ] && exit 97; exit 98; }
printf "v1 %s %s %s %s %s\n" $$ "$s" "$5" "$6" "$7" >&7 || { rm -f "$1/claim"; exit 98; }
exec 2>&5 7>&- 5>&-
set +C
trap "" PIPE
echo "b $$" >&3
trap - PIPE
exec 3>&-
case $9 in *p) ;; *) exec </dev/null ;; esac
umask $4
case $3 in -) unset LC_ALL ;; *) LC_ALL=$3 ;; esac
export WINDLASS_COMMAND="$8"
[ -n "${10}" ] && WINDLASS_SCRIPT=${10}
l="unset t l s i
$t"
set --
eval "$l"
'

# The event loop: b begun, x exit code, o and e totals, g grace over. It writes the end, in place.
settle() {
  trap '' HUP PIPE
  exec >&9
  w_b= w_x= w_o= w_e= w_g= w_lost=ok w_open=0
  while read -r w_k w_v w_w; do
    case $w_k in
    b) w_b=1 && echo "b $w_v" ;;
    x) w_x=$w_v ;;
    o) w_o=$w_v && [ "$w_w" = lost ] && w_lost=lost ;;
    e) w_e=$w_v && [ "$w_w" = lost ] && w_lost=lost ;;
    g) w_g=1 ;;
    esac
    [ -n "$w_x" ] || continue
    # Codes 96 to 98 say "not begun" only where no `b` came before: a command may well exit 97.
    [ -n "$w_b" ] || { rm -f "$w_script"; echo "f $w_x"; exit; }
    [ -n "$w_o" ] && [ -n "$w_e" ] && break
    [ -n "$w_g" ] && break
  done
  [ -n "$w_x" ] || exit
  [ -n "$w_o" ] || { w_open=1 && total_of o && w_o=$w_total; }
  [ -n "$w_e" ] || { w_open=1 && total_of e && w_e=$w_total; }
  printf 'x %s %s %s %s %s .\n' "$w_x" "$w_o" "$w_e" $w_lost $w_open 1<>"$w_d/end"
  echo x
  [ -n "$w_script" ] && rm -f "$w_script"
}

# Runs the command between its relays. 3 events, 4 its stdout, 5 its stderr, 9 the follower. Subshells with `exec`, not braces:
# a shell keeps copies of what braces redirect, and a background child would hold the pipes by them for ever. Each subshell
# traps HUP anew: a trap is reset on entry, and an ignored signal would be passed on to the command.
supervise() {
  trap : HUP
  exec 6>&-
  umask 077
  w_script=
  if [ -n "$wB" ]; then
    w_script=$w_d/script.$wN
    printf '%s' "$wB" >"$w_script" || { rm -f "$w_script"; echo 'f 98'; return; }
  fi
  w_setsid=
  command -v setsid >/dev/null && w_setsid=setsid
  w_how=l
  case $wT in *[!\ -~\	"$w_nl"]*) w_how=d ;; esac # bytes beyond ASCII, or many: by dd
  [ "$wR" -gt 1500 ] && w_how=d
  [ -n "$wP" ] && w_how=${w_how}p
  exec 9>&1 </dev/null >/dev/null
  (
    trap : HUP
    exec 3>&1 >/dev/null 9>&-
    (
      trap : HUP
      exec 4>&1 >/dev/null
      printf '%s%s' "$wT" "$wP" | (
        trap : HUP
        exec 5>&1 >/dev/null
        # A subshell that becomes the command: dash redirects itself while it waits, and would say "Terminated" into 5.
        (exec >&4 2>&5 4>&- && exec $w_setsid "$wS" -c "$w_inner" windlass "$w_d" "$wR" "$L" "$w_umask" "$w_boot" "$w_host" "$wC" "$wK" $w_how "$w_script")
        w_rc=$?
        exec 4>&- 5>&- </dev/null
        echo "x $w_rc" >&3
        (sleep 2; echo g) >&3 & # not waited for: the relays end when this shell does
      ) | (exec 4>&- && relay e)
    ) | (relay o)
  ) | settle
}

#@ follow
# Passes the client's lines on: `t <ms>` a tick with the time since the exec, `l` begin the lease. Its end is the follower's end.
forward() {
  exec <&4 4<&- 6>&-
  w_lease=
  read -r w_me w_l </proc/self/stat && echo "p $w_me"
  while IFS= read -r w_l; do
    case $w_l in
    t\ *) echo "$w_l" ;;
    l) (while sleep "$wI"; do echo l || exit; done) </dev/null & w_lease=$! ;;
    esac
  done
  [ -n "$w_lease" ] && kill "$w_lease"
  echo q
}

open_segment() { if [ "$1" = o ]; then command exec 7<"$w_d/o$2"; else command exec 8<"$w_d/e$2"; fi; }
# The kernel keeps the place: each cat goes on where the last one ended.
copy() { if [ "$1" = o ]; then cat <&7; else cat <&8 >&6; fi; }
skip() { if [ "$1" = o ]; then dd bs=1 skip="$2" count=0 <&7; else dd bs=1 skip="$2" count=0 <&8; fi; }
gap() { if [ "$1" = o ]; then printf '\n%s gap o %s\n' "$wN" "$2"; else say gap e "$2"; fi; }
# The lowest segment of stream $1 beyond number $2 that is still there: w_m, and where it begins: w_ma.
next_segment() {
  w_m=$(($2 + 1))
  if [ -e "$w_d/$1$w_m.at" ]; then
    IFS= read -r w_ma <"$w_d/$1$w_m.at" && return 0
  fi
  w_m=
  set +f
  for w_f in "$w_d/$1"*.at; do
    w_x=${w_f%.at}
    w_x=${w_x##*/?}
    case $w_x in '' | *[!0-9]*) continue ;; esac
    [ "$w_x" -gt "$2" ] || continue
    [ -z "$w_m" ] || [ "$w_x" -lt "$w_m" ] && w_m=$w_x
  done
  set -f
  [ -n "$w_m" ] && IFS= read -r w_ma <"$w_d/$1$w_m.at"
}
# The segment that holds offset $2 of stream $1: w_n, and where it begins: w_at.
segment_at() {
  w_n=0 w_at=0
  [ "$2" -eq 0 ] && return
  while next_segment "$1" "$w_n" && [ "$w_ma" -le "$2" ]; do w_n=$w_m w_at=$w_ma; done
  # What follows it may have been deleted, and the offset with it.
  if [ -n "$w_m" ] && [ "$w_m" -ne $((w_n + 1)) ]; then
    set -- "$1" "$2" $(ls -ln "$w_d/$1$w_n")
    [ $(($2 - w_at)) -gt "${7:-0}" ] && w_n=$w_m w_at=$w_ma
  fi
}
# Sends what stream $1 holds and was not sent.
drain() {
  [ "$1" = o ] && [ "$wX" = 0 ] && return
  [ "$1" = e ] && [ "$wY" = 0 ] && return
  eval "w_n=\$w_s$1"
  if [ -z "$w_n" ]; then
    [ -e "$w_d/${1}0" ] || return
    if [ "$1" = o ]; then w_from=$wO; else w_from=$wE; fi
    [ "$w_from" -gt 0 ] || [ -s "$w_d/${1}0" ] || return
    segment_at "$1" "$w_from"
    open_segment "$1" "$w_n" || return
    [ "$w_at" -gt "$w_from" ] && gap "$1" "$w_at"
    [ "$w_at" -lt "$w_from" ] && skip "$1" $((w_from - w_at))
    eval "w_s$1=$w_n"
  fi
  copy "$1"
  while next_segment "$1" "$w_n"; do
    copy "$1" # what came in before the next one was made
    open_segment "$1" "$w_m" || { [ -e "$w_d/$1$w_m" ] && return; continue; }
    [ "$w_m" -eq $((w_n + 1)) ] || gap "$1" "$w_ma"
    w_n=$w_m
    eval "w_s$1=$w_n"
    copy "$1"
  done
}
# Did stream $1 grow? Touch, then read: what is written later is not older than the touch. No process is started to ask.
grown() {
  eval "w_n=\${w_s$1:-0}"
  w_x=$w_d/s$wN$1
  if [ "$w_x" -nt "$w_d/$1$w_n" ] && [ ! -e "$w_d/$1$((w_n + 1))" ] && [ $((w_ticks % 40)) -ne 0 ]; then return 1; fi
  : >"$w_x"
}

finish() {
  say_both "$@"
  bye
}
# The channel's first shell would wait for the supervisor; it must not, or the server counts a session for a command.
bye() {
  exec 7<&- 8<&-
  [ "$w_ticks" -gt 0 ] && rm -f "$w_d/s${wN}o" "$w_d/s${wN}e"
  [ -n "$w_fw" ] && kill "$w_fw"
  kill -KILL $$
  exit
}
follow() {
  trap bye PIPE # the channel was closed while we spoke
  w_on= w_fw= w_now=0 w_gone= w_ticks=0 w_seen=1 w_so= w_se= w_wait=$w_launch
  while read -r w_k w_v; do
    case $w_k in
    p) w_fw=$w_v ;;
    b)
      w_on=1
      read_claim
      say_both begun "$w_v"
      continue
      ;;
    f)
      case $w_v in
      97) w_wait= ;; # another starter's command is the one
      98) finish fail disk_full ;;
      *) finish fail not_started "$w_v" ;;
      esac
      ;;
    t)
      case $w_v in '' | *[!0-9]*) ;; *) w_now=$w_v ;; esac
      w_ticks=$((w_ticks + 1)) w_seen=1
      ;;
    l)
      [ -n "$w_seen" ] || bye # a frozen link: nobody has ticked for long
      w_seen=
      say here
      ;;
    q) bye ;;
    esac
    if [ -z "$w_on" ] && [ -z "$w_wait" ]; then
      read_claim
      case $? in
      0) w_on=1 && say_both has "$w_pid" ;;
      3) say_both has 0 && finish end x canceled 0 0 ok 0 . ;;
      1) [ "$w_now" -lt 10000 ] || finish fail not_begun ;;
      *) [ "$w_now" -lt 10000 ] || finish lost claim ;;
      esac
    fi
    [ -n "$w_on" ] && look
  done
  bye
}
look() {
  if read_end; then
    drain o
    drain e
    finish end "$w_end"
  fi
  [ $w_k = p ] || [ $w_k = t ] || return
  grown o && drain o
  grown e && drain e
  if [ "$w_cboot" != "$w_boot" ]; then
    [ "$w_chost" = "$w_host" ] && finish lost reboot
    finish fail other_host
  fi
  alive && return
  [ -n "$w_gone" ] || w_gone=$w_now
  [ $((w_now - w_gone)) -lt 6000 ] && return
  read_end && return # at the next tick
  drain o
  drain e
  finish lost process
}

#@ begin
w_nl='
'
w_launch=
if find_marker; then
  :
elif [ "$wV" = attach ]; then
  say_both lost marker
  exit
else
  # An earlier start may have been lost with a crash of the host: both are durations, so no clock matters.
  if [ "$wU" -ge 0 ] && read -r w_up w_x </proc/uptime && [ "${w_up%%.*}" -lt $((wU + 5)) ]; then
    say_both lost reboot-before-marker
    exit
  fi
  umask 077
  make_marker || { say_both fail "$w_why"; exit; }
fi
if [ "$wV" = begin ]; then
  umask 077
  reserve_end || { say_both fail disk_full; exit; }
  [ -e "$w_d/claim" ] || read_end || w_launch=1
fi
exec 4<&0
if [ -n "$w_launch" ]; then
  {
    forward &
    exec 4<&-
    supervise
  } | follow
else
  forward | follow
fi

#@ cancel
# Tenths of a second since `from_now`: by the host's uptime, since a look at many processes takes its time too.
uptime_tenths() {
  read -r w_up w_x </proc/uptime || return 1
  w_up=${w_up%.*}${w_up#*.}
  w_up=${w_up%?}
  w_up=${w_up#0}
}
from_now() { w_t=0 w_t0= && uptime_tenths && w_t0=$w_up; }
nap() {
  sleep 0.1 || sleep 1
  if [ -n "$w_t0" ] && uptime_tenths; then w_t=$((w_up - w_t0)); else w_t=$((w_t + 1)); fi
}
# Everything that belongs to the command: its session, its group, and whoever carries its cookie in the environment.
members() {
  w_members=
  if [ ! -d /proc/self ]; then
    kill -0 "-$w_pid" && w_members=-$w_pid
    return
  fi
  w_cookie=
  # One grep where it knows -z; a key ends in a number, so only a digit after it makes another key.
  if [ "$w_grep" = 1 ]; then
    set +f
    w_cookie=" $(grep -zlxFs -e "WINDLASS_COMMAND=$wK" /proc/[0-9]*/environ) "
    set -f
  fi
  set +f
  set -- /proc/[0-9]*
  set -f
  for w_p; do
    stat_of "${w_p#/proc/}" || continue
    case $w_ps in Z | X | x) continue ;; esac
    if [ "$w_pn" = "$w_pid" ] || [ "$w_pg" = "$w_pid" ]; then :
    elif [ "$w_grep" = 1 ]; then
      case $w_cookie in *[!0-9a-z]"${w_p#/}/environ"[!a-z]*) ;; *) continue ;; esac
    else
      w_env=
      while IFS= read -r w_l || [ -n "$w_l" ]; do w_env=$w_env$w_l; done <"$w_p/environ"
      case $w_env in *"WINDLASS_COMMAND=$wK" | *"WINDLASS_COMMAND=$wK"[!0-9]*) ;; *) continue ;; esac
    fi
    w_members="$w_members ${w_p#/proc/}"
  done
  [ -n "$w_members" ]
}
if ! find_marker; then
  umask 077
  make_marker || { say fail "$w_why"; exit; }
fi
umask 077
reserve_end || { say fail disk_full; exit; }
read_claim
w_c=$?
if [ $w_c -eq 1 ]; then
  # Takes the claim itself, so that a late begin finds the command ended.
  set -C
  if command exec 7>"$w_d/claim"; then
    set +C
    echo canceled >&7
    exec 7>&-
    echo 'x canceled 0 0 ok 0 .' 1<>"$w_d/end"
    say end x canceled 0 0 ok 0 .
    exit
  fi
  set +C
  sleep 1
  read_claim
  w_c=$?
fi
read_end && { say end "$w_end"; exit; }
case $w_c in
3) say end x canceled 0 0 ok 0 . && exit ;;
0) ;;
*) say lost claim && exit ;;
esac
if [ "$w_cboot" != "$w_boot" ]; then
  [ "$w_chost" = "$w_host" ] && say lost reboot || say fail other_host
  exit
fi
: >"$w_d/cancel"
w_grep=
[ "$(printf 'a\000b' | grep -zxF -e a | dd bs=1 count=1)" = a ] && w_grep=1
# A reused pid is somebody else's: then only the cookie tells who belongs to the command.
alive || w_pid=none
w_before=
from_now
w_none=0
# Gone is who is not seen twice: in the moment of an exec a process has no environment to be known by.
while members || { w_none=$((w_none + 1)) && [ $w_none -lt 2 ]; }; do
  [ -n "$w_members" ] || { nap; continue; }
  w_none=0
  if [ $w_t -ge $((wG * 10)) ]; then kill -KILL $w_members; elif [ "$w_members" != "$w_before" ]; then kill -TERM $w_members; fi
  w_before=$w_members
  [ $w_t -ge $((wG * 10 + 50)) ] && { say fail cancel_denied; exit; }
  nap
done
from_now
until read_end; do
  if [ $w_t -ge 30 ]; then
    echo 'x canceled 0 0 lost 0 .' 1<>"$w_d/end"
    read_end
    break
  fi
  nap
done
say end "$w_end"

#@ end
# Removes the output of ended commands and leaves claim and end as a tombstone: a delayed begin must find it.
for wK in $wL; do
  if ! find_marker; then say none "$wK"; continue; fi
  if ! read_end; then say busy "$wK"; continue; fi
  set +f
  rm -f "$w_d"/o[0-9]* "$w_d"/e[0-9]* "$w_d"/s* "$w_d/cancel"
  set -f
  say clean "$wK"
done
say done

#@ sweep
# Old markers go when their command is over. Liveness decides, not the clock; nothing is deleted through a symlink.
w_removed=0 w_kept=0
set +f
set -- "$w_home" /var/tmp/windlass-*
set -f
for w_b; do
  ours "$w_b" || continue
  chmod 700 "$w_b"
  find "$w_b/." ! -name . -prune -type d -mtime +"$wA" | {
    while IFS= read -r w_f; do
      w_d=$w_b/${w_f##*/}
      ours "$w_d" || continue
      if ! read_end; then
        read_claim
        case $? in
        0) [ "$w_cboot" = "$w_boot" ] && alive && w_kept=$((w_kept + 1)) && continue ;;
        esac
      fi
      rm -rf "$w_d" && w_removed=$((w_removed + 1))
    done
    say swept $w_removed $w_kept
  }
done
say done

#@ check
# What a person wants to know of a machine, and what durable commands need there.
fact() { [ -n "$2" ] && say fact "$@"; }
# Ticks of all processors since the machine began, and those in which they had nothing to do.
w_all=0 w_idle=0
ticks() {
  read -r w_k w_1 w_2 w_3 w_4 w_5 w_6 w_7 w_8 w_x </proc/stat || return
  w_idle=$((w_4 + ${w_5:-0})) w_all=$((w_1 + w_2 + w_3 + w_4 + ${w_5:-0} + ${w_6:-0} + ${w_7:-0} + ${w_8:-0}))
}
ticks
w_all0=$w_all w_idle0=$w_idle
say checking
w_os=
while IFS='=' read -r w_k w_v; do
  [ "$w_k" = PRETTY_NAME ] && w_os=${w_v#?} && w_os=${w_os%?}
done </etc/os-release
fact os "$w_os"
fact kernel "$(uname -sr)"
fact arch "$(uname -m)"
fact hostname "$w_host"
fact user "$(id -un)"
fact shell "$SHELL"
read -r w_v w_x </proc/uptime && fact uptimeSeconds "${w_v%%.*}"
read -r w_v w_x </proc/loadavg && fact load1 "$w_v"
fact cpus "$(getconf _NPROCESSORS_ONLN || nproc)"
w_total=0 w_free=0
while read -r w_k w_v w_x; do
  case $w_k in MemTotal:) w_total=$w_v ;; MemAvailable:) w_free=$w_v ;; esac
done </proc/meminfo
[ "$w_total" -gt 0 ] && fact memoryTotalBytes $((w_total * 1024)) && fact memoryUsedPercent $(((w_total - w_free) * 100 / w_total))
set -- $(df -Pk "${HOME:-/}" | while read -r w_l; do w_x=$w_l; echo "$w_x"; done)
while [ $# -gt 6 ]; do shift; done
case $2 in '' | *[!0-9]*) ;; *) fact diskTotalBytes $(($2 * 1024)); fact diskUsedPercent "${5%\%}" ;; esac
command -v setsid >/dev/null && fact setsid 1
umask 077
if make_marker; then
  fact stateFolder "$w_b"
  rmdir "$w_d"
fi
command -v sudo >/dev/null && sudo -n true </dev/null >/dev/null && fact sudo 1
if [ "$w_all0" -gt 0 ]; then
  sleep 0.3 || sleep 1
  ticks
  w_all=$((w_all - w_all0))
  [ "$w_all" -gt 0 ] && fact cpuUsedPercent $((100 - (w_idle - w_idle0) * 100 / w_all))
fi
say done

#@ plain
# A command that is not durable: it runs in the channel's own shell and ends with it.
printf '\n%s begun %s\n' "$wN" $$
printf '\n%s begun %s\n' "$wN" $$ >&2
cd "${HOME:-/}" 2>/dev/null || cd /
if [ -n "$wB" ]; then
  WINDLASS_SCRIPT=${TMPDIR:-/tmp}/windlass-$wN
  (umask 077; set -C; printf '%s' "$wB" >"$WINDLASS_SCRIPT") || exit 126
  trap 'rm -f "$WINDLASS_SCRIPT"' EXIT
  trap 'exit 143' TERM
fi
case $L in -) unset LC_ALL ;; *) LC_ALL=$L ;; esac
r="unset r s n N wN wK wT wB
$wT"
eval "$r"
exit

#@ kill
# Ends a plain command by its process group, which sshd made, or sudo. dash's kill takes no `--`.
stat_of "$wQ" && wQ=$w_pg
# Zombies answer to signals too, and some inits are slow to take them away.
group_lives() {
  kill -0 "-$wQ" || return 1
  [ -d /proc/self ] || return 0
  set +f
  set -- /proc/[0-9]*
  set -f
  for w_p; do
    stat_of "${w_p#/proc/}" && [ "$w_pg" = "$wQ" ] || continue
    case $w_ps in Z | X | x) ;; *) return 0 ;; esac
  done
  return 1
}
kill -TERM "-$wQ" && {
  w_t=0
  while group_lives && [ $w_t -lt $((wG * 10)) ]; do sleep 0.1 || sleep 1; w_t=$((w_t + 1)); done
  kill -KILL "-$wQ"
}
say done
