// SPDX-License-Identifier: GPL-3.0-or-later
import type { Problem } from '../../contract/problem';

/** A question that was not asked, is under way, failed, or was answered. */
export type Waiting<T> = { readonly at: 'none' } | { readonly at: 'waiting' } | { readonly at: 'failed'; readonly problem: Problem } | { readonly at: 'here'; readonly value: T };
