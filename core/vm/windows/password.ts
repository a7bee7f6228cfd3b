// SPDX-License-Identifier: GPL-3.0-or-later

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** How an answer file hides a password from a glance: Base64 of the UTF-16 of it with the element's name behind. It is no encryption. */
export function hiddenPassword(password: string, element: 'Password' | 'AdministratorPassword'): string {
  const bytes = Array.from({ length: (password.length + element.length) * 2 }, (_, at) => {
    const unit = (password + element).charCodeAt(Math.floor(at / 2));
    return at % 2 === 0 ? unit & 0xff : unit >> 8;
  });
  return base64(bytes);
}

function base64(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.slice(at, at + 3);
    const four = [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63].map((one) => letters[one] ?? '');
    const left = bytes.length - at;
    text += left >= 3 ? four.join('') : `${four.slice(0, left + 1).join('')}${'='.repeat(3 - left)}`;
  }
  return text;
}
