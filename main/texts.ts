// SPDX-License-Identifier: GPL-3.0-or-later

/** Texts this person could read once, by their digests: so that *then* can be shown without asking root. */
export interface Texts {
  remember(sha256: string, text: string): void;
  text(this: void, sha256: string): string | null;
}

/** As many as fit a few megabytes; the oldest go first. */
const most = 256;
const longest = 262_144;

/** In memory, and where there is a place that outlives this process, there too. */
export function openTexts(kept: { readonly put: (sha256: string, text: string) => void; readonly get: (sha256: string) => string | null } | null): Texts {
  const known = new Map<string, string>();
  return {
    remember(sha256, text) {
      if (text.length > longest || known.has(sha256)) return;
      known.set(sha256, text);
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
      kept?.put(sha256, text);
    },
    text: (sha256) => known.get(sha256) ?? kept?.get(sha256) ?? null,
  };
}
