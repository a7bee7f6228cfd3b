// SPDX-License-Identifier: GPL-3.0-or-later
import path from 'node:path';
import { failed, ok } from '../contract/problem';
import { isUnderWay } from '../contract/run';
import { packageVersion } from '../contract/version';
import type { Language } from '../words/say';
import { dispatcher, openNews, type Answers, type Dispatch, type News } from './dispatch';
import { appAnswers } from './flows/app';
import { handAnswers } from './flows/hand-off';
import { historyAnswers } from './flows/history';
import { machineAnswers } from './flows/machines';
import { planAnswers } from './flows/plans';
import { pointAnswers } from './flows/points';
import { runAnswers } from './flows/runs';
import { vmAnswers } from './flows/vm';
import { openHandRuns } from './hand-runs';
import { openHistory } from './history/history';
import { readSummaries } from './history/summaries';
import { systemLanguage } from './language';
import { openMachines } from './machines';
import { openRecordings } from './recordings';
import { openRuns } from './runs';
import { dataFolder, openSettings } from './settings';
import { hereTarget } from './targets';
import { openTexts, type Texts } from './texts';
import { hasOpenHalves } from './vm/half-store';
import { openVmWorld } from './vm/world';
import type { DoorSide, World } from './world';

/** The unprivileged process behind either door. */
export interface App {
  readonly dispatch: Dispatch;
  readonly news: News;
  language(): Language;
  /** Whether the person wants the tray and the shortcut to stay when the window is closed. */
  keepsRunning(): boolean;
  /** True while closing would break into work of root. */
  underWay(): boolean;
  /** Puts back what is half done, and ends. */
  close(): Promise<void>;
}

/** Beside dist/, in a checkout and when installed. */
const ownAssets = path.join(import.meta.dirname, '../../assets');

/** Opens everything the window needs; looks at nothing yet. */
export function openApp(side: Pick<DoorSide, 'kind' | 'why'> & Partial<DoorSide>, assets = ownAssets): App {
  const world = openWorld({ copy: null, openLink: null, onTheme: () => undefined, shortcut: null, ...side }, assets);
  const answers: Answers = { ...appAnswers(world), ...machineAnswers(world), ...planAnswers(world), ...runAnswers(world), ...historyAnswers(world), ...pointAnswers(world), ...vmAnswers(world), ...handAnswers(world) };
  const dispatch = dispatcher(answers, (bug) => {
    console.error(bug);
  });
  world.door.onTheme(world.settings.read().theme);
  world.door.shortcut?.set(world.settings.read().shortcut);
  // Only where something was left open is libvirt asked at all.
  if (hasOpenHalves(path.join(dataFolder(), 'vm'))) void world.vms.recover(world.here.entry.machine);
  return {
    dispatch,
    news: world.news,
    language: () => {
      const { language } = world.settings.read();
      return language === 'system' ? world.systemLanguage : language;
    },
    keepsRunning: () => world.settings.read().keepRunning,
    underWay: () => world.runs.underWay() || world.vms.changes.underWay() || world.moves.underWay(),
    async close() {
      await world.runs.close();
      await world.moves.close();
      await world.vms.close();
      const history = await world.history;
      if (history.ok) history.value.close();
    },
  };
}

/** One memory for each machine; that of this computer outlives the process where its file can be had. */
function textsOf(history: () => World['history']): World['texts'] {
  const all = new Map<string, Promise<Texts>>();
  const open = async (machine: string): Promise<Texts> => {
    const file = machine === 'this' ? await history() : null;
    if (file?.ok !== true) return openTexts(null);
    return openTexts({
      put: (sha256, text) => void file.value.rememberText(sha256, text),
      get(sha256) {
        const found = file.value.text(sha256);
        return found.ok ? found.value : null;
      },
    });
  };
  return (machine) => {
    const known = all.get(machine) ?? open(machine);
    all.set(machine, known);
    return known;
  };
}

function openWorld(door: DoorSide, assets: string): World {
  const news = openNews();
  const clock = Date.now;
  const here = hereTarget(clock);
  const machines = openMachines(here, () => {
    news.tell('machines.changed', { machines: [...machines.list()], current: machines.current() });
  });
  const runs = openRuns(news, clock);
  const bench: World['bench'] = (machine) => {
    const target = machines.find(machine);
    if (!target.ok) return target;
    const { hands } = target.value;
    return hands === null ? failed('unsupported-host', { what: 'dump' }) : ok({ machine, hands });
  };
  const world: World = {
    version: packageVersion,
    systemLanguage: systemLanguage(),
    door,
    news,
    settings: openSettings(dataFolder()),
    recordings: openRecordings(path.join(assets, 'machines')),
    machines,
    runs,
    vms: openVmWorld({ news, runs, machines, clock, bench }),
    moves: openHandRuns(news, clock),
    here,
    history: openHistory({ folder: dataFolder(), clock, summaries: readSummaries }),
    clock,
    texts: textsOf(() => world.history),
    bench,
    forgetRun(machine) {
      const bench = world.bench(machine);
      const run = bench.ok ? runs.state(bench.value) : null;
      if (run !== null && isUnderWay(run)) return failed('busy');
      runs.forgetState(machine);
      return ok(undefined);
    },
  };
  return world;
}
