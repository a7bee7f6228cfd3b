// SPDX-License-Identifier: GPL-3.0-or-later

/** Kernel modules that say they can drive a PCI function, by its modalias. */
export type ModuleFinder = (modalias: string) => string[];

interface Alias {
  readonly glob: string;
  readonly module: string;
}

/**
 * Reads `modules.alias`. Lines `alias pci:v000010DEd*sv*sd*bc03sc*i* nouveau`; VFIO drivers have their own prefix
 * `vfio_pci:` because they bind only by driver_override (5.15+), so they are not candidates here. Source: host.md 1.1.1.
 */
export function readModuleAliases(text: string): ModuleFinder {
  const byVendor = readPciLines(text);
  const answers = new Map<string, string[]>();
  return (modalias) => {
    const known = answers.get(modalias);
    if (known !== undefined) return known;
    const candidates = [...(byVendor.get(modalias.slice(9, 13)) ?? []), ...(byVendor.get('*') ?? [])];
    const found = candidates.filter((alias) => matches(alias.glob, modalias)).map((alias) => alias.module);
    const modules = [...new Set(found)].sort().slice(0, 32);
    answers.set(modalias, modules);
    return modules;
  };
}

function readPciLines(text: string): Map<string, Alias[]> {
  const byVendor = new Map<string, Alias[]>();
  const mark = 'alias pci:v';
  for (let at = text.startsWith(mark) ? 0 : text.indexOf(`\n${mark}`) + 1; at > 0 || text.startsWith(mark, at);) {
    const end = text.indexOf('\n', at);
    const [, glob, module] = text.slice(at, end < 0 ? undefined : end).split(' ');
    if (glob !== undefined && module !== undefined && /^[\w-]{1,64}$/.test(module)) {
      const vendor = glob.startsWith('pci:v0000') ? glob.slice(9, 13) : '*';
      const known = byVendor.get(vendor);
      if (known === undefined) byVendor.set(vendor, [{ glob, module }]);
      else known.push({ glob, module });
    }
    const next = end < 0 ? -1 : text.indexOf(`\n${mark}`, end);
    if (next < 0) break;
    at = next + 1;
  }
  return byVendor;
}

/** fnmatch with `*` alone, which is all that PCI aliases use; greedy from the left with one way back, so never slow. */
function matches(glob: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let here = 0; here < name.length;) {
    if (glob[at] === '*') {
      star = at++;
      resume = here;
    } else if (glob[at] === name[here]) {
      at++;
      here++;
    } else if (star >= 0) {
      at = star + 1;
      here = ++resume;
    } else return false;
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}
