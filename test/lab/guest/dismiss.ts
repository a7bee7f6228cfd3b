// SPDX-License-Identifier: GPL-3.0-or-later
// In the guest: a polkit agent of this login session whose person closes every question. Prints `ready`, then waits for questions.
import { connect } from 'node:net';
import { callOf, messages, replyTo } from '../bus';

const agent = '/app/switchyard/lab/agent';
const polkit = { to: 'org.freedesktop.PolicyKit1', path: '/org/freedesktop/PolicyKit1/Authority', of: 'org.freedesktop.PolicyKit1.Authority' };

const bus = connect('/run/dbus/system_bus_socket');
const read = messages();
bus.write(`\0AUTH EXTERNAL ${Buffer.from(String(process.getuid?.())).toString('hex')}\r\n`);
bus.once('data', () => {
  bus.write('BEGIN\r\n');
  bus.write(callOf(1, { to: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', of: 'org.freedesktop.DBus', member: 'Hello' }));
  // polkit's D-Bus API: RegisterAuthenticationAgent(subject, locale, object path).
  bus.write(callOf(2, { ...polkit, member: 'RegisterAuthenticationAgent', session: process.env['XDG_SESSION_ID'] ?? '', words: ['C', agent] }));
  bus.on('data', (bytes) => {
    for (const message of read(bytes)) {
      if (message.kind === 'error') throw new Error(`the bus refused: ${message.error}`);
      if (message.kind === 'reply' && message.to === 2) console.log('ready');
      // What an agent answers whose dialog was closed (PolkitError).
      if (message.kind === 'call') bus.write(replyTo(message, message.member === 'BeginAuthentication' ? 'org.freedesktop.PolicyKit1.Error.Cancelled' : null));
      if (message.kind === 'call') console.log(message.member);
    }
  });
});
