import type { MessageHeaders } from '../../core/message/message.js';
import { encodeHeadersBlock } from '../../core/message/headers-block.js';
import { payloadSource } from '../model/payload-source.js';
import type { BenchPlan } from '../model/plan.js';
import { writeOrigin, writeSequence, writeTime } from '../model/stamp.js';
import type { StampKind } from '../model/stamp.js';
import { FrameBuffer } from '../../wire/frame-buffer.js';

/** Encoded messages one after the other, ready to be written. */
export interface FrameBlock {
  readonly bytes: Buffer;
  readonly frames: number;
  /** Where frame `i` begins; the last entry is the end of the block. */
  readonly starts: readonly number[];
  /** Where the body of frame `i` begins. */
  readonly bodies: readonly number[];
  /** Body bytes before frame `i`; the last entry counts all. */
  readonly bodyBytesBefore: readonly number[];
  /** The subject of frame `i`, for an engine that encodes messages itself. */
  readonly subjects: readonly string[];
}

/** The number of blocks, and the least length of each. */
interface Ring {
  readonly blocks: number;
  readonly bytes: number;
}

/**
 * A block is stamped again only after all others have been written: they are longer than a socket's queue (1 MiB), so
 * no block changes while it is in the queue.
 */
const STAMPED: Ring = { blocks: 20, bytes: 64 * 1024 };
/** Blocks that never change; a mix of sizes needs several for the right shares. */
const PLAIN_MIX: Ring = { blocks: 8, bytes: 64 * 1024 };
/** A single block may be longer, for fewer system calls, as long as the blocks of all publishers fit into the cache. */
const LONGEST_PLAIN_BYTES = 256 * 1024;
const SHORTEST_PLAIN_BYTES = 64 * 1024;

export interface BlockRequest {
  readonly plan: BenchPlan;
  /** The publisher's number; each publisher has different bodies. */
  readonly publisher: number;
  /** Whether frames carry sequence numbers and times. */
  readonly stamped: boolean;
}

/** Encodes the ring of blocks that one publisher sends repeatedly. */
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
  const content = { nextBody, headersBlock, bytes: ring.bytes };
  const encode = (before: number): FrameBlock =>
    encodeBlock((index) => subjectOf(plan, before + index), content);
  const blocks: [FrameBlock, ...FrameBlock[]] = [encode(0)];
  let encoded = blocks[0].frames;
  // Every subject must be in the ring at least once.
  while (blocks.length < ring.blocks || encoded < plan.subjects) {
    const block = encode(encoded);
    encoded += block.frames;
    blocks.push(block);
  }
  return blocks;
}

function plainRing({ size, publishers }: BenchPlan): Ring {
  if (size.kind !== 'fixed') return PLAIN_MIX;
  const share = LONGEST_PLAIN_BYTES / Math.max(1, publishers);
  return { blocks: 1, bytes: Math.max(SHORTEST_PLAIN_BYTES, share) };
}

/** The subject of message number `index`. */
export function subjectOf(plan: BenchPlan, index: number): string {
  return plan.subjects === 1 ? plan.subject : `${plan.subject}.${index % plan.subjects}`;
}

/** The subject or pattern that covers all messages of the run. */
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

/** Writes publisher and pass into all frames of the ring. */
export function stampOrigin(blocks: readonly FrameBlock[], publisher: number, pass: number): void {
  for (const block of blocks) {
    for (const body of block.bodies) writeOrigin(block.bytes, body, publisher, pass);
  }
}

/** Numbers the frames `from` to `to`, with the same send time for all. */
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
  /** The sequence number of the first frame. */
  readonly sequence: number;
}
