import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDuration, formatDurationMs } from '../../core/values/duration.js';
import { localClock } from '../../core/values/local-time.js';
import { isUnset } from '../../core/message/unset-value.js';
import type { JsonObject } from '../../core/message/exact-json.js';
import { printableText } from '../../core/printable.js';
import type { Style } from '../../terminal/text/style.js';
import type { ClusterInfo, StreamInfo, UpstreamInfo } from '../model/stream-info.js';
import { originText } from './config-value-text.js';
import {
  sectionsText,
  type InfoSection,
  type SectionField,
  type SectionsView,
} from './sections-text.js';
import { streamSettings } from './settings-fields.js';
import { formatCount, plural } from '../../core/wording.js';
import { isJsonObject } from '../../core/message/exact-json.js';

/**
 * A stream for reading: its state, then the limits that are on, then the settings that are not the default.
 *
 * @param nowMs the server's clock, or the nearest thing to it
 */
export function streamInfoText(info: StreamInfo, nowMs: number, view: SectionsView): string {
  const { limits, others } = streamSettings(info.config);
  return sectionsText(
    [
      { title: `Stream ${info.config.name}`, fields: headFields(info, nowMs) },
      { title: 'State', fields: stateFields(info, nowMs, view.style) },
      { title: 'Limits', fields: limits },
      { title: 'Settings', fields: others },
      ...originSections(info, view.style),
      clusterSection(info.cluster, view.style),
    ],
    view,
  );
}

function headFields({ config, created }: StreamInfo, nowMs: number): readonly SectionField[] {
  const { subjects = [] } = config;
  const description = config['description'];
  return [
    ...(typeof description === 'string' && description !== ''
      ? [['description', printableText(description)] as const]
      : []),
    ...(subjects.length > 0 ? [['subjects', printableText(subjects.join(', '))] as const] : []),
    ['created', createdText(created, nowMs)],
  ];
}

/** `2026-11-27 13:20 (2d3h ago)`, in local time. */
export function createdText(created: string, nowMs: number): string {
  const createdMs = Date.parse(created);
  return `${localClock(createdMs, nowMs)} (${agoText(createdMs, nowMs)})`;
}

/** `12s ago`; clocks that differ a little do not make it negative. */
export function agoText(thenMs: number, nowMs: number): string {
  return `${formatDurationMs(Math.max(0, nowMs - thenMs))} ago`;
}

interface LostMessages extends JsonObject {
  readonly msgs?: readonly number[];
  readonly bytes?: number;
}

function stateFields({ state }: StreamInfo, nowMs: number, style: Style): readonly SectionField[] {
  const { messages, bytes, num_deleted: deleted = 0, num_subjects: subjects } = state;
  const lost = (state as { readonly lost?: LostMessages }).lost;
  const isEmpty = messages === 0;
  const last = state.last_seq === 0 ? '' : `; the last sequence was ${state.last_seq}`;
  return [
    ['messages', isEmpty ? `none${last}` : `${formatCount(messages)} (${formatByteSize(bytes)})`],
    ...(isEmpty
      ? []
      : ([
          ['first', placeText(state.first_seq, state.first_ts, nowMs)],
          ['last', placeText(state.last_seq, state.last_ts, nowMs)],
        ] as const)),
    ...(deleted > 0
      ? [['gaps', `${plural(rounded(deleted), 'message')} deleted in between`] as const]
      : []),
    ...(lost === undefined
      ? []
      : [['lost', style.bad(plural(lost.msgs?.length ?? 0, 'message'))] as const]),
    ...(isEmpty || subjects === undefined ? [] : [['subjects', formatCount(subjects)] as const]),
    ['consumers', formatCount(state.consumer_count)],
  ];
}

function placeText(seq: number, time: string, nowMs: number): string {
  return `sequence ${seq}, ${agoText(Date.parse(time), nowMs)}`;
}

/** Between two sequences there can be more than a number holds. */
function rounded(value: number | bigint): number {
  return Number(value);
}

function originSections(info: StreamInfo, style: Style): readonly InfoSection[] {
  const { mirror, sources = [], config } = info;
  const configured = (name: string): JsonObject => {
    const all = [config['mirror'], config['sources']].flat();
    const found = all.find((origin) => isJsonObject(origin) && origin['name'] === name);
    return isJsonObject(found) ? found : {};
  };
  const field = (upstream: UpstreamInfo): SectionField => {
    const what = originText(configured(upstream.name), { isNamed: false });
    const state = upstreamText(upstream, style);
    return [printableText(upstream.name), what === '' ? state : `${what}; ${state}`];
  };
  return [
    { title: 'Mirror of', fields: mirror === undefined ? [] : [field(mirror)] },
    { title: 'Sources', fields: sources.map(field) },
  ];
}

function upstreamText({ lag = 0, active = -1, error }: UpstreamInfo, style: Style): string {
  const contact =
    active < 0 ? style.warn('no contact yet') : `last contact ${formatDuration(active)} ago`;
  const failure = error?.description;
  const failed = failure === undefined ? '' : `; ${style.bad(printableText(failure))}`;
  const behind = lag === 0 ? 'nothing left to copy' : `${plural(lag, 'message')} behind`;
  return active < 0 && lag === 0 ? `${contact}${failed}` : `${behind}, ${contact}${failed}`;
}

/** The leader and the replicas of a stream or consumer; nothing on a server that is not in a cluster. */
export function clusterSection(cluster: ClusterInfo | undefined, style: Style): InfoSection {
  const title = 'Cluster';
  if (cluster === undefined) return { title, fields: [] };
  const { name, leader = '', replicas = [] } = cluster;
  // A server alone names itself as the leader.
  if (isUnset(name) && replicas.length === 0) return { title, fields: [] };
  return {
    title,
    fields: [
      ...(name === undefined ? [] : [['name', printableText(name)] as const]),
      ['leader', leader === '' ? style.bad('none') : printableText(leader)],
      ...replicas.map((replica): SectionField => [
        'replica',
        `${printableText(replica.name)}, ${replicaText(replica, style)}`,
      ]),
    ],
  };
}

function replicaText(replica: NonNullable<ClusterInfo['replicas']>[number], style: Style): string {
  const { current = false, offline = false, active = 0, lag = 0, pending = false } = replica;
  const seen = active > 0 ? `, last contact ${formatDuration(active)} ago` : '';
  if (offline) return style.bad(`offline${seen}`);
  if (pending) return style.warn(`joining${seen}`);
  if (lag > 0) return style.warn(`${plural(lag, 'operation')} behind${seen}`);
  return current ? `in sync${seen}` : style.warn(`not in sync${seen}`);
}
