// SPDX-License-Identifier: GPL-3.0-or-later
import type { Machine } from '../../host/machine';

/** A machine that writes down every path whose content was asked for. */
export function watched(machine: Machine): { readonly machine: Machine; readonly opened: string[] } {
  const opened: string[] = [];
  return {
    opened,
    machine: {
      ...machine,
      text(path, limit) {
        opened.push(path);
        return machine.text(path, limit);
      },
      bytes(path, limit) {
        opened.push(path);
        return machine.bytes(path, limit);
      },
    },
  };
}
