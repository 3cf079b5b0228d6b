#!/bin/sh
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# A fake of the engine. Like the real one it puts the image's Gemfile.lock over the application's when it starts. It
# serves public/ of the application on 127.0.0.1:$ENGINE_PORT. An application may bring a script start.sh, which runs
# first, and with whose status the engine ends unless that is 0.
app=/home/aca-apps/ruby-engine-app
trap 'kill "$child" 2>/dev/null; exit 0' TERM INT
[ "${1:-}" != sleep ] || { sleep 1000000 & child=$!; wait "$child"; exit; }
echo "=> Booting engine ${1:-} for ${INTERNAL_DOMAIN:-nobody}"
cp -f "$app/../Gemfile.lock.from-docker-build" "$app/Gemfile.lock"
if [ -f "$app/start.sh" ]; then
  sh "$app/start.sh" || exit
fi
echo "=> Listening on port $ENGINE_PORT"
httpd -f -p "127.0.0.1:$ENGINE_PORT" -h "$app/public" &
child=$!
wait "$child"
