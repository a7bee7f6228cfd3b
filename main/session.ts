// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Who may speak to the browser door. A ticket works once and stands only in the fragment of an address, which
 * browsers never send; the token it buys stays in the page's sessionStorage, which other ports cannot read.
 */
export interface Session {
  /** A new one-time ticket; an unused older one stops working. */
  mint(): string;
  /** The token for a ticket, once; again only for the same page, which shows the same proof: it may be loaded anew before the answer came. */
  redeem(ticket: string, proof: string): string | null;
  knows(token: string): boolean;
}

const secret = (): string => randomBytes(32).toString('base64url');

const same = (a: string, b: string): boolean => {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
};

export function openSession(): Session {
  const token = secret();
  let ticket: string | null = null;
  let used: string | null = null;
  return {
    mint() {
      ticket = secret();
      return ticket;
    },
    redeem(offered, proof) {
      const both = `${offered} ${proof}`;
      if (used !== null && same(both, used)) return token;
      if (ticket === null || !same(offered, ticket)) return null;
      ticket = null;
      used = both;
      return token;
    },
    knows: (offered) => same(offered, token),
  };
}
