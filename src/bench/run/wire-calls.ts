import { NatsxError } from '../../core/errors.js';
import { payloadSource } from '../model/payload-source.js';
import type { BenchPlan } from '../model/plan.js';
import type { NumberedFrame } from '../../wire/frame-buffer.js';
import type { Lane } from '../../wire/lane.js';
import type { MessageView } from '../../wire/message-view.js';
import { ReplyInbox } from '../../wire/reply-inbox.js';
import { headersBlockOf, subjectOf } from './frame-block.js';
import { alreadyStoredError } from './link.js';
import type { AnswerHandler, CallKind, Calls } from './link.js';
import type { StoredSequences } from './worker-setup.js';

export interface WireLinkOptions {
  readonly plan: BenchPlan;
  readonly stream: string | undefined;
  /** Gives each client of a run different bodies. */
  readonly streamNumber: number;
  readonly inboxPrefix: string;
  /** `$JS.API`, or the prefix of another domain or account. */
  readonly jsApiPrefix: string;
  /** The sequences in the stream. */
  readonly stored: StoredSequences;
  readonly onFailure: (error: NatsxError) => void;
}

/** Different bodies that calls rotate through. */
const PREPARED_FRAMES = 256;

export interface WireCallsRequest extends WireLinkOptions {
  readonly lane: Lane;
  readonly kind: CallKind;
  readonly onAnswer: AnswerHandler;
}

/** Calls with one inbox; the number of a call is the last token of its reply subject. */
export function openWireCalls(request: WireCallsRequest): Calls {
  const { lane, kind, onAnswer } = request;
  const failureOf = FAILURES[kind];
  const inbox = new ReplyInbox(lane, request.inboxPrefix, (number, view) => {
    onAnswer(number, failureOf(view, request), kind === 'read' ? view.payloadSize : 0);
  });
  return kind === 'read' ? readCalls(request, inbox) : preparedCalls(request, inbox);
}

function preparedCalls(request: WireCallsRequest, inbox: ReplyInbox): Calls {
  const { plan, lane, streamNumber } = request;
  const nextBody = payloadSource({
    size: plan.size,
    fixed: plan.payload,
    seed: plan.seed,
    streamNumber,
  });
  const headersBlock = headersBlockOf(plan);
  const frames: { readonly frame: NumberedFrame; readonly bytes: number }[] = [];
  for (let index = 0; index < Math.max(PREPARED_FRAMES, plan.subjects); index++) {
    const payload = nextBody();
    const subject = subjectOf(plan, index);
    frames.push({
      frame: inbox.prepare({ subject, headersBlock, payload }),
      bytes: payload.length,
    });
  }
  let next = 0;
  return {
    send: (number) => {
      const prepared = frames[next];
      next = next + 1 < frames.length ? next + 1 : 0;
      if (prepared === undefined) return 0;
      lane.publishNumbered(prepared.frame, number);
      return prepared.bytes;
    },
  };
}

/** Direct gets of the stream's messages in order, starting again at its end. */
function readCalls(request: WireCallsRequest, inbox: ReplyInbox): Calls {
  const { lane, jsApiPrefix, stream = '', stored } = request;
  const subject = `${jsApiPrefix}.DIRECT.GET.${stream}`;
  let sequence = stored.first - 1;
  return {
    send: (number) => {
      sequence = sequence < stored.last ? sequence + 1 : stored.first;
      const payload = Buffer.from(`{"seq":${sequence}}`);
      lane.publish({ subject, reply: inbox.subject(number), payload });
      return 0;
    },
  };
}

type FailureReader = (view: MessageView, request: WireCallsRequest) => NatsxError | undefined;

const FAILURES: Readonly<Record<CallKind, FailureReader>> = {
  request: (view, { plan }) => (view.isNoResponders ? noResponders(plan.subject) : undefined),
  store: writeFailure,
  read: readFailure,
};

function noResponders(subject: string): NatsxError {
  return new NatsxError('no-responders', `no responders on ${subject}`, {
    hint: 'start the service, or use --responders 1 to let natsx answer',
  });
}

const LETTER_E = 101;
/** Byte 2 is the `e` of `{"error":`, or the `s` of `{"stream":`. */
const FIRST_LETTER = 2;
/** Only an answer with `"duplicate": true}` ends in `e}`: all others end in a string or a number. */
const END_OF_TRUE = 2;

function writeFailure(view: MessageView, { plan }: WireCallsRequest): NatsxError | undefined {
  if (view.isNoResponders) {
    return new NatsxError('not-found', `no stream stores ${plan.subject}`);
  }
  if (view.buffer[view.payloadEnd - END_OF_TRUE] === LETTER_E) return alreadyStoredError();
  if (view.buffer[view.payloadStart + FIRST_LETTER] !== LETTER_E) return undefined;
  const text = view.payload.toString();
  const description = /"description":"([^"]*)"/.exec(text)?.[1] ?? text;
  return new NatsxError('rejected', `the server rejected a message: ${description}`);
}

const SPACE = 32;
/** After `NATS/1.0`: a space and a status, or the end of the line. */
const STATUS_AT = 8;

function readFailure(view: MessageView, { stream = '' }: WireCallsRequest): NatsxError | undefined {
  if (!view.hasHeaders || view.buffer[view.headersStart + STATUS_AT] !== SPACE) return undefined;
  const { status } = view;
  const reason =
    status === undefined ? 'no message' : `${status.code} ${status.description}`.trim();
  const kind = status?.code === 404 || status?.code === 503 ? 'not-found' : 'rejected';
  return new NatsxError(kind, `a direct get from stream ${stream} failed: ${reason}`);
}
