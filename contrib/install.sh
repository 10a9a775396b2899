#!/bin/sh
# Installs the natsx executable: no Node.js is needed.
#
#   curl -fsSL https://github.com/natsx/natsx/releases/latest/download/install.sh | sh
#
# NATSX_VERSION   version to install [default: the latest release]
# NATSX_PREFIX    where bin/natsx goes [default: /usr/local if it can be written, else ~/.local]
# NATSX_RELEASES  where releases are: an address, or a folder that "npm run release:dry" has filled
#
# The archive's SHA-256 is compared with SHA256SUMS of the release; without a way to do that, nothing is installed.

set -eu

releases="${NATSX_RELEASES:-https://github.com/natsx/natsx/releases}"

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 1
}

has() {
  command -v "$1" > /dev/null 2>&1
}

# fetch ADDRESS FILE
fetch() {
  case "$1" in
    http://* | https://*)
      if has curl; then curl -fsSL --retry 3 -o "$2" "$1"
      elif has wget; then wget -q -O "$2" "$1"
      else fail 'neither curl nor wget is here'
      fi
      ;;
    *) cp "$1" "$2" ;;
  esac || fail "cannot get $1"
}

sha256() {
  if has sha256sum; then sha256sum "$1" | cut -d ' ' -f 1
  elif has shasum; then shasum -a 256 "$1" | cut -d ' ' -f 1
  elif has openssl; then openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1
  else fail 'sha256sum, shasum or openssl is needed to check the download'
  fi
}

target() {
  case "$(uname -s)" in
    Linux) system=linux ;;
    Darwin) system=darwin ;;
    *) fail "there is no archive for $(uname -s): on Windows, use Scoop or winget" ;;
  esac
  case "$(uname -m)" in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "there is no archive for $(uname -m): install Node.js, and natsx from npm" ;;
  esac
  libc=
  if [ "$system" = linux ] && ls /lib/ld-musl-* > /dev/null 2>&1; then libc=-musl; fi
  printf '%s-%s%s' "$system" "$arch" "$libc"
}

# The folder of the release that is wanted.
release_of() {
  case "$releases" in
    http://* | https://*)
      if [ -n "${NATSX_VERSION:-}" ]; then printf '%s/download/v%s' "$releases" "${NATSX_VERSION#v}"
      else printf '%s/latest/download' "$releases"
      fi
      ;;
    *) printf '%s' "$releases" ;;
  esac
}

prefix_of() {
  if [ -n "${NATSX_PREFIX:-}" ]; then printf '%s' "$NATSX_PREFIX"
  elif [ -w /usr/local/bin ]; then printf /usr/local
  else printf '%s/.local' "$HOME"
  fi
}

main() {
  kind="$(target)"
  from="$(release_of)"
  prefix="$(prefix_of)"
  folder="$(mktemp -d)"
  trap 'rm -rf "$folder"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  fetch "$from/SHA256SUMS" "$folder/SHA256SUMS"
  # Lines are: SUM, two characters, NAME.
  line="$(grep -E "  ?[ *]?natsx-[^ ]*-$kind\.tar\.(xz|gz)\$" "$folder/SHA256SUMS" | head -n 1)" ||
    fail "the release has no archive for $kind"
  sum="${line%% *}"
  archive="${line##* }"
  archive="${archive#\*}"
  case "$archive" in
    '' | */*) fail "the release has no archive for $kind" ;;
  esac

  fetch "$from/$archive" "$folder/$archive"
  found="$(sha256 "$folder/$archive")"
  [ -n "$sum" ] && [ "$found" = "$sum" ] ||
    fail "the checksum of $archive is $found, and SHA256SUMS says $sum: nothing was installed"

  mkdir "$folder/unpacked"
  case "$archive" in
    *.xz) has xz || fail 'xz is needed to unpack the archive' ;;
  esac
  tar -xf "$folder/$archive" -C "$folder/unpacked" || fail "cannot unpack $archive"
  program="$(find "$folder/unpacked" -type f -name natsx | head -n 1)"
  [ -n "$program" ] || fail "$archive has no natsx"

  mkdir -p "$prefix/bin" || fail "cannot make $prefix/bin: set NATSX_PREFIX"
  # A running natsx keeps its old file.
  cp "$program" "$prefix/bin/.natsx.new" || fail "cannot write to $prefix/bin: set NATSX_PREFIX"
  chmod 755 "$prefix/bin/.natsx.new"
  mv -f "$prefix/bin/.natsx.new" "$prefix/bin/natsx"
  pages="$(dirname "$program")/man"
  if [ -d "$pages" ]; then
    mkdir -p "$prefix/share/man/man1" && cp "$pages"/*.1 "$prefix/share/man/man1/"
  fi

  printf 'installed %s in %s\n' "$("$prefix/bin/natsx" --version)" "$prefix/bin"
  case ":$PATH:" in
    *":$prefix/bin:"*) ;;
    *) printf 'put it on PATH: export PATH="%s/bin:$PATH"\n' "$prefix" ;;
  esac
  printf 'try it: natsx demo\n'
}

# A download that breaks off runs nothing.
main
