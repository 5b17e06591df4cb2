#!/bin/sh
# Installs Chromium from Debian's packages, where the tests in a browser need it.
set -e
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] && exit 0
if ! command -v apt-get >/dev/null; then
    echo "Chromium is missing: install it and set CHROMIUM to its path." >&2
    exit 1
fi
as_root=
[ "$(id -u)" -eq 0 ] || as_root=sudo
$as_root apt-get update -q
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends chromium
