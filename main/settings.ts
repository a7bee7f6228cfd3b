// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { settings, type Settings } from '../contract/ui';

const usual: Settings = { language: 'system', theme: 'system', keepRunning: false, shortcut: 'off' };

/** The person's own data folder (XDG Base Directory): history and settings of both doors. */
export function dataFolder(): string {
  const base = process.env['XDG_DATA_HOME'];
  return path.join(base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.local/share'), 'switchyard');
}

export interface SettingsStore {
  read(): Settings;
  change(part: Partial<Settings>): Settings;
}

/** What the person chose, in one small file; a damaged or missing one means the usual, and so does a choice that an older version did not have. */
export function openSettings(folder: string): SettingsStore {
  const file = path.join(folder, 'settings.json');
  let now = load(file);
  return {
    read: () => now,
    change(part) {
      now = { ...now, ...part };
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(`${file}.new`, `${JSON.stringify(now)}\n`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
      return now;
    },
  };
}

function load(file: string): Settings {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const found = settings.safeParse(typeof read === 'object' ? { ...usual, ...read } : read);
    return found.success ? found.data : usual;
  } catch {
    return usual;
  }
}
