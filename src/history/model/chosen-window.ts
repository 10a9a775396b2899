import type { BacklogRequest } from '../../backlog/model/request.js';
import type { ScanWindow, StreamSeries } from '../../backlog/model/series.js';
import { NatsxError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { patternsOverlap } from '../../core/subject/subject-match.js';
import { unknownInHistory, unknownRecorded } from './moment.js';

/**
 * What a look at those streams and consumers would have read.
 *
 * @param source what the window is from, for errors
 * @throws {NatsxError} not-found — nothing that was recorded has such a name, pattern or subject
 */
export function chosenWindow(
  window: ScanWindow,
  request: BacklogRequest,
  source: RecordedIn = 'history',
): ScanWindow {
  const { stream, consumer, streams: wanted, consumers, subject, coreOnly } = request;
  if (coreOnly) return { ...window, streams: [] };
  const streams = window.streams.filter(
    (series) =>
      (stream === undefined || series.name === stream) &&
      (wanted?.matches(series.name) ?? true) &&
      (subject === undefined || hasSubject(series, subject)),
  );
  const names = window.streams.map(({ name }) => name);
  if (streams.length === 0) {
    if (stream !== undefined && !names.includes(stream)) {
      throw unknownIn(source, 'stream', { name: stream, known: names });
    }
    const choice = subject ?? wanted?.text;
    if (choice !== undefined) throw noneMatches(source, 'stream', choice);
  }
  const kept = streams.map((series) => ({
    ...series,
    consumers: series.consumers.filter(
      ({ name }) =>
        (consumer === undefined || name === consumer) && (consumers?.matches(name) ?? true),
    ),
  }));
  if (kept.every((series) => series.consumers.length === 0)) {
    const own = streams.flatMap((series) => series.consumers.map(({ name }) => name));
    if (consumer !== undefined) throw unknownIn(source, 'consumer', { name: consumer, known: own });
    if (consumers !== undefined) throw noneMatches(source, 'consumer', consumers.text);
  }
  return { ...window, streams: kept };
}

function hasSubject({ samples }: StreamSeries, subject: string): boolean {
  return (samples.at(-1)?.config.subjects ?? []).some((own) => patternsOverlap(own, subject));
}

type RecordedIn = 'history' | 'bundle';

function noneMatches(source: RecordedIn, kind: 'stream' | 'consumer', choice: string): NatsxError {
  return new NatsxError('not-found', `no ${kind} in the ${source} matches ${quoted(choice)}`);
}

function unknownIn(
  source: RecordedIn,
  kind: 'stream' | 'consumer',
  { name, known }: { readonly name: string; readonly known: readonly string[] },
): NatsxError {
  if (source === 'history') return unknownInHistory(kind, name, known);
  return unknownRecorded(`the ${source} has no ${kind} ${quoted(name)}`, name, known);
}
