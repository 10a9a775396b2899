import type { ScanWindow } from '../../backlog/model/series.js';
import type { AuditBeside, Look } from './look.js';
import { treeJson } from './tree-json.js';

/** The files of a look, each with what it has. */
export const LOOK_FILES = {
  account: {
    name: 'look/account.json',
    what: 'the account, the server that was asked, and what could not be read',
  },
  streams: {
    name: 'look/streams.json',
    what: 'streams and consumers: settings and positions, several readings',
  },
  connections: { name: 'look/connections.json', what: 'connections and servers' },
  audit: { name: 'look/audit.json', what: 'what only natsx doctor reads' },
} as const;

export type LookPart = keyof typeof LOOK_FILES;

/** What each file of a look has, as JSON. */
export function lookTexts({ window, audit }: Look): Readonly<Record<LookPart, string>> {
  const { streams, core, ...account } = window;
  return {
    account: treeJson(account),
    streams: treeJson(streams),
    connections: treeJson(core),
    audit: treeJson(audit),
  };
}

/**
 * The look again.
 *
 * @param parts parsed, as {@link lookTexts} had them
 * @throws RangeError — a part is not what it should be
 */
export function lookOf(parts: Readonly<Record<LookPart, unknown>>): Look {
  const { account, streams, connections, audit } = parts;
  const head = record(account, 'account');
  if (!Array.isArray(streams) || !Array.isArray(head['missing'])) throw wrong('streams');
  const beside = record(audit, 'audit');
  if (!(beside['sizes'] instanceof Map && beside['subjects'] instanceof Map)) throw wrong('audit');
  const window = {
    ...head,
    streams: streams as unknown[],
    core: record(connections, 'connections'),
  };
  return {
    window: window as unknown as ScanWindow,
    audit: beside as unknown as AuditBeside,
  };
}

function record(value: unknown, part: LookPart): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(part);
  return value as Readonly<Record<string, unknown>>;
}

function wrong(part: LookPart): RangeError {
  return new RangeError(`${LOOK_FILES[part].name} is not what it should be`);
}
