import { formatDurationMs } from '../../core/values/duration.js';
import { formatCount, plural } from '../../core/wording.js';
import type { Mark, TimelineLane, TimelinePlot } from '../../page/plots/plot.js';
import type { Tone } from '../../page/tone.js';
import type { Fault, FaultKind } from '../model/fault-log.js';
import type { VerifyReport } from '../model/report.js';
import { FAULT_WORDS } from './text.js';

/** Lost messages, corrupted ones and faults on one axis. @param marks what was injected */
export function faultTimeline(report: VerifyReport, marks: readonly Mark[]): TimelinePlot {
  const { outcome, faults, startedAtMs, durationMs, sendingMs } = report;
  const since = (atMs: number): number => Math.max(0, atMs - startedAtMs);
  const lanes: TimelineLane[] = [];
  if (sendingMs !== undefined) {
    const label = `sending for ${formatDurationMs(sendingMs)}`;
    lanes.push({ label: 'sending', tone: 'info', items: [{ from: 0, to: sendingMs, label }] });
  }
  const gaps = outcome.gaps.flatMap(({ publisher, from, to, firstAtMs, lastAtMs }) =>
    firstAtMs === undefined
      ? []
      : [
          {
            from: since(firstAtMs),
            to: since(lastAtMs ?? firstAtMs),
            label: `publisher ${publisher}: ${formatCount(from)} to ${formatCount(to)}, ${plural(to - from + 1, 'message')}`,
          },
        ],
  );
  if (gaps.length > 0) lanes.push({ label: 'lost messages', tone: 'bad', items: joined(gaps) });
  const broken = outcome.corruptions.map(({ publisher, number, atMs }) => ({
    from: since(atMs),
    to: since(atMs),
    label: `publisher ${publisher}, number ${formatCount(number)}`,
  }));
  if (broken.length > 0) lanes.push({ label: 'corrupted', tone: 'bad', items: joined(broken) });
  for (const kind of new Set(faults.map((fault) => fault.kind))) {
    const own = faults.filter((fault) => fault.kind === kind);
    const items = own.map((fault) => ({
      from: since(fault.firstAtMs),
      to: since(fault.lastAtMs),
      label: faultWords(fault),
    }));
    lanes.push({
      label: FAULT_WORDS[kind],
      tone: FAULT_TONES[kind] ?? 'warn',
      items: joined(items),
    });
  }
  return {
    kind: 'timeline',
    title:
      gaps.length === 0
        ? 'What happened during the run?'
        : 'What happened when messages were lost?',
    description: `${plural(outcome.gaps.length, 'gap')} and ${plural(faults.length, 'fault')} in ${formatDurationMs(durationMs)}.`,
    x: { label: 'time since the start', scale: 'elapsed', unit: 'ms', from: 0, to: durationMs },
    lanes,
    marks,
  };
}

const FAULT_TONES: Readonly<Partial<Record<FaultKind, Tone>>> = {
  disconnected: 'bad',
  reconnected: 'good',
};

/** More of them would be one block. */
const MOST_ITEMS = 300;

/** Neighbours become one item if there are too many. */
function joined(items: TimelineLane['items']): TimelineLane['items'] {
  const size = Math.ceil(items.length / MOST_ITEMS);
  if (size <= 1) return items;
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => {
    const group = items.slice(index * size, (index + 1) * size);
    return {
      from: Math.min(...group.map(({ from }) => from)),
      to: Math.max(...group.map(({ to }) => to)),
      label: `${group[0]?.label ?? ''} and ${String(group.length - 1)} more`,
    };
  });
}

function faultWords({ where, detail, count }: Fault): string {
  const times = count > 1 ? ` (${formatCount(count)} times)` : '';
  return `${[where, detail].filter((part) => part !== '').join(': ')}${times}`;
}
