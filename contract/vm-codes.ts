// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { detail } from './judged';

/** Why a recipe cannot become a VM here, or a change cannot be done. `why` of a `refused` or `unsupported-host` problem; sentence `vm.refusal.<code>`. */
export const vmRefusalCodes = [
  'too-old',
  'no-efi',
  'no-secure-loader',
  'secure-needs-uefi',
  'no-tpm',
  'tpm-needs-uefi',
  'no-kvm',
  'no-spice',
  'no-vnc',
  'no-vfio',
  'session-no-device',
  'session-no-network',
  'device-twice',
  'mac-twice',
  'path-twice',
  'pins-count',
  'pins-twice',
  'apart-needs-hook',
  'picture-needs-display',
  'single-card-display',
  'audio-needs-spice',
  'no-boot',
  'boot-order-twice',
  'share-not-power-of-two',
  'pages-not-whole',
  'virtio-3d-system',
  'too-many-devices',
  'gl-needs-display',
  'limit-too-small',
  'not-virtual',
  // Of a change, and not of a recipe.
  'other-uuid',
  'other-name',
  'answers-after-restart',
  'answers-gone',
  'no-host-half',
  'nothing-to-do',
] as const;
export type VmRefusalCode = (typeof vmRefusalCodes)[number];

/** What was left out, added or done otherwise than usual while drawing, so that nothing happens silently. Sentence `vm.note.<code>`. */
export const vmNoteCodes = [
  'slow',
  'hyperv-none',
  'hyperv-partly',
  'nested-off',
  'nested-on',
  'secure-boot-off',
  'balloon-off',
  'video-vga',
  'allocation-plain',
  'custom-arguments',
  'kvmfr-rights',
  'pipewire-as-pulse',
  'hidden-costs',
  'session-limits',
  'huge-pages-reserved',
  'path-in-home',
  'rom-place',
] as const;
export type VmNoteCode = (typeof vmNoteCodes)[number];

/** A sentence to be: a code and its short strings. */
export const vmNote = z.strictObject({ code: z.enum(vmNoteCodes), detail });
export type VmNote = z.infer<typeof vmNote>;
