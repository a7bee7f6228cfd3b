// SPDX-License-Identifier: GPL-3.0-or-later

/** There while a trial waits for its answer: `passed` or `failed` and the transaction. All of /run is gone at the next start. */
export const questionPath = '/run/switchyard/question';
/** Read by pam_motd(8) at a login, and by agetty(8) above the console's login prompt. */
export const loginMessagePath = '/run/motd.d/switchyard';
export const consoleMessagePath = '/run/issue.d/switchyard.issue';
/** Where the waiting question is told, for everybody to read. */
export const toldPaths = [questionPath, loginMessagePath, consoleMessagePath] as const;
