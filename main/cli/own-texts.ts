// SPDX-License-Identifier: GPL-3.0-or-later
import { openHistory } from '../history/history';
import { readSummaries } from '../history/summaries';
import { dataFolder } from '../settings';
import { openTexts, type Texts } from '../texts';

/** Does something with what this person could read earlier; without the history file only with what can be read now. */
export async function withTexts<T>(work: (texts: Texts) => T): Promise<T> {
  const opened = await openHistory({ folder: dataFolder(), clock: Date.now, summaries: () => readSummaries() });
  if (!opened.ok) return work(openTexts(null));
  const file = opened.value;
  try {
    return work(
      openTexts({
        put: (sha256, text) => void file.rememberText(sha256, text),
        get(sha256) {
          const found = file.text(sha256);
          return found.ok ? found.value : null;
        },
      }),
    );
  } finally {
    file.close();
  }
}
