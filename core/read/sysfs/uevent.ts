// SPDX-License-Identifier: GPL-3.0-or-later

/** What a PCI function's `uevent` file says in one read: ids, class and driver. */
export interface PciUevent {
  readonly vendor: string;
  readonly device: string;
  readonly subsystemVendor: string;
  readonly subsystemDevice: string;
  /** Base class and sub-class, four digits. */
  readonly class: string;
  readonly progIf: string;
  readonly driver: string | null;
  readonly modalias: string | null;
}

/** Null when the file is torn or not a PCI function's. Source: pci_uevent() prints class without leading zeros. */
export function readPciUevent(text: string): PciUevent | null {
  let driver: string | null = null;
  let code = '';
  let id = '';
  let subsystem = '';
  let modalias: string | null = null;
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    const value = line.slice(equals + 1);
    switch (line.slice(0, equals)) {
      case 'DRIVER':
        driver = value;
        break;
      case 'PCI_CLASS':
        code = value;
        break;
      case 'PCI_ID':
        id = value;
        break;
      case 'PCI_SUBSYS_ID':
        subsystem = value;
        break;
      case 'MODALIAS':
        modalias = value;
        break;
    }
  }
  if (!/^[0-9A-Fa-f]{1,6}$/.test(code) || !isPair(id) || !isPair(subsystem)) return null;
  const full = code.padStart(6, '0').toLowerCase();
  return {
    vendor: id.slice(0, 4).toLowerCase(),
    device: id.slice(5).toLowerCase(),
    subsystemVendor: subsystem.slice(0, 4).toLowerCase(),
    subsystemDevice: subsystem.slice(5).toLowerCase(),
    class: full.slice(0, 4),
    progIf: full.slice(4),
    driver,
    modalias,
  };
}

const isPair = (text: string): boolean => /^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$/.test(text);
