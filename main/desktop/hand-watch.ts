// SPDX-License-Identifier: GPL-3.0-or-later
import { watch, type FSWatcher } from 'node:fs';

/**
 * Tells of every change in the first of these folders that is there, by the kernel's own notice (inotify) and without looking again and again.
 * A folder that comes later is seen in the one above it. Where nothing can be watched, nothing is told.
 */
export function watchFolders(folders: readonly string[], changed: () => void): () => void {
  let watcher: FSWatcher | null = null;
  let at = folders.length;
  const begin = (): void => {
    for (const [index, folder] of folders.entries()) {
      if (index >= at) return;
      const found = tryToWatch(folder, told, lost);
      if (found === null) continue;
      watcher?.close();
      [watcher, at] = [found, index];
    }
  };
  const told = (): void => {
    if (at > 0) begin();
    changed();
  };
  const lost = (): void => {
    watcher?.close();
    [watcher, at] = [null, folders.length];
  };
  begin();
  return () => watcher?.close();
}

function tryToWatch(folder: string, told: () => void, lost: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, told);
    watcher.on('error', lost);
    return watcher;
  } catch {
    return null;
  }
}
