import { AckPolicy } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, onTestFinished, test } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer, type ServerOptions } from '../support/nats-server.js';
import { patientClient, patientManager } from '../support/patient-jetstream.js';
import { runCli, startCli, type CliResult } from '../support/run-cli.js';

const window = ['--window', '300ms'];
/** Everything that looks, at a stream with a pull and a push consumer. */
const VIEWS: readonly (readonly string[])[] = [
  ['backlog', ...window],
  ['backlog', 'ORDERS', ...window],
  ['backlog', 'ORDERS', 'billing', ...window],
  ['backlog', 'ORDERS', 'push', ...window],
  ['backlog', 'ORDERS', 'bill', '--taps', ...window],
  ['backlog', '--taps', ...window],
  ['backlog', 'ORDERS', '--taps', ...window],
  ['backlog', 'ORDERS', 'billing', '--taps', ...window],
  ['backlog', 'ORDERS', 'push', '--taps', ...window],
  ['backlog', '^ORD', '^bill', '--taps', ...window],
  ['backlog', '--core', ...window],
  ['backlog', 'check', 'ORDERS', ...window],
  ['backlog', 'check', 'ORDERS', 'billing', '--taps', ...window],
  ['backlog', 'peek', 'ORDERS', 'billing'],
  ['backlog', 'subjects', 'ORDERS'],
  ['backlog', 'subjects', 'ORDERS', 'billing'],
  ['doctor', ...window],
  ['doctor', 'ORDERS', ...window],
  ['stream', 'ls'],
  ['stream', 'info', 'ORDERS'],
  ['consumer', 'ls', 'ORDERS'],
  ['consumer', 'info', 'ORDERS', 'billing'],
  ['info'],
  ['sub', '--stream', 'ORDERS', '--from-start', '--until-end'],
];

interface Topology {
  readonly hub: NatsServer;
  readonly leaf: NatsServer;
}

/** Hub and leaf with a link that stands; the stream is made on the one that `home` names. */
async function linked(
  hubOptions: ServerOptions,
  leafOptions: ServerOptions,
  { login, home = 'hub' }: { readonly login?: string; readonly home?: keyof Topology } = {},
): Promise<Topology> {
  const hub = await startNatsServer({ name: 'hub', leafnode: true, ...hubOptions });
  onTestFinished(() => hub.stop());
  const remote = (hub.leafUrl ?? '').replace('//', login === undefined ? '//' : `//${login}@`);
  const leaf = await startNatsServer({ name: 'leaf', leafnode: { remote }, ...leafOptions });
  onTestFinished(() => leaf.stop());
  await eventually('the leaf node is linked', async () => (await links(hub)).length === 1);
  const topology = { hub, leaf };
  const connection = await connect({ servers: topology[home].url });
  onTestFinished(() => connection.close());
  await stock(connection);
  return topology;
}

async function stock(connection: NatsConnection): Promise<void> {
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
  const explicit = { ack_policy: AckPolicy.Explicit };
  await manager.consumers.add('ORDERS', { durable_name: 'billing', ...explicit });
  await manager.consumers.add('ORDERS', {
    durable_name: 'push',
    deliver_subject: 'deliver.push',
    ...explicit,
  });
  for (let id = 1; id <= 5; id += 1) await patientClient(connection).publish('orders.eu', `${id}`);
}

/** Ids of the links: another one is a link that was made again. */
async function links(hub: NatsServer): Promise<readonly number[]> {
  const { leafs } = await hub.monitor('/leafz');
  return ((leafs ?? []) as readonly { readonly id: number }[]).map(({ id }) => id);
}

const TROUBLE = /violation|leafnode error|leafnode connection closed/i;

/** How often each subject of JetStream was subscribed to across the link, by servers too: consumers have such subjects. */
function crossings({ hub, leaf }: Topology): readonly string[] {
  const traces = [hub, leaf].map((server) => server.logs()).join('');
  const subjects = [...traces.matchAll(/<<- \[LS\+ (\S+?)[\] ]/g)].map(([, one = '']) => one);
  // What `sub --stream` makes for itself comes and goes.
  return subjects.filter((one) => /NEXT|ADVISORY|ACK/.test(one) && /billing|push|\*/.test(one));
}

async function look(
  topology: Topology,
  flags: readonly string[],
): Promise<ReadonlyMap<string, CliResult>> {
  const before = await links(topology.hub);
  const crossed = crossings(topology);
  const runs = new Map<string, CliResult>();
  // A few at a time: most of each is waiting.
  for (let first = 0; first < VIEWS.length; first += 4) {
    const some = VIEWS.slice(first, first + 4);
    const ended = await Promise.all(some.map((view) => runCli([...view, ...flags])));
    some.forEach((view, place) => runs.set(view.join(' '), ended[place]!));
  }
  const { exit, ...watching } = startCli(['backlog', '--watch', '--taps', ...window, ...flags]);
  await watching.waitForStdout(/consumers/);
  watching.signal('SIGINT');
  await exit;
  const exporting = startCli(['backlog', 'export', '--listen', '127.0.0.1:0', ...window, ...flags]);
  const [, address = ''] = await exporting.waitForStderr(/(http:\S+)/);
  expect(await (await fetch(address)).text()).toContain('natsx_consumer_severity');
  exporting.signal('SIGINT');
  await exporting.exit;
  expect(await links(topology.hub)).toEqual(before);
  expect(topology.hub.logs()).not.toMatch(TROUBLE);
  expect(topology.leaf.logs()).not.toMatch(TROUBLE);
  expect(crossings(topology)).toEqual(crossed);
  return runs;
}

const traced = { config: { trace: true } };

describe('no view cuts the link of a leaf node', () => {
  test('that looks into the domain of its hub', { timeout: 240_000 }, async () => {
    const topology = await linked(
      { jetstream: { domain: 'hub' }, ...traced },
      { jetstream: { domain: 'leaf' }, ...traced },
    );
    const flags = ['--js-domain', 'hub', '--server', topology.leaf.url];
    const runs = await look(topology, flags);
    const one = runs.get('backlog ORDERS billing --window 300ms');
    expect(one?.code).toBe(0);
    expect(one?.stdout).toContain('its clients are not visible from here');
    const json = await runCli(['backlog', 'ORDERS', 'push', ...window, '--json', ...flags]);
    const { missing } = JSON.parse(json.stdout) as { missing: { what: string; why: string }[] };
    expect(missing.map(({ what, why }) => `${what} ${why}`)).toEqual([
      'advisories unsupported',
      'clients unsupported',
    ]);
    // What is beside the figures does not keep a check from judging them.
    const checked = runs.get('backlog check ORDERS --window 300ms');
    expect(checked?.stdout).not.toContain('not seen');
  });

  test('that has no JetStream of its own', { timeout: 240_000 }, async () => {
    const topology = await linked({ jetstream: { domain: 'hub' } }, {});
    for (const flags of [[], ['--js-domain', 'hub']])
      await look(topology, [...flags, '--server', topology.leaf.url]);
  });

  test('that imports JetStream from another account', { timeout: 240_000 }, async () => {
    const topology = await linked(
      {
        jetstream: true,
        config: `
          trace: true
          no_auth_user: store
          accounts {
            STORE { jetstream: enabled, users: [{ user: store, password: store }]
                    exports: [{ service: "$JS.API.>", response_type: stream }] }
            APP { users: [{ user: app, password: app }]
                  imports: [{ service: { account: STORE, subject: "$JS.API.>" }, to: "STORE.API.>" }] }
          }`,
      },
      traced,
      { login: 'app:app' },
    );
    const flags = ['--js-api-prefix', 'STORE.API', '--server', topology.leaf.url];
    const runs = await look(topology, flags);
    const view = runs.get('backlog ORDERS billing --window 300ms')?.stdout ?? '';
    expect(view.replaceAll(/\s+/g, ' ')).toContain(
      'JetStream under STORE.API belongs to another domain or account',
    );
  });

  test('nor one from the hub into the domain of the leaf node', { timeout: 240_000 }, async () => {
    const topology = await linked(
      { jetstream: { domain: 'hub' }, ...traced },
      { jetstream: { domain: 'leaf' }, ...traced },
      { home: 'leaf' },
    );
    await look(topology, ['--js-domain', 'leaf', '--server', topology.hub.url]);
    // A domain that names itself is listened to, and that stays on its own side.
    const own = await runCli([
      ...['backlog', 'ORDERS', 'billing', ...window],
      ...['--js-domain', 'leaf', '--server', topology.leaf.url],
    ]);
    expect(own.stdout).not.toContain('not seen');
  });
});
