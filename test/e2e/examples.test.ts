import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  startExampleWorld,
  type ExampleWorld,
  type ExampleWorldOptions,
} from '../support/example-world.js';
import { requires } from '../support/server-version.js';
import { exampleLines, manifestCommands } from '../support/manifest.js';

/** Commands that run until they are stopped, and what they print when they are ready; all others must end by themselves. */
const endless: readonly (readonly [RegExp, RegExp])[] = [
  [/^natsx (sub|queue-sub) /, /subscribed to/],
  [/^natsx reply /, /listening on/],
  [/^natsx bench reply/, /bench reply/],
  [/^natsx bench agent/, /waits for work/],
  [/^natsx backlog export/, /serving metrics on/],
  [/^natsx connections .*--watch/, /connections? of/],
  [/^natsx history record/, /recording into/],
  [/^natsx (history serve|backlog --serve)/, /token=/],
];

/** What the streams of the server are before an example. @default none */
const prepared: readonly (readonly [RegExp, ExampleWorldOptions])[] = [
  [/^natsx stream create/, {}],
  [/^natsx consumer create/, { orders: true }],
  [/^natsx history/, { orders: true, billing: true }],
  [/--atomic|--batch fast|--schedule-|^natsx schedule\b/, { orders: true, newest: true }],
  [/^natsx (record|replay)\b|--stream ORDERS|--since|--jetstream/, { orders: true }],
  [/^natsx (stream|consumer|backlog|doctor|bundle)\b/, { orders: true, billing: true }],
];

/** Users measure for seconds or minutes; a test needs less time to see that the example works. */
function shortened(line: string): string {
  if (line.startsWith('natsx backlog')) {
    return line.replace(/--window \S+/, '--window 1s').replace('--timeout 10m', '--timeout 2s');
  }
  // demo.test.ts plays all chapters.
  if (line.startsWith('natsx demo')) {
    return `natsx demo 1 --nats-server '${process.env['NATSX_NATS_SERVER']}'`;
  }
  if (line.startsWith('natsx bundle ticket.zip')) return `${line} --window 200ms`;
  if (!/^natsx bench (?!compare|reply|agent|--)/.test(line)) return line;
  const short = line
    .replace(/--duration \S+/, '')
    .replace(/--max-time \S+/, '')
    .replace('--msgs 1M', '--msgs 20')
    .replace('--msgs 200k', '--msgs 2k');
  const search = short.includes('saturate') ? ' --max-time 2s' : '';
  const time = short.includes('--msgs') ? '' : ' --duration 200ms';
  return `${short} --warmup 0${time}${search}`;
}

/** What must have happened before. The two results that are compared are equal, so that neither is slower. */
const before: readonly (readonly [RegExp, string])[] = [
  [/--plan plan/, `echo 'scenarios: [{scenario: pub, msgs: 100}]' > plan.yaml`],
  [
    /--agents/,
    `natsx bench agent --allow-server "$NATS_URL" --json > agent.txt & trap "kill $!" EXIT
    until grep -q ready agent.txt; do sleep 0.1; done`,
  ],
  [
    /history (?!record)|--from \.\/history/,
    `natsx history record ./history --every 200ms -q & recorder=$!
    until natsx history ls ./history --json | grep -q '"readings":[1-9]'; do sleep 0.1; done
    kill -INT $recorder; wait $recorder`,
  ],
  [/bundle ls|--bundle/, 'natsx bundle ticket.zip --window 200ms'],
  [/replay orders.jsonl/, 'natsx record orders.jsonl --stream ORDERS -q'],
  [
    /bench compare before/,
    'natsx bench pub --msgs 1k --repeat 3 --save before.json > /dev/null; cp before.json after.json',
  ],
];

/** The exit codes other than 0, some of which depend on what was measured and reported. */
const otherCodes: readonly (readonly [RegExp, (output: string) => number])[] = [
  // The plain server of the examples has nothing critical, but old servers have bugs that are.
  [/--fail-on critical/, (output) => (/"severity": ?"critical"/.test(output) ? 9 : 0)],
  // How fast this machine is.
  [
    /--fail-if 'p99>5ms'|bench saturate/,
    (output) => (/^error: .*p99|^no rate held/m.test(output) ? 9 : 0),
  ],
  // As Nagios has it: no client has ever asked for the 200 messages.
  [/^natsx backlog check/, () => 2],
  [/^natsx backlog wait ORDERS billing/, () => 5],
  // What was recorded is younger than these times.
  [/^natsx history diff/, () => 7],
  // This consumer has no pinned client.
  [/^natsx consumer unpin/, () => 8],
];

let world: ExampleWorld;
beforeAll(async () => {
  world = await startExampleWorld();
});
afterAll(() => world.close());

describe.each(manifestCommands())('natsx %s', (_words, command) => {
  it.each(exampleLines(command).map((line) => [line] as const))('%s', async (line) => {
    await world.reset(prepared.find(([pattern]) => pattern.test(line))?.[1] ?? {});
    // With --count the traffic ends it.
    const interruptWhen = line.includes('--count')
      ? undefined
      : endless.find(([pattern]) => pattern.test(line))?.[1];
    const script = [
      before.find(([pattern]) => pattern.test(line))?.[1] ?? '',
      shortened(line),
    ].join('\n');
    const { code, output } = await world.run(script, interruptWhen);
    const tooOld = /the server is too old .*needs (\d+\.\d+)/.exec(output);
    if (tooOld !== null) await requires(tooOld[1] ?? '');
    // Ctrl-C before the end of a --duration is an interruption; without a goal it is the end.
    const ownEnd = interruptWhen !== undefined && line.includes('--duration') ? 130 : 0;
    const other = otherCodes.find(([pattern]) => pattern.test(line))?.[1];
    expect({ code, output }).toEqual({ code: other?.(output) ?? ownEnd, output });
  });
});
