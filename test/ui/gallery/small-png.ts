// SPDX-License-Identifier: GPL-3.0-or-later
import { deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';

/** A picture with at most 256 colours: what is kept in test/ui/shots, a fifth of the size of a full one. */
export interface Shot {
  readonly width: number;
  readonly height: number;
  /** RGBA, as pixelmatch takes it. */
  readonly data: Uint8Array;
}

const crcs = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
const crc = (bytes: Buffer): number => {
  let c = 0xffffffff;
  for (const byte of bytes) c = (crcs[(c ^ byte) & 0xff] ?? 0) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
};

function chunk(type: string, body: Buffer): Buffer {
  const head = Buffer.from(type, 'latin1');
  const out = Buffer.alloc(body.length + 12);
  out.writeUInt32BE(body.length, 0);
  head.copy(out, 4);
  body.copy(out, 8);
  out.writeUInt32BE(crc(Buffer.concat([head, body])), body.length + 8);
  return out;
}

/** Four bits a channel are enough to see any change a person could see, and make the file small. */
const coarse = Uint8Array.from({ length: 256 }, (_, value) => Math.round(value / 17) * 17);

export function readShot(png: Buffer): Shot {
  const { width, height, data } = PNG.sync.read(png);
  return { width, height, data };
}

/** The same picture with coarse colours. */
export function coarsen({ width, height, data }: Shot): Shot {
  const out = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 1) out[at] = at % 4 === 3 ? 255 : (coarse[data[at] ?? 0] ?? 0);
  return { width, height, data: out };
}

/** Four bits a channel: 4,096 colours, so that tables of that length do for all that is counted. */
const colours = 4096;
const keyAt = (data: Uint8Array, at: number): number => (((data[at] ?? 0) / 17) << 8) | (((data[at + 1] ?? 0) / 17) << 4) | ((data[at + 2] ?? 0) / 17);
const channels = (key: number): readonly [number, number, number] => [(key >> 8) * 17, ((key >> 4) & 15) * 17, (key & 15) * 17];
const far = (a: number, b: number): number => channels(a).reduce((sum, value, at) => sum + Math.abs(value - (channels(b)[at] ?? 0)), 0);

/** Writes a coarse picture as an indexed PNG; colours beyond 256 (never seen so far) go to the nearest one. */
export function writeShot({ width, height, data }: Shot): Buffer {
  const counts = new Uint32Array(colours);
  for (let at = 0; at < data.length; at += 4) {
    const key = keyAt(data, at);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  const used = [...counts.keys()].filter((key) => (counts[key] ?? 0) > 0);
  const palette = used.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b).slice(0, 256);
  const index = new Uint8Array(colours);
  for (const key of used) {
    const own = palette.indexOf(key);
    index[key] = own >= 0 ? own : palette.reduce((best, it, at) => (far(it, key) < far(palette[best] ?? 0, key) ? at : best), 0);
  }
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = index[keyAt(data, (y * width + x) * 4)] ?? 0;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap((key) => [...channels(key)]));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('PLTE', table), chunk('IDAT', deflateSync(rows, { level: 8, memLevel: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
