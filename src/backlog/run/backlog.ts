import { diagnose } from '../model/diagnose.js';
import type { BacklogRequest } from '../model/request.js';
import { withoutOwnCommand } from '../model/own-command.js';
import type { BacklogReport } from '../model/report.js';
import type { Missing } from '../../streams/model/snapshot.js';
import { noJetStream } from '../../streams/model/api-failure.js';
import { USUAL_API_PREFIX } from '../../connection/model/api-scope.js';
import { checkMatched, checkTarget } from '../../streams/run/api/target.js';
import { RunMemory } from './run-memory.js';
import { readContinuously, readWindow } from './window.js';
import type { BacklogPort, ReadingEvents } from './reader/window-reader.js';

/** The memory of a run that reads again and again is given its readings, and adds to its reports. */
export interface RememberingEvents extends ReadingEvents {
  readonly memory?: RunMemory | undefined;
}

/**
 * Reads for the length of the window and says what it means.
 *
 * @throws {NatsxError} not-found — the named stream or consumer, or JetStream for them; connection — lost for good
 */
export async function backlogReport(
  port: BacklogPort,
  request: BacklogRequest,
  signal: AbortSignal,
  { memory, ...events }: RememberingEvents = {},
): Promise<BacklogReport> {
  await checkTarget(port, request);
  const window = await readWindow(port, request, signal, events);
  if (!window.server.jetstream && needsJetStream(request)) {
    throw noJetStream(request.scope.apiPrefix);
  }
  // Deleted while it was observed.
  if (window.missing.some((missing) => isTarget(missing, request)))
    await checkTarget(port, request);
  const report = memory?.remember(window) ?? withoutOwnCommand(diagnose(window), request);
  await checkMatched(port, request, report);
  return report;
}

/** A stream, a consumer or another API prefix was given, so connections alone are not an answer. */
function needsJetStream(request: BacklogRequest): boolean {
  const { stream, streams, consumers, subject, scope, coreOnly, judgesConsumers } = request;
  const chosen = [stream, streams, consumers, subject].some((one) => one !== undefined);
  if (chosen || judgesConsumers === true) return true;
  return !coreOnly && scope.apiPrefix !== USUAL_API_PREFIX;
}

function isTarget(missing: Missing, { stream, consumer }: BacklogRequest): boolean {
  if (stream === undefined || missing.stream !== stream) return false;
  if (missing.kind === 'stream') return true;
  return missing.kind === 'consumer' && missing.consumer === consumer;
}

/**
 * Reports without end, one each half window, until the signal aborts.
 *
 * @throws {NatsxError} as {@link backlogReport}
 */
export async function* followBacklog(
  port: BacklogPort,
  request: BacklogRequest,
  signal: AbortSignal,
  { memory, ...events }: RememberingEvents = {},
): AsyncGenerator<BacklogReport> {
  await checkTarget(port, request);
  let isFirst = true;
  for await (const window of readContinuously(port, request, signal, events)) {
    const report =
      memory?.remember(window, true) ?? withoutOwnCommand(diagnose(window), request, true);
    // Later, streams and consumers may disappear.
    if (isFirst) await checkMatched(port, request, report);
    isFirst = false;
    yield report;
  }
}

/**
 * The same, each with what the readings before it show.
 *
 * @throws {NatsxError} as {@link backlogReport}
 */
export async function* watchBacklog(
  port: BacklogPort,
  request: BacklogRequest,
  signal: AbortSignal,
  events: ReadingEvents = {},
): AsyncGenerator<BacklogReport> {
  const memory = new RunMemory(port, request);
  try {
    yield* followBacklog(port, request, signal, { ...events, memory });
  } finally {
    memory.stop();
  }
}
