#!/bin/sh
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Stands in for the program it is called as: records its arguments in /usr/local/calls (in one write, each
# field ended by US, the last one being RS), waits at a gate if there is one for this call, and runs the real program.
name=${0##*/}
real=/run/real/$name
# Debian's docker-compose starts in half the time without setuptools.
export SETUPTOOLS_USE_DISTUTILS=stdlib
printf '%s\037' "$name" "$@" "$(printf '\036')" >>/usr/local/calls

for gate in /usr/local/gates/*.gate; do
  [ -f "$gate" ] || continue
  read -r when pattern <"$gate" || continue
  # shellcheck disable=SC2254 # it is a pattern
  case "$name $*" in
  $pattern) ;;
  *) continue ;;
  esac
  # Only the first call that comes to a gate is held.
  (set -C && echo "$$" >"${gate%.gate}.held") 2>/dev/null || continue
  status=0
  if [ "$when" = after ]; then
    "$real" "$@" || status=$?
  fi
  mv "${gate%.gate}.held" "${gate%.gate}.reached"
  while [ -e "$gate" ]; do sleep 0.05; done
  [ "$when" != after ] || exit "$status"
done
exec "$real" "$@"
