#!/bin/sh
# Builds the image of examples/shortest-path with buildah where no registry has Debian and Rust: both stages begin with Debian's
# packages, and the first one borrows this machine's Rust toolchain and crates. Needs root, buildah and mmdebstrap.
#
#   build-image.sh REFERENCE [FOLDER-FOR-BASES]
set -eu
image=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
bases=${2:-$source/target/image-bases}
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
cargo_home=${CARGO_HOME:-$HOME/.cargo}
rustup_home=${RUSTUP_HOME:-$HOME/.rustup}
mkdir -p "$bases"

# base NAME PACKAGES [CONFIG…]: an image that begins with nothing.
base() {
    name=$1 packages=$2
    shift 2
    [ -e "$bases/$name.tar" ] || {
        mmdebstrap --quiet --variant=extract --include="$packages" "$suite" "$bases/$name.tar.new"
        mv "$bases/$name.tar.new" "$bases/$name.tar"
    }
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$bases/$name.tar" / >/dev/null
    # What the packages' own scripts, which do not run here, would have done.
    buildah run --isolation chroot "$container" -- sh -c '[ ! -e /usr/bin/gcc ] || ln -s gcc /usr/bin/cc'
    buildah config --env PATH=/usr/local/cargo/bin:/usr/local/bin:/usr/bin:/bin "$@" "$container"
    buildah commit --quiet --rm "$container" "localhost/longshore-$name" >/dev/null
}

base base base-files,dash,coreutils,libc6,libgcc-s1
base builder base-files,dash,coreutils,libc6,libgcc-s1,gcc,libc6-dev \
    --env CARGO_HOME=/usr/local/cargo --env RUSTUP_HOME=/usr/local/rustup

buildah build --isolation chroot --layers=false \
    --build-arg BUILDER=localhost/longshore-builder --build-arg BASE=localhost/longshore-base \
    --volume "$cargo_home:/usr/local/cargo" --volume "$rustup_home:/usr/local/rustup:ro" \
    --file "$source/examples/shortest-path/Containerfile" --tag "$image" "$source"
