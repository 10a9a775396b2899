import { describe, expect, it } from 'vitest';

import type { Finding } from '../../../../src/core/findings/finding.js';
import type { FindingId } from '../../../../src/backlog/model/finding-id.js';
import type { BacklogReport, ConsumerReport } from '../../../../src/backlog/model/report.js';
import { causesText, chosenCauseText } from '../../../../src/backlog/view/causes.js';
import { createStyle } from '../../../../src/terminal/text/style.js';

const plain = { style: createStyle(false), width: 80 };

function finding(id: FindingId, severity: Finding['severity'] = 'critical'): Finding<FindingId> {
  const summary = `The sentence of ${id}.`;
  return { id, severity, summary, evidence: {}, remedy: [`natsx about ${id}`] };
}

function consumer(
  stream: string,
  name: string,
  id: FindingId,
  severity: Finding['severity'] = 'critical',
): ConsumerReport {
  const own = finding(id, severity);
  return {
    stream,
    name,
    verdict: id,
    severity,
    findings: [own],
    headline: own.summary,
    confidence: { level: 'high', reasons: [] },
  };
}

const nothing: BacklogReport = {
  atMs: 0,
  windowMs: 0,
  server: { name: 's1', version: '2.15.3', cluster: undefined, domain: undefined, jetstream: true },
  complete: true,
  missing: [],
  account: { findings: [] },
  streams: [],
  connections: [],
};

const IDS = ['NO_CLIENT', 'PAUSED', 'CLIENT_HUNG', 'NAK_STORM', 'EXHAUSTED', 'BURST', 'UNKNOWN'];
const various = IDS.map((id, place) => consumer('S', `c${String(place)}`, id as FindingId));

describe('what was found, in words', () => {
  it('groups equal findings by stream, and shows the first of them', () => {
    const names = ['archive', 'audit', 'billing', 'mail', 'stock'];
    const rows = [
      ...names.map((name) => consumer('ORDERS', name, 'NO_CLIENT')),
      consumer('EVENTS', 'reader', 'NO_CLIENT'),
      consumer('ORDERS', 'slow', 'SLOW_PROCESSING', 'warning'),
    ];
    expect(causesText([{ report: nothing, rows }], { ...plain, room: undefined }))
      .toMatchInlineSnapshot(`
      "CRITICAL NO_CLIENT  archive, audit, billing and 2 more of ORDERS, EVENTS reader
        archive: The sentence of NO_CLIENT.
        $ natsx about NO_CLIENT

      WARNING SLOW_PROCESSING  ORDERS slow
        The sentence of SLOW_PROCESSING.
        $ natsx about SLOW_PROCESSING
      "
    `);
  });

  it('shows five in a small room, and the commands that show the rest', () => {
    const text = causesText([{ report: nothing, rows: various }], { ...plain, room: 3 });
    expect(text.match(/^CRITICAL/gm)).toHaveLength(5);
    expect(text).toMatch(
      /\nand 2 more findings: BURST, UNKNOWN\n {2}\$ natsx backlog S c5\n {2}\$ natsx backlog S c6\n$/,
    );
  });

  it('shows as many as fit, and all where there is no limit', () => {
    expect(
      causesText([{ report: nothing, rows: various }], { ...plain, room: 24 }).match(/^CRITICAL/gm),
    ).toHaveLength(6);
    const all = causesText([{ report: nothing, rows: various }], { ...plain, room: undefined });
    expect(all.match(/^CRITICAL/gm)).toHaveLength(7);
    expect(all).not.toContain('more finding');
  });

  it('puts the worst first, whatever it is found on', () => {
    const report: BacklogReport = {
      ...nothing,
      account: { findings: [finding('STORE_NEAR_LIMIT', 'warning')] },
      connections: [
        { name: 'app', severity: 'critical', findings: [finding('CORE_SLOW_CONSUMER')] },
      ],
    };
    const rows = [consumer('S', 'c', 'POISON_AT_FLOOR', 'warning')];
    const text = causesText([{ report, rows }], { ...plain, room: undefined });
    expect([...text.matchAll(/^[A-Z]+ ([A-Z_]+)/gm)].map(([, id]) => id)).toEqual([
      'CORE_SLOW_CONSUMER',
      'STORE_NEAR_LIMIT',
      'POISON_AT_FLOOR',
    ]);
  });

  it('fits narrow terminals and wide characters', () => {
    const rows = ['账单🚀服务', '库存', '发货', '归档'].map((name) =>
      consumer('支付订单', name, 'STALLED_MAX_ACK_PENDING'),
    );
    expect(causesText([{ report: nothing, rows }], { ...plain, width: 40, room: undefined }))
      .toMatchInlineSnapshot(`
        "CRITICAL STALLED_MAX_ACK_PENDING
          账单🚀服务, 库存, 发货 and 1 more of
          支付订单
          账单🚀服务: The sentence of
          STALLED_MAX_ACK_PENDING.
          $ natsx about \\
              STALLED_MAX_ACK_PENDING
        "
      `);
  });

  it('names the contexts, and gives commands for them', () => {
    const sources = ['prod-eu', 'prod-us'].map((context) => ({
      context,
      report: nothing,
      rows: various.map((row) => ({ ...row, stream: `${row.stream}-${context.slice(-2)}` })),
    }));
    const text = causesText(sources, { ...plain, room: 3 });
    expect(text).toContain('CRITICAL NO_CLIENT  prod-eu S-eu c0, prod-us S-us c0\n');
    expect(text).toContain('$ natsx backlog S-eu c5 --context prod-eu\n');
  });

  it('explains a chosen consumer alone, and names the rest', () => {
    const report = { ...nothing, account: { findings: [finding('API_OVERLOADED', 'warning')] } };
    const text = chosenCauseText(report, consumer('S', 'c', 'NO_CLIENT'), plain);
    expect(text.match(/^CRITICAL/gm)).toHaveLength(1);
    expect(text).toContain('also found: API_OVERLOADED (account)');
  });
});
