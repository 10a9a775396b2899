import { diagnose } from '../model/diagnose.js';
import type { BacklogRequest } from '../model/request.js';
import { withoutOwnCommand } from '../model/own-command.js';
import type { BacklogReport } from '../model/report.js';
import { noJetStream } from '../../streams/model/api-failure.js';
import { USUAL_API_PREFIX } from '../../connection/model/api-scope.js';
import { checkMatched, checkTarget } from '../../streams/run/api/target.js';
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
  const report = withoutOwnCommand(diagnose(window), request);
  await checkMatched(port, request, report);
  return report;
}

/** Who names a stream, or another place than the usual one, does not ask for connections. */
function needsJetStream(request: BacklogRequest): boolean {
  const { stream, streams, consumers, subject, scope, coreOnly, judgesConsumers } = request;
  const chosen = [stream, streams, consumers, subject].some((one) => one !== undefined);
  if (chosen || judgesConsumers === true) return true;
  return !coreOnly && scope.apiPrefix !== USUAL_API_PREFIX;
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
  let isFirst = true;
  for await (const window of readContinuously(port, request, signal, events)) {
    const report = withoutOwnCommand(diagnose(window), request, true);
    // What goes away later is seen to go.
    if (isFirst) await checkMatched(port, request, report);
    isFirst = false;
    yield report;
  }
}
