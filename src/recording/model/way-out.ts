import type { NatsxError } from '../../core/errors.js';
import { apiCodeOf } from '../../streams/model/api-failure.js';

const RESUME = 'continue with --resume';
const FULL = 'free some space or raise the limit (natsx stream edit), then continue with --resume';
const ACCOUNT = "raise the account's limits or free some space, then continue with --resume";
const KEPT = 'the header was kept by --nats-headers keep; without this flag it is removed';
const CONDITION = 'the condition was kept by --nats-headers keep; without this flag it is removed';

/** What to do if a stream refuses a message, by the server's `err_code`. */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [10002, ACCOUNT],
  [10023, ACCOUNT],
  [10028, ACCOUNT],
  [10047, ACCOUNT],
  [10164, CONDITION],
  [10054, 'raise --max-msg-size with natsx stream edit, then continue with --resume'],
  [10060, CONDITION],
  [10070, CONDITION],
  [10071, CONDITION],
  [10077, FULL],
  [10109, 'the stream is sealed permanently; publish to another one with --map'],
  [10111, KEPT],
  [
    10166,
    'allow it with natsx stream edit STREAM --allow-msg-ttl and continue with --resume, or start again with --nats-headers drop',
  ],
  [10168, KEPT],
  [
    10169,
    'this stream is a counter (allow_msg_counter) and accepts only increments; publish to another one with --map',
  ],
  [10227, KEPT],
]);

/**
 * What to do after a failed recording or replay. `--resume` is advised only where it can succeed: after a temporary
 * failure, or together with what must change first.
 */
export function wayOut(failure: NatsxError): string | undefined {
  const refusal = REFUSALS.get(apiCodeOf(failure) ?? 0);
  if (refusal !== undefined) return refusal;
  if (failure.hint !== undefined) return failure.hint;
  switch (failure.kind) {
    case 'connection':
    case 'timeout':
    case 'interrupted':
    case 'no-responders':
      return RESUME;
    case 'rejected':
      return 'the stream would refuse it again: change the stream first, or continue after this message with --from';
    default:
      return undefined;
  }
}
