#!/usr/bin/env bash
# What a newcomer sees on a bare Debian 12: bootstraps one into a folder, clones this project there and runs the
# two commands of the README. Needs root and debootstrap; takes the committed state of this working tree.
#
#   tests/newcomer.sh [FOLDER] | tee docs/newcomer.txt      (FOLDER is made, and removed at the end)
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
debian=${1:-$(mktemp -d /var/tmp/newcomer.XXXXXX)}
mounts=()

clean_up() {
  local mount
  for mount in "${mounts[@]}"; do umount "$mount"; done
  rm -rf --one-file-system "$debian"
}

# The host's own mirror of Debian: from one-line sources, or from the deb822 form.
mirror() {
  local found
  found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -nE 's/^deb (\[[^]]*\] )?([^ ]+) bookworm main.*/\2/p' | head -n 1) || true
  [[ -n $found ]] || found=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
    awk 'tolower($1) == "uris:" { uri = $2 } tolower($1) == "suites:" && / bookworm( |$)/ && uri { print uri; exit }')
  echo "${found:-http://deb.debian.org/debian}"
}

# Where a package came from says nothing to the reader, so the mirror's name is not kept.
mask() {
  local host=${1#*://}
  host=${host%%/*}
  sed -u "s/${host//./\\.}/MIRROR/g"
}

inside() { chroot "$debian" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 bash -c "$1"; }

timed() {
  local start=$SECONDS
  echo "\$ $1"
  inside "${2:-$1}"
  printf -- '-- %s: %d s\n\n' "$1" $((SECONDS - start))
}

main() {
  [[ $(id -u) == 0 ]] || { echo "newcomer.sh: needs root" >&2; exit 2; }
  command -v debootstrap >/dev/null || { echo "newcomer.sh: needs debootstrap (apt-get install it)" >&2; exit 2; }
  trap clean_up EXIT

  mkdir -p "$debian"
  echo "bootstrapping Debian bookworm (minbase and git)"
  debootstrap --variant=minbase --include=git,ca-certificates bookworm "$debian" "$1" >"$debian/bootstrap.log" 2>&1 ||
    { tail -n 20 "$debian/bootstrap.log"; exit 1; }

  # The way to the mirror is the host's: name service, and a proxy if there is one.
  cp -L /etc/resolv.conf /etc/hosts "$debian/etc/"
  { grep -rilE 'acquire::https?' /etc/apt/apt.conf.d || true; } | xargs -r cp -t "$debian/etc/apt/apt.conf.d"
  mount -t proc proc "$debian/proc" && mounts+=("$debian/proc")
  mount -t devpts devpts "$debian/dev/pts" -o ptmxmode=0666 && mounts+=("$debian/dev/pts")  # some tests open a terminal
  ln -sf pts/ptmx "$debian/dev/ptmx"

  git -C "$project" bundle create -q "$debian/root/micrograd.bundle" HEAD
  inside 'echo "$(nproc) cores"; sed -n "s/^PRETTY_NAME=//p" /etc/os-release'
  timed 'git clone micrograd' 'cd /root && git -c advice.detachedHead=false clone -q micrograd.bundle micrograd'
  timed './run demo' 'cd /root/micrograd && ./run demo'
  timed './run test' 'cd /root/micrograd && ./run test'
  echo "in all $SECONDS s"
}

uri=$(mirror)
main "$uri" 2>&1 | mask "$uri"
