import { isJsonObject, type JsonObject } from '../../../core/message/exact-json.js';
import { API_CODE, apiCodeOf } from '../../model/api-failure.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { configChanges, ignoredKeys } from '../../model/config-changes.js';
import type { ConfigOutcome } from '../../model/config-outcome.js';
import { checkStreamNeeds } from '../../../core/server-needs.js';
import { STREAM_DEFAULTS, unwrapConfig, wantedStream } from '../../model/stream-config.js';
import type { StreamConfig, StreamInfo } from '../../model/stream-info.js';
import { checkStreamConfig } from '../../model/stream-rules.js';
import type { Client } from '../../../connection/connect.js';
import { openJetStreamApi, type JetStreamApi } from '../api/jetstream-api.js';
import { findStream } from '../api/jetstream-entities.js';
import { createStream } from '../api/jetstream-streams.js';

/** A stream as the user wants it. */
export interface StreamWish {
  readonly name: string;
  /** Keys from flags, in the server's format. */
  readonly flags: JsonObject;
  /** Keys of a file; flags override them. */
  readonly file: JsonObject | undefined;
}

/**
 * Creates a stream. If there is one of that name, only compares the two.
 *
 * @param apply false: only shows what would be created
 * @throws {NatsxError} usage — an impossible configuration; rejected — the server objects or is too old
 */
export async function makeStream(
  client: Client,
  scope: JetStreamScope,
  { apply, ...wish }: StreamWish & { readonly apply: boolean },
): Promise<ConfigOutcome> {
  const wanted = wantedStream(wish.name, wish.flags, wish.file);
  checkStreamConfig(wanted);
  const api = openJetStreamApi(client.connection, scope);
  checkStreamNeeds(wanted, api.serverVersion);
  const present = await findStream(api, wish.name);
  if (present !== undefined) return compare(api, { present, wanted, wish });
  if (!apply) return outcome('would-create', wanted);
  const made = await createStream(api, wanted);
  const ignored = ignoredKeys(made.config, wanted, STREAM_DEFAULTS);
  const warnings = await upstreamWarnings(api, made.config);
  return { ...outcome('created', made.config), ignored, warnings };
}

/** Servers accept a mirror or source that does not exist; the stream then stays empty until it does. */
async function upstreamWarnings(
  api: JetStreamApi,
  { mirror, sources }: StreamConfig,
): Promise<readonly string[]> {
  // A stream of another account or domain cannot be looked up here.
  const own = [mirror ?? [], sources ?? []].flat().flatMap((upstream) => {
    if (!isJsonObject(upstream) || (upstream['external'] ?? undefined) !== undefined) return [];
    return typeof upstream['name'] === 'string' ? [upstream['name']] : [];
  });
  const missing = await Promise.all(
    own.map(async (name) => ((await findStream(api, name)) === undefined ? [name] : [])),
  );
  return missing
    .flat()
    .map((name) => `there is no stream ${name}: nothing is copied until it exists`);
}

interface Comparison {
  readonly present: StreamInfo;
  readonly wanted: StreamConfig;
  readonly wish: StreamWish;
}

async function compare(api: JetStreamApi, comparison: Comparison): Promise<ConfigOutcome> {
  const { present, wanted, wish } = comparison;
  const keys = Object.keys({ ...unwrapConfig(wish.file ?? {}), ...wish.flags });
  const changes = configChanges(present.config, wanted, { defaults: STREAM_DEFAULTS });
  if (changes.length === 0) return outcome('unchanged', present.config);
  const different = outcome('different', present.config, changes);
  const asked = configChanges(present.config, wanted, { defaults: STREAM_DEFAULTS, keys });
  if (asked.length > 0) return different;
  // Only keys that the user did not name differ: the server knows its own defaults best, and creating the same stream
  // again changes nothing.
  try {
    const same = await createStream(api, wanted);
    return outcome('unchanged', same.config);
  } catch (error) {
    if (apiCodeOf(error) === API_CODE.streamExists) return different;
    throw error;
  }
}

function outcome(
  action: ConfigOutcome['action'],
  config: StreamConfig,
  changes: ConfigOutcome['changes'] = [],
): ConfigOutcome {
  return { action, stream: config.name, changes, losses: [], ignored: [], config };
}
