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
const coarse = (value: number): number => Math.round(value / 17) * 17;

export function readShot(png: Buffer): Shot {
  const { width, height, data } = PNG.sync.read(png);
  return { width, height, data };
}

/** The same picture with coarse colours. */
export function coarsen({ width, height, data }: Shot): Shot {
  return { width, height, data: data.map((value, index) => (index % 4 === 3 ? 255 : coarse(value))) };
}

/** Writes a coarse picture as an indexed PNG; colours beyond 255 (never seen so far) go to the nearest one. */
export function writeShot({ width, height, data }: Shot): Buffer {
  const counts = new Map<number, number>();
  const colour = (at: number): number => ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
  for (let at = 0; at < data.length; at += 4) counts.set(colour(at), (counts.get(colour(at)) ?? 0) + 1);
  const palette = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 256).map(([value]) => value);
  const index = new Map(palette.map((value, at) => [value, at]));
  const far = (a: number, b: number): number => Math.abs((a >> 16) - (b >> 16)) + Math.abs(((a >> 8) & 255) - ((b >> 8) & 255)) + Math.abs((a & 255) - (b & 255));
  for (const value of counts.keys()) {
    if (!index.has(value)) index.set(value, palette.reduce((best, it, at) => (far(it, value) < far(palette[best] ?? 0, value) ? at : best), 0));
  }
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = index.get(colour((y * width + x) * 4)) ?? 0;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((value) => [value >> 16, (value >> 8) & 255, value & 255]));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('PLTE', colours), chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
