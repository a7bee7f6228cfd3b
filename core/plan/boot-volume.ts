// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PlanBasis } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';

type Mounts = NonNullable<HostFacts['system']['mounts']['value']>;

/** The file system that holds a folder, and what lies between it and a plain partition (host fact 5.3.2). */
export function bootVolumeOf(mounts: Mounts | null, folder: string): Result<PlanBasis['bootVolume']> {
  const holding = (mounts ?? []).filter(
    (mount) => mount.path === '/' || folder === mount.path || folder.startsWith(`${mount.path}/`),
  );
  const mount = holding.reduce<Mounts[number] | null>(
    (best, next) => (best === null || next.path.length >= best.path.length ? next : best),
    null,
  );
  if (mount === null) return failed('precondition-failed', { why: 'boot-volume-unknown' });
  if (mount.readOnly) return failed('precondition-failed', { why: 'boot-read-only' });
  return ok({ fileSystem: mount.kind, abstractions: [...underOf(mount.source)] });
}

/** Device names tell: device mapper (LVM, LUKS), RAID, bcache; anything but a plain block device counts as *unknown*. */
function underOf(source: string): readonly string[] {
  if (/^\/dev\/(?:mapper\/|dm-)/.test(source)) return ['mapper'];
  if (/^\/dev\/md/.test(source)) return ['md'];
  if (/^\/dev\/bcache/.test(source)) return ['bcache'];
  return /^\/dev\/(?:sd[a-z]+|vd[a-z]+|xvd[a-z]+|hd[a-z]+|nvme\d+n\d+|mmcblk\d+)p?\d*$/.test(source) ? [] : ['unknown'];
}
