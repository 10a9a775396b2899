import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../../connection/connect.js';
import { startService } from '../../../connection/micro-service.js';
import type { ServiceCall } from '../../../connection/micro-service.js';
import { translateError } from '../../../connection/translate-error.js';
import { NatsxError } from '../../../core/errors.js';
import type { AgentFacts } from '../../model/agent-facts.js';
import { withDeadline } from '../worker-pool.js';
import { AgentSeat } from './agent-seat.js';
import type { SeatOptions } from './agent-seat.js';
import {
  AGENT_SERVICE,
  AGENT_VERBS,
  agentSubject,
  decodeMessage,
  encodeMessage,
  failureText,
} from './agent-protocol.js';
import type { AgentVerb } from './agent-protocol.js';

export interface AgentRequest extends SeatOptions {
  readonly host: string;
  readonly labels: AgentFacts['labels'];
  readonly signal: AbortSignal;
  /** Called once it can be found. */
  readonly onReady: (facts: AgentFacts) => void;
}

const LOOK_MS = 200;
const STOP_MS = 1_000;

/**
 * Offers this machine for load until it is stopped.
 * @throws {NatsxError} auth — a right on the control server is missing; connection — lost for good
 */
export async function serveAgent(client: Client, request: AgentRequest): Promise<void> {
  const { host, labels, version, cores, signal } = request;
  const seat = new AgentSeat(request);
  const service = await startService(client.connection, {
    name: AGENT_SERVICE,
    version,
    description: 'load of natsx bench',
    metadata: { ...labels, version, host, cores: String(cores) },
    endpoints: AGENT_VERBS,
    subjectOf: agentSubject,
    onCall: (verb, call) => void answer(seat, verb as AgentVerb, call),
  });
  let ended: Error | null | undefined;
  void service.stopped.then((error) => (ended = error));
  try {
    await confirmed(client, service.id);
    request.onReady({ id: service.id, host, labels, version, cores });
    while (!signal.aborted && ended === undefined && !client.lost.aborted) {
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
      seat.look();
    }
    if (client.lost.aborted) throw client.lost.reason;
    if (ended !== undefined && !signal.aborted) throw endOf(client, ended);
  } finally {
    await seat.close();
    await withDeadline(service.stop(), STOP_MS);
  }
}

/** @throws {NatsxError} auth — it may not subscribe or reply */
async function confirmed(client: Client, id: string): Promise<void> {
  const subject = `$SRV.PING.${AGENT_SERVICE}.${id}`;
  // Whether it may send this request itself does not matter; whether it may answer does.
  await client.connection.request(subject, undefined, { timeout: 1_000 }).catch(() => undefined);
  await client.connection.flush();
  const denied = client.complaints.find(
    ({ kind, message }) => kind === 'auth' && !message.includes(subject),
  );
  if (denied !== undefined) throw ofControl(denied);
}

function endOf(client: Client, ended: Error | null): NatsxError {
  const denied = client.complaints.find(({ kind }) => kind === 'auth');
  if (denied !== undefined) return ofControl(denied);
  return translateError(ended ?? new Error('it was stopped'), 'serving as an agent');
}

function ofControl({ message, hint }: NatsxError): NatsxError {
  return new NatsxError('auth', `the control server: ${message}`, { hint });
}

/** Answers a call, whatever it holds. */
async function answer(seat: AgentSeat, verb: AgentVerb, call: ServiceCall): Promise<void> {
  try {
    call.respond(encodeMessage(await seat.handle(verb, decodeMessage(call.data))));
  } catch (error) {
    const failure = error instanceof NatsxError ? error : new NatsxError('internal', String(error));
    const code = failure.kind === 'usage' ? 400 : failure.kind === 'rejected' ? 409 : 500;
    try {
      call.respondError(code, failure.message, failureText(failure));
    } catch {
      // Without a connection, there is nobody to answer.
    }
  }
}
