#!/bin/sh
# Succeeds if there is a Node that can build the web app; otherwise says what to do.
major=20 minor=19
found=$(node --version 2>/dev/null | sed 's/^v//')
if [ -n "$found" ]; then
    has_major=${found%%.*}
    rest=${found#*.}
    has_minor=${rest%%.*}
    if [ "$has_major" -gt "$major" ] || { [ "$has_major" -eq "$major" ] && [ "$has_minor" -ge "$minor" ]; }; then
        exit 0
    fi
fi
[ "$1" = --quiet ] || cat >&2 <<END
The web app needs Node $major.$minor or newer with npm, and this machine has ${found:-none}.
Install it (Debian: the packages nodejs and npm, or from nodejs.org) and run this again.
\`cargo build\` works without it: the program then has no web app and says so.
END
exit 1
