// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { VmDrawn, VmRun } from '../../../contract/vm-change';
import type { Ran } from '../command';
import { holds, same } from '../expect';
import type { Host } from '../lab';

const lister = path.join(import.meta.dirname, '../small-guest/lister.S');
/** A disk image as a person has one: its guest prints the PCI functions it sees on its first serial line. */
export const image = '/var/lib/libvirt/images/lister.img';

/** A function as the guest itself reads it. */
export interface Seen {
  /** Bus, slot and function: `0100`. */
  readonly at: string;
  /** `1af4:1041`. */
  readonly id: string;
  /** `0200`. */
  readonly class: string;
}

/** A person with a computer without KVM, who may use libvirt. */
export interface VmStage {
  readonly host: Host;
  /** `switchyard vm ARGS`, not expected to succeed. */
  vm(args: string): Promise<Ran>;
  /** The same of a change: it must be done. */
  change(args: string): Promise<{ readonly drawn: VmDrawn | null; readonly run: VmRun }>;
  /** `vm create` of a VM that starts from the small guest. */
  create(name: string, words: string): Promise<{ readonly drawn: VmDrawn | null; readonly run: VmRun }>;
  start(name: string): Promise<void>;
  /** What the guest lists next. */
  devices(name: string): Promise<readonly Seen[]>;
  forceOff(name: string): Promise<void>;
  undo(run: VmRun): Promise<void>;
  /** What libvirt has, and what lies among its images. */
  portrait(): Promise<string>;
}

export async function vmStage(host: Host): Promise<VmStage> {
  // QEMU 10.0 dies of an assertion when a guest's own KVM runs anything: this computer has none, which Switchyard must be able to tell.
  await host.sh('modprobe -r kvm_amd kvm_intel kvm; [ ! -e /dev/kvm ]');
  return stageOn(host);
}

/** The same with the image in its place. */
export async function listerStage(host: Host): Promise<VmStage> {
  const stage = await vmStage(host);
  await host.sh(`cd /tmp && cat > lister.S && as --32 -o lister.o lister.S && ld -m elf_i386 -Ttext 0x7c00 --oformat binary -e start -o lister.img lister.o && truncate -s 1M lister.img && install -m 644 lister.img ${image}`, { input: readFileSync(lister) });
  return stage;
}

function stageOn(host: Host): VmStage {
  const vm = (args: string): Promise<Ran> => host.guest.ssh(`switchyard vm ${args}`, { as: 'owner', limit: 1_200_000 });
  const stage: VmStage = {
    host,
    vm,
    change: async (args) => {
      const { code, out, err } = await vm(`${args} --yes --json`);
      if (code !== 0) throw new Error(`vm ${args} ended with ${String(code)}: ${(out + err).slice(-3000)}`);
      const { drawn, run } = JSON.parse(out) as { drawn: VmDrawn | null; run: VmRun };
      return { drawn, run };
    },
    create: async (name, words) => {
      const made = await stage.change(`create --name ${name} --system linux --firmware bios --disk ${image} --format raw --memory 256 --cores 1 ${words}`);
      same(made.run.at, 'done', `${name} is made`);
      return made;
    },
    start: async (name) => {
      const { code, out, err } = await vm(`start ${name}`);
      same([code, err], [0, ''], `${name} starts: ${out}`);
      same((await host.sh(`virsh -q domstate ${name}`)).trim(), 'running', `${name} runs`);
    },
    devices: async (name) => {
      const said = await host.sh(`t=$(virsh -q ttyconsole ${name}) && stty -F $t raw -echo && timeout --foreground 900 sed -n '/^devices/,/^no more/{p;/^no more/q}' < $t`, { limit: 1_000_000 });
      const lines = said.split(/\r?\n/).map((line) => line.trim());
      holds(lines.includes('no more'), `${name} said what it has: ${said}`);
      return lines.filter((line) => line.startsWith('pci ')).map((line) => {
        const [, at = '', vendor = '', device = '', kind = ''] = line.split(' ');
        return { at, id: `${vendor}:${device}`, class: kind };
      });
    },
    forceOff: async (name) => {
      const { code, err } = await vm(`force-off ${name}`);
      same([code, err], [0, ''], `${name} is switched off`);
    },
    undo: async (run) => {
      const undone = await stage.change(`undo ${run.change ?? ''}`);
      same([undone.run.at, undone.run.left, undone.run.problem], ['undone', [], null], `${run.name} is undone whole`);
    },
    portrait: () => host.sh('virsh -q list --all --name; for what in net pool; do virsh -q $what-list --all; done; ls -l /var/lib/libvirt/images'),
  };
  return stage;
}

/** From its start to its last trace: what the guest listed. */
export async function seenOnce(stage: VmStage, name: string, words: string, meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<readonly Seen[]> {
  const { run } = await stage.create(name, words);
  await stage.start(name);
  const seen = await stage.devices(name);
  await meanwhile();
  await stage.forceOff(name);
  await stage.undo(run);
  return seen;
}

export const has = (seen: readonly Seen[], id: string): readonly Seen[] => seen.filter((one) => one.id === id);
