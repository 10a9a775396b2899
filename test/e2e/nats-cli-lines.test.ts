import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { root } from '../../scripts/ready.mjs';
import { startExampleWorld, type ExampleWorld } from '../support/example-world.js';

/** Lines of the nats CLI's cheat sheets and documentation in the field of natsx, as they are pasted. */
const lines: readonly string[] = [
  `nats pub orders.new 'hello world'`,
  `nats publish orders.new 'hello world'`,
  `nats pub orders.new '{{ Random 100 1000 }}' -H Count:1 --count 100`,
  `nats pub orders.new 'message {{.Count}} @ {{.TimeStamp}}' --count=10`,
  `nats pub orders.new 'hello world' --count 3 --sleep 10ms --jitter 5ms`,
  `echo 'hello world' | nats pub orders.new`,
  `echo 'hello world' | nats pub --force-stdin orders.new`,
  `echo 'hello world' | nats pub orders.new --send-on=newline`,
  `nats pub --context prod orders.new body`,
  `nats pub orders.new hello --jetstream`,
  `nats sub orders.new --count 1`,
  `nats subscribe 'orders.>' --count 1`,
  `nats sub orders.new --queue work --count 1`,
  `nats sub orders.new --raw --count 1`,
  `nats sub --inbox`,
  `nats sub orders.new --dump archive --count 1`,
  `nats sub '>' --report-subjects --report-top=20`,
  `nats sub --stream ORDERS --all --count 5`,
  `nats sub --stream ORDERS --since 1h --count 5`,
  `nats sub --stream ORDERS --last --count 1`,
  `nats sub orders.new --translate 'base64 -d'`,
  `nats request example.echo 'hello world' -H Content-type:text/plain --raw`,
  `nats req example.echo 'hello world' --replies 1 --timeout 2s`,
  `nats reply service.requests 'Message {{Count}} @ {{Time}}'`,
  `nats reply service.requests --echo --sleep 10ms`,
  `nats rtt`,
  `nats account info`,
  `nats server check connection`,
  `nats server check consumer --stream ORDERS --consumer billing`,
  `nats server report connections`,
  `nats context add development --server nats://nats.dev.example.net:4222 --description 'Development'`,
  `nats context ls`,
  `nats ctx info prod --json`,
  `nats context edit prod`,
  `nats context validate`,
  `nats context select prod`,
  `nats context rm old`,
  `nats stream add INVOICES --subjects 'invoices.*' --defaults`,
  `nats stream info ORDERS`,
  `nats str info ORDERS --json`,
  `nats stream ls`,
  `nats stream list`,
  `nats stream report`,
  `nats stream edit ORDERS --description 'new description'`,
  `nats stream rm ORDERS -f`,
  `nats stream copy ORDERS ARCHIVE --subjects ARCHIVE`,
  `nats stream get ORDERS 12`,
  `nats stream rmm ORDERS 12`,
  `nats stream purge ORDERS`,
  `nats stream purge ORDERS --seq 10 -f`,
  `nats stream purge ORDERS --keep 10 -f`,
  `nats stream purge ORDERS --subject orders.eu -f`,
  `nats stream view ORDERS`,
  `nats stream subjects ORDERS`,
  `nats stream seal ORDERS`,
  `nats consumer add ORDERS NEW --pull --deliver all --ack explicit --defaults`,
  `nats con info ORDERS billing`,
  `nats consumer ls ORDERS`,
  `nats consumer edit ORDERS billing --description 'new description' -f`,
  `nats consumer next ORDERS billing --count 5`,
  `nats consumer report ORDERS`,
  `nats consumer pause ORDERS billing 1h -f`,
  `nats consumer rm ORDERS billing -f`,
  `nats bench pub foo --clients 2 --msgs 1000 --size 512`,
  `nats bench js get batch --clients 2 --msgs 100`,
  `nats bench js pub foo --create --batch 100`,
  `nats bench service serve --clients 4 testservice`,
  `nats backup stream ORDERS backups/orders`,
  `nats events`,
  `nats kv ls`,
];

const page = join(root, 'docs/nats-cli-lines.md');
const head = `# Lines of the nats CLI in natsx

What happens to lines of the nats CLI's cheat sheets when \`nats\` is replaced by \`natsx\`: they run, or the error names
the line that does it. A test writes this page (\`npx vitest run --project e2e test/e2e/nats-cli-lines.test.ts\`).

| nats CLI | natsx |
| -------- | ----- |
`;

/** Commands that run until they are stopped, and what they print when they are ready. */
const READY = /subscribed to|listening on/;

let world: ExampleWorld;
const outcomes = new Map<string, string>();
beforeAll(async () => {
  world = await startExampleWorld();
  await world.reset({ orders: true, billing: true });
});
afterAll(() => world.close());

describe('a line of the nats CLI', () => {
  it.each(lines.map((line) => [line]))('%s', async (line) => {
    const script = line.replace(/(^|\| )nats /, '$1natsx ');
    const isEndless = !line.includes('--count') && /nats (sub|reply) /.test(line);
    const { code, output } = await world.run(script, isEndless ? READY : undefined);
    const hint = /^hint: (.*)$/m.exec(output)?.[1];
    if (code !== 0)
      expect({ output, hint }).toEqual({ output, hint: expect.any(String) as unknown });
    outcomes.set(
      line,
      code === 0 ? 'runs' : `${/^error: (.*)$/m.exec(output)?.[1] ?? ''}; ${hint ?? ''}`,
    );
  });

  it('has its outcome on the page', async () => {
    const rows = lines.map((line) => {
      const outcome = outcomes.get(line) ?? '';
      const cell = outcome === 'runs' ? 'runs' : `\`${outcome}\``;
      return `| \`${line.replaceAll('|', '\\|')}\` | ${cell.replaceAll('|', '\\|')} |`;
    });
    const text = await format(`${head}${rows.join('\n')}\n`, {
      ...(await resolveConfig(page)),
      parser: 'markdown',
    });
    expect(lines.length).toBeGreaterThanOrEqual(60);
    await expect(text).toMatchFileSnapshot(page);
  });
});
