#!/bin/sh
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# A fake: Debian has no Compose v2. It is a plugin of the real docker client, as the real v2 is, and hands what it is
# asked to docker-compose 1.29. It says so on its error output, and answers `version` itself.
if [ "${1:-}" = docker-cli-plugin-metadata ]; then
  echo '{"SchemaVersion": "0.1.0", "Vendor": "fake", "Version": "v2.0.0-fake", "ShortDescription": "fake_docker_compose_v2"}'
  exit
fi
[ "${1:-}" != compose ] || shift
echo "fake_docker_compose_v2: translated for docker-compose" >&2
case "$*" in
version) echo "Docker Compose version v2.0.0-fake" ;;
"version --short") echo "2.0.0-fake" ;;
*) exec /usr/local/lib/docker-compose "$@" ;;
esac
