import type { HistoryOverview, UnheardAnnouncements } from '../model/coverage.js';
import { GENERAL_SECTION } from '../model/window-trees.js';
import { HistoryLog } from './log-reader.js';

/**
 * What a history covers, and what its recorder did not hear.
 *
 * @throws {NatsxError} usage — not a history
 */
export async function historyOverview(dir: string): Promise<HistoryOverview> {
  const log = await HistoryLog.open(dir);
  const { coverage } = log;
  let unheard: UnheardAnnouncements | undefined;
  const wants = (section: string): boolean => section === GENERAL_SECTION;
  for await (const { trees } of log.readings({ fromMs: coverage.toMs ?? 0 }, wants)) {
    unheard = trees.get(GENERAL_SECTION)?.get('unheard') as UnheardAnnouncements | undefined;
  }
  return { coverage, unheard };
}
