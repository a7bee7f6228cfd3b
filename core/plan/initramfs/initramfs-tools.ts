// SPDX-License-Identifier: GPL-3.0-or-later
import { defaultImage, trialImage } from '../../step/places';
import type { Generator } from './generator';

const name = 'initramfs-tools';

/** mkinitramfs of Debian and Ubuntu; `-d` gives it a private configuration, `-o` another image (initramfs-tools 0.142). */
export const initramfsTools: Generator = {
  name,
  places: (kernels, running) => ['early-script', 'early-hook', ...kernels.map(defaultImage), trialImage(running)],
  prepare: (kernel, devices) => [
    { kind: 'trial-config', phase: 'prepare', id: 'trial-config', generator: name, devices: [...devices] },
    { kind: 'trial-image', phase: 'prepare', id: 'trial-image', generator: name, kernel, devices: [...devices] },
  ],
  keep: (kernels, devices, kept) => [
    { kind: 'early-bind', phase: 'keep', id: 'early-bind', generator: name, devices: [...devices], kept },
    ...kernels.map(
      (kernel, index) =>
        ({
          kind: 'default-image' as const,
          phase: 'keep' as const,
          id: `default-image-${index + 1}`,
          generator: name,
          kernel,
        }) as const,
    ),
  ],
  keepNothing: (kernels) => [
    { kind: 'drop-early-bind', phase: 'keep', id: 'drop-early-bind', generator: name },
    ...kernels.map(
      (kernel, index) =>
        ({ kind: 'default-image', phase: 'keep', id: `default-image-${index + 1}`, generator: name, kernel, without: true }) as const,
    ),
  ],
  clear: (kernel) => [{ kind: 'drop-trial-image', phase: 'keep', id: 'drop-trial-image', generator: name, kernel }],
};
