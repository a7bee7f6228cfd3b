// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * The fixed part of undo.sh. Only shell built-ins and the programs of undoPrograms; every file is checked by digest
 * before it is touched, written beside and renamed. The rules are those of undoDeed(), line for line.
 */
export const undoShell = String.raw`set -u
LC_ALL=C; export LC_ALL
PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH
umask 077
root=
case "$#:${'$'}{1:-}" in
  0:) ;;
  2:--root) root=${'$'}{2%/} ;;
  *) printf 'usage: sh undo.sh [--root FOLDER]\n' >&2; exit 64 ;;
esac
if ! test -d "$root$before"; then
  printf 'There is no %s: is the right disk mounted?\n' "$root$before" >&2
  exit 1
fi
left=0
left_files='|'
notes=0
say() { printf '%s\n' "$1"; }
leave() { left=$((left + 1)); left_files="$left_files$1|"; printf 'LEFT AS IT IS: %s: %s\n' "$1" "$2"; }
note() { notes=$((notes + 1)); printf '%s. %s\n' "$notes" "$1"; }

# Sets now: absent, odd, or the digest of a regular file.
look() {
  now=odd
  if test -L "$1"; then return 0; fi
  if ! test -e "$1"; then now=absent; return 0; fi
  if ! test -f "$1"; then return 0; fi
  now=$(sha256sum < "$1") || now=odd
  now=${'$'}{now%% *}
}

# put FILE OWNER MODE: FILE.switchyard-undo becomes FILE.
put() {
  if chown "$2" "$1.switchyard-undo" && chmod "$3" "$1.switchyard-undo" && sync "$1.switchyard-undo" && mv -f "$1.switchyard-undo" "$1"; then return 0; fi
  rm -f "$1.switchyard-undo"
  return 1
}

# put_back FILE DIGEST COPY MODE OWNER
put_back() {
  look "$root$before/$3"
  if test "$now" != "$2"; then leave "$1" 'the saved copy is damaged'; return 0; fi
  rm -f "$1.switchyard-undo"
  if cp "$root$before/$3" "$1.switchyard-undo" && put "$1" "$5" "$4"; then say "put back: $1"; else leave "$1" 'could not be written'; fi
}

take_away() {
  if rm -f "$1"; then say "removed: $1"; else leave "$1" 'could not be removed'; fi
}

# restore FILE DIGEST COPY MODE OWNER
restore() {
  if test "$2" = absent; then take_away "$1"; else put_back "$@"; fi
}

# settle FILE DIGEST COPY MODE OWNER OURS...: true when nothing is left to decide.
settle() {
  rm -f "$1.switchyard-undo" 2>/dev/null || :
  look "$1"
  case "$now" in
    "$2") say "already as before: $1"; return 0 ;;
    odd) leave "$1" 'is not a file'; return 0 ;;
    absent) restore "$@"; return 0 ;;
  esac
  path=$1 digest=$2 copy=$3 mode=$4 owner=$5
  shift 5
  for ours in "$@"; do
    if test "$now" = "$ours"; then restore "$path" "$digest" "$copy" "$mode" "$owner"; return 0; fi
  done
  return 1
}

# An image whose kernel was removed with it stays away.
is_gone() {
  if test -e "$root$1" || test -e "$root$2"; then return 1; fi
  say "its kernel is gone, not needed: $root$1"
}

# An image stays while the loader's file that starts it was left.
is_led() {
  case "$left_files" in
    *"|$root$2|"*) leave "$root$1" 'is started by an entry that was left' ;;
    *) return 1 ;;
  esac
}

undo_file() {
  file=$root$1
  shift
  settle "$file" "$@" || leave "$file" 'was changed since by somebody else'
}

# Our lines in a file of somebody else: 0 one whole block, 1 none, 2 torn.
find_block() {
  begins=0 ends=0 inside=0
  while IFS= read -r line || test -n "$line"; do
    case "$line" in
      "$begin" | "$begin_joined") begins=$((begins + 1)); inside=1 ;;
      "$end") ends=$((ends + 1)); if test "$inside" = 0; then begins=9; fi; inside=0 ;;
    esac
  done < "$1"
  if test "$begins:$ends" = 1:1; then return 0; fi
  if test "$begins:$ends" = 0:0; then return 1; fi
  return 2
}

# Prints a file without our block; a line break is held back until it is known to stay.
without_block() {
  inside=0 joined=0 more=0 break=0
  while :; do
    whole=1
    IFS= read -r line || { whole=0; if test -z "$line"; then break; fi; }
    if test "$inside" = 1; then
      if test "$line" = "$end"; then inside=0; fi
      continue
    fi
    case "$line" in
      "$begin") inside=1; continue ;;
      "$begin_joined") inside=1; joined=1; more=0; continue ;;
    esac
    if test "$break" = 1; then printf '\n'; fi
    printf '%s' "$line"
    break=$whole more=1
  done < "$1"
  if test "$break" = 1; then
    if test "$joined" = 0 || test "$more" = 1; then printf '\n'; fi
  fi
}

undo_block() {
  file=$root$1
  shift
  if settle "$file" "$@"; then return 0; fi
  state=0
  find_block "$file" || state=$?
  case "$state" in
    1) say "holds nothing of ours: $file"; return 0 ;;
    2) leave "$file" 'our lines in it were changed by somebody else'; return 0 ;;
  esac
  if ! cp -p "$file" "$file.switchyard-undo" || ! without_block "$file" > "$file.switchyard-undo"; then
    rm -f "$file.switchyard-undo"
    leave "$file" 'could not be written'
  elif test "$1" = absent && ! test -s "$file.switchyard-undo"; then
    rm -f "$file.switchyard-undo"
    take_away "$file"
  elif sync "$file.switchyard-undo" && mv -f "$file.switchyard-undo" "$file"; then
    say "took our lines out of: $file"
  else
    leave "$file" 'could not be written'
  fi
}

# read_env FILE KEY: sets found (=value, or - without it), rest (lines of the block), or fails on a torn block.
read_env() {
  found=- rest='' first=1 tail=''
  while :; do
    IFS= read -r line || { tail=$line; break; }
    if test "$first" = 1; then
      if test "$line" != '# GRUB Environment Block'; then return 1; fi
      first=0
    fi
    case "$line" in
      "$2="*) if test "$found" = -; then found==${'$'}{line#*=}; fi ;;
    esac
    rest=$rest$line'
'
  done < "$1"
  case "$tail" in *[!#]*) return 1 ;; esac
  test "$first" = 0 && test "$((${'$'}{#rest} + ${'$'}{#tail}))" = 1024
}

# with_env KEY FOUND: the block of rest with the key as FOUND says, filled up to 1024 bytes.
with_env() {
  body='' done=0 old=$rest
  while test -n "$old"; do
    line=${'$'}{old%%'
'*}
    old=${'$'}{old#*'
'}
    case "$line" in
      "$1="*) if test "$2" = -; then continue; fi; line=$1$2; done=1 ;;
    esac
    body=$body$line'
'
  done
  if test "$2" != - && test "$done" = 0; then body=$body$1$2'
'; fi
  fill=$((1024 - ${'$'}{#body}))
  while test "$fill" -gt 0; do body=$body'#'; fill=$((fill - 1)); done
  printf '%s' "$body"
}

# undo_env KEY VALUE FILE ...: only our key, only while it is ours or empty.
undo_env() {
  key=$1 value=$2 file=$root$3
  shift 3
  if settle "$file" "$@"; then return 0; fi
  if ! test "$1" != absent || ! read_env "$root$before/$2" "$key"; then leave "$file" 'was changed since by somebody else'; return 0; fi
  was=$found
  if ! read_env "$file" "$key"; then leave "$file" 'is no environment block any more'; return 0; fi
  case "$found" in
    "=$value" | =) ;;
    *) say "holds nothing of ours: $file"; return 0 ;;
  esac
  if test "$found" = "$was"; then say "holds nothing of ours: $file"; return 0; fi
  if cp -p "$file" "$file.switchyard-undo" && with_env "$key" "$was" > "$file.switchyard-undo" && sync "$file.switchyard-undo" && mv -f "$file.switchyard-undo" "$file"; then
    say "took our word out of: $file"
  else
    rm -f "$file.switchyard-undo"
    leave "$file" 'could not be written'
  fi
}

# Only folders we made, only when empty.
drop_folder() {
  if test -d "$root$1" && rm -d "$root$1" 2>/dev/null; then say "removed folder: $root$1"; fi
}

# What stands beside a file while it is replaced.
drop_leftover() {
  if test -f "$root$1"; then take_away "$root$1"; fi
}

flush_all() { sync; }

finish() {
  if test "$left" = 0; then
    printf 'Done: everything of change %s is as it was before.\n' "$transaction"
    exit 0
  fi
  printf 'Done, but %s places were left as they are; they are named above.\n' "$left"
  exit 2
}`;
