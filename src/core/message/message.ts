/** Header values by name, in the order of arrival; names keep their case. */
export type MessageHeaders = ReadonlyMap<string, readonly string[]>;

/** What follows the version in the first line of a headers block: `NATS/1.0 503 No Responders`. */
export interface HeadersStatus {
  readonly code: number;
  /** May be empty. */
  readonly description: string;
}

/** A message as it arrived. The payload belongs to the receiver. */
export interface ReceivedMessage {
  readonly subject: string;
  readonly reply?: string | undefined;
  readonly headers?: MessageHeaders | undefined;
  readonly payload: Uint8Array;
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly receivedAtMs: number;
}

/** A message to be sent. */
export interface OutgoingMessage {
  readonly subject: string;
  readonly reply?: string | undefined;
  readonly headers?: MessageHeaders | undefined;
  readonly payload: Uint8Array;
}
