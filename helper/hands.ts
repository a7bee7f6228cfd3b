// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../contract/pci';
import type { Result } from '../contract/problem';
import type { Machine } from '../host/machine';
import type { ProgramCall, ProgramName } from './programs';

/** An open file of ours; only the Hands that gave it understand it. */
export interface Handle {
  readonly id: number;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
  /** Permission bits only (07777). */
  readonly mode: number;
}

/** What a regular file is right now, seen without following a link. */
export interface FileState extends Owner {
  readonly sha256: string;
  readonly size: number;
  /** `dev:ino`: another file under the same name has another identity. */
  readonly identity: string;
}

export interface FolderState extends Owner {
  readonly names: readonly string[];
}

/** A kernel node that may be written, by name; helper/nodes.ts alone turns it into a path and checks the value's grammar. */
export type KernelNode =
  | { readonly node: 'driver-override' | 'driver-unbind' | 'drivers-probe' | 'power-control' | 'reset-method' | 'd3cold-allowed'; readonly device: PciAddress }
  /** Whether a text console draws on the frame buffers; `vtcon1`, found by its name. */
  | { readonly node: 'console-bind'; readonly console: string }
  | { readonly node: 'huge-pages'; readonly sizeKiB: number; readonly numa: number | null }
  | { readonly node: 'compact-memory' };

/** What a program left: its exit status and the start of its standard output (never shown, only parsed). */
export interface ProgramEnd {
  readonly exit: number;
  readonly output: string;
}

/** Who holds the lock; also what `busy` tells the second caller. */
export interface Holder {
  readonly who: string;
  readonly what: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/**
 * Every way of changing a machine, one system call at a time, so that a rehearsal can cut the power between any two.
 *
 * Paths are absolute and come from core/step/places or helper/store, never from a request. Every call walks its path
 * without following a link, and wants each folder on the way root-owned and not writable by others.
 * Failures: `precondition-failed` with detail.why = link | not-regular | owner | writable | exists | absent | missing,
 * `step-failed` with detail.why = the errno name, `time-limit` or `output-limit`; detail.place names the path or node.
 * File calls are synchronous (the helper does one thing at a time); what may hang is a promise with a deadline.
 * A rehearsal whose power was cut throws from every call from then on.
 */
export interface Hands extends Machine {
  /** State and digest of a regular file; null when it, or a folder on the way, is absent. Read in pieces, so images are fine. */
  inspect(path: string): Result<FileState | null>;
  /** The same with its bytes; more than `limit` bytes is `too-large`. */
  take(path: string, limit: number): Result<{ readonly state: FileState; readonly bytes: Uint8Array } | null>;
  folder(path: string): Result<FolderState | null>;

  /** New file, O_EXCL, owned by root. */
  create(path: string, mode: number): Result<Handle>;
  /** Existing or new file opened for appending (the journal). */
  append(path: string, mode: number): Result<Handle>;
  /** All of these bytes at the handle's place; after a failure some of them may be there. */
  write(handle: Handle, bytes: Uint8Array): Result<void>;
  /** The whole content of a file, in pieces, at the end of the handle (snapshots of images). */
  copy(from: string, to: Handle): Result<void>;
  own(handle: Handle, owner: Owner): Result<void>;
  /** fsync: content and size survive a power cut afterwards; the name does not until flushFolder. */
  flush(handle: Handle): Result<void>;
  close(handle: Handle): Result<void>;
  /** Takes the place of `to` when it exists; both in one folder. */
  rename(from: string, to: string): Result<void>;
  /** Second name for the same file; fails where it exists, and on file systems without links (FAT: EPERM). */
  link(from: string, to: string): Result<void>;
  /** Absent is a failure (`absent`), so that nobody forgets to look first. */
  remove(path: string): Result<void>;
  makeFolder(path: string, mode: number): Result<void>;
  /** Empty folders only. */
  removeFolder(path: string): Result<void>;
  flushFolder(path: string): Result<void>;
  /** Cuts a torn last line off a journal. */
  truncate(path: string, size: number): Result<void>;

  /** One write of one value to an existing kernel node, in a child of its own; a missed deadline is `step-failed`, why `wedged`. */
  writeNode(node: KernelNode, value: string): Promise<Result<void>>;
  /** A program of the closed table, without a shell; a non-zero exit is an answer, not a failure. */
  start(call: ProgramCall): Promise<Result<ProgramEnd>>;
  /** Whether the program could be started at all; asked for every program of a plan before its first step. */
  has(program: ProgramName): boolean;

  /** The one lock; `busy` with who, what, since when somebody lives who holds it. Freed by unlock or by death. */
  lock(holder: Holder): Promise<Result<void>>;
  unlock(): void;

  /** Keeps the machine from going to sleep until what is returned is called, or this process ends; a machine that cannot be kept awake goes on. */
  awake(): () => void;

  /** Waits that long; a rehearsal's clock jumps. */
  pause(milliseconds: number): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Lower-case hex of that many random bytes. */
  random(bytes: number): string;
  /** /proc/sys/kernel/random/boot_id. */
  boot(): string;
}
