import type { MessageHeaders } from '../../core/message/message.js';
import { encodeHeadersBlock } from '../../core/message/headers-block.js';
import { payloadSource } from '../model/payload-source.js';
import type { BenchPlan } from '../model/plan.js';
import { writeOrigin, writeSequence, writeTime } from '../model/stamp.js';
import type { StampKind } from '../model/stamp.js';
import { FrameBuffer } from '../../wire/frame-buffer.js';

/** Encoded messages one after the other, written as they lie. */
export interface FrameBlock {
  readonly bytes: Buffer;
  readonly frames: number;
  /** Where frame `i` begins; one more entry for the end of the last. */
  readonly starts: readonly number[];
  /** Where the body of frame `i` begins. */
  readonly bodies: readonly number[];
  /** Bytes of body before frame `i`; one more entry for all. */
  readonly bodyBytesBefore: readonly number[];
  /** The subject of frame `i`, for engines that encode themselves. */
  readonly subjects: readonly string[];
}

/** How many blocks there are, and how long each is at least. */
interface Ring {
  readonly blocks: number;
  readonly bytes: number;
}

/**
 * A block is changed again only when as many others have been written since as there are: more than a socket queues
 * before it asks for a pause (1 MiB), so that no block changes while it waits.
 */
const STAMPED: Ring = { blocks: 20, bytes: 64 * 1024 };
/** Blocks that never change; a mix of sizes needs several to have its shares right. */
const PLAIN_MIX: Ring = { blocks: 8, bytes: 64 * 1024 };
/** A single one may be longer, for fewer and longer system calls, as long as those of all publishers stay in the cache. */
const LONGEST_PLAIN_BYTES = 256 * 1024;
const SHORTEST_PLAIN_BYTES = 64 * 1024;

export interface BlockRequest {
  readonly plan: BenchPlan;
  /** The publisher's number: each has its own bodies. */
  readonly publisher: number;
  /** Whether frames carry sequence numbers and times. */
  readonly stamped: boolean;
}

/** Encodes the ring of blocks that one publisher sends again and again. */
export function makeBlocks(request: BlockRequest): readonly [FrameBlock, ...FrameBlock[]] {
  const { plan } = request;
  const nextBody = payloadSource({
    size: plan.size,
    fixed: plan.payload,
    seed: plan.seed,
    streamNumber: request.publisher,
  });
  const headersBlock = headersBlockOf(plan);
  const ring = request.stamped ? STAMPED : plainRing(plan);
  const make = { nextBody, headersBlock, bytes: ring.bytes };
  const encode = (before: number): FrameBlock =>
    encodeBlock((index) => subjectOf(plan, before + index), make);
  const blocks: [FrameBlock, ...FrameBlock[]] = [encode(0)];
  let made = blocks[0].frames;
  // Every subject must be in the ring at least once.
  while (blocks.length < ring.blocks || made < plan.subjects) {
    const block = encode(made);
    made += block.frames;
    blocks.push(block);
  }
  return blocks;
}

function plainRing({ size, publishers }: BenchPlan): Ring {
  if (size.kind !== 'fixed') return PLAIN_MIX;
  const share = LONGEST_PLAIN_BYTES / Math.max(1, publishers);
  return { blocks: 1, bytes: Math.max(SHORTEST_PLAIN_BYTES, share) };
}

/** Which of the run's subjects message number `index` has. */
export function subjectOf(plan: BenchPlan, index: number): string {
  return plan.subjects === 1 ? plan.subject : `${plan.subject}.${index % plan.subjects}`;
}

/** What a subscriber of all messages subscribes to. */
export function subscriptionOf(plan: BenchPlan): string {
  return plan.subjects === 1 ? plan.subject : `${plan.subject}.*`;
}

export function headersBlockOf(plan: BenchPlan): Uint8Array | undefined {
  if (plan.headers.length === 0) return undefined;
  const headers = new Map<string, string[]>();
  for (const [name, value] of plan.headers) {
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  return encodeHeadersBlock(headers satisfies MessageHeaders);
}

interface BlockContent {
  readonly nextBody: () => Uint8Array;
  readonly headersBlock: Uint8Array | undefined;
  readonly bytes: number;
}

function encodeBlock(
  subjectAt: (index: number) => string,
  { nextBody, headersBlock, bytes: wantedBytes }: BlockContent,
): FrameBlock {
  const buffer = new FrameBuffer(wantedBytes + 1024);
  const starts = [0];
  const bodies: number[] = [];
  const bodyBytesBefore = [0];
  const subjects: string[] = [];
  while (buffer.length < wantedBytes) {
    const payload = nextBody();
    const subject = subjectAt(subjects.length);
    buffer.publish({ subject, headersBlock, payload });
    subjects.push(subject);
    starts.push(buffer.length);
    bodies.push(buffer.length - 2 - payload.length);
    bodyBytesBefore.push((bodyBytesBefore.at(-1) ?? 0) + payload.length);
  }
  const bytes = Buffer.from(buffer.bytes());
  return { bytes, frames: subjects.length, starts, bodies, bodyBytesBefore, subjects };
}

/** Marks all frames of the ring as sent by this publisher in this pass. */
export function stampOrigin(blocks: readonly FrameBlock[], publisher: number, pass: number): void {
  for (const block of blocks) {
    for (const body of block.bodies) writeOrigin(block.bytes, body, publisher, pass);
  }
}

/** Numbers the frames `from` to `to`, and gives them one send time. */
export function stampFrames(
  block: FrameBlock,
  range: FrameRange,
  kind: StampKind,
  timeNs: number,
): void {
  const { bytes, bodies } = block;
  for (let frame = range.from; frame < range.to; frame++) {
    const body = bodies[frame] ?? 0;
    writeSequence(bytes, body, range.sequence + frame - range.from);
    if (kind === 'sequence-and-time') writeTime(bytes, body, timeNs);
  }
}

export interface FrameRange {
  readonly from: number;
  readonly to: number;
  /** The number of the first of them. */
  readonly sequence: number;
}
