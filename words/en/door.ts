// SPDX-License-Identifier: GPL-3.0-or-later
export const door = {
  'door.opened': 'Switchyard is open in your browser. If no window came, open this address, which works once: {url}',
  'door.address': 'Open this address, which works once: {url} (from another computer, first: ssh -L {port}:127.0.0.1:{port} {host})',
  'door.again': 'The last page was closed. To come back, open this address, which works once: {url}',
  'door.rounds-over': 'The test is over after {through} of {wanted} rounds.',
  'door.still-runs': '{name} did not shut down; it still has the card.',
  'door.close-title': 'Switchyard is changing this computer',
  'door.close-question': 'Close now, and Switchyard finishes the step in hand and puts everything back first.',
  'door.close-stay': 'Stay and let it finish',
  'door.close-stop': 'Put everything back and close',
} as const;
