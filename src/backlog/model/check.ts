import { formatDurationMs, parseDurationMs } from '../../core/values/duration.js';
import type { NatsxError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';
import { crosses, type Threshold } from '../../core/values/threshold.js';
import { isAlarm } from '../../core/findings/severity.js';
import { valueOf, valueText } from './fail-condition.js';
import type { BacklogReport, ConsumerReport } from './report.js';
import { formatCount } from '../../core/wording.js';

/** Nagios' four states; the number is the exit code. */
export type CheckStatus = 0 | 1 | 2 | 3;

export interface CheckResult {
  readonly status: CheckStatus;
  /** First line of a Nagios plugin: state, sentence, and the figures behind the bar. */
  readonly line: string;
  /** Problems, one sentence each, worst first; may be empty. */
  readonly problems: readonly string[];
}

/** Limits from the command line, tested in addition to the verdict. */
export interface CheckLimits {
  readonly warning: readonly Threshold[];
  readonly critical: readonly Threshold[];
}

interface Problem {
  readonly status: 1 | 2 | 3;
  readonly text: string;
}

const STATES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;
const METADATA = 'io.nats.monitor.';

/** Unknown is worse than OK and better than an alarm. */
const RANK: Readonly<Record<CheckStatus, number>> = { 2: 3, 1: 2, 3: 1, 0: 0 };

/** The result of a Nagios check over all streams and consumers of a report. */
export function checkReport(report: BacklogReport, limits: CheckLimits): CheckResult {
  const consumers = report.streams.flatMap((stream) => stream.consumers);
  const problems = [
    ...report.streams.flatMap(streamProblems),
    ...consumers.flatMap((consumer) => consumerProblems(consumer, limits)),
    ...report.missing
      .filter(({ isBeside }) => isBeside !== true)
      .map(({ detail }): Problem => ({ status: 3, text: detail })),
  ].toSorted((a, b) => RANK[b.status] - RANK[a.status]);
  const status = problems[0]?.status ?? 0;
  const sentence = problems[0]?.text ?? wellSentence(consumers, report);
  const figures = consumers.map((consumer) => perfdata(consumer, report)).join(' ');
  // The first bar ends the sentence, wherever it comes from.
  const said = sentence.replaceAll('|', '/');
  return {
    status,
    line: `${STATES[status]} ${said}${figures === '' ? '' : ` | ${figures}`}`,
    problems: problems.map(({ text }) => text),
  };
}

function wellSentence(consumers: readonly ConsumerReport[], { streams }: BacklogReport): string {
  const [only] = consumers;
  if (consumers.length === 0) {
    const names = streams.map(({ name }) => name);
    return names.length === 1 ? `${names.join()}: no consumers` : 'no consumers';
  }
  if (consumers.length === 1 && only !== undefined)
    return `${only.stream} ${only.name}: ${only.headline}`;
  return `${formatCount(consumers.length)} consumers keep up`;
}

function streamProblems(stream: BacklogReport['streams'][number]): readonly Problem[] {
  return stream.findings.flatMap(({ severity, id, summary }): readonly Problem[] => {
    const text = `${stream.name}: ${id}: ${summary}`;
    if (severity === 'critical') return [{ status: 2, text }];
    if (severity === 'warning') return [{ status: 1, text }];
    return severity === 'unknown' ? [{ status: 3, text }] : [];
  });
}

function consumerProblems(consumer: ConsumerReport, limits: CheckLimits): readonly Problem[] {
  if (consumer.verdict === 'LEFT_BEHIND_BY_DESIGN') return [];
  const who = `${consumer.stream} ${consumer.name}`;
  const verdict: Problem[] = [];
  const text = `${who}: ${consumer.verdict}: ${consumer.headline}`;
  if (isAlarm(consumer.severity))
    verdict.push({ status: consumer.severity === 'critical' ? 2 : 1, text });
  else if (consumer.severity === 'unknown') verdict.push({ status: 3, text });
  return [
    ...verdict,
    ...crossed(consumer, limits.critical, 2),
    ...crossed(consumer, limits.warning, 1),
    ...metadataProblems(consumer),
  ];
}

function crossed(
  consumer: ConsumerReport,
  limits: readonly Threshold[],
  status: 1 | 2,
): readonly Problem[] {
  const who = `${consumer.stream} ${consumer.name}`;
  return limits.flatMap((limit): readonly Problem[] => {
    const value = valueOf(consumer, limit.field);
    const hit = crosses(limit, value);
    if (hit === undefined) return [{ status: 3, text: `${who}: ${limit.field} is unknown` }];
    return hit
      ? [
          {
            status,
            text: `${who}: ${limit.text} (it is ${valueText(limit.field, value ?? Infinity)})`,
          },
        ]
      : [];
  });
}

/** Limits in the consumer's own metadata, which the official tools use, too. */
function metadataProblems({ stream, name, facts }: ConsumerReport): readonly Problem[] {
  if (facts?.last.config.metadata[`${METADATA}enabled`] !== 'true') return [];
  const { last } = facts;
  const since = (atMs: number | undefined): number =>
    atMs === undefined ? Infinity : last.atMs - atMs;
  const limits: readonly (readonly [key: string, value: number, read: (text: string) => number])[] =
    [
      ['outstanding-ack-critical', last.ackPending, Number],
      ['waiting-critical', last.waiting, Number],
      ['unprocessed-critical', last.pending, Number],
      ['redelivery-critical', last.redelivered, Number],
      ['last-delivery-critical', since(last.delivered.lastActiveMs), parseDurationMs],
      ['last-ack-critical', since(last.ackFloor.lastActiveMs), parseDurationMs],
    ];
  const who = `${stream} ${name}`;
  const problems = limits.flatMap(([key, value, read]): readonly Problem[] => {
    const limit = readLimit(last.config.metadata[METADATA + key], read);
    if (limit === undefined || limit <= 0 || value < limit) return [];
    const amount =
      key.startsWith('last-') && Number.isFinite(value)
        ? formatDurationMs(value)
        : valueText(key, value);
    return [{ status: 2, text: `${who}: ${METADATA}${key} reached (${amount})` }];
  });
  const unpinned =
    last.config.metadata[`${METADATA}pinned`] === 'true' &&
    !last.priorityGroups.some(({ pinnedClientId }) => pinnedClientId !== undefined);
  return unpinned
    ? [
        ...problems,
        { status: 2, text: `${who}: no client is pinned, but ${METADATA}pinned requires one` },
      ]
    : problems;
}

/** A mistyped limit must not break the rest of the check. */
function readLimit(text: string | undefined, read: (text: string) => number): number | undefined {
  if (text === undefined) return undefined;
  try {
    const value = read(text);
    return Number.isFinite(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `backlog=12;;;0 age=3.2s;;;0 …`, labels prefixed by the consumer, and by its stream, where there are several. */
function perfdata({ stream, name, facts }: ConsumerReport, { streams }: BacklogReport): string {
  if (facts === undefined) return '';
  const several = streams.length > 1 || (streams[0]?.consumers.length ?? 0) > 1;
  // A label may contain neither a quote nor an equals sign.
  const prefix = (streams.length > 1 ? `${stream}_${name}_` : several ? `${name}_` : '').replaceAll(
    /['=|]/g,
    '_',
  );
  const figures: readonly (readonly [string, number | undefined, string])[] = [
    ['backlog', facts.backlog, ''],
    ['pending', facts.last.pending, ''],
    ['ack_pending', facts.last.ackPending, ''],
    ['age', facts.oldestAgeMs === undefined ? undefined : facts.oldestAgeMs / 1000, 's'],
    ['rate_in', facts.pace?.publishPerS, ''],
    ['rate_out', facts.pace?.settlePerS, ''],
    ['eta', facts.drain.etaS, 's'],
  ];
  return figures
    .flatMap(([label, value, unit]) =>
      value === undefined
        ? []
        : [`'${prefix}${label}'=${String(Math.round(value * 1000) / 1000)}${unit};;;0`],
    )
    .join(' ');
}

/** The result when nothing could be read. */
export function unknownCheck({ message, hint }: NatsxError): CheckResult {
  const sentence = redact(hint === undefined ? message : `${message}; ${hint}`);
  return { status: 3, line: `UNKNOWN ${sentence}`, problems: [sentence] };
}
