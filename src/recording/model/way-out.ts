import type { NatsxError } from '../../core/errors.js';
import { apiCodeOf } from '../../streams/model/api-failure.js';

const RESUME = 'go on with --resume';
const FULL = 'make room or raise the limit (natsx stream edit), then go on with --resume';
const ACCOUNT = "raise the account's limits or make room, then go on with --resume";
const KEPT = 'that header came along with --nats-headers keep: without it, it is left out';
const CONDITION = 'that condition came along with --nats-headers keep: without it, it is left out';

/** What helps against a stream's refusal of a message, by the server's `err_code`. */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [10002, ACCOUNT],
  [10023, ACCOUNT],
  [10028, ACCOUNT],
  [10047, ACCOUNT],
  [10164, CONDITION],
  [10054, 'raise --max-msg-size with natsx stream edit, then go on with --resume'],
  [10060, CONDITION],
  [10070, CONDITION],
  [10071, CONDITION],
  [10077, FULL],
  [10109, 'the stream is sealed for good: --map brings the messages to another one'],
  [10111, KEPT],
  [
    10166,
    'natsx stream edit STREAM --allow-msg-ttl allows it, then --resume goes on; or begin again with --nats-headers drop',
  ],
  [10168, KEPT],
  [
    10169,
    'this stream counts (allow_msg_counter) and takes increments only: --map brings the messages to another one',
  ],
  [10227, KEPT],
]);

/**
 * What to do after a recording or a replay that failed. `--resume` is advised only where it can get further: after a
 * failure that passes by itself, or together with what has to change first.
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
      return 'it is refused each time as things are: change the stream first, or --from begins behind this message';
    default:
      return undefined;
  }
}
