#!/bin/sh
# Builds the engine of crisis detection for the browser: web/packages/crisis/engine.wasm. Takes the
# target that rustup has, or Debian's packages of Rust, which build the standard library from
# source; gets one of them where there is none. `--quiet` only says whether that can be tried.
set -e
cd "$(dirname "$0")/.."
target=wasm32-unknown-unknown
debian=/usr/lib/rustlib/src/rust/library

have_rustup() {
    command -v rustup >/dev/null && rustup target list --installed | grep -qx "$target"
}

get_from_debian() {
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root apt-get update -q
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends \
        rustc-web cargo-web rust-web-src
}

if ! have_rustup && ! [ -d "$debian" ]; then
    if [ "$1" = --quiet ]; then
        command -v rustup >/dev/null || command -v apt-get >/dev/null
        exit
    elif [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        get_from_debian
    elif ! rustup --quiet target add "$target"; then
        if ! command -v apt-get >/dev/null; then
            echo "Rust cannot build for browsers here: run \`rustup target add $target\`." >&2
            exit 1
        fi
        get_from_debian
    fi
fi
[ "$1" = --quiet ] && exit

build() {
    "$@" build --locked --release --quiet -p crisis-wasm --lib --target "$target" \
        --target-dir target/wasm
}
if have_rustup; then
    build cargo
else
    host=$(rustc -vV | sed -n "s/^host: //p")
    linker=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 build /usr/bin/cargo \
        -Zbuild-std=std,panic_abort --config "target.$target.linker='$linker'"
fi
to=web/packages/crisis/engine.wasm
mkdir -p "$(dirname "$to")"
cp "target/wasm/$target/release/crisis_wasm.wasm" "$to"
