import { expect, test } from 'vitest';

import { withoutOwnCommand } from '../../../../src/backlog/model/own-command.js';
import type { BacklogReport } from '../../../../src/backlog/model/report.js';
import type { BacklogRequest } from '../../../../src/backlog/model/request.js';

const REMEDY = [
  'natsx backlog ORDERS',
  'natsx backlog ORDERS billing',
  'natsx backlog ORDERS billing --taps',
  'natsx backlog ORDERS billing --window 30s',
  'natsx backlog ORDERS billing --watch',
  'natsx backlog ORDERS billing-2',
  'natsx backlog --core',
  'natsx backlog --core --window 30s',
  'natsx backlog peek ORDERS billing',
];

const finding = { id: 'UNKNOWN', severity: 'unknown', summary: '', evidence: {}, remedy: REMEDY };
const judged = { findings: [finding] };
const report = {
  account: judged,
  streams: [{ ...judged, name: 'ORDERS', consumers: [{ ...judged, name: 'billing' }] }],
  connections: [judged],
} as unknown as BacklogReport;

const both = { stream: 'ORDERS', consumer: 'billing' };

test.each<readonly [Partial<BacklogRequest>, boolean, readonly number[]]>([
  [{}, false, []],
  [{ stream: 'ORDERS' }, false, [0]],
  [both, false, [1, 3]],
  [{ ...both, taps: true }, false, [1, 2, 3]],
  [{ ...both, windowMs: 30_000 }, false, [1, 3]],
  [both, true, [1, 3, 4]],
  [{ coreOnly: true }, false, [6, 7]],
  [{ coreOnly: true, windowMs: 60_000 }, false, [6, 7]],
])('%j, watching: %j, does not advise what it is', (request, isWatching, gone) => {
  const running = { windowMs: 4000, taps: false, coreOnly: false, ...request } as BacklogRequest;
  const { account, streams, connections } = withoutOwnCommand(report, running, isWatching);
  const left = REMEDY.filter((_, place) => !gone.includes(place));
  for (const one of [account, ...streams, ...(streams[0]?.consumers ?? []), ...connections])
    expect(one.findings[0]?.remedy).toEqual(left);
});

test.each([
  [4_000, ['natsx backlog ORDERS billing --window 30s']],
  [30_000, []],
])('observed for %i ms, a longer look is advised where nothing else is', (windowMs, left) => {
  const only = { ...finding, remedy: ['natsx backlog ORDERS billing --window 30s'] };
  const one = { ...report, account: { findings: [only] } } as unknown as BacklogReport;
  const running = { windowMs, taps: false, coreOnly: false, ...both } as BacklogRequest;
  expect(withoutOwnCommand(one, running).account.findings[0]?.remedy).toEqual(left);
});
