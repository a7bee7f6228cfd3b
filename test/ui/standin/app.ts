// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { note, strict } from './strict';

export const readiness = Promise.withResolvers<void>();
export const leave: { how: (code: number) => void } = { how: (code) => process.exit(code) };

export const app = strict(
  'app',
  Object.assign(new EventEmitter(), {
    whenReady: () => readiness.promise,
    enableSandbox: () => {
      note('app.enableSandbox');
    },
    commandLine: strict('commandLine', {
      getSwitchValue: (name: string) => (name === 'enable-features' ? (process.env['STANDIN_FEATURES'] ?? '') : ''),
      appendSwitch: (name: string, value: string) => {
        note('app.commandLine.appendSwitch', name, value);
      },
    }),
    requestSingleInstanceLock: () => process.env['STANDIN_SECOND'] !== '1',
    exit: (code = 0) => {
      note('app.exit', code);
      leave.how(code);
    },
    quit: () => {
      note('app.quit');
      app.emit('before-quit', {});
      app.emit('will-quit', {});
      leave.how(0);
    },
  }),
);
