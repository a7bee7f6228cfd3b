// SPDX-License-Identifier: GPL-3.0-or-later
import type { WindowsAnswers } from '../../../contract/vm-windows';
import { answerFile, answerFolder } from './answer-file';
import { writeDisc } from './disc-writer';
import { firstLogon } from './first-logon';

/** The answer disc as bytes: Setup looks for its answers in the root of every disc. */
export const answerDisc = (answers: WindowsAnswers): Uint8Array =>
  writeDisc({
    label: 'ANSWERS',
    files: [{ path: 'autounattend.xml', text: answerFile(answers) }, { path: `${answerFolder}/first.cmd`, text: firstLogon() }],
  });
