/** A message that can be generated again at any time. Times are on the clock of `performance.now()`. */
export interface NumberedMessage {
  /** From 1, without gaps. */
  readonly number: number;
  readonly sentAtMs: number;
}

/** Publishes the messages of one publisher to a stream, and records what becomes of them. */
export interface Confirmer {
  /** Set by the publisher: writes a message; the payload is valid until the next call. */
  payload: (message: NumberedMessage) => Uint8Array;
  /** How many more messages may be sent now. */
  readonly room: number;
  /** Whether nothing more is awaited. */
  readonly isComplete: boolean;
  /** Time of the last acknowledgement, on the clock of `performance.now()`. */
  readonly progressMs: number;
  /**
   * Sends the next message; its number follows that of the last one. Call it only while there is {@link room}.
   *
   * @returns whether the socket takes more now
   * @throws {NatsxError} rejected — it is too large for the server
   */
  publish(message: NumberedMessage, nowMs: number): boolean;
  /** Nothing more will be sent. */
  finish(): void;
  /** Resolves at the next acknowledgement, or after `atMostMs`. */
  progress(atMostMs: number): Promise<void>;
  disconnected(): void;
  reconnected(): void;
  close(): void;
}
