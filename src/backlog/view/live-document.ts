import type { PageDocument, PageOrigin } from '../../page/document.js';
import type { BacklogReport } from '../model/report.js';
import { backlogReportToJson } from '../model/report-json.js';

export function backlogDocument(report: BacklogReport, origin: PageOrigin): PageDocument {
  const rows = report.streams.flatMap(({ consumers }) => consumers);
  const worst = rows.toSorted((a, b) => (b.facts?.backlog ?? 0) - (a.facts?.backlog ?? 0))[0];
  return {
    title: 'backlog',
    atMs: report.atMs,
    verdict: {
      tone: 'info',
      word: worst?.severity ?? 'ok',
      sentence: worst?.headline ?? 'all well',
    },
    figures: [],
    sections: [
      {
        title: 'Consumers',
        blocks: [
          {
            kind: 'table',
            caption: 'Consumers',
            columns: [{ title: 'Stream' }, { title: 'Consumer' }, { title: 'Backlog' }],
            rows: rows.map(({ stream, name, facts: of }) => [
              stream,
              name,
              String(of?.backlog ?? '–'),
            ]),
          },
        ],
      },
    ],
    conditions: [],
    origin,
    json: backlogReportToJson(report),
  };
}
