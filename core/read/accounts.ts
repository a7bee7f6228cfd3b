// SPDX-License-Identifier: GPL-3.0-or-later

/** passwd(5): the login name of a user number; null when the file has none, or more than one. */
export function userOf(passwd: string, uid: number): string | null {
  const names = fields(passwd).filter((line) => line[2] === String(uid)).map((line) => line[0] ?? '');
  return names.length === 1 ? (names[0] ?? null) : null;
}

/** group(5): the members a group lists; null when there is no such group. Whose first group it is, is not in them. */
export function membersOf(group: string, name: string): readonly string[] | null {
  const line = fields(group).find((each) => each[0] === name);
  return line === undefined ? null : (line[3] ?? '').split(',').filter((each) => each !== '');
}

const fields = (text: string): readonly (readonly string[])[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(':'));
