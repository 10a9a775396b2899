import { diagnose } from '../../domain/backlog/diagnose.js';
import type { BacklogRequest } from '../../domain/backlog/request.js';
import type { BacklogReport } from '../../domain/backlog/report.js';
import { NatsxError } from '../../domain/errors.js';
import { noJetStream } from '../../domain/jetstream/api-failure.js';
import { USUAL_API_PREFIX } from '../../domain/jetstream/api-scope.js';
import { readConsumer, readStream } from '../../nats/jetstream/jetstream-entities.js';
import { openJetStreamApi } from '../../nats/jetstream/jetstream-api.js';
import { readContinuously, readWindow, type BacklogPort, type ReadingEvents } from './window.js';

/**
 * Reads for the length of the window and says what it means.
 *
 * @throws {NatsxError} not-found — the named stream or consumer, or JetStream for them; connection — lost for good
 */
export async function backlogReport(
  port: BacklogPort,
  request: BacklogRequest,
  signal: AbortSignal,
  events: ReadingEvents = {},
): Promise<BacklogReport> {
  await checkTarget(port, request);
  const window = await readWindow(port, request, signal, events);
  if (!window.server.jetstream && needsJetStream(request)) {
    throw noJetStream(request.scope.apiPrefix);
  }
  // Deleted while it was looked at.
  if (window.missing.some(({ what }) => isTarget(what, request))) await checkTarget(port, request);
  return diagnose(window);
}

/** Who names a stream, or another place than the usual one, does not ask for connections. */
function needsJetStream({ stream, scope, coreOnly }: BacklogRequest): boolean {
  return stream !== undefined || (!coreOnly && scope.apiPrefix !== USUAL_API_PREFIX);
}

function isTarget(what: string, { stream, consumer }: BacklogRequest): boolean {
  if (stream === undefined) return false;
  return what === `stream ${stream}` || what === `consumer ${stream}/${consumer ?? ''}`;
}

/**
 * Reports without end, one each half window, until the signal aborts.
 *
 * @throws {NatsxError} as {@link backlogReport}
 */
export async function* watchBacklog(
  port: BacklogPort,
  request: BacklogRequest,
  signal: AbortSignal,
  events: ReadingEvents = {},
): AsyncGenerator<BacklogReport> {
  await checkTarget(port, request);
  for await (const window of readContinuously(port, request, signal, events)) {
    yield diagnose(window);
  }
}

/** What does not answer by then is looked at more patiently by the reading itself. */
const LOOKUP_TIMEOUT_MS = 2_000;

/** A misspelt name is told at once, with the nearest one; everything else is a matter of the report. */
async function checkTarget(port: BacklogPort, request: BacklogRequest): Promise<void> {
  const { stream, consumer, scope } = request;
  if (stream === undefined) return;
  const timeoutMs = Math.min(scope.timeoutMs, LOOKUP_TIMEOUT_MS);
  const api = openJetStreamApi(port, { ...scope, timeoutMs });
  try {
    if (consumer === undefined) await readStream(api, stream);
    else await readConsumer(api, stream, consumer);
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'not-found') throw error;
    // No leader, no permission, no answer: that is what the report is about.
  }
}
