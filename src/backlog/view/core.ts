import type { BacklogReport, ConnectionFindings } from '../model/report.js';
import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { paintFor } from '../../terminal/text/severity-paint.js';
import { findingBlock, type FindingView } from '../../terminal/text/findings-text.js';
import { missingLines } from './missing-lines.js';
import { textTable } from '../../terminal/text/table.js';

/** Core NATS: connections that read too slowly, by unsent bytes, and those that were disconnected. */
export function coreText(report: BacklogReport, view: FindingView): string {
  const { connections, server } = report;
  const head = server.jetstream
    ? ''
    : 'JetStream is off; this shows unsent messages of core NATS.\n';
  const none = 'No connection has unsent bytes, and none was disconnected for being slow.\n';
  const table = connections.length === 0 ? none : connectionTable(connections, view);
  const blocks = connections
    .flatMap(({ name, findings }) =>
      findings.map((finding) => findingBlock({ who: name, finding, text: finding.summary }, view)),
    )
    .slice(0, 10);
  const note =
    'Messages that a client has received but not processed are not visible to the servers.\n';
  return [head, table, ...blocks, missingLines(report, view.style), view.style.dim(note)]
    .filter((part) => part !== '')
    .join('\n');
}

function connectionTable(
  connections: readonly ConnectionFindings[],
  { style, width }: FindingView,
): string {
  return textTable({
    columns: [
      'Connection',
      'Address',
      { title: 'Unsent', align: 'right' },
      { title: 'Round trip', align: 'right' },
      'Subscriptions',
      { title: 'Verdict', whole: true },
    ],
    style,
    width,
    rows: connections.map(({ name, open, lastClosed, findings, severity }) => [
      name,
      (open ?? lastClosed)?.address ?? '',
      open === undefined ? 'closed' : formatByteSize(open.pendingBytes),
      open?.rttMs === undefined ? '' : formatDurationMs(open.rttMs),
      (open ?? lastClosed)?.subscriptions.filter((one) => !one.startsWith('_INBOX')).join(' ') ??
        '',
      paintFor(severity, style)(findings[0]?.id ?? 'OK'),
    ]),
  });
}
