#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fetches libvirt's schemas of newer Debian releases into .cache/vm-schemas/<version>, with apt and a private list of sources:
# nothing of the system's own lists or packages is touched. Without it test/vm/schemas.test.ts says NOT RUN.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for release in trixie forky; do
  at="$work/$release"
  mkdir -p "$at/state/lists/partial" "$at/cache/archives/partial" "$at/out"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $release main" > "$at/sources.list"
  set -- -q -o "Dir::Etc::sourcelist=$at/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State=$at/state" -o Dir::State::status=/dev/null -o "Dir::Cache=$at/cache" -o APT::Sandbox::User=root
  apt-get "$@" update
  for package in libvirt-common libvirt0; do
    (cd "$at/out" && apt-get "$@" download "$package") || true
  done
  for deb in "$at"/out/*.deb; do dpkg-deb -x "$deb" "$at/root"; done
  version=$(dpkg-deb -f "$at"/out/libvirt0_*.deb Version | sed 's/[-+].*//')
  mkdir -p "$top/.cache/vm-schemas/$version"
  cp "$at"/root/usr/share/libvirt/schemas/*.rng "$top/.cache/vm-schemas/$version/"
  echo "libvirt $version"
done
