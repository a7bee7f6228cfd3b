// SPDX-License-Identifier: GPL-3.0-or-later

/** What a look at a place gave. *absent* is an answer; *unreadable* is not: unknown is never false. */
export type Look<T> =
  | { readonly at: 'is'; readonly value: T }
  | { readonly at: 'absent' }
  | { readonly at: 'unreadable'; readonly why: 'permission' | 'io' | 'too-large' | 'not-a-file' | 'loop' };

export interface Stat {
  readonly kind: 'file' | 'folder' | 'link' | 'device' | 'other';
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  /** Device number of a device node (major * 2^20 + minor), else 0. */
  readonly rdev: number;
  /** Changes whenever the content is replaced: `dev:ino`. */
  readonly identity: string;
}

/** Programs a look may start, by name; each stands for one absolute path and one fixed argument list in host/run.ts. */
export type LookProgram =
  'qemu-version' | 'virsh-version' | 'systemd-detect-virt' | 'loginctl-sessions' | 'kernel-log' | 'kernel-log-journal' | 'failed-units';

/**
 * Read-only eyes on a machine: the real one, a recorded tree, or a machine of memory.
 * Every path is absolute in that machine; nothing here writes, waits without a limit, or wakes a device by itself.
 */
export interface Machine {
  /** A regular file as UTF-8 (invalid bytes replaced); longer than `limit` bytes (1 MiB unless said) is `too-large`. Never blocks on a FIFO or device. */
  text(path: string, limit?: number): Look<string>;
  bytes(path: string, limit?: number): Look<Uint8Array>;
  names(path: string): Look<readonly string[]>;
  /** Target of a symbolic link as it is written. */
  target(path: string): Look<string>;
  /** Absolute path with every link resolved. */
  real(path: string): Look<string>;
  /** What is there itself; with `follow`, what a link in the last place leads to. */
  stat(path: string, links?: 'follow'): Look<Stat>;
  /** Whether this user may open it so; null when it cannot be told. */
  may(path: string, how: 'read' | 'write'): boolean | null;
  run(program: LookProgram): Look<string>;
  /** Only a machine of memory, where nothing changes unseen, may give again what was made of the same looks. */
  again?<T>(what: string, make: (machine: Machine) => T): T;
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}
