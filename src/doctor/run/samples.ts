import type { ScanWindow, SubjectShare } from '../../backlog/model/series.js';
import type { StreamSample } from '../../streams/model/snapshot.js';
import type { SizeSample } from '../model/facts.js';
import type { MissingPart } from '../model/report.js';
import { DEFAULT_DOCTOR_THRESHOLDS } from '../model/thresholds.js';
import { firstMessage } from '../../streams/run/api/messages.js';
import { withConcurrency, type BacklogRequests } from '../../streams/run/api/requests.js';
import { subjectsOf } from '../../backlog/run/subjects.js';

/** Counting subjects builds a list on the server, so it is requested only if it is useful and not too long. */
const FEWEST_SUBJECTS = 3;
const MOST_SUBJECTS = 10_000;
const FEWEST_MESSAGES = 1000;
const MOST_COUNTED_STREAMS = 50;
const COUNTING_CONCURRENCY = 2;

/** How many messages each subject of a stream has, where that is worth a question. */
export async function countSubjects(
  requests: BacklogRequests,
  scan: ScanWindow,
): Promise<ReadonlyMap<string, readonly SubjectShare[]>> {
  const found = new Map<string, readonly SubjectShare[]>();
  const worth = latest(scan)
    .filter(
      ({ subjectCount = 0, messages }) =>
        subjectCount >= FEWEST_SUBJECTS &&
        subjectCount <= MOST_SUBJECTS &&
        messages >= FEWEST_MESSAGES,
    )
    .toSorted((a, b) => b.messages - a.messages)
    .slice(0, MOST_COUNTED_STREAMS);
  await withConcurrency(
    worth,
    () => COUNTING_CONCURRENCY,
    async ({ name }) => {
      const counted = await subjectsOf(requests, name, '>');
      if (counted !== undefined) found.set(name, counted.shares);
    },
  );
  return found;
}

const MOST_SAMPLED_STREAMS = 20;
const SAMPLES = 10;
/** What an audit reads of messages at most, in all. */
const MOST_SAMPLED_BYTES = 32 * 1024 * 1024;

/** The result of sampling a few messages. */
interface SizesReading {
  readonly sizes: ReadonlyMap<string, SizeSample>;
  readonly missing: readonly MissingPart[];
}

/**
 * Sizes of a few messages of the largest streams, spread evenly, if the average may hide large ones: servers do not
 * report the largest. Sampling of a stream ends as soon as a large message is found.
 */
export async function sampleSizes(
  requests: BacklogRequests,
  scan: ScanWindow,
  apiPrefix: string,
): Promise<SizesReading> {
  const { giantBytes } = DEFAULT_DOCTOR_THRESHOLDS;
  const sizes = new Map<string, SizeSample>();
  const denied: string[] = [];
  let leftBytes = MOST_SAMPLED_BYTES;
  const worth = latest(scan)
    .filter(({ bytes, messages }) => bytes >= giantBytes && bytes < giantBytes * messages)
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, MOST_SAMPLED_STREAMS);
  await withConcurrency(
    worth,
    () => COUNTING_CONCURRENCY,
    async (stream) => {
      let sample: SizeSample | undefined;
      for (const seq of spread(stream)) {
        if (leftBytes <= 0 || (sample?.largest.sizeBytes ?? 0) >= giantBytes) break;
        const question = { stream, apiPrefix, from: { seq }, filters: [] };
        const found = await firstMessage(requests, question);
        if (found === 'unreadable') denied.push(stream.name);
        if (found === undefined || found === 'unreadable') break;
        leftBytes -= found.payload.length;
        sample = withMessage(sample, {
          seq: found.seq,
          subject: found.subject,
          sizeBytes: found.payload.length,
        });
      }
      if (sample !== undefined) sizes.set(stream.name, sample);
    },
  );
  return { sizes, missing: denied.length === 0 ? [] : [unread(denied, apiPrefix)] };
}

/** From the newest to the oldest: what is published now matters most. */
function spread({ firstSeq, lastSeq }: StreamSample): readonly number[] {
  const step = (lastSeq - firstSeq) / (SAMPLES - 1);
  const seqs = Array.from({ length: SAMPLES }, (_, place) => Math.round(lastSeq - place * step));
  return [...new Set(seqs)];
}

function withMessage(sample: SizeSample | undefined, message: SizeSample['largest']): SizeSample {
  const largest =
    sample !== undefined && sample.largest.sizeBytes >= message.sizeBytes
      ? sample.largest
      : message;
  return { looked: (sample?.looked ?? 0) + 1, largest };
}

function unread(streams: readonly string[], apiPrefix: string): MissingPart {
  const [first = ''] = streams;
  return {
    kind: 'messages',
    what: `message sizes of ${streams.join(', ')}`,
    why: 'denied',
    detail: 'only the average is known, as messages could not be read',
    rules: ['GIANT_MESSAGES'],
    hint: `allow ${apiPrefix}.DIRECT.GET.${first}.> or ${apiPrefix}.STREAM.MSG.GET.${first}`,
  };
}

function latest(scan: ScanWindow): readonly StreamSample[] {
  return scan.streams.flatMap(({ samples }) => samples.slice(-1));
}
