// SPDX-License-Identifier: GPL-3.0-or-later
import { links } from '../../contract/names';
import { failed, ok } from '../../contract/problem';
import type { Settings, ShownSettings } from '../../contract/ui';
import type { Answers } from '../dispatch';
import type { World } from '../world';

type Part = Pick<Answers, 'app.state' | 'app.settings' | 'app.copy' | 'app.link'>;

/** What the page needs when it loads, and the few things it cannot do by itself. */
export const appAnswers = (world: World): Part => ({
  'app.state': () => {
    const { machines, runs, settings, door } = world;
    const states = machines.list().flatMap((entry) => {
      const bench = world.bench(entry.machine);
      const run = bench.ok ? runs.state(bench.value) : null;
      return run === null ? [] : [run];
    });
    return ok({
      version: world.version,
      door: door.kind,
      why: door.why,
      settings: shown(world, settings.read()),
      systemLanguage: world.systemLanguage,
      helper: world.here.helper(),
      machines: [...machines.list()],
      current: machines.current(),
      runs: states,
    });
  },
  'app.settings': (part) => {
    const changed = world.settings.change(part);
    world.door.onTheme(changed.theme);
    if (part.shortcut !== undefined) world.door.shortcut?.set(changed.shortcut);
    const told = shown(world, changed);
    world.news.tell('app.settings', told);
    return ok(told);
  },
  'app.copy': ({ text }) => {
    if (world.door.copy === null) return failed('unsupported-host', { what: 'clipboard' });
    world.door.copy(text);
    return ok({});
  },
  'app.link': ({ link }) => {
    if (world.door.openLink === null) return ok({ opened: false });
    world.door.openLink(links[link]);
    return ok({ opened: true });
  },
});

const shown = (world: World, settings: Settings): ShownSettings => ({ ...settings, shortcutState: world.door.shortcut?.state() ?? 'none' });
