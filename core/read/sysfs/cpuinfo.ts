// SPDX-License-Identifier: GPL-3.0-or-later
import { readName } from './clean';

export interface CpuInfo {
  readonly vendor: 'intel' | 'amd' | 'hygon' | 'arm' | 'other' | null;
  readonly model: string | null;
  readonly flags: readonly string[] | null;
}

/** The first processor's block of /proc/cpuinfo; later blocks repeat it. ARM says `Features` and `CPU implementer`. */
export function readCpuInfo(text: string): CpuInfo {
  const end = text.indexOf('\n\n');
  const fields = new Map<string, string>();
  for (const line of (end < 0 ? text : text.slice(0, end)).split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const flags = fields.get('flags') ?? fields.get('Features');
  const model = fields.get('model name');
  return {
    vendor: vendorOf(fields),
    model: model === undefined ? null : readName(model.replace(/\s+/g, ' ')),
    flags:
      flags === undefined
        ? null
        : flags
            .split(/\s+/)
            .filter((flag) => /^[\w.:-]{1,32}$/.test(flag))
            .slice(0, 1024),
  };
}

function vendorOf(fields: ReadonlyMap<string, string>): CpuInfo['vendor'] {
  switch (fields.get('vendor_id')) {
    case 'GenuineIntel':
      return 'intel';
    case 'AuthenticAMD':
      return 'amd';
    case 'HygonGenuine':
      return 'hygon';
    case undefined:
      return fields.has('CPU implementer') ? 'arm' : null;
    default:
      return 'other';
  }
}
