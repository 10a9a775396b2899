import { localClock } from '../../core/values/local-time.js';
import { formatDurationMs } from '../../core/values/duration.js';
import type { Style } from '../../terminal/text/style.js';
import type {
  ConsumerChange,
  PauseChange,
  ResumeChange,
  SkipChange,
  UnpinChange,
} from '../model/consumer-change.js';
import { lossLines, removalJson, removedLine } from './config-outcome-text.js';
import { formatCount, plural } from '../../core/wording.js';

/** What happened to the consumer, or would with `--yes`: one sentence, then what it costs. */
export function consumerChangeText(change: ConsumerChange, style: Style): string {
  const removed = change.action === 'skip' ? removedLine(change.removed, style) : '';
  return `${sentence(change)}\n${lossLines(change.losses, style)}${removed}`;
}

function sentence(change: ConsumerChange): string {
  switch (change.action) {
    case 'pause':
      return pauseSentence(change);
    case 'resume':
      return resumeSentence(change);
    case 'unpin':
      return unpinSentence(change);
    case 'skip':
      return skipSentence(change);
  }
}

function pauseSentence({ until, nowMs, pending, ackPending, ...change }: PauseChange): string {
  const untilMs = until.getTime();
  const left = formatDurationMs(untilMs - nowMs);
  const verb = change.applied ? 'paused' : 'would pause';
  const flying = ackPending === 0 ? '' : `, ${formatCount(ackPending)} not acknowledged yet`;
  return `${verb} ${nameOf(change)} until ${localClock(untilMs, nowMs)} (in ${left}); ${waitText(pending)}${flying}`;
}

function resumeSentence({ wasPaused, pending, ...change }: ResumeChange): string {
  if (!wasPaused)
    return `${nameOf(change)} ${change.applied ? 'was' : 'is'} not paused; ${waitText(pending)}`;
  return `${change.applied ? 'resumed' : 'would resume'} ${nameOf(change)}; ${waitText(pending)}`;
}

function unpinSentence({ group, pinnedClient, ...change }: UnpinChange): string {
  const verb = change.applied ? 'unpinned' : 'would unpin';
  return `${verb} the client ${pinnedClient} of the group ${group} from ${nameOf(change)}`;
}

function skipSentence({ toSeq, skipped, again, recreated, ...change }: SkipChange): string {
  const back = again.most > 0 && skipped.most === 0;
  const verb = change.applied ? 'moved' : 'would move';
  const effects = [
    ...(back ? [] : [`${rangeCount(skipped)} skipped`]),
    ...(again.most > 0 ? [`${rangeCount(again)} delivered again`] : []),
  ];
  const how = recreated
    ? `; ${change.applied ? 'it was' : 'it would be'} recreated, because the server cannot move it there`
    : '';
  return `${verb} ${nameOf(change)} ${back ? 'back ' : ''}to sequence ${toSeq}: ${effects.join(', ')}${how}`;
}

/** `5 messages`, `2 to 5 messages`, `up to 5 messages`, `no messages`. */
function rangeCount({ least, most }: SkipChange['skipped']): string {
  if (most === 0) return 'no messages';
  if (least === most) return plural(most, 'message');
  const from = least === 0 ? 'up to' : `${formatCount(least)} to`;
  return `${from} ${plural(most, 'message')}`;
}

function nameOf({ stream, consumer }: { readonly stream: string; readonly consumer: string }) {
  return `the consumer ${consumer} of ${stream}`;
}

/** `10,000 messages wait`, `1 message waits`. */
function waitText(pending: number): string {
  if (pending === 0) return 'no messages wait';
  return pending === 1 ? '1 message waits' : `${formatCount(pending)} messages wait`;
}

export function consumerChangeJson(change: ConsumerChange): object {
  const { action, stream, consumer, applied, losses } = change;
  return {
    action,
    stream,
    consumer,
    applied,
    ...detailsJson(change),
    losses,
    ...(change.action === 'skip' && removalJson(change.removes, change.removed)),
  };
}

function detailsJson(change: ConsumerChange): object {
  switch (change.action) {
    case 'pause':
      return {
        until: change.until.toISOString(),
        pending: change.pending,
        ack_pending: change.ackPending,
      };
    case 'resume':
      return { was_paused: change.wasPaused, pending: change.pending };
    case 'unpin':
      return { group: change.group, pinned_client_id: change.pinnedClient };
    case 'skip':
      return {
        to_seq: change.toSeq,
        skipped: change.skipped.most,
        skipped_is_exact: change.skipped.least === change.skipped.most,
        ...(isExact(change.again) && { delivered_again: change.again.most }),
        in_flight: change.inFlight,
        made_anew: change.recreated,
      };
  }
}

/** Whether it says how many messages there are, and there are some. */
function isExact({ least, most }: SkipChange['again']): boolean {
  return least === most && most > 0;
}
