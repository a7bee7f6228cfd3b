// SPDX-License-Identifier: GPL-3.0-or-later
import { childOf, unlink } from '../disk';
import { folderAt, namesAt, textAt, writeAt } from '../files';
import type { World } from '../world';
import { did, option, plain, refuses, type Call, type Said } from './answer';
import { define, defined, definition, runs, setRuns, undefine } from './marks';

/** Room of the folder that images lie in, in bytes: a machine of memory has as much as the bench's had. */
const capacity = 512 * 2 ** 30;
/** What an empty qcow2 image takes (seen on libvirt 9.0: 200704 of 10 GiB). */
const emptyImage = 200_704;

interface Image {
  readonly format: string;
  readonly bytes: number;
  readonly allocation: number;
  /** Milliseconds since 1970. */
  readonly written: number;
}

const pathOf = (world: World, pool: string): string => /<path>([^<]*)<\/path>/.exec(definition(world, 'storage', pool) ?? '')?.[1] ?? '';
const head = 'switchyard-image ';

/** Images are files whose text says what they would hold. */
function imageAt(world: World, path: string): Image | null {
  const text = textAt(world.disk, path);
  if (text === null) return null;
  if (!text.startsWith(head)) return { format: 'raw', bytes: text.length, allocation: Math.ceil(text.length / 4096) * 4096, written: 0 };
  const [format = 'raw', ...numbers] = text.slice(head.length).split(' ');
  const [bytes = 0, allocation = 0, written = 0] = numbers.map(Number);
  return { format, bytes, allocation, written };
}

const put = (world: World, path: string, image: Image): void => {
  writeAt(world.disk, path, `${head}${image.format} ${image.bytes} ${image.allocation} ${image.written}`, { mode: 0o600 });
};

/** A guest that runs has its disks open and writes to them. */
export function writeToImage(world: World, path: string): void {
  const image = imageAt(world, path);
  if (image !== null) put(world, path, { ...image, allocation: image.allocation + 2 ** 20, written: world.clock });
}

const known = (world: World, pool: string | null): pool is string => pool !== null && defined(world, 'storage').includes(pool);
const missing = (pool: string | null): Said => refuses(`failed to get pool '${pool ?? ''}'`, `Storage pool not found: no storage pool with matching name '${pool ?? ''}'`);
const inactive = (pool: string): Said => refuses(`Requested operation is not valid: storage pool '${pool}' is not active`);

export const poolCalls: Readonly<Record<string, (call: Call) => Said>> = {
  'pool-list': ({ world, words }) => did(defined(world, 'storage').filter((name) => words.includes('--all') || runs(world, 'storage', name) !== null).map((name) => `${name.padEnd(20)}\n`).join('')),
  'pool-dumpxml'({ world, words }) {
    const [pool = null] = plain(words);
    if (!known(world, pool)) return missing(pool);
    const on = runs(world, 'storage', pool) !== null;
    const used = on ? images(world, pool).reduce((sum, [, image]) => sum + image.allocation, 0) : 0;
    const room = on ? [capacity, used, capacity - used] : [0, 0, 0];
    return did(`<pool type='dir'>\n  <name>${pool}</name>\n  <capacity unit='bytes'>${room[0]}</capacity>\n  <allocation unit='bytes'>${room[1]}</allocation>\n  <available unit='bytes'>${room[2]}</available>\n  <target>\n    <path>${pathOf(world, pool)}</path>\n  </target>\n</pool>\n`);
  },
  'pool-define-as'({ world, words }) {
    const [name, path] = [option(words, '--name'), option(words, '--target')];
    if (name === null || path === null) return refuses('command \'pool-define-as\' requires <name> option');
    if (defined(world, 'storage').includes(name)) return refuses(`Failed to define pool ${name}`, `operation failed: pool '${name}' already exists`);
    define(world, 'storage', name, `<pool type='dir'>\n  <name>${name}</name>\n  <target>\n    <path>${path}</path>\n  </target>\n</pool>\n`);
    return did();
  },
  'pool-start'({ world, words }) {
    const [pool = null] = plain(words);
    if (!known(world, pool)) return missing(pool);
    if (runs(world, 'storage', pool) !== null) return refuses(`Failed to start pool ${pool}`, `Requested operation is not valid: storage pool '${pool}' is already active`);
    folderAt(world.disk, pathOf(world, pool));
    setRuns(world, 'storage', pool, '<on/>\n');
    return did();
  },
  'pool-destroy'({ world, words }) {
    const [pool = null] = plain(words);
    if (!known(world, pool)) return missing(pool);
    if (runs(world, 'storage', pool) === null) return inactive(pool);
    setRuns(world, 'storage', pool, null);
    return did();
  },
  'pool-undefine'({ world, words }) {
    const [pool = null] = plain(words);
    if (!known(world, pool)) return missing(pool);
    undefine(world, 'storage', pool);
    return did();
  },
  'pool-refresh'({ world, words }) {
    const [pool = null] = plain(words);
    if (!known(world, pool)) return missing(pool);
    return runs(world, 'storage', pool) === null ? inactive(pool) : did();
  },
  'vol-list'({ world, words }) {
    const [pool = null] = plain(words);
    if (!known(world, pool)) return missing(pool);
    if (runs(world, 'storage', pool) === null) return inactive(pool);
    return did(images(world, pool).map(([name]) => ` ${name}   ${pathOf(world, pool)}/${name}\n`).join(''));
  },
  'vol-dumpxml'({ world, words }) {
    const [pool, name] = [option(words, '--pool'), words[0] ?? ''];
    if (!known(world, pool)) return missing(pool);
    const image = imageAt(world, `${pathOf(world, pool)}/${name}`);
    if (image === null) return refuses(`failed to get vol '${name}'`, `Storage volume not found: no storage vol with matching path '${name}'`);
    const seconds = `${Math.floor(image.written / 1000)}.${String(image.written % 1000).padStart(3, '0')}000000`;
    return did(`<volume type='file'>\n  <name>${name}</name>\n  <capacity unit='bytes'>${image.bytes}</capacity>\n  <allocation unit='bytes'>${image.allocation}</allocation>\n  <target>\n    <path>${pathOf(world, pool)}/${name}</path>\n    <format type='${image.format}'/>\n    <timestamps>\n      <mtime>${seconds}</mtime>\n    </timestamps>\n  </target>\n</volume>\n`);
  },
  'vol-create-as'({ world, words }) {
    const [pool, name, size, format] = [option(words, '--pool'), option(words, '--name'), option(words, '--capacity'), option(words, '--format') ?? 'raw'];
    if (!known(world, pool)) return missing(pool);
    if (runs(world, 'storage', pool) === null) return inactive(pool);
    const bytes = Number(/^(\d{1,15})B$/.exec(size ?? '')?.[1] ?? 'NaN');
    if (name === null || !Number.isInteger(bytes)) return refuses(`Malformed size ${size ?? ''}`);
    const path = `${pathOf(world, pool)}/${name}`;
    if (imageAt(world, path) !== null) return refuses(`Failed to create vol ${name}`, `storage volume '${name}' exists already`);
    put(world, path, { format, bytes, allocation: format === 'qcow2' ? emptyImage : words.includes('--allocation') ? 0 : Math.ceil(bytes / 4096) * 4096, written: world.clock });
    return did();
  },
  'vol-upload'({ world, words, text }) {
    const [pool, name] = [option(words, '--pool'), option(words, '--vol')];
    if (!known(world, pool)) return missing(pool);
    const path: string = `${pathOf(world, pool)}/${name ?? ''}`;
    const image = imageAt(world, path);
    if (image === null || text === null) return refuses(`failed to get vol '${name ?? ''}'`, `Storage volume not found: no storage vol with matching path '${name ?? ''}'`);
    put(world, path, { ...image, allocation: Math.ceil(text.length / 4096) * 4096, written: world.clock });
    return did();
  },
  'vol-delete'({ world, words }) {
    const [pool, name] = [option(words, '--pool'), words[0] ?? ''];
    if (!known(world, pool)) return missing(pool);
    const folder = folderAt(world.disk, pathOf(world, pool));
    if (childOf(world.disk, folder, name) === null) return refuses(`failed to get vol '${name}'`, `Storage volume not found: no storage vol with matching path '${name}'`);
    unlink(world.disk, folder, name);
    return did();
  },
};

const images = (world: World, pool: string): (readonly [string, Image])[] =>
  namesAt(world.disk, pathOf(world, pool)).flatMap((name) => {
    const image = imageAt(world, `${pathOf(world, pool)}/${name}`);
    return image === null ? [] : [[name, image] as const];
  });
