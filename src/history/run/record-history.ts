import type { BacklogRequest } from '../../backlog/model/request.js';
import type { BacklogPort } from '../../backlog/run/reader/window-reader.js';
import type { ServerSource } from '../../backlog/run/reader/server-source.js';
import { followLink, readContinuously } from '../../backlog/run/window.js';
import type { Missing } from '../../streams/model/snapshot.js';
import { GENERAL_SECTION, WindowSplitter } from '../model/window-trees.js';
import type { Tree } from '../model/row.js';
import type { UnheardAnnouncements } from '../model/coverage.js';
import { Announcements } from '../../backlog/run/announcements.js';
import { LogLock, type LockOwner } from './log-lock.js';
import { LogWriter, prepareFolder, type LogLimits } from './log-writer.js';

export interface HistoryRequest {
  readonly dir: string;
  readonly everyMs: number;
  readonly limits: LogLimits;
  readonly backlog: BacklogRequest;
  readonly owner: LockOwner;
}

export interface HistoryProgress {
  readonly readings: number;
  readonly bytes: number;
}

export interface RecordEvents {
  readonly servers?: ServerSource | undefined;
  /** After the first reading is on the disk. */
  readonly onStart?: (() => void) | undefined;
  /** What it does not hear, when that is known or becomes more. */
  readonly onUnheard?: ((unheard: UnheardAnnouncements) => void) | undefined;
  /** What the first reading could not read. */
  readonly onMissing?: ((missing: readonly Missing[]) => void) | undefined;
}

/** A log that no other process writes; {@link OpenHistory.close} gives it back. */
export interface OpenHistory {
  readonly lock: LogLock;
  readonly writer: LogWriter;
  readonly close: () => Promise<void>;
}

/**
 * Opens the log of a request for writing, before anything is connected.
 *
 * @throws {NatsxError} usage — no folder for it; rejected — another process writes
 */
export async function openHistory({ dir, limits, owner }: HistoryRequest): Promise<OpenHistory> {
  await prepareFolder(dir);
  const lock = await LogLock.take(dir, owner);
  try {
    const writer = await LogWriter.open(dir, limits);
    const close = async (): Promise<void> => {
      await writer.close().finally(() => lock.release());
    };
    return { lock, writer, close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Writes a reading every interval until the signal aborts.
 *
 * @throws {NatsxError} usage — the log cannot be written any more
 */
export async function recordHistory(
  port: BacklogPort,
  { request, log }: { readonly request: HistoryRequest; readonly log: OpenHistory },
  signal: AbortSignal,
  { servers, onStart, onUnheard, onMissing }: RecordEvents = {},
): Promise<HistoryProgress> {
  const { lock, writer } = log;
  const { everyMs, backlog } = request;
  const splitter = new WindowSplitter();
  const link = followLink(port);
  let losses = 0;
  let deniedBefore = 0;
  const announcements = new Announcements(port, backlog);
  try {
    for await (const window of readContinuously(port, backlog, signal, { servers })) {
      announcements.readAt(window.atMs);
      const trees = splitter.split(window, writer.isAtStart);
      addHeard(trees.get(GENERAL_SECTION) as Map<string, Tree>, announcements);
      const wasDisconnected = link.losses > losses;
      losses = link.losses;
      await writer.append(trees, {
        atMs: Math.floor(window.atMs),
        everyMs,
        wasDisconnected,
      });
      await lock.touch(Date.now());
      const isFirst = writer.readings === 1;
      if (isFirst) onStart?.();
      if (isFirst && window.missing.length > 0) onMissing?.(window.missing);
      const { denied, isElsewhere } = announcements;
      const isNew = denied.length > deniedBefore || (isFirst && isElsewhere);
      if (isNew) onUnheard?.({ denied, isElsewhere });
      deniedBefore = denied.length;
    }
  } finally {
    announcements.stop();
  }
  return { readings: writer.readings, bytes: writer.bytes };
}

/** What was heard since the reading before, and what may not be heard. */
function addHeard(general: Map<string, Tree>, announcements: Announcements): void {
  const { events, dropped } = announcements.gathering.take();
  if (events.length > 0) general.set('events', { events, dropped });
  const { denied, isElsewhere } = announcements;
  if (denied.length > 0 || isElsewhere) general.set('unheard', { denied, isElsewhere });
}
