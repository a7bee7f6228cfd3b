// SPDX-License-Identifier: GPL-3.0-or-later
import { handRun, type HandRun, type HandVm } from '../../contract/hand-run';
import type { MachineId } from '../../contract/target';
import { asks } from '../../contract/ui';
import type { Language } from '../../words/say';
import type { Dispatch, News } from '../dispatch';
import { offersOf, type Offer } from './offers';
import { trayOf, type TrayView } from './tray-view';
import { deedOf, type Deed, type Wish } from './wish';

/** What the doors beside the window stand on. */
export interface DoorsSide {
  /** The same gate as the window's: nothing can be asked here that the window could not ask. */
  readonly dispatch: Dispatch;
  readonly news: News;
  readonly machine: MachineId;
  readonly language: () => Language;
  readonly stays: () => boolean;
  /** Brings the window to the front, at the page of a VM where there is one. */
  readonly show: (vm: string | null) => void;
  readonly draw: (view: TrayView | null) => void;
  /** Tells when root has written how a round stands. Returns how to stop. */
  readonly watch: (changed: () => void) => () => void;
}

/** Tray, shortcut and the desktop's menu: what they show, and what a press does. */
export interface Doors {
  readonly wish: (wish: Wish, vm?: string | null) => Promise<Deed>;
  readonly close: () => void;
}

/** Milliseconds: several changes are one look; a VM that its hook was called for runs or is off a little later. */
const pause = { soon: 400, later: 6_000 } as const;

interface Seen {
  readonly vms: readonly HandVm[];
  readonly run: HandRun | null;
}

/** Looks once, and again whenever something is told; never on its own. */
export function openDoors(side: DoorsSide): Doors {
  let seen: Seen = { vms: [], run: null };
  let drawn = '';
  let open = true;
  let turn = 0;
  const timers = { soon: undefined, later: undefined } as Record<keyof typeof pause, NodeJS.Timeout | undefined>;

  const offers = (): readonly Offer[] => offersOf(seen.vms, seen.run);
  const draw = (): void => {
    const view = trayOf(offers(), { language: side.language(), stays: side.stays() });
    const text = JSON.stringify(view);
    if (!open || text === drawn) return;
    drawn = text;
    side.draw(view);
  };
  const look = async (): Promise<void> => {
    const mine = ++turn;
    const now = await looked(side);
    // libvirt may answer an older question later.
    if (mine === turn) seen = now;
    draw();
  };
  const lookIn = (when: keyof typeof pause): void => {
    clearTimeout(timers[when]);
    timers[when] = setTimeout(() => void look(), pause[when]).unref();
  };
  const stops = [
    side.news.subscribe((name, body) => {
      const moving = name === 'hand.news' ? handRun.safeParse(body).data : undefined;
      if (moving?.machine === side.machine) {
        seen = { ...seen, run: moving };
        draw();
      }
      if (name === 'app.settings') draw();
      // A card that was set up or given up since, a VM that came or went, the end of a move.
      else if (name === 'vms.changed' || name === 'run.news' || name === 'vm.news' || moving?.at === 'over') lookIn('soon');
    }),
    side.watch(() => {
      lookIn('soon');
      lookIn('later');
    }),
  ];
  void look();
  return {
    async wish(wish, vm = null) {
      // What was drawn may be older than the press.
      await look();
      const deed = deedOf(offers(), wish, vm);
      if (deed.do === 'show') side.show(deed.vm);
      else if (deed.do !== 'nothing' && !(await done(side, deed))) side.show(deed.vm);
      return deed;
    },
    close() {
      open = false;
      for (const stop of stops) stop();
      clearTimeout(timers.soon);
      clearTimeout(timers.later);
    },
  };
}

async function looked({ dispatch, machine }: DoorsSide): Promise<Seen> {
  const answer = await dispatch('hand.list', { machine });
  const list = answer.ok ? asks['hand.list'].out.safeParse(answer.value).data : undefined;
  return list ?? { vms: [], run: null };
}

/** A guest is only ever asked to shut down here; its plug is pulled in the window, after a question. */
async function done({ dispatch, machine }: DoorsSide, { do: what, vm }: Extract<Deed, { readonly do: 'over' | 'back' }>): Promise<boolean> {
  const answer = what === 'over' ? await dispatch('hand.over', { machine, uuid: vm }) : await dispatch('hand.back', { machine, uuid: vm, force: false });
  return answer.ok;
}
