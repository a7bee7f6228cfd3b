// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import type { Disk } from './disk';
import type { Kernel } from './kernel';
import { framebuffers } from './sysfs';
import { folder, folderOf, linkTo, listing, text, type View } from './view';

export interface ProcSubject {
  readonly kernel: Kernel;
  readonly facts: HostFacts;
  readonly loaderType: number;
  readonly disk: () => Disk;
  readonly processor: 'intel' | 'amd' | 'arm';
  /** Device a file system lies on, by its mount point. */
  readonly sources: ReadonlyMap<string, string>;
}

/** /proc of the running kernel, as far as a look at the machine goes. */
export function procOf(subject: ProcSubject): View {
  return folderOf(subject, {
    cmdline: ({ kernel }) => text(`${kernel.args.join(' ')}\n`),
    cpuinfo: (all) => text(cpuinfo(all)),
    meminfo: ({ facts }) => text(`MemTotal:       ${kilobytes(facts.memory.total.value)} kB\nMemFree:        ${kilobytes(facts.memory.available.value)} kB\nMemAvailable:   ${kilobytes(facts.memory.available.value)} kB\n`),
    modules: ({ kernel }) => text([...kernel.modules].map((name) => `${name} 16384 0 - Live 0x0000000000000000\n`).join('')),
    // Claim framebuffer-leaves.
    fb: ({ kernel }) => text(framebuffers(kernel).map((one, index) => `${index} ${one.name}\n`).join('')),
    interrupts: ({ kernel }) => text(interrupts(kernel)),
    devices: () => text('Character devices:\n  1 mem\n226 drm\n\nBlock devices:\n259 blkext\n'),
    mounts: () => linkTo('self/mounts'),
    sys: ({ kernel, processor, loaderType }) =>
      folder({
        kernel: folder({
          osrelease: text(`${kernel.release}\n`),
          arch: text(`${processor === 'arm' ? 'aarch64' : 'x86_64'}\n`),
          bootloader_type: text(`${loaderType}\n`),
          random: folder({ boot_id: text(`${kernel.bootId}\n`) }),
        }),
        vm: folder({ compact_memory: text('', 0o200) }),
      }),
    self: (all) => folder({ mountinfo: text(mountinfo(all)), status: text('Name:\tswitchyard\nPPid:\t1\n') }),
    '1': () => folder({ comm: text('systemd\n'), status: text('Name:\tsystemd\nPPid:\t0\n'), environ: text('HOME=/\0TERM=linux\0', 0o400) }),
  });
}

const kilobytes = (bytes: number | null): number => Math.round((bytes ?? 17_179_869_184) / 1024);

function cpuinfo({ facts, processor }: ProcSubject): string {
  if (processor === 'arm') return 'processor\t: 0\nCPU implementer\t: 0x41\nFeatures\t: fp asimd\n\n';
  const vendor = processor === 'intel' ? 'GenuineIntel' : 'AuthenticAMD';
  const flags = facts.cpu.flags.value?.join(' ') ?? `fpu lm ${processor === 'intel' ? 'vmx' : 'svm'}`;
  return `processor\t: 0\nvendor_id\t: ${vendor}\nmodel name\t: ${facts.cpu.model.value ?? 'a processor'}\nflags\t\t: ${flags}\n\n`;
}

const interrupts = (kernel: Kernel): string => {
  const remapped = [...kernel.functions.values()].some((one) => one.group !== null);
  return `            CPU0\n  24:          1  ${remapped ? 'IR-' : ''}PCI-MSI 0-edge      PCIe PME\n`;
};

function mountinfo({ disk, sources }: ProcSubject): string {
  return disk()
    .filesystems.map((one, index) => `${30 + index} 1 259:${index + 2} / ${one.at} rw,relatime shared:${index + 1} - ${one.type} ${sources.get(one.at) ?? '/dev/nvme0n1p2'} rw\n`)
    .join('');
}

/** /run of a systemd machine with a person at its screen. */
export function runOf(session: boolean): View {
  const sessions = listing(() => (session ? ['2'] : []), (name) => (name === '2' && session ? text('UID=1000\nUSER=user\nACTIVE=1\nSTATE=active\nREMOTE=0\nTYPE=wayland\nCLASS=user\n') : null));
  return folder({ systemd: folder({ system: folder({}), sessions }), udev: folder({}) });
}
