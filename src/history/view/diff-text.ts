import type { HistoryChange } from '../../backlog/model/memory/memory-facts.js';
import { changeText } from '../../backlog/model/memory/memory-rules.js';
import { memoryText } from '../../backlog/view/memory-text.js';
import { localTimeOfDay, rfc3339Local } from '../../core/values/local-time.js';
import type { Style } from '../../terminal/text/style.js';
import type { HistoryDiff } from '../model/net-changes.js';
import { isoOrNull } from './history-text.js';

export function diffJson({ changes, findings }: HistoryDiff): unknown {
  return {
    changes: changes.map(({ kind, stream, consumer, key, before, after, atMs }) => ({
      kind,
      stream,
      consumer,
      key,
      before,
      after,
      at: isoOrNull(atMs),
    })),
    findings: findings.map(({ finding, stream, consumer, connection }) => ({
      ...finding,
      stream: stream ?? null,
      consumer: consumer ?? null,
      connection: connection ?? null,
    })),
  };
}

/** The changes by stream, each with its time; counts of both ends last. */
export function diffText(diff: HistoryDiff, style: Style): string {
  const { changes, findings, fromMs, toMs } = diff;
  const head = `${style.heading(rfc3339Local(fromMs))} to ${style.heading(rfc3339Local(toMs))}\n`;
  if (changes.length === 0) return `${head}nothing changed\n`;
  const lines = changes.map((change) => {
    const { kind, stream, consumer, atMs } = change;
    const when = kind === 'count' ? '        ' : localTimeOfDay(atMs).slice(0, 8);
    const where = [stream, consumer].filter((name) => name !== null).join(' ');
    return `${style.dim(when)}  ${where === '' ? '' : `${style.heading(where)}  `}${changeLine(change)}`;
  });
  const found = memoryText(findings, style);
  return `${head}${found === '' ? '' : `\n${found.trimEnd()}\n`}\n${lines.join('\n')}\n`;
}

function changeLine(change: HistoryChange): string {
  const { kind, key, before, after } = change;
  const words: Partial<Record<HistoryChange['kind'], string>> = {
    stream_created: 'created',
    consumer_created: 'created',
    stream_vanished: 'gone',
    consumer_vanished: 'gone',
    client_connected: `client ${key ?? ''} connected`,
    client_left: `client ${key ?? ''} left`,
    went_back: `${changeText(change)} (back)`,
    stream_recreated: 'deleted and created again',
    consumer_recreated: 'deleted and created again',
    stream_purged: `purged: ${String(before)} to ${String(after)} messages`,
  };
  return words[kind] ?? changeText(change);
}
