// SPDX-License-Identifier: GPL-3.0-or-later

/** Shapes of contract/vm.ts and contract/vm-windows.ts that the page tells before it asks; a test holds them to the contract. */
export const forms = {
  name: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
  path: /^\/[^\p{Cc}\p{Cs}]{0,1023}$/u,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  interface: /^[A-Za-z0-9][A-Za-z0-9._:-]{0,14}$/,
  computer: /^(?!\d+$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,13}[A-Za-z0-9])?$/,
  user: /^(?![. ]+$)[^\p{Cc}\p{Cs}"/\\[\]:;|=,+*?<>@]{1,20}$/u,
  password: /^[^\p{Cc}\p{Cs}]{1,127}$/u,
  key: /^[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}$/,
} as const;
