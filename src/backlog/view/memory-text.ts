import stringWidth from 'string-width';

import { localTimeOfDay } from '../../core/values/local-time.js';
import { paintFor } from '../../terminal/text/severity-paint.js';
import type { Style } from '../../terminal/text/style.js';
import { cutMiddle } from '../../terminal/text/table.js';
import type { PlacedMemory } from '../model/memory/memory-facts.js';

/** What earlier readings add to a report, one line each with its time. */
export function memoryText(memory: readonly PlacedMemory[], style: Style): string {
  if (memory.length === 0) return '';
  return `${memory.map((placed) => memoryLine(placed, style)).join('\n')}\n\n`;
}

/** More lines leave too little for the table. */
const RECENT_LINES = 4;

/** The latest of what earlier readings add, for the live view: what the table does not show. */
export function recentMemoryText(
  memory: readonly PlacedMemory[],
  { style, width = Infinity }: { readonly style: Style; readonly width: number | undefined },
): string {
  const recent = memory.filter(isNoAge).slice(-RECENT_LINES);
  if (recent.length === 0) return '';
  const lines = recent.map((placed) => {
    const { finding } = placed;
    const taken = stringWidth(`00:00:00  ${finding.id}  ${placeOf(placed)}  `);
    const summary = cutMiddle(finding.summary, Math.max(0, width - taken));
    return memoryLine({ ...placed, finding: { ...finding, summary } }, style).trimEnd();
  });
  return `${lines.join('\n')}\n\n`;
}

/** What began, or was over, after a time: for a line of the watch. */
export function newMemoryText(memory: readonly PlacedMemory[], sinceMs: number): string {
  const fresh = memory.filter(isNoAge).flatMap((placed) => {
    const { beganMs, endedMs = beganMs, finding } = placed;
    if (Math.max(beganMs, endedMs) <= sinceMs) return [];
    const over = endedMs > beganMs ? ' (over)' : '';
    return [`${finding.id} ${placeOf(placed)}${over}: ${finding.summary}`];
  });
  return fresh.join(' ');
}

/** The age of a backlog is in the row of its consumer. */
function isNoAge({ finding }: PlacedMemory): boolean {
  return finding.id !== 'BACKLOG_SINCE';
}

function placeOf({ stream, consumer, connection }: PlacedMemory): string {
  return [stream, consumer, connection].filter((name) => name !== undefined).join(' ');
}

function memoryLine(placed: PlacedMemory, style: Style): string {
  const { finding, beganMs } = placed;
  const paint = paintFor(finding.severity, style);
  return `${style.dim(localTimeOfDay(beganMs).slice(0, 8))}  ${paint(finding.id)}  ${style.heading(placeOf(placed))}  ${finding.summary}`;
}
