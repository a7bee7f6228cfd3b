// SPDX-License-Identifier: GPL-3.0-or-later
import { moduleName } from './drivers';

/** modprobe.d and the kernel arguments modprobe reads. Source: host.md 4.4.1, 1.10. */
export interface Modprobe {
  /** `blacklist`: stops loading by alias, nothing else. */
  blacklisted(module: string): boolean;
  /** `install X /bin/false`. */
  refused(module: string): boolean;
  /** `softdep X pre:` */
  before(module: string): readonly string[];
  /** `options vfio-pci ids=`, and `vfio_pci.ids=` of the command line, which comes last and replaces (claim ids-are-modprobe). */
  idsFor(module: string): readonly string[];
}

export function readModprobe(files: readonly string[], args: readonly string[]): Modprobe {
  const lines = files.flatMap((text) => text.split('\n')).map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  const black = new Set(lines.filter(([word]) => word === 'blacklist').map(([, name = '']) => moduleName(name)));
  for (const arg of args) if (arg.startsWith('modprobe.blacklist=')) for (const name of arg.slice(19).split(',')) black.add(moduleName(name));
  const of = (kind: string, module: string) => lines.filter(([word, name = '']) => word === kind && moduleName(name) === moduleName(module));
  return {
    blacklisted: (module) => black.has(moduleName(module)),
    refused: (module) => of('install', module).some((words) => words.join(' ').endsWith('/bin/false')),
    before(module) {
      return of('softdep', module).flatMap((words) => {
        const from = words.indexOf('pre:');
        const to = words.indexOf('post:');
        return from < 0 ? [] : words.slice(from + 1, to < 0 ? undefined : to);
      });
    },
    idsFor(module) {
      if (moduleName(module) !== 'vfio_pci') return [];
      const options = of('options', module).flatMap((words) => words.filter((word) => word.startsWith('ids=')).map((word) => word.slice(4)));
      const told = args.filter((arg) => /^vfio[-_]pci\.ids=/.test(arg)).map((arg) => arg.slice(13));
      return ([...options, ...told].at(-1) ?? '').split(',').filter((id) => id !== '');
    },
  };
}
