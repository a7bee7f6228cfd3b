// SPDX-License-Identifier: GPL-3.0-or-later

/** Where the helper of the package lies (decision 2), and the table the hook reads before it starts it. */
const helperPath = '/usr/lib/switchyard/switchyard-helper';
export const hookTablePath = '/etc/libvirt/hooks/switchyard-devices';

/**
 * libvirt's hook (decision 7): leaves at once unless the XML on standard input holds the address of a host device that
 * we manage. libvirt prints the source of a host device as `<address domain=...`; guest addresses begin with a type.
 * It never calls libvirt. Only the two occasions at which a card moves start the helper: before libvirt looks at the card,
 * and when everything is let go, also of a start that failed. The helper is started from /usr/bin/env, which libvirtd's AppArmor profile lets out.
 */
export const hookText = `#!/bin/sh
# managed by switchyard
# Moves the graphics cards listed in ${hookTablePath} when a virtual machine that has one starts or stops.
table=${hookTablePath}
helper=${helperPath}
case "\${2:-}" in
  prepare | release) ;;
  *) exit 0 ;;
esac
[ -r "$table" ] || exit 0
xml=$(cat)
managed=no
while IFS=':. ' read -r domain bus slot function rest; do
  case "$xml" in
    *"<address domain='0x$domain' bus='0x$bus' slot='0x$slot' function='0x$function'/>"*) managed=yes ;;
  esac
done < "$table"
[ "$managed" = yes ] || exit 0
if ! [ -x "$helper" ]; then
  [ "$2" = prepare ] || exit 0
  echo "Switchyard is not installed, and this virtual machine has a graphics card that Switchyard moves." >&2
  exit 1
fi
printf '%s\\n' "$xml" | /usr/bin/env "$helper" hook "$1" "$2" "\${3:--}" "\${4:--}" > /dev/null
`;
