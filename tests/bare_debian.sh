#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tries ./dev as a new user would: on Debian systems that hold git, a clone of HEAD and nothing else.
# usage, as root: tests/bare_debian.sh 12|13 [FOLDER]
# It needs debootstrap, takes more than an hour, and 6 GB in FOLDER, which is /var/tmp/infinara-bare-12 or -13 unless
# said. The base system stays there, for the next time. DEBIAN_MIRROR is where packages come from, if not deb.debian.org.
set -eo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
case $1 in
  12) suite=bookworm ;;
  13) suite=trixie ;;
  *) echo "usage: $0 12|13 [FOLDER]" >&2; exit 2 ;;
esac
folder=${2:-/var/tmp/infinara-bare-$1}
base=$folder/base
# A mount namespace of its own: what is mounted here is gone when the script is, however it ends.
[ -n "$BARE_INSIDE" ] || BARE_INSIDE=1 exec unshare --mount --propagation private "$BASH_SOURCE" "$@"

passed=0 failed=0
check() {  # check SENTENCE COMMAND…
  if "${@:2}"; then echo "  ok      $1"; ((++passed)); else echo "  FAILED  $1"; ((++failed)); fi
}

if [ ! -e "$base/usr/bin/git" ]; then
  debootstrap --variant=minbase --include=git "$suite" "$base" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
  chroot "$base" apt-get clean
  rm -rf "$base"/var/lib/apt/lists/*
fi

system=
fresh() {  # fresh NAME: $system is a bare system with a clone that user u owns
  system=$folder/$1
  [ ! -e "$system" ] || rm -rf --one-file-system "$system"
  cp -a "$base" "$system"
  cp -L /etc/resolv.conf /etc/hosts "$system/etc/"
  mount -t proc proc "$system/proc"
  mkdir -p "$system/dev/pts" "$system/dev/shm"  # the few devices that debootstrap made: those of this machine stay out
  mount -t devpts devpts "$system/dev/pts"
  mount -t tmpfs tmpfs "$system/dev/shm"
  chroot "$system" useradd -m u
  git clone -q "$root" "$system/home/u/infinara"
  chroot "$system" chown -R u:u /home/u/infinara
  chroot "$system" git config --system --add safe.directory /home/u/infinara
}
gone() { umount "$system/dev/pts" "$system/dev/shm" "$system/proc"; rm -rf --one-file-system "$system"; }
as() { login "$1"; "${login[@]}" "${@:2}"; }  # as USER COMMAND…
login() {  # login USER: ${login[@]} before a command runs it in the clone, with a login's environment and no more
  login=(env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp LANG=C.UTF-8 TERM=dumb
    /usr/sbin/chroot --userspec="$1:$1" "$system" /bin/bash -c 'cd /home/u/infinara && exec "$@"' -)
}
log() { echo "$folder/${system##*/}-$1.log"; }

tests_pass() { as "$1" env CI=true .ci/run >"$(log test)" 2>&1 </dev/null; }

station_plays() {  # station_plays USER: on air, heard, and off again when told
  local port=18080 pid ended start=$SECONDS
  login "$1"
  "${login[@]}" ./dev run --port $port >"$(log run)" 2>&1 </dev/null &  # every step execs, so this is its process
  pid=$!
  until as "$1" bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null; do
    kill -0 $pid 2>/dev/null || return 1
    [ $((SECONDS - start)) -lt 3600 ] || { kill $pid; return 1; }  # packages and a build on a slow machine
    sleep 0.1
  done
  # five seconds of MP3 at 192 kbit/s, the start burst among them
  as "$1" bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; printf 'GET /stream HTTP/1.0\r\n\r\n' >&3
                   timeout 20 head -c 120000 <&3 | wc -c" >"$(log stream)"
  [ "$(cat "$(log stream)")" = 120000 ] || { kill $pid; return 1; }
  ended=$(date +%s%N)
  kill -TERM $pid
  wait $pid || return 1
  ended=$((($(date +%s%N) - ended) / 1000000))
  [ $ended -lt 1000 ]
}

refused() {  # refused TEXT COMMAND…: fails, and says TEXT
  local text=$1 output
  shift
  if output=$("$@" 2>&1); then return 1; fi
  grep -qF -- "$text" <<<"$output"
}
same_packages() { [ "$(chroot "$system" dpkg-query -W | sha256sum)" = "$1" ]; }
quick() { local start=$SECONDS; "$@" && [ $((SECONDS - start)) -le 3 ]; }

echo "root, without sudo"
fresh root
check ".ci/run installs, builds and passes" tests_pass root
check "./dev run is heard, and ends in a second" station_plays root
check "./dev build again starts in seconds" quick as root ./dev build
gone

echo "user"
fresh user
packages=$(chroot "$system" dpkg-query -W | sha256sum)
check "without sudo: the command to run as root" refused "apt-get install --no-install-recommends" as u ./dev run
check "  and nothing installed" same_packages "$packages"
echo 'ID=other' >"$folder/os-release"
mount --bind "$folder/os-release" "$system/usr/lib/os-release"
check "another system: the list of packages" refused "libgstreamer1.0-dev" as u ./dev run
check "  and nothing installed" same_packages "$packages"
umount "$system/usr/lib/os-release"
chroot "$system" bash -c 'apt-get -qq update && apt-get -qq -y --no-install-recommends install sudo' >/dev/null 2>&1
echo 'u ALL=(ALL) NOPASSWD: ALL' >"$system/etc/sudoers.d/u"
check "with sudo: ./dev run installs, builds, is heard" station_plays u
check ".ci/run installs the rest and passes" tests_pass u
gone

echo "$passed passed, $failed failed; logs in $folder"
[ $failed = 0 ]
