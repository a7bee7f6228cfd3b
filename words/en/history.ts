// SPDX-License-Identifier: GPL-3.0-or-later
/** What can be wrong with the history file. */
export const history = {
  'problem.unreadable.history-runtime': 'The list of earlier changes needs a newer Node.js than {version}.',
  'problem.unreadable.history-newer':
    'The list of earlier changes was written by a newer Switchyard (version {version}; this one knows {known}). It was left as it is.',
  'problem.unreadable.history-full': 'There is no room on the disk for the list of earlier changes.',
  'problem.unreadable.history-read-only':
    'The list of earlier changes cannot be written: its file or folder can only be read.',
  'problem.unreadable.history-denied': 'The list of earlier changes may not be opened by you.',
  'problem.unreadable.history-busy': 'Another Switchyard is writing the list of earlier changes.',
  'problem.unreadable.history-disk': 'The disk reported an error for the list of earlier changes.',
  'problem.unreadable.history-place': 'Where the list of earlier changes should be there is something else.',
} as const;
