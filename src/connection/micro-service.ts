import { setTimeout as sleep } from 'node:timers/promises';

import { ServiceErrorCodeHeader, ServiceErrorHeader, Svcm } from '@nats-io/services';
import { createInbox } from '@nats-io/transport-node';
import type { Msg, NatsConnection } from '@nats-io/transport-node';

/** A request to an endpoint of a service. */
export interface ServiceCall {
  readonly data: Uint8Array;
  readonly respond: (text: string) => void;
  /** @param code as in HTTP */
  readonly respondError: (code: number, description: string, text: string) => void;
}

export interface ServiceRequest {
  readonly name: string;
  /** As in semantic versioning. */
  readonly version: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly endpoints: readonly string[];
  /** The subject of an endpoint of the service with this id. */
  readonly subjectOf: (id: string, endpoint: string) => string;
  readonly onCall: (endpoint: string, call: ServiceCall) => void;
}

/** A NATS micro service that is running. */
export interface MicroService {
  readonly id: string;
  /** Resolves when it has stopped: with the error that ended it, if any. */
  readonly stopped: Promise<Error | null>;
  readonly stop: () => Promise<void>;
}

/** Starts a service that every client finds with `$SRV.PING` and `$SRV.INFO`. */
export async function startService(
  connection: NatsConnection,
  request: ServiceRequest,
): Promise<MicroService> {
  const { name, version, description, metadata, endpoints, subjectOf, onCall } = request;
  const service = await new Svcm(connection).add({
    name,
    version,
    description,
    metadata: { ...metadata },
  });
  const { id } = service.info();
  for (const endpoint of endpoints) {
    service.addEndpoint(endpoint, {
      subject: subjectOf(id, endpoint),
      handler: (error, message) => {
        if (error !== null) return;
        const { data } = message;
        onCall(endpoint, {
          data,
          respond: (text) => void message.respond(text),
          respondError: (code, text, body) => void message.respondError(code, text, body),
        });
      },
    });
  }
  return {
    id,
    stopped: service.stopped,
    stop: async () => {
      await service.stop();
    },
  };
}

/** The error that a service answered with; `undefined` for a normal answer. */
export function serviceErrorIn(
  message: Msg,
): { readonly code: string; readonly text: string } | undefined {
  const text = message.headers?.get(ServiceErrorHeader) ?? '';
  if (text === '') return undefined;
  return { code: message.headers?.get(ServiceErrorCodeHeader) ?? '', text };
}

export interface GatherRequest {
  readonly subject: string;
  readonly inboxPrefix: string;
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
  /** Called for each answer; true ends the wait. */
  readonly onAnswer: (data: Uint8Array) => boolean;
}

/** Sends a request that several may answer, and waits for all of them. Ends at once if there are no responders. */
export async function gatherAnswers(
  connection: NatsConnection,
  request: GatherRequest,
): Promise<void> {
  const inbox = createInbox(request.inboxPrefix);
  const ended = new AbortController();
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null || message.headers?.code === 503 || request.onAnswer(message.data)) {
        ended.abort();
      }
    },
  });
  try {
    connection.publish(request.subject, undefined, { reply: inbox });
    const signal = AbortSignal.any([ended.signal, request.signal]);
    await sleep(request.maxWaitMs, undefined, { signal }).catch(() => undefined);
  } finally {
    subscription.unsubscribe();
  }
}
