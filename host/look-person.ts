// SPDX-License-Identifier: GPL-3.0-or-later
import { grantedGroups, loginName } from '../contract/setting';
import type { PlacesSeen } from '../core/plan/seen';
import { membersOf, userOf } from '../core/read/accounts';
import type { Machine } from './machine';

/**
 * Who a user number is and which groups that matter they are in, by /etc/passwd and /etc/group, which everybody may read.
 * Null: root, or somebody whom another directory knows; their groups are not this computer's to change.
 */
export function lookAtPerson(machine: Machine, uid: number | null): PlacesSeen['person'] {
  if (uid === null || uid === 0) return null;
  const passwd = machine.text('/etc/passwd');
  const group = machine.text('/etc/group');
  if (passwd.at !== 'is' || group.at !== 'is') return null;
  const user = loginName.safeParse(userOf(passwd.value, uid)).data;
  if (user === undefined) return null;
  const there = grantedGroups.filter((name) => membersOf(group.value, name) !== null);
  return { uid, user, groups: there.filter((name) => membersOf(group.value, name)?.includes(user)), there };
}
