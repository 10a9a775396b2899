import { parsePublishAnswer } from '../../streams/model/publish-ack.js';
import { setTimeout as sleep } from 'node:timers/promises';

import { NatsxError } from '../../core/errors.js';
import { encodeEndMark } from '../model/end-mark.js';
import { EnvelopeWriter } from '../model/envelope.js';
import type { SenderAccount } from '../model/sender-account.js';
import type { Session } from '../../wire/session.js';
import type { Control } from './control.js';
import { wallNowMs } from './wall-clock.js';

/** Core NATS may lose an end mark like any other message. */
const COPIES = 3;
const TRIES = 5;
const AGAIN_AFTER_MS = 500;

export interface EndMarkOptions {
  readonly runId: string;
  readonly subject: string;
  readonly accounts: readonly SenderAccount[];
  /** Whether a stream stores the marks. */
  readonly stored: boolean;
  readonly timeoutMs: number;
}

/** Sends the end mark of each publisher. @returns whether all marks are stored or, without a stream, sent */
export async function publishEndMarks(
  session: Session,
  { mux }: Control,
  options: EndMarkOptions,
): Promise<boolean> {
  const { subject, accounts, stored, timeoutMs } = options;
  try {
    for (const account of accounts) {
      const frame = { subject, payload: markOf(account, options), headersBlock: undefined };
      const headersBlock = session.info?.headers === true ? idOf(account, options) : undefined;
      if (!stored) publishCopies(session, frame);
      else if (!(await storeMark(mux, { ...frame, headersBlock }, timeoutMs))) return false;
    }
    await session.flush(timeoutMs);
    return true;
  } catch (error) {
    if (error instanceof NatsxError) return false;
    throw error;
  }
}

function publishCopies(session: Session, frame: MarkFrame): void {
  for (let copy = 0; copy < COPIES; copy++) session.publish(frame);
}

type MarkFrame = Parameters<Control['mux']['request']>[0];

async function storeMark(
  mux: Control['mux'],
  frame: MarkFrame,
  timeoutMs: number,
): Promise<boolean> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const reply = await mux.request(frame, timeoutMs).catch(() => undefined);
    if (reply !== undefined && isStored(reply.message.payload)) return true;
    await sleep(AGAIN_AFTER_MS);
  }
  return false;
}

function markOf(account: SenderAccount, { runId, accounts }: EndMarkOptions): Uint8Array {
  const mark = encodeEndMark({
    publishers: accounts.length,
    sent: account.sent,
    acknowledges: account.confirmation === 'acknowledged',
    inDoubt: account.inDoubt(),
  });
  const writer = new EnvelopeWriter(runId, account.publisher, mark, 'end');
  return writer.write(account.sent, wallNowMs());
}

function idOf({ publisher }: SenderAccount, { runId }: EndMarkOptions): Uint8Array {
  return Buffer.from(`NATS/1.0\r\nNats-Msg-Id: ${runId}-${publisher}-end\r\n\r\n`);
}

/** Whether the answer is the acknowledgement of a stream. */
function isStored(payload: Uint8Array): boolean {
  const answer = parsePublishAnswer(Buffer.from(payload).toString());
  return answer !== undefined && 'stream' in answer;
}
