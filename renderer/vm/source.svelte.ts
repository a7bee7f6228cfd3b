// SPDX-License-Identifier: GPL-3.0-or-later
import type { GuestSystem } from '../../contract/vm';
import type { VmMedia } from '../../contract/vm-media';
import type { MachineId } from '../../contract/target';
import type { AskIn } from '../../contract/ui';
import { ask } from '../client';
import type { Waiting } from '../state/waiting';
import { forms } from '../../core/vm/forms';
import { keyboardOf, timeZoneOf } from '../../core/vm/windows/regions';

type Wish = AskIn<'vm.draft'>['wish'];
type Windows = Extract<VmMedia, { kind: 'windows' }>;
type Drivers = Extract<VmMedia, { kind: 'drivers' }>;

/** A disc image by its path, and what it turned out to be. */
export class Disc {
  private readonly machine: MachineId;
  path = $state('');
  media = $state.raw<Waiting<VmMedia>>({ at: 'none' });

  constructor(machine: MachineId) {
    this.machine = machine;
  }

  is = $derived<VmMedia | null>(this.media.at === 'here' ? this.media.value : null);

  set(path: string): void {
    if (path === this.path) return;
    this.path = path;
    this.media = { at: 'none' };
  }

  async look(): Promise<void> {
    const path = this.path.trim();
    if (!forms.path.test(path)) {
      this.media = { at: 'none' };
      return;
    }
    this.media = { at: 'waiting' };
    const reply = await ask('vm.disc', { machine: this.machine, path });
    if (path !== this.path.trim()) return;
    this.media = reply.ok ? { at: 'here', value: reply.value } : { at: 'failed', problem: reply.problem };
  }
}

/** Where the system comes from: a disc to install from, or an image that has it already. */
export class Source {
  private readonly system: () => GuestSystem;
  readonly disc: Disc;
  readonly drivers: Disc;
  kind = $state<'disc' | 'image' | 'block'>('disc');
  image = $state('');
  format = $state<'qcow2' | 'raw'>('qcow2');
  /** Windows answers its own questions; the person gives the answers here. */
  alone = $state(true);
  edition = $state<string | null>(null);
  user = $state('');
  password = $state('');
  key = $state('');
  remoteDesktop = $state(false);
  ownLanguage = $state<string | null>(null);
  ownKeyboard = $state<string | null>(null);
  timeZone = $state(timeZoneOf(Intl.DateTimeFormat().resolvedOptions().timeZone));

  windows = $derived.by<Windows | null>(() => (this.disc.is?.kind === 'windows' ? this.disc.is : null));
  driverDisc = $derived.by<Drivers | null>(() => (this.drivers.is?.kind === 'drivers' ? this.drivers.is : null));
  /** Only Windows can be answered for, and only with its drivers at hand: without them Setup sees no disk. */
  mayBeAlone = $derived(this.windows !== null && this.driverDisc !== null);
  chosenImage = $derived(this.windows?.images.find((it) => it.name === this.edition) ?? this.windows?.images.find((it) => /pro(?:fessional)?$/i.test(it.edition ?? '')) ?? this.windows?.images[0] ?? null);
  language = $derived(this.ownLanguage ?? this.chosenImage?.languages[0] ?? 'en-US');
  keyboard = $derived(this.ownKeyboard ?? this.language);

  /** The disk that is there already; null: a new one is made. */
  disk = $derived.by<Wish['disk'] | null>(() => {
    if (this.kind === 'disc') return null;
    return this.kind === 'image' ? { kind: 'image', path: this.image.trim(), format: this.format } : { kind: 'block', path: this.image.trim() };
  });

  /** Why it is not said yet, as the end of a key of words/. */
  lacks = $derived.by(() => {
    if (this.kind !== 'disc') return forms.path.test(this.image.trim()) ? null : ('image' as const);
    const { is } = this.disc;
    if (is === null) return 'disc' as const;
    if (is.kind === 'unusable') return 'disc-unusable' as const;
    if (this.system().startsWith('windows') && is.kind !== 'windows') return 'disc-not-windows' as const;
    if (!this.mayBeAlone || !this.alone) return null;
    if (!forms.user.test(this.user.trim())) return 'user' as const;
    if (!forms.password.test(this.password)) return 'password' as const;
    return this.key.trim() === '' || forms.key.test(this.key.trim().toUpperCase()) ? null : ('key' as const);
  });

  constructor(machine: MachineId, system: () => GuestSystem) {
    this.system = system;
    this.disc = new Disc(machine);
    this.drivers = new Disc(machine);
  }

  systemChanged(): void {
    this.edition = null;
  }

  install(name: string): Wish['install'] {
    if (this.kind !== 'disc') return null;
    const windows = this.system().startsWith('windows');
    const drivers = windows && this.driverDisc !== null ? this.drivers.path.trim() : null;
    return { system: this.disc.path.trim(), drivers, answers: windows && this.mayBeAlone && this.alone ? this.answers(name) : null };
  }

  private answers(name: string): NonNullable<NonNullable<Wish['install']>['answers']> | null {
    const image = this.chosenImage;
    if (image === null) return null;
    const computer = name.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 15).replace(/^-+|-+$/g, '');
    const key = this.key.trim().toUpperCase();
    return {
      drivers: this.system() === 'windows-10' ? 'w10' : 'w11',
      image: image.name,
      language: this.language,
      keyboard: keyboardOf(this.keyboard),
      timeZone: this.timeZone,
      computer: forms.computer.test(computer) ? computer : 'WINDOWS-VM',
      user: this.user.trim(),
      password: this.password,
      key: key === '' ? null : key,
      remoteDesktop: this.remoteDesktop,
      skipChecks: false,
    };
  }
}
