// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';

/** Text that Setup takes as it is: no control characters, and no name Windows forbids. */
const line = (max: number) => z.string().min(1).max(max).regex(/^[^\p{Cc}\p{Cs}]+$/u);
const locale = z.string().regex(/^[a-z]{2,3}(?:-[A-Z][a-z]{3})?-[A-Z]{2}$/);

/** The answers for an unattended Windows. The password exists only here and on the answer disc. */
export const windowsAnswers = z.strictObject({
  drivers: z.enum(['w10', 'w11']),
  /** The image's name in the archive, exactly. */
  image: line(256),
  language: locale,
  /** Language and layout as Windows counts them: `0409:00000409`. */
  keyboard: z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{8}$/),
  timeZone: line(64),
  /** NetBIOS: at most 15 letters, digits and hyphens, not only digits. */
  computer: z.string().regex(/^(?!\d+$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,13}[A-Za-z0-9])?$/),
  user: z.string().regex(/^(?![. ]+$)[^\p{Cc}\p{Cs}"/\\[\]:;|=,+*?<>@]{1,20}$/u),
  password: line(127),
  /** Five groups of five; null: the generic key that only chooses the edition, or none where we know of none. */
  key: z.string().regex(/^[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}$/).nullable(),
  remoteDesktop: z.boolean(),
  /** Setup leaves out its checks of TPM and Secure Boot: only where this computer cannot give them. */
  skipChecks: z.boolean(),
});
export type WindowsAnswers = z.infer<typeof windowsAnswers>;
