import type { ScanWindow } from '../../backlog/model/series.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { someNames } from '../../core/wording.js';
import type { AccountSample } from '../../streams/model/snapshot.js';
import { accountSample, timeOf } from '../../streams/run/api/samples.js';
import type { GatheredArchive } from './gathered-archive.js';
import type { StreamDetail, StreamView } from './gathered-streams.js';

interface AccountDetail {
  readonly name?: string;
  readonly id?: string;
  readonly memory?: number;
  readonly storage?: number;
  /** The account's limits; the largest number there is for none. */
  readonly reserved_memory?: number;
  readonly reserved_storage?: number;
  readonly api?: { readonly errors?: number };
  readonly stream_detail?: readonly StreamDetail[] | null;
}

interface Jsz {
  readonly now?: string;
  readonly account_details?: readonly AccountDetail[] | null;
}

/** Limits of accounts as the servers send them: 2^64 - 1 is none. */
const NO_LIMIT = 2 ** 63;

interface GatheredAccount {
  readonly views: readonly StreamView[];
  readonly details: readonly AccountDetail[];
}

interface OpenAccount {
  readonly views: StreamView[];
  readonly details: AccountDetail[];
  /** Servers and streams of the views. */
  readonly seen: Set<string>;
}

/** By name. */
export async function readAccounts(
  archive: GatheredArchive,
  capturedMs: number,
): Promise<ReadonlyMap<string, GatheredAccount>> {
  const accounts = new Map<string, OpenAccount>();
  const at = (name: string): OpenAccount => {
    const known = accounts.get(name) ?? { views: [], details: [], seen: new Set() };
    accounts.set(name, known);
    return known;
  };
  await readServersViews(archive, capturedMs, at);
  await readStreamViews(archive, capturedMs, at);
  return accounts;
}

/** From each server's JetStream document, which is as old as its list of connections. */
async function readServersViews(
  archive: GatheredArchive,
  capturedMs: number,
  at: (account: string) => OpenAccount,
): Promise<void> {
  for (const { artifact, answer } of await archive.answers<Jsz>('jetstream_info')) {
    const { now = answer.server?.time, account_details: details } = answer.data ?? {};
    const atMs = timeOf(now) ?? capturedMs;
    for (const detail of details ?? []) {
      const account = at(detail.name ?? detail.id ?? '');
      account.details.push(detail);
      for (const stream of detail.stream_detail ?? []) {
        addView(account, { server: artifact.server, atMs, detail: stream });
      }
    }
  }
}

/** What was gathered by stream, where those documents were not. */
async function readStreamViews(
  archive: GatheredArchive,
  capturedMs: number,
  at: (account: string) => OpenAccount,
): Promise<void> {
  for (const artifact of archive.ofType('stream_info')) {
    const { server, account = '', stream = '' } = artifact;
    const own = at(account);
    if (own.seen.has(seenKey(server, stream))) continue;
    const detail = await archive.read<StreamDetail>(artifact);
    if (detail !== undefined) addView(own, { server, atMs: timeIn(detail) ?? capturedMs, detail });
  }
}

function addView({ views, seen }: OpenAccount, view: StreamView): void {
  views.push(view);
  seen.add(seenKey(view.server, view.detail.name));
}

function seenKey(server: string, stream: string): string {
  return `${server}/${stream}`;
}

/** A stream has no time in there, its consumers have. */
function timeIn({ consumer_detail: consumers }: StreamDetail): number | undefined {
  let latest: number | undefined;
  for (const { ts } of consumers ?? []) {
    const atMs = timeOf(ts);
    if (atMs !== undefined) latest = Math.max(latest ?? 0, atMs);
  }
  return latest;
}

/** @throws {NatsxError} not-found, usage */
export function chosenAccount(
  accounts: ReadonlyMap<string, GatheredAccount>,
  wanted: string | undefined,
  archive: GatheredArchive,
): string {
  const all = new Set([
    ...accounts.keys(),
    ...archive.artifacts.flatMap(({ account }) => account ?? []),
  ]);
  if (wanted !== undefined) {
    if (all.has(wanted)) return wanted;
    throw new NatsxError('not-found', `the archive has no account ${quoted(wanted)}`, {
      hint: `it has ${someNames([...all].toSorted(), 10)}`,
    });
  }
  const withStreams = [...accounts].flatMap(([name, { views }]) =>
    views.length > 0 ? [name] : [],
  );
  if (withStreams.length > 1) {
    throw usageError(
      `the archive has streams of ${withStreams.length} accounts`,
      `choose one with --account: ${someNames(withStreams.toSorted(), 10)}`,
    );
  }
  return withStreams[0] ?? [...accounts.keys()][0] ?? '$G';
}

/** Every server knows what the account uses; the one that was asked last knows it best. */
export function accountOf(
  details: readonly AccountDetail[],
  { atMs, streams }: Pick<ScanWindow, 'atMs' | 'streams'>,
): AccountSample | undefined {
  const [first] = details;
  if (first === undefined) return undefined;
  const most = (value: (detail: AccountDetail) => number | undefined): number =>
    Math.max(0, ...details.map((detail) => value(detail) ?? 0));
  return accountSample(
    {
      storage: most(({ storage }) => storage),
      memory: most(({ memory }) => memory),
      streams: streams.length,
      consumers: streams.reduce((sum, { consumers }) => sum + consumers.length, 0),
      api: { errors: details.reduce((sum, { api }) => sum + (api?.errors ?? 0), 0) },
      limits: {
        max_storage: limitOf(first.reserved_storage),
        max_memory: limitOf(first.reserved_memory),
      },
    },
    atMs,
  );
}

function limitOf(bytes: number | undefined): number {
  return bytes === undefined || bytes >= NO_LIMIT || bytes === 0 ? -1 : bytes;
}
