// SPDX-License-Identifier: GPL-3.0-or-later
/** Why pasted text was turned down. */
export const read = {
  'problem.bad-input.nothing-recognised': 'Nothing in this text looks like the output of a command Switchyard knows.',
  'problem.bad-input.two-machines':
    'Line {line} gives {address} other numbers than an earlier line: the text seems to come from two computers.',
} as const;
