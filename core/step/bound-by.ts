// SPDX-License-Identifier: GPL-3.0-or-later

/** The transaction whose table a start binds; null for none. */
export function boundBy(step: { readonly bind: string }, transaction: string): string | null {
  if (step.bind === 'none') return null;
  return step.bind === 'this' ? transaction : step.bind;
}
