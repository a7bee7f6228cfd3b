// SPDX-License-Identifier: GPL-3.0-or-later
import type { Step } from '../../contract/plan';
import type { Moment, SettingSeen } from '../../contract/point';
import type { PlacesSeen } from '../plan/seen';
import { settingName } from '../step/setting';
import type { Told } from './told';

/**
 * What newer changes of ours set that outlives a start and is no file, led back to what the oldest of them found. Each of
 * these has two values: what is not as we left it is as it was then, so that nobody's own choice is overwritten.
 */
export function settingsBack(all: readonly Told[], target: Moment, seen: PlacesSeen): readonly Step[] {
  const then = new Map<string, SettingSeen>();
  for (const told of [...all].sort((a, b) => a.summary.opened - b.summary.opened)) for (const found of changedBy(told, target)) if (!then.has(settingName(found.setting))) then.set(settingName(found.setting), found);
  return [...then.values()].filter((found) => valueNow(found, seen) !== found.value).flatMap(stepFor);
}

/** What a kept change found, of everything that it left otherwise after the point. */
function changedBy({ summary, moments }: Told, target: Moment): readonly SettingSeen[] {
  const end = [...moments].reverse().find(({ when, state, at }) => when === 'end' && state === 'kept' && at > target.at);
  const start = moments.find(({ when, at }) => when === 'start' && at >= target.at);
  if (summary.state !== 'kept' || end === undefined || start === undefined) return [];
  return (start.settings ?? []).filter(({ setting, value }) => end.settings?.some((left) => settingName(left.setting) === settingName(setting) && left.value !== value) === true);
}

/** Null where it cannot be told from here: root looks before it sets anything. */
function valueNow({ setting }: SettingSeen, { person, network }: PlacesSeen): string | null {
  if (setting.setting === 'membership') return person?.uid !== setting.uid ? null : person.groups.includes(setting.group) ? 'in' : 'out';
  const isDefault = setting.setting === 'autostart' && setting.of === 'network' && setting.name === 'default';
  return isDefault && (network === 'on' || network === 'off') ? network : null;
}

function stepFor({ setting, value }: SettingSeen): readonly Step[] {
  if (setting.setting === 'membership' && (value === 'in' || value === 'out'))
    return [{ kind: 'membership', phase: 'now', id: `membership-${setting.group}`, group: setting.group, uid: setting.uid, user: setting.user, to: value }];
  if (setting.setting === 'autostart' && (value === 'on' || value === 'off'))
    return [{ kind: 'autostart', phase: 'now', id: `autostart-${setting.of}-${setting.name.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')}`.slice(0, 48), of: setting.of, name: setting.name, to: value }];
  return [];
}
