import { localClock } from '../../core/values/local-time.js';
import { formatDuration } from '../../core/values/duration.js';
import { isUnset } from '../../core/message/unset-value.js';
import { printableText } from '../../core/printable.js';
import type { Style } from '../../terminal/text/style.js';
import type { ConsumerInfo, ConsumerPosition, PriorityGroupInfo } from '../model/consumer-info.js';
import { filtersOf } from '../model/interest.js';
import { sectionsText, type SectionField, type SectionsView } from './sections-text.js';
import { consumerSettings } from './settings-fields.js';
import { agoText, clusterSection, createdText } from './stream-info-text.js';
import { formatCount, plural } from '../../core/wording.js';

/**
 * A consumer for reading: its state, then the limits and the settings that are not the default.
 *
 * @param nowMs the server's clock, or the nearest thing to it
 */
export function consumerInfoText(info: ConsumerInfo, nowMs: number, view: SectionsView): string {
  const { limits, others } = consumerSettings(info.config);
  const title = `Consumer ${info.name} of ${info.stream_name}`;
  return sectionsText(
    [
      { title, fields: headFields(info, nowMs) },
      { title: 'State', fields: stateFields(info, nowMs, view.style) },
      { title: 'Limits', fields: limits },
      { title: 'Settings', fields: others },
      clusterSection(info.cluster, view.style),
    ],
    view,
  );
}

function headFields({ config, created }: ConsumerInfo, nowMs: number): readonly SectionField[] {
  const description = config['description'];
  const filters = filtersOf(config).filter((filter) => filter !== '>');
  return [
    ...(typeof description === 'string' && description !== ''
      ? [['description', printableText(description)] as const]
      : []),
    ['kind', kindText(config)],
    ['filter', filters.length === 0 ? 'none (all messages of the stream)' : filterText(filters)],
    ['created', createdText(created, nowMs)],
  ];
}

function filterText(filters: readonly string[]): string {
  return printableText(filters.join(', '));
}

function kindText(config: ConsumerInfo['config']): string {
  const durable = isUnset(config.durable_name) ? 'ephemeral' : 'durable';
  if (isUnset(config.deliver_subject)) return `pull, ${durable}`;
  const group = config['deliver_group'];
  const shared = typeof group === 'string' && group !== '' ? ` in the queue group ${group}` : '';
  return printableText(`push to ${config.deliver_subject ?? ''}${shared}, ${durable}`);
}

function stateFields(info: ConsumerInfo, nowMs: number, style: Style): readonly SectionField[] {
  const { config, delivered, ack_floor: acknowledged, num_redelivered: redelivered } = info;
  const acks = config.ack_policy !== 'none';
  return [
    ...pausedField(info, nowMs, style),
    ['pending', `${plural(info.num_pending, 'message')} to deliver`],
    ...(acks ? [['in flight', inFlightText(info)] as const] : []),
    ...(redelivered > 0 ? [['redelivered', plural(redelivered, 'message')] as const] : []),
    ['delivered', positionText(delivered, nowMs, 'up to')],
    ...(acks ? [['acknowledged', positionText(acknowledged, nowMs, 'all up to')] as const] : []),
    clientField(info, style),
    ...(info.priority_groups ?? []).map((group) => pinnedField(group, nowMs)),
  ];
}

function pausedField(
  { paused, pause_remaining: left = 0, config }: ConsumerInfo,
  nowMs: number,
  style: Style,
): readonly SectionField[] {
  if (paused !== true) return [];
  const until = config['pause_until'];
  const untilMs = typeof until === 'string' ? Date.parse(until) : nowMs + left / 1e6;
  const text = `until ${localClock(untilMs, nowMs)} (in ${formatDuration(left)})`;
  return [['paused', style.warn(text)]];
}

function inFlightText({ num_ack_pending: inFlight, config }: ConsumerInfo): string {
  const most = config.max_ack_pending ?? -1;
  const limit = most > 0 ? ` (at most ${formatCount(most)})` : '';
  return `${plural(inFlight, 'message')} delivered, not acknowledged${limit}`;
}

function positionText(position: ConsumerPosition, nowMs: number, upTo: string): string {
  const { stream_seq: seq, last_active: time } = position;
  if (seq === 0) return 'nothing yet';
  const when = isUnset(time) ? '' : `, ${agoText(Date.parse(time ?? ''), nowMs)}`;
  return `${upTo} sequence ${seq}${when}`;
}

function clientField(info: ConsumerInfo, style: Style): SectionField {
  if (!isUnset(info.config.deliver_subject)) {
    return ['client', info.push_bound === true ? 'subscribed' : style.warn('none is subscribed')];
  }
  return ['waiting', plural(info.num_waiting, 'pull request')];
}

function pinnedField(group: PriorityGroupInfo, nowMs: number): SectionField {
  const { pinned_client_id: client = '', pinned_ts: since } = group;
  const when = isUnset(since) ? '' : `, pinned ${agoText(Date.parse(since ?? ''), nowMs)}`;
  const text = client === '' ? 'no client is pinned' : `client ${client}${when}`;
  return [`group ${printableText(group.group)}`, printableText(text)];
}
