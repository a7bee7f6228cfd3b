// SPDX-License-Identifier: GPL-3.0-or-later

/** Chips that begin with `IR-` are remapped by an IOMMU; both the Intel and the AMD driver name them so. Source: host.md 1.2.3. */
export const readInterruptRemapping = (text: string): boolean => /^\s*\w+:[\s\d]+IR-/m.test(text);
