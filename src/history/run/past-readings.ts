import type { ScanWindow } from '../../backlog/model/series.js';
import type { Announcement } from '../../backlog/model/memory/announced.js';
import { GENERAL_SECTION, WindowJoiner } from '../model/window-trees.js';
import type { HistoryLog } from './log-reader.js';

/** A reading of a history with what belongs to its window, and what was announced since the one before. */
export interface PastReading {
  readonly window: ScanWindow;
  readonly events: readonly Announcement[];
  /** Something between it and the one before could not be read. */
  readonly isAfterDamage: boolean;
}

export interface Stretch {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Those before the start that are read anyway, for the windows, are given as well. */
  readonly withBefore?: boolean | undefined;
  /** Which sections are read. @default all */
  readonly wants?: ((section: string) => boolean) | undefined;
}

/** The readings of a history from one time to another, in order. */
export async function* pastReadings(
  log: HistoryLog,
  { fromMs = -Infinity, toMs = Infinity, withBefore = false, wants }: Stretch,
): AsyncGenerator<PastReading> {
  let joiner = new WindowJoiner();
  for await (const { trees, isAfterDamage } of log.readings({ fromMs, toMs }, wants)) {
    if (isAfterDamage) joiner = new WindowJoiner();
    const window = joiner.join(trees);
    if (window.atMs > toMs) return;
    if (window.atMs < fromMs && !withBefore) continue;
    const heard = trees.get(GENERAL_SECTION)?.get('events') as
      { readonly events: readonly Announcement[] } | undefined;
    yield { window, events: heard?.events ?? [], isAfterDamage };
  }
}
