// SPDX-License-Identifier: GPL-3.0-or-later
/** The command `switchyard history`, and what can be wrong with the history file. */
export const history = {
  'history.title': 'What Switchyard did on this computer',
  'history.title-all': 'What Switchyard did, rehearsals included',
  'history.empty': 'Nothing yet: Switchyard has changed nothing here.',
  'history.set-aside':
    'The list of earlier changes was damaged. It was set aside as {aside} and made again from the restore points; the computer itself is not affected.',
  'history.without-names': 'Shown from the restore points alone, without the names of the cards.',
  'history.steps': '{count, plural, one {# step} other {# steps}}',
  'history.restart': 'The computer must restart before this is true of the running system.',
  'history.way-back': 'Way back: {line}',
  'history.outcome.open': 'Not finished',
  'history.outcome.waiting': 'Waiting for your answer after a restart',
  'history.outcome.kept': 'Kept',
  'history.outcome.undone': 'Undone: the computer is as it was before',
  'history.outcome.cancelled': 'Stopped by you and put back',
  'history.outcome.failed': 'Did not work and was put back',
  'history.outcome.undo-incomplete': 'Some of it could not be put back',
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
